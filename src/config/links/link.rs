//! What loopbacks, interfaces and VLANs have in common.

use super::check::{address, mtu};
use super::ra;
use super::raw::{LinkRaw, ProtocolsRaw};
use super::traffic;
use crate::config::check::Checking;
use crate::config::code::E0270;
use crate::config::diag::Diagnostic;
use crate::config::index::{Address, Index};
use crate::config::routing::isis;
use crate::config::routing::ospf::checked::{self as ospf, OspfVersion};
use crate::config::source::{Located, Span};
use crate::config::{At, InterfaceIsis, InterfaceOspf, Model, RouterAdvertisement, Traffic};
use crate::types::{IfAddr, Line, LinkName, Mtu};
use serde::{Deserialize, Serialize};

/// An interface of the dataplane as VPP is told of it, whichever its kind.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Link {
    /// Where it was written.
    pub at: At,
    /// The same in VPP, Linux and frr.conf.
    pub name: LinkName,
    /// `mtu`, that of a VLAN not above its parent's; without its own it has its parent's, else VPP's (9000).
    pub mtu: Option<Mtu>,
    /// Whether it is up.
    pub enabled: bool,
    /// Its addresses; no two subnets of a table overlap.
    pub addresses: Vec<IfAddr>,
    /// `ra = { … }`; never sent unless asked for. Has an IPv6 address to advertise.
    pub ra: Option<RouterAdvertisement>,
    /// What is done with its packets.
    pub traffic: Traffic,
}

/// An interface of the dataplane as FRR is told of it.
#[derive(Debug, Default)]
pub struct Protocols {
    /// `description`.
    pub description: Option<Line>,
    /// `ospf = { … }`.
    pub ospf: Option<InterfaceOspf>,
    /// `ospf6 = { … }`.
    pub ospf6: Option<InterfaceOspf>,
    /// `isis = { … }`; there is an `[isis]` then.
    pub isis: Option<InterfaceIsis>,
}

impl Link {
    /// One of a name that says nothing more.
    pub(in crate::config) fn bare(at: At, name: LinkName) -> Self {
        Self {
            at,
            name,
            mtu: None,
            enabled: true,
            addresses: Vec::new(),
            ra: None,
            traffic: Traffic::default(),
        }
    }
}

impl Model {
    /// Every loopback, interface and VLAN, in that order.
    pub fn links(&self) -> impl Iterator<Item = (&Link, &Protocols)> {
        let loopbacks = self.loopbacks.values().map(|it| (&it.link, &it.protocols));
        let parents = self.interfaces.values().map(|it| (&it.link, &it.protocols));
        let vlans = self.interfaces.values().flat_map(|it| &it.vlans);
        let vlans = vlans.map(|it| (&it.link, &it.protocols));
        loopbacks.chain(parents).chain(vlans)
    }
}

/// What an interface stands on.
#[derive(Clone, Copy)]
pub(in crate::config) enum Above<'r> {
    /// Nothing: it is no one's sub-interface.
    Nothing,
    /// It is a sub-interface of this one.
    Parent(&'r LinkRaw),
}

impl Above<'_> {
    fn mtu(self) -> Option<Located<Mtu>> {
        match self {
            Self::Nothing => None,
            Self::Parent(raw) => raw.mtu.copied(),
        }
    }

    /// Where it says that it is down.
    fn down(self) -> Option<Span> {
        match self {
            Self::Nothing => None,
            Self::Parent(raw) => raw.enabled.copied().filter(|it| !it.value).map(|it| it.span),
        }
    }
}

/// What VPP is told of an interface, checked.
pub(in crate::config) fn link(
    raw: &LinkRaw,
    name: LinkName,
    span: Span,
    above: Above<'_>,
    cx: &mut Checking<'_>,
) -> Link {
    let (own, parents) = (raw.mtu.copied(), above.mtu());
    let addresses = raw.addresses.items();
    address::can_be_configured(addresses, cx);
    if let Above::Parent(_) = above {
        mtu::fits_parent(own, parents, cx);
    }
    let mtu = own.or(parents);
    mtu::carries_ipv6(mtu, addresses, cx);
    Link {
        at: cx.at(span),
        name,
        mtu: mtu.map(|mtu| mtu.value),
        enabled: up(raw, above, cx),
        addresses: addresses.iter().map(|address| address.value).collect(),
        ra: ra::checked(&raw.ra, addresses, cx),
        traffic: traffic::traffic(raw, addresses, above, cx),
    }
}

/// A VLAN is up with its parent, or down by itself.
fn up(raw: &LinkRaw, above: Above<'_>, cx: &mut Checking<'_>) -> bool {
    let down = above.down();
    if let (Some(down), Some(up)) = (down, raw.enabled.copied().filter(|enabled| enabled.value)) {
        cx.report(
            Diagnostic::error(E0270, up.span, "a VLAN cannot be up while its parent is down")
                .also(down, "the parent is down"),
        );
    }
    down.is_none() && raw.enabled.value().unwrap_or(true)
}

/// What FRR is told of an interface, checked.
pub(in crate::config) fn protocols(raw: &ProtocolsRaw, cx: &mut Checking<'_>) -> Protocols {
    Protocols {
        description: raw.description.value(),
        ospf: ospf::of_interface(&raw.ospf, OspfVersion::V2, cx),
        ospf6: ospf::of_interface(&raw.ospf6, OspfVersion::V3, cx),
        isis: isis::of_interface(&raw.isis, cx),
    }
}

/// What a table says of an interface, before it is checked.
pub(in crate::config) struct Written<'r> {
    pub(in crate::config) name: String,
    pub(in crate::config) table: Span,
    pub(in crate::config) addresses: &'r [Located<IfAddr>],
    pub(in crate::config) protocols: &'r ProtocolsRaw,
    /// What is said of its packets; nothing of a loopback's.
    pub(in crate::config) traffic: Option<&'r LinkRaw>,
}

impl<'r> Written<'r> {
    /// That of an interface which packets pass.
    pub(in crate::config) fn of(name: String, table: Span, raw: &'r LinkRaw) -> Self {
        Self {
            name,
            table,
            addresses: raw.addresses.items(),
            protocols: &raw.protocols,
            traffic: Some(raw),
        }
    }

    /// Enters the interface: its name, its addresses and the protocols on it.
    pub(in crate::config) fn enter(self, index: &mut Index) {
        let addresses = self.addresses.iter().map(|address| Address {
            interface: self.name.clone(),
            addr: address.value,
            span: address.span,
        });
        index.addresses.extend(addresses);
        let uses = |span: Option<Span>| {
            Some(Located {
                value: self.name.clone(),
                span: span?,
            })
        };
        let ProtocolsRaw {
            ospf, ospf6, isis, ..
        } = self.protocols;
        index.ospf.extend(uses(ospf.located().map(|it| it.span)));
        index.ospf6.extend(uses(ospf6.located().map(|it| it.span)));
        index.isis.extend(uses(isis.located().map(|it| it.span)));
        ospf::index_interface(ospf, OspfVersion::V2, index);
        ospf::index_interface(ospf6, OspfVersion::V3, index);
        crate::config::routing::isis::index_interface(isis, index);
        if let Some(raw) = self.traffic {
            traffic::index_traffic(&self.name, raw, index);
        }
        index.l3.insert(self.name, self.table);
    }
}
