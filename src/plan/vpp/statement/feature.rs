//! Bonds' members, bridges, mirrors, policers, neighbours and tables.

use super::{Evidence, Multicast, Statement, Subject, Way};
use crate::plan::vpp::doubt::Sign;
use crate::plan::vpp::{Fact, policing};
use ipnet::IpNet;
use std::net::IpAddr;

/// IPv4 or IPv6: each has its own tables and virtual routers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// Something that stands on interfaces, or that they stand on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Feature {
    /// An interface belongs to a bond.
    Member {
        /// The bond.
        bond: String,
        /// The interface.
        interface: String,
        /// How it takes part, as the command has it: `passive`, `long-timeout`.
        words: String,
    },
    /// A bridge domain.
    BridgeDomain {
        /// Its number.
        id: u32,
        /// Its settings, as the command has them.
        words: String,
    },
    /// An interface belongs to a bridge domain.
    Bridged {
        /// The interface.
        interface: String,
        /// The domain.
        domain: u32,
        /// What it is there, as the command has it: `bvi`, a group.
        words: String,
    },
    /// What comes in on one interface goes out on the other.
    Xconnect {
        /// Where it comes in.
        interface: String,
        /// Where it goes out.
        to: String,
    },
    /// What an interface does with the tags of the frames that it switches.
    Tags {
        /// The interface.
        interface: String,
        /// What, as the command has it: `pop 1`.
        words: String,
    },
    /// What passes an interface is copied to another.
    Mirror {
        /// The interface.
        interface: String,
        /// Where the copies go.
        to: String,
        /// Which direction, as the command has it; nothing: both.
        words: String,
    },
    /// A policer.
    Policer {
        /// Its name.
        name: String,
        /// Its rates and actions, as the command has them.
        words: String,
    },
    /// An interface uses a policer.
    Policed {
        /// `input` or `output`.
        side: String,
        /// The policer.
        policer: String,
        /// The interface.
        interface: String,
    },
    /// The hardware address of a neighbour.
    Neighbour(Neighbour),
    /// Half of what becomes of multicast.
    Multicast(Multicast),
    /// A table of routes besides the main one.
    Table {
        /// Of which protocol.
        family: Family,
        /// Its number.
        id: u32,
        /// Its name and settings, as the command has them.
        words: String,
    },
}

/// A neighbour that is not asked for its hardware address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Neighbour {
    /// The interface it is reached through.
    pub interface: String,
    /// Its address.
    pub address: IpAddr,
    /// Its hardware address.
    pub mac: String,
    /// Whether it does not age.
    pub is_static: bool,
}

pub(super) fn read(words: &[&str]) -> Option<Feature> {
    let owned = |word: &str| word.to_owned();
    Some(match *words {
        ["bond", "add", bond, member, ref rest @ ..] => Feature::Member {
            bond: owned(bond),
            interface: owned(member),
            words: rest.join(" "),
        },
        ["create", "bridge-domain", id, ref rest @ ..] if !rest.contains(&"del") => Feature::BridgeDomain {
            id: id.parse().ok()?,
            words: rest.join(" "),
        },
        ["set", "interface", "l2", "bridge", name, domain, ref rest @ ..] => Feature::Bridged {
            interface: owned(name),
            domain: domain.parse().ok()?,
            words: rest.join(" "),
        },
        ["set", "interface", "l2", "xconnect", name, to] => Feature::Xconnect {
            interface: owned(name),
            to: owned(to),
        },
        ["set", "interface", "l2", "tag-rewrite", name, ref rest @ ..] if *rest != ["disable"] => {
            Feature::Tags {
                interface: owned(name),
                words: rest.join(" "),
            }
        }
        ["set", "interface", "span", name, "destination", to, ref rest @ ..] => Feature::Mirror {
            interface: owned(name),
            to: owned(to),
            words: rest.join(" "),
        },
        ["policer", "add", "name", name, ref rest @ ..] => Feature::Policer {
            name: owned(name),
            words: rest.join(" "),
        },
        ["policer", side @ ("input" | "output"), "name", name, interface] => Feature::Policed {
            side: owned(side),
            policer: owned(name),
            interface: owned(interface),
        },
        ["set", "ip", "neighbor", ref rest @ ..] => Feature::Neighbour(neighbour(rest)?),
        ["ip", "mroute", "add", ref rest @ ..] => Feature::Multicast(Multicast::read(rest)?),
        ["ip", "table", "add", id, ref rest @ ..] => table(Family::V4, id, rest)?,
        ["ip6", "table", "add", id, ref rest @ ..] => table(Family::V6, id, rest)?,
        _ => return None,
    })
}

/// `[static] INTERFACE ADDRESS MAC [static]`
fn neighbour(words: &[&str]) -> Option<Neighbour> {
    let (interface, address, mac, is_static) = match *words {
        [name, address, mac] => (name, address, mac, false),
        ["static", name, address, mac] | [name, address, mac, "static"] => (name, address, mac, true),
        _ => return None,
    };
    Some(Neighbour {
        interface: interface.to_owned(),
        address: address.parse().ok()?,
        mac: mac.to_owned(),
        is_static,
    })
}

fn table(family: Family, id: &str, rest: &[&str]) -> Option<Feature> {
    Some(Feature::Table {
        family,
        id: id.parse().ok()?,
        words: rest.join(" "),
    })
}

impl Family {
    /// That of an address with its length.
    pub(in crate::plan::vpp) fn of(prefix: IpNet) -> Self {
        match prefix {
            IpNet::V4(_) => Self::V4,
            IpNet::V6(_) => Self::V6,
        }
    }

    /// As a person calls it.
    pub(in crate::plan::vpp) fn protocol(self) -> &'static str {
        match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        }
    }

    /// As commands call it.
    pub(in crate::plan::vpp) fn word(self) -> &'static str {
        match self {
            Self::V4 => "ip",
            Self::V6 => "ip6",
        }
    }
}

impl Feature {
    pub(super) fn subject(&self) -> Subject {
        match self {
            Self::Member { interface, .. } => Subject::Member(interface.clone()),
            Self::BridgeDomain { id, .. } => Subject::BridgeDomain(*id),
            Self::Bridged { interface, .. } | Self::Xconnect { interface, .. } => {
                Subject::Switched(interface.clone())
            }
            Self::Tags { interface, .. } => Subject::Tags(interface.clone()),
            Self::Mirror { interface, .. } => Subject::Mirror(interface.clone()),
            Self::Policer { name, .. } => Subject::Policer(name.clone()),
            Self::Policed { side, interface, .. } => Subject::Policed(side.clone(), interface.clone()),
            Self::Neighbour(it) => Subject::Neighbour(it.interface.clone(), it.address),
            Self::Multicast(it) => Subject::Multicast(*it),
            Self::Table { family, id, .. } => Subject::Table(*family, *id),
        }
    }

    /// What is left behind when its interface goes can no longer be named: all of it needs the interface.
    pub(super) fn needs(&self) -> Vec<Subject> {
        let interface = |name: &String| Subject::Interface(name.clone());
        match self {
            Self::Member {
                bond,
                interface: name,
                ..
            } => vec![interface(bond), interface(name)],
            Self::BridgeDomain { .. } | Self::Policer { .. } | Self::Table { .. } => Vec::new(),
            Self::Multicast(it) => vec![it.needs()],
            Self::Bridged {
                interface: name,
                domain,
                ..
            } => vec![interface(name), Subject::BridgeDomain(*domain)],
            Self::Tags { interface: name, .. } => vec![interface(name), Subject::Switched(name.clone())],
            Self::Xconnect { interface: name, to }
            | Self::Mirror {
                interface: name, to, ..
            } => {
                vec![interface(name), interface(to)]
            }
            Self::Policed {
                policer,
                interface: name,
                ..
            } => vec![interface(name), Subject::Policer(policer.clone())],
            Self::Neighbour(it) => vec![interface(&it.interface)],
        }
    }

    pub(super) fn line(&self) -> String {
        let text = match self {
            Self::Member {
                bond,
                interface,
                words,
            } => format!("bond add {bond} {interface} {words}"),
            Self::BridgeDomain { id, words } => format!("create bridge-domain {id} {words}"),
            Self::Bridged {
                interface,
                domain,
                words,
            } => format!("set interface l2 bridge {interface} {domain} {words}"),
            Self::Xconnect { interface, to } => format!("set interface l2 xconnect {interface} {to}"),
            Self::Tags { interface, words } => format!("set interface l2 tag-rewrite {interface} {words}"),
            Self::Mirror { interface, to, words } => {
                format!("set interface span {interface} destination {to} {words}")
            }
            Self::Policer { name, words } => format!("policer add name {name} {words}"),
            Self::Policed {
                side,
                policer,
                interface,
            } => format!("policer {side} name {policer} {interface}"),
            Self::Neighbour(it) => {
                let flag = if it.is_static { "static " } else { "" };
                format!("set ip neighbor {flag}{}", it.words())
            }
            Self::Multicast(it) => format!("ip mroute add {it}"),
            Self::Table { family, id, words } => format!("{} table add {id} {words}", family.word()),
        };
        text.trim_end().to_owned()
    }

    pub(super) fn delete(&self) -> String {
        match self {
            Self::Member { interface, .. } => format!("bond del {interface}"),
            Self::BridgeDomain { id, .. } => format!("create bridge-domain {id} del"),
            Self::Bridged { interface, .. } | Self::Xconnect { interface, .. } => {
                format!("set interface l3 {interface}")
            }
            Self::Tags { interface, .. } => format!("set interface l2 tag-rewrite {interface} disable"),
            Self::Mirror { interface, .. } => format!("set interface span {interface} disable"),
            Self::Policer { name, .. } => format!("policer del name {name}"),
            Self::Policed {
                side,
                policer,
                interface,
            } => format!("policer {side} unapply name {policer} {interface}"),
            Self::Neighbour(it) => format!("set ip neighbor del {}", it.words()),
            Self::Multicast(it) => it.delete(),
            Self::Table { family, id, .. } => format!("{} table del {id}", family.word()),
        }
    }

    /// A policer takes other rates while it is in use; all else is made again.
    pub(super) fn turn_into(&self, after: &Self) -> Way {
        match (self, after) {
            (Self::Policer { .. }, Self::Policer { name, words }) => Way::one(
                format!("configure policer name {name} {words}"),
                Some(&Statement::Feature(self.clone())),
                Some(&Statement::Feature(after.clone())),
            ),
            _ => Way::Remake,
        }
    }

    /// Whether a second line about the same adds to the first.
    pub(super) fn accumulates(&self) -> bool {
        matches!(self, Self::Mirror { .. })
    }

    /// A neighbour that it cannot have VPP takes without a word; another rate can be given to a policer that is in use.
    pub(super) fn facts(&self) -> Option<Fact> {
        match self {
            Self::Policer { name, words } => Some(Fact::Policer(name.clone(), policing::of_command(words)?)),
            Self::Policed { side, interface, .. } => Some(Fact::Policed(interface.clone(), side.clone())),
            Self::Multicast(it) => Some(Fact::Multicast(*it)),
            Self::Neighbour(it) if it.is_static => {
                Some(Fact::Neighbour(it.interface.clone(), it.address, it.mac.clone()))
            }
            _ => None,
        }
    }

    pub(super) fn evidence(&self) -> Evidence {
        match self {
            Self::Neighbour(it) => Evidence::shows(
                "show ip neighbors".to_owned(),
                Sign::Line(vec![it.address.to_string(), it.mac.clone(), it.interface.clone()]),
            ),
            Self::Multicast(it) => Evidence::fact(Fact::Multicast(*it)),
            _ => Evidence::Unknown,
        }
    }
}

impl Neighbour {
    fn words(&self) -> String {
        format!("{} {} {}", self.interface, self.address, self.mac)
    }
}
