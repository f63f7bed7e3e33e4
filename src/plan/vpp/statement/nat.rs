//! What the three NAT plugins have.

use super::{Evidence, Statement, Subject};
use crate::plan::vpp::Fact;
use ipnet::{Ipv4Net, Ipv6Net};
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

/// Something of a NAT plugin. Each is its own subject: another value is another thing, made after the old one is gone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Nat {
    /// det44 runs.
    Det44,
    /// The interfaces det44 translates between.
    Det44Interfaces {
        /// Where the subscribers are.
        inside: String,
        /// Where the world is.
        outside: String,
    },
    /// det44 maps the inside network to the outside one.
    Map(Ipv4Net, Ipv4Net),
    /// nat44-ed runs, with at most so many sessions for each worker.
    Nat44 {
        /// The sessions.
        sessions: u32,
    },
    /// The interfaces nat44-ed translates between.
    Nat44Interfaces {
        /// Where the subscribers are.
        inside: String,
        /// Where the world is.
        outside: String,
    },
    /// One address of nat44-ed's pool.
    Nat44Address(Ipv4Addr),
    /// nat44-ed lets what it does not translate pass.
    Nat44Forwarding,
    /// A fixed mapping of nat44-ed, as the command has it behind `static mapping`.
    Nat44Static(String),
    /// nat64 runs.
    Nat64,
    /// An interface nat64 translates on.
    Nat64Interface {
        /// `in` or `out`.
        side: String,
        /// The interface.
        interface: String,
    },
    /// The prefix that stands for all of IPv4.
    Nat64Prefix(Ipv6Net),
    /// One address of nat64's pool.
    Nat64Address(Ipv4Addr),
    /// nat44-ed tells the exporter of its sessions, in this observation domain; `None`: in the first.
    Nat44Log(Option<u32>),
    /// A fixed mapping of nat64: inside address and port, outside address and port, protocol.
    Nat64Static(Ipv6Addr, u16, Ipv4Addr, u16, String),
}

pub(super) fn read(words: &[&str]) -> Option<Nat> {
    let owned = |word: &str| word.to_owned();
    Some(match *words {
        ["det44", "plugin", "enable"] => Nat::Det44,
        ["set", "interface", "det44", "inside", inside, "outside", outside] => Nat::Det44Interfaces {
            inside: owned(inside),
            outside: owned(outside),
        },
        ["det44", "add", "in", inside, "out", outside] => Nat::Map(
            inside.parse::<Ipv4Net>().ok()?.trunc(),
            outside.parse::<Ipv4Net>().ok()?.trunc(),
        ),
        ["nat44", "plugin", "enable", "sessions", sessions] => Nat::Nat44 {
            sessions: sessions.parse().ok()?,
        },
        ["set", "interface", "nat44", "in", inside, "out", outside] => Nat::Nat44Interfaces {
            inside: owned(inside),
            outside: owned(outside),
        },
        ["nat44", "add", "address", address] => Nat::Nat44Address(address.parse().ok()?),
        ["nat44", "forwarding", "enable"] => Nat::Nat44Forwarding,
        ["nat44", "add", "static", "mapping", ref rest @ ..] if !rest.contains(&"del") => {
            Nat::Nat44Static(rest.join(" "))
        }
        ["nat", "ipfix", "logging", "enable"] => Nat::Nat44Log(None),
        ["nat", "ipfix", "logging", "enable", "domain", domain] => Nat::Nat44Log(Some(domain.parse().ok()?)),
        ["nat64", "plugin", "enable"] => Nat::Nat64,
        ["set", "interface", "nat64", side @ ("in" | "out"), interface] => Nat::Nat64Interface {
            side: owned(side),
            interface: owned(interface),
        },
        ["nat64", "add", "prefix", prefix] => Nat::Nat64Prefix(prefix.parse::<Ipv6Net>().ok()?.trunc()),
        ["nat64", "add", "pool", "address", address] => Nat::Nat64Address(address.parse().ok()?),
        [
            "nat64",
            "add",
            "static",
            "bib",
            inside,
            port,
            outside,
            outer,
            protocol,
        ] => Nat::Nat64Static(
            inside.parse().ok()?,
            port.parse().ok()?,
            outside.parse().ok()?,
            outer.parse().ok()?,
            owned(protocol),
        ),
        _ => return None,
    })
}

/// The addresses of a line that adds a whole range to a pool.
///
/// VPP stops at the first address of a range that it cannot add or delete, and keeps those before it: only single ones can be
/// undone.
pub(in crate::plan::vpp) fn pool(text: &str) -> Option<Vec<Statement>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (of, first, last): (fn(Ipv4Addr) -> Nat, _, _) = match words[..] {
        ["nat44", "add", "address", first, "-", last] => (Nat::Nat44Address, first, last),
        ["nat64", "add", "pool", "address", first, "-", last] => (Nat::Nat64Address, first, last),
        _ => return None,
    };
    let (first, last): (Ipv4Addr, Ipv4Addr) = (first.parse().ok()?, last.parse().ok()?);
    let size = last.to_bits().checked_sub(first.to_bits())?;
    (size < LARGEST_POOL).then(|| {
        let all = first.to_bits()..=last.to_bits();
        all.map(|bits| Statement::Nat(of(Ipv4Addr::from_bits(bits))))
            .collect()
    })
}

/// A range with more addresses is left to a restart: one line each would be too many.
const LARGEST_POOL: u32 = 1 << 16;

impl Nat {
    pub(super) fn needs(&self) -> Vec<Subject> {
        let interface = |name: &String| Subject::Interface(name.clone());
        match self {
            Self::Det44Interfaces { inside, outside } | Self::Nat44Interfaces { inside, outside } => {
                vec![interface(inside), interface(outside)]
            }
            Self::Nat64Interface { interface: name, .. } => vec![interface(name)],
            _ => Vec::new(),
        }
    }

    pub(super) fn restarts(&self) -> Option<&'static str> {
        match self {
            Self::Det44 | Self::Nat44 { .. } | Self::Nat64 => {
                Some("what a NAT is and how many sessions it holds is decided at its start")
            }
            Self::Det44Interfaces { .. } => Some("det44 drops all traffic once its interfaces were changed"),
            _ => None,
        }
    }

    pub(super) fn line(&self) -> String {
        match self {
            Self::Det44 => "det44 plugin enable".to_owned(),
            Self::Det44Interfaces { inside, outside } => {
                format!("set interface det44 inside {inside} outside {outside}")
            }
            Self::Map(inside, outside) => format!("det44 add in {inside} out {outside}"),
            Self::Nat44 { sessions } => format!("nat44 plugin enable sessions {sessions}"),
            Self::Nat44Interfaces { inside, outside } => {
                format!("set interface nat44 in {inside} out {outside}")
            }
            Self::Nat44Address(address) => format!("nat44 add address {address}"),
            Self::Nat44Forwarding => "nat44 forwarding enable".to_owned(),
            Self::Nat44Static(words) => format!("nat44 add static mapping {words}"),
            Self::Nat44Log(domain) => logging("enable", *domain),
            Self::Nat64 => "nat64 plugin enable".to_owned(),
            Self::Nat64Interface { side, interface } => format!("set interface nat64 {side} {interface}"),
            Self::Nat64Prefix(prefix) => format!("nat64 add prefix {prefix}"),
            Self::Nat64Address(address) => format!("nat64 add pool address {address}"),
            Self::Nat64Static(inside, port, outside, outer, protocol) => {
                format!("nat64 add static bib {inside} {port} {outside} {outer} {protocol}")
            }
        }
    }

    pub(super) fn facts(&self) -> Option<Fact> {
        match self {
            Self::Map(inside, outside) => Some(Fact::Map(*inside, *outside)),
            _ => None,
        }
    }

    pub(super) fn evidence(&self) -> Evidence {
        match self {
            Self::Map(inside, outside) => Evidence::fact(Fact::Map(*inside, *outside)),
            Self::Nat44Interfaces { .. }
            | Self::Nat64Interface { .. }
            | Self::Nat44Forwarding
            | Self::Nat44Log(_) => Evidence::Value,
            Self::Nat64Prefix(prefix) => Evidence::listed("show nat64 prefix", &[&prefix.to_string()]),
            Self::Nat44Address(address) => Evidence::listed("show nat44 addresses", &[&address.to_string()]),
            Self::Nat64Address(address) => Evidence::listed("show nat64 pool", &[&address.to_string()]),
            Self::Nat44Static(words) => static_mapping(words),
            Self::Nat64Static(inside, port, outside, outer, protocol) => Evidence::listed(
                &format!("show nat64 bib {protocol}"),
                &[
                    &inside.to_string(),
                    &port.to_string(),
                    &outside.to_string(),
                    &outer.to_string(),
                    "protocol",
                    protocol,
                    "vrf",
                    "0",
                    "static",
                ],
            ),
            Self::Det44 | Self::Det44Interfaces { .. } | Self::Nat44 { .. } | Self::Nat64 => {
                Evidence::Unknown
            }
        }
    }

    /// `None` where only a restart takes it back.
    pub(super) fn delete(&self) -> Option<String> {
        match self {
            _ if self.restarts().is_some() => None,
            Self::Nat44Forwarding => Some("nat44 forwarding disable".to_owned()),
            // VPP finds what to end by the domain.
            Self::Nat44Log(domain) => Some(logging("disable", *domain)),
            _ => Some(format!("{} del", self.line())),
        }
    }
}

fn logging(verb: &str, domain: Option<u32>) -> String {
    let domain = domain.map_or_else(String::new, |domain| format!(" domain {domain}"));
    format!("nat ipfix logging {verb}{domain}")
}

/// A mapping in the list that shows it.
fn static_mapping(words: &str) -> Evidence {
    let list = "show nat44 static mappings";
    match words.split_whitespace().collect::<Vec<_>>()[..] {
        ["local", local, "external", external] => {
            Evidence::listed(list, &["local", local, "external", external])
        }
        [protocol, "local", local, from, "external", external, to] => Evidence::listed(
            list,
            &[
                &protocol.to_uppercase(),
                "local",
                &format!("{local}:{from}"),
                "external",
                &format!("{external}:{to}"),
            ],
        ),
        _ => Evidence::Unknown,
    }
}

/// As a person names it.
impl fmt::Display for Nat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Map(inside, outside) => write!(f, "{inside} to {outside}"),
            Self::Nat44Address(address) | Self::Nat64Address(address) => address.fmt(f),
            Self::Nat64Prefix(prefix) => write!(f, "the prefix {prefix}"),
            Self::Nat44Static(words) => write!(f, "the mapping {words}"),
            Self::Nat44Log(_) => f.write_str("the log of sessions"),
            Self::Nat64Static(inside, port, outside, outer, protocol) => {
                let (inside, outside) = (
                    SocketAddr::from((*inside, *port)),
                    SocketAddr::from((*outside, *outer)),
                );
                write!(f, "{outside} to {inside}, {protocol}")
            }
            _ => f.write_str(&self.line()),
        }
    }
}
