//! Whose an address and a port are, as a configuration says it; no VPP is asked.

use crate::config::{At, Model, Nat, NatMapping, NatMode, Protocol, Share, StaticMapping, StaticMapping64};
use crate::types::{NatName, TypeError};
use ipnet::{IpNet, Ipv4Net};
use serde::Serialize;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

/// What is asked about: `203.0.113.5:31337`, or an address alone, of either side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// The address.
    pub address: IpAddr,
    /// The port, or the identifier of an ICMP echo.
    pub port: Option<u16>,
}

/// What a NAT module does with the address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Finding {
    /// The module, `[nat.NAME]`.
    pub nat: NatName,
    /// Where that is written: `imp.toml:67`.
    pub place: String,
    /// What it does.
    #[serde(flatten)]
    pub does: Does,
}

/// What a module does with an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Does {
    /// det44: these ports of the outside address are the subscriber's, at any time.
    Subscriber {
        /// The mapping's inside prefix.
        inside: Ipv4Net,
        /// The mapping's outside prefix.
        outside: Ipv4Net,
        /// The subscriber.
        subscriber: Ipv4Addr,
        /// His outside address.
        address: Ipv4Addr,
        /// The first of his ports.
        first_port: u16,
        /// The last of them.
        last_port: u16,
    },
    /// det44: several subscribers share the outside address, and without a port it is not known which is meant.
    Shared {
        /// The mapping's inside prefix.
        inside: Ipv4Net,
        /// The mapping's outside prefix.
        outside: Ipv4Net,
        /// The first subscriber with a port of the address.
        first: Ipv4Addr,
        /// The last of them.
        last: Ipv4Addr,
        /// How many ports each has.
        ports: u16,
    },
    /// det44: the outside address is translated to, but this port of it is nobody's.
    Nobody {
        /// The mapping's inside prefix.
        inside: Ipv4Net,
        /// The mapping's outside prefix.
        outside: Ipv4Net,
    },
    /// A static mapping, there at any time.
    Static {
        /// The protocol; `null` maps the whole address.
        protocol: Option<Protocol>,
        /// The inside address.
        inside: IpAddr,
        /// The inside port.
        inside_port: Option<u16>,
        /// The outside address.
        outside: Ipv4Addr,
        /// The outside port.
        outside_port: Option<u16>,
    },
    /// Sessions that come and go, and of which no record is kept here.
    Dynamic {
        /// `nat44-ed` or `nat64`.
        mode: &'static str,
        /// The collector that is told of them; `null` where nobody is.
        collector: Option<Ipv4Addr>,
        /// Whether the address is one of the pool, that is on the outside.
        of_pool: bool,
    },
}

impl Does {
    /// Whether it names one host.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Subscriber { .. } | Self::Static { .. })
    }

    /// Whether it may have been any host.
    pub fn is_dynamic(&self) -> bool {
        matches!(self, Self::Dynamic { .. })
    }
}

/// Every module that translates from or to the address, and what it does with it; in the order of their names.
///
/// Where a static mapping of the whole address answers, or one of the port that is asked for, the dynamic sessions of its module
/// are left out. A mapping of one port says nothing about the others.
pub fn who(model: &Model, asked: Asked) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, nat) in &model.nats {
        findings.extend(of_module(nat, asked).into_iter().map(|(at, does)| Finding {
            nat: name.clone(),
            place: model.place(at),
            does,
        }));
    }
    findings
}

fn of_module(nat: &Nat, asked: Asked) -> Vec<(At, Does)> {
    let of_pool = nat.outside().iter().any(|pool| pool.holds(asked.address));
    match &nat.mode {
        NatMode::Det44 { mappings } => mappings.iter().filter_map(|it| mapped(it, asked)).collect(),
        NatMode::Nat44Ed {
            inside, statics, log, ..
        } => {
            let mut found: Vec<_> = statics.iter().filter_map(|it| forwarded(it, asked)).collect();
            let inside = inside.iter().any(|net| IpNet::V4(*net).contains(&asked.address));
            let dynamic = Does::Dynamic {
                mode: "nat44-ed",
                collector: log.map(|log| log.collector),
                of_pool,
            };
            if (of_pool || inside) && !asked.is_answered_by(&found) {
                found.push((nat.at, dynamic));
            }
            found
        }
        NatMode::Nat64 { prefix, statics, .. } => {
            let mut found: Vec<_> = statics.iter().filter_map(|it| bound(it, asked)).collect();
            // Every IPv6 host may use it; the addresses of the prefix are those of IPv4 hosts.
            let inside = matches!(asked.address, IpAddr::V6(address) if !prefix.contains(&address));
            let dynamic = Does::Dynamic {
                mode: "nat64",
                collector: None,
                of_pool,
            };
            if (of_pool || inside) && !asked.is_answered_by(&found) {
                found.push((nat.at, dynamic));
            }
            found
        }
    }
}

/// What a mapping of det44 does with the address; `None` when it is on neither side.
fn mapped(mapping: &NatMapping, asked: Asked) -> Option<(At, Does)> {
    let IpAddr::V4(address) = asked.address else {
        return None;
    };
    let (inside, outside) = (mapping.inside, mapping.outside);
    let of = |share: Share| Does::Subscriber {
        inside,
        outside,
        subscriber: share.inside,
        address: share.outside,
        first_port: share.first_port,
        last_port: share.last_port,
    };
    let does = match (mapping.share_of(address), mapping.sharing(address), asked.port) {
        (Some(share), ..) => of(share),
        (None, None, _) => return None,
        (None, Some((only, last)), None) if only == last => of(only),
        (None, Some((first, last)), None) => Does::Shared {
            inside,
            outside,
            first: first.inside,
            last: last.inside,
            ports: mapping.ports_per_subscriber(),
        },
        (None, Some(_), Some(port)) => match mapping.share_at(address, port) {
            Some(share) => of(share),
            None => Does::Nobody { inside, outside },
        },
    };
    Some((mapping.at, does))
}

/// A static mapping from or to the address; one of a single port answers for that port, or when none is asked for.
fn forwarded(it: &StaticMapping, asked: Asked) -> Option<(At, Does)> {
    let (inside, outside) = (it.inside.into(), it.outside);
    let does = match it.port {
        Some((protocol, from, to)) => {
            asked.translated(Some(protocol), (inside, Some(from)), (outside, Some(to)))
        }
        None => asked.translated(None, (inside, None), (outside, None)),
    };
    Some((it.at, does?))
}

/// The same of nat64.
fn bound(it: &StaticMapping64, asked: Asked) -> Option<(At, Does)> {
    let inside = (it.inside.into(), Some(it.inside_port));
    let outside = (it.outside, Some(it.outside_port));
    Some((it.at, asked.translated(Some(it.protocol), inside, outside)?))
}

impl Asked {
    /// Whether the static mappings say all there is to say: without a port only one of the whole address does.
    fn is_answered_by(self, fixed: &[(At, Does)]) -> bool {
        fixed
            .iter()
            .any(|(_, does)| self.port.is_some() || matches!(does, Does::Static { protocol: None, .. }))
    }

    /// What a static mapping does, when one of its sides may be meant.
    fn translated(
        self,
        protocol: Option<Protocol>,
        (inside, inside_port): (IpAddr, Option<u16>),
        (outside, outside_port): (Ipv4Addr, Option<u16>),
    ) -> Option<Does> {
        let meant = self.is(inside, inside_port) || self.is(outside.into(), outside_port);
        meant.then_some(Does::Static {
            protocol,
            inside,
            inside_port,
            outside,
            outside_port,
        })
    }

    /// Whether the address and the port may be meant; without a port every one is.
    fn is(self, address: IpAddr, port: Option<u16>) -> bool {
        self.address == address && (self.port.is_none() || port.is_none() || self.port == port)
    }
}

impl FromStr for Asked {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        if let Ok(address) = bare.unwrap_or(text).parse() {
            return Ok(Self { address, port: None });
        }
        let socket: SocketAddr = text.parse().map_err(|_| {
            TypeError::expected("an address and a port, like 203.0.113.5:31337, or an address alone")
        })?;
        Ok(Self {
            address: socket.ip(),
            port: Some(socket.port()),
        })
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => SocketAddr::new(self.address, port).fmt(f),
            None => self.address.fmt(f),
        }
    }
}
