//! What an interface does with packets before they are routed, and the relay of DHCP.

use super::{Evidence, Family, Statement, Subject, Way};
use crate::plan::vpp::Fact;
use crate::plan::vpp::doubt::Sign;
use std::net::IpAddr;

/// Something that is done with packets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Guard {
    /// Sources are checked.
    Urpf {
        /// Of which protocol.
        family: Family,
        /// The interface.
        interface: String,
        /// `strict` or `loose`.
        mode: String,
    },
    /// Segments of TCP are made smaller.
    Mss {
        /// The interface.
        interface: String,
        /// How small, as the command has it.
        words: String,
    },
    /// DHCP is relayed to a server.
    Relay {
        /// Of which protocol.
        family: Family,
        /// The server.
        server: IpAddr,
        /// The own address that requests come from.
        source: IpAddr,
        /// The table of the links and of the server, 0 for the main one.
        table: u32,
    },
}

pub(super) fn read(words: &[&str]) -> Option<Guard> {
    let owned = |word: &str| word.to_owned();
    Some(match *words {
        [
            "set",
            "urpf",
            family @ ("ip4" | "ip6"),
            "rx",
            mode @ ("strict" | "loose"),
            name,
        ] => Guard::Urpf {
            family: if family == "ip4" { Family::V4 } else { Family::V6 },
            interface: owned(name),
            mode: owned(mode),
        },
        ["set", "interface", "tcp-mss-clamp", name, ref rest @ ..] => Guard::Mss {
            interface: owned(name),
            words: rest.join(" "),
        },
        [
            "set",
            protocol @ ("dhcp" | "dhcpv6"),
            "proxy",
            "server",
            server,
            "src-address",
            source,
            ref tables @ ..,
        ] => Guard::Relay {
            family: if protocol == "dhcp" {
                Family::V4
            } else {
                Family::V6
            },
            server: server.parse().ok()?,
            source: source.parse().ok()?,
            table: match *tables {
                [] => 0,
                ["server-fib-id", server, "rx-fib-id", links] if server == links => links.parse().ok()?,
                _ => return None,
            },
        },
        _ => return None,
    })
}

impl Guard {
    pub(super) fn subject(&self) -> Subject {
        match self {
            Self::Urpf {
                family, interface, ..
            } => Subject::Urpf(*family, interface.clone()),
            Self::Mss { interface, .. } => Subject::Mss(interface.clone()),
            Self::Relay {
                family,
                server,
                table,
                ..
            } => Subject::Relay(*family, *table, *server),
        }
    }

    /// uRPF looks into the table the interface was in when it began.
    pub(super) fn needs(&self) -> Vec<Subject> {
        match self {
            Self::Urpf {
                family, interface, ..
            } => vec![
                Subject::Interface(interface.clone()),
                Subject::TableOf(*family, interface.clone()),
            ],
            Self::Mss { interface, .. } => vec![Subject::Interface(interface.clone())],
            // VPP would make the table by itself, and keep it.
            Self::Relay { family, table, .. } => vec![Subject::Table(*family, *table)],
        }
    }

    pub(super) fn line(&self) -> String {
        match self {
            Self::Urpf {
                family,
                interface,
                mode,
            } => format!("set urpf {} rx {mode} {interface}", version(*family)),
            Self::Mss { interface, words } => format!("set interface tcp-mss-clamp {interface} {words}"),
            Self::Relay {
                family,
                server,
                source,
                table,
            } => format!(
                "set {} proxy server {server} src-address {source}{}",
                dhcp(*family),
                in_table(*table)
            ),
        }
    }

    pub(super) fn delete(&self) -> String {
        match self {
            Self::Urpf {
                family, interface, ..
            } => format!("set urpf {} rx off {interface}", version(*family)),
            Self::Mss { interface, .. } => {
                format!("set interface tcp-mss-clamp {interface} ip4 disable ip6 disable")
            }
            Self::Relay {
                family,
                server,
                source,
                table,
            } => format!(
                "set {} proxy del server {server} src-address {source}{}",
                dhcp(*family),
                in_table(*table)
            ),
        }
    }

    /// A relay keeps its first source until its last server goes: all of them are made again.
    pub(super) fn turn_into(&self, after: &Self) -> Way {
        match self {
            Self::Relay { .. } => Way::Remake,
            Self::Urpf { .. } | Self::Mss { .. } => Way::one(
                after.line(),
                Some(&Statement::Guard(self.clone())),
                Some(&Statement::Guard(after.clone())),
            ),
        }
    }

    /// VPP remembers the mode of an interface that is gone, and gives it to the next one of its number without checking anything.
    pub(super) fn facts(&self) -> Option<Fact> {
        match self {
            Self::Urpf {
                family,
                interface,
                mode,
            } => Some(Fact::Urpf(interface.clone(), *family, mode.clone())),
            Self::Mss { .. } | Self::Relay { .. } => None,
        }
    }

    pub(super) fn evidence(&self) -> Evidence {
        match self {
            Self::Urpf { .. } | Self::Mss { .. } => Evidence::Value,
            // The table of the server stands before it.
            Self::Relay {
                family,
                server,
                table,
                ..
            } => Evidence::shows(
                format!("show {} proxy", dhcp(*family)),
                Sign::Line(vec![format!("{table},{server}")]),
            ),
        }
    }
}

fn version(family: Family) -> &'static str {
    match family {
        Family::V4 => "ip4",
        Family::V6 => "ip6",
    }
}

fn in_table(table: u32) -> String {
    match table {
        0 => String::new(),
        table => format!(" server-fib-id {table} rx-fib-id {table}"),
    }
}

fn dhcp(family: Family) -> &'static str {
    match family {
        Family::V4 => "dhcp",
        Family::V6 => "dhcpv6",
    }
}
