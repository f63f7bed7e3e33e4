//! What a VPP tells others: samples of packets, flows, and who it is.

use super::{Evidence, Statement, Subject, Way};
use std::fmt;

/// Something that is exported, or how.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Export {
    /// A number of sFlow.
    Sflow(SflowNumber, u32),
    /// The packets of an interface are sampled.
    Sampled(String),
    /// What is in the reports of flows and how often they are sent, as the command has it.
    Record(String),
    /// The flows of an interface are reported.
    Reported {
        /// The interface.
        interface: String,
        /// Which flows, as the command has it.
        words: String,
    },
    /// What LLDP calls this router.
    SystemName(String),
    /// An interface speaks LLDP.
    Spoken {
        /// The interface.
        interface: String,
        /// What it says of itself, as the command has it.
        words: String,
    },
}

/// A number of sFlow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SflowNumber {
    /// One of how many packets is sampled.
    Rate,
    /// How often counters are sent, in seconds.
    Polling,
    /// How many bytes of a packet are sent.
    Header,
}

/// What of it a statement is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Exported {
    /// A number of sFlow.
    Sflow(SflowNumber),
    /// Whether an interface is sampled.
    Sampled(String),
    /// What is in the reports of flows.
    Record,
    /// Whether the flows of an interface are reported.
    Reported(String),
    /// The name in LLDP.
    SystemName,
    /// Whether an interface speaks LLDP.
    Spoken(String),
}

impl SflowNumber {
    const ALL: [Self; 3] = [Self::Rate, Self::Polling, Self::Header];

    /// As commands call it, and VPP's default.
    fn known(self) -> (&'static str, u32) {
        match self {
            Self::Rate => ("sampling-rate", 10_000),
            Self::Polling => ("polling-interval", 20),
            Self::Header => ("header-bytes", 128),
        }
    }
}

pub(super) fn read(words: &[&str]) -> Option<Export> {
    let owned = |word: &str| word.to_owned();
    let undoes = |rest: &[&str]| rest.contains(&"disable");
    Some(match *words {
        ["sflow", "enable-disable", name] => Export::Sampled(owned(name)),
        ["sflow", number, value] => {
            let number = SflowNumber::ALL.into_iter().find(|it| it.known().0 == number)?;
            Export::Sflow(number, value.parse().ok()?)
        }
        ["flowprobe", "params", "record"] => return None,
        ["flowprobe", "params", ref rest @ ..] => Export::Record(rest.join(" ")),
        ["flowprobe", "feature", "add-del", name, ref rest @ ..] if !undoes(rest) => Export::Reported {
            interface: owned(name),
            words: rest.join(" "),
        },
        ["set", "lldp", "system-name", name] => Export::SystemName(owned(name)),
        ["set", "interface", "lldp", name, ref rest @ ..] if !undoes(rest) => Export::Spoken {
            interface: owned(name),
            words: rest.join(" "),
        },
        _ => return None,
    })
}

impl Export {
    pub(super) fn subject(&self) -> Subject {
        Subject::Export(match self {
            Self::Sflow(number, _) => Exported::Sflow(*number),
            Self::Sampled(interface) => Exported::Sampled(interface.clone()),
            Self::Record(_) => Exported::Record,
            Self::Reported { interface, .. } => Exported::Reported(interface.clone()),
            Self::SystemName(_) => Exported::SystemName,
            Self::Spoken { interface, .. } => Exported::Spoken(interface.clone()),
        })
    }

    /// While an interface reports its flows, VPP takes no other record.
    pub(super) fn needs(&self) -> Vec<Subject> {
        let interface = |name: &String| Subject::Interface(name.clone());
        match self {
            Self::Sampled(name) | Self::Spoken { interface: name, .. } => vec![interface(name)],
            Self::Reported { interface: name, .. } => {
                vec![interface(name), Subject::Export(Exported::Record)]
            }
            Self::Sflow(..) | Self::Record(_) | Self::SystemName(_) => Vec::new(),
        }
    }

    pub(super) fn line(&self) -> String {
        let text = match self {
            Self::Sflow(number, value) => format!("sflow {} {value}", number.known().0),
            Self::Sampled(name) => format!("sflow enable-disable {name}"),
            Self::Record(words) => format!("flowprobe params {words}"),
            Self::Reported { interface, words } => format!("flowprobe feature add-del {interface} {words}"),
            Self::SystemName(name) => format!("set lldp system-name {name}"),
            Self::Spoken { interface, words } => format!("set interface lldp {interface} {words}"),
        };
        text.trim_end().to_owned()
    }

    /// `None`: nothing takes it back.
    pub(super) fn delete(&self) -> Option<String> {
        Some(match self {
            Self::Sflow(number, _) => {
                let (word, default) = number.known();
                format!("sflow {word} {default}")
            }
            Self::Sampled(name) => format!("sflow enable-disable {name} disable"),
            Self::Record(_) => "flowprobe params record".to_owned(),
            Self::Reported { interface, words } => {
                format!("flowprobe feature add-del {interface} {words} disable")
            }
            Self::SystemName(_) | Self::Spoken { .. } => return None,
        })
    }

    /// A number and a name take the place of the one before.
    pub(super) fn turn_into(&self, after: &Self) -> Way {
        match self {
            Self::Sflow(..) | Self::SystemName(_) => Way::one(
                after.line(),
                Some(&Statement::Export(self.clone())),
                Some(&Statement::Export(after.clone())),
            ),
            Self::Sampled(_) | Self::Record(_) | Self::Reported { .. } | Self::Spoken { .. } => Way::Remake,
        }
    }

    pub(super) fn evidence(&self) -> Evidence {
        match self {
            Self::Sampled(name) => Evidence::listed("show sflow", &["sflow", "enable", name]),
            Self::Reported { interface, .. } => Evidence::listed("show flowprobe feature", &[interface]),
            Self::Spoken { .. } => Evidence::Unknown,
            Self::Sflow(..) | Self::Record(_) | Self::SystemName(_) => Evidence::Value,
        }
    }

    /// VPP takes the number of the interface for that of the NIC, which are the same until there are VLANs; and LLDP that is on
    /// does not go off again (seen in its source, 25.06).
    pub(super) fn restarts(&self) -> Option<&'static str> {
        match self {
            Self::Spoken { .. } => Some("VPP finds the NICs that speak LLDP only while it starts"),
            _ => None,
        }
    }
}

impl fmt::Display for Exported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sflow(number) => write!(f, "the {} of sFlow", number.known().0),
            Self::Sampled(name) => write!(f, "the samples of '{name}'"),
            Self::Record => f.write_str("the record of IPFIX"),
            Self::Reported(name) => write!(f, "the flows of '{name}'"),
            Self::SystemName => f.write_str("the name in LLDP"),
            Self::Spoken(name) => write!(f, "LLDP on '{name}'"),
        }
    }
}
