//! What loopbacks, interfaces and VLANs have in common.

use super::check::{address, mtu};
use super::ra;
use super::raw::{LinkRaw, ProtocolsRaw};
use super::switched::{self, Switched};
use super::traffic;
use super::vrf;
use crate::config::check::Checking;
use crate::config::code::{E0270, E0275};
use crate::config::diag::Diagnostic;
use crate::config::index::{Address, Index};
use crate::config::keys::Field;
use crate::config::routing::isis;
use crate::config::routing::ospf::checked::{self as ospf, OspfVersion};
use crate::config::source::{Located, Span};
use crate::config::{At, InVrf, InterfaceIsis, InterfaceOspf, Model, RouterAdvertisement, Traffic};
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
    /// Whether it has a Linux side: without one FRR does not know it.
    pub lcp: bool,
    /// The VRF it is in; none: the main table. Then no IGP runs on it.
    pub vrf: Option<InVrf>,
    /// Its addresses; no two subnets of a table overlap.
    pub addresses: Vec<IfAddr>,
    /// `ra = { … }`; never sent unless asked for. Has an IPv6 address to advertise.
    pub ra: Option<RouterAdvertisement>,
    /// Where its frames go in place of routing; then it has no addresses, no protocols and no Linux side.
    pub switched: Option<Switched>,
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
    pub(crate) fn bare(at: At, name: LinkName) -> Self {
        Self {
            at,
            name,
            mtu: None,
            enabled: true,
            lcp: true,
            vrf: None,
            addresses: Vec::new(),
            ra: None,
            switched: None,
            traffic: Traffic::default(),
        }
    }
}

impl Model {
    /// Every loopback, interface, VLAN, tunnel and this router's interfaces on bridge domains, in that order.
    pub fn links(&self) -> impl Iterator<Item = (&Link, &Protocols)> {
        let loopbacks = self.loopbacks.values().map(|it| (&it.link, &it.protocols));
        let parents = self.interfaces.values().map(|it| (&it.link, &it.protocols));
        let vlans = self.interfaces.values().flat_map(|it| &it.vlans);
        let inner = vlans.clone().flat_map(|it| &it.inner);
        let vlans = vlans.map(|it| (&it.link, &it.protocols));
        let inner = inner.map(|it| (&it.link, &it.protocols));
        let tunnels = self.tunnels.values().map(|it| (&it.link, &it.protocols));
        let bvis = self.bridges.values().filter_map(|it| it.bvi.as_ref());
        let bvis = bvis.map(|it| (&it.link, &it.protocols));
        let interfaces = loopbacks.chain(parents).chain(vlans).chain(inner);
        interfaces.chain(tunnels).chain(bvis)
    }
}

/// What an interface stands on: all that is written of the interfaces below it, the nearest first.
#[derive(Clone, Copy)]
pub(in crate::config) enum Above {
    /// Nothing: it is no one's sub-interface.
    Nothing,
    /// It is a sub-interface.
    Parent {
        /// The MTU it has at most.
        mtu: Option<Located<Mtu>>,
        /// Where it says that what is below is down.
        down: Option<Span>,
        /// Where it says that what is below has no Linux side.
        unpaired: Option<Span>,
    },
}

impl Above {
    /// What a sub-interface of the interface stands on, which itself stands on this.
    pub(in crate::config) fn on(self, raw: &LinkRaw) -> Self {
        let off = |field: &Field<bool>| field.copied().filter(|it| !it.value).map(|it| it.span);
        Self::Parent {
            mtu: raw.mtu.copied().or(self.mtu()),
            down: off(&raw.enabled).or(self.down()),
            unpaired: off(&raw.lcp).or(self.unpaired()),
        }
    }

    /// The MTU that a sub-interface has which says none.
    pub(in crate::config) fn mtu(self) -> Option<Located<Mtu>> {
        match self {
            Self::Nothing => None,
            Self::Parent { mtu, .. } => mtu,
        }
    }

    fn down(self) -> Option<Span> {
        match self {
            Self::Nothing => None,
            Self::Parent { down, .. } => down,
        }
    }

    fn unpaired(self) -> Option<Span> {
        match self {
            Self::Nothing => None,
            Self::Parent { unpaired, .. } => unpaired,
        }
    }
}

/// What VPP is told of an interface, checked.
pub(in crate::config) fn link(
    raw: &LinkRaw,
    name: LinkName,
    span: Span,
    above: Above,
    cx: &mut Checking<'_>,
) -> Link {
    let (own, parents) = (raw.mtu.copied(), above.mtu());
    let addresses = raw.addresses.items();
    address::can_be_configured(addresses, cx);
    if let Above::Parent { .. } = above {
        mtu::fits_parent(own, parents, cx);
    }
    let mtu = own.or(parents);
    mtu::carries_ipv6(mtu, addresses, cx);
    let switched = switched::switched(&name, raw, cx);
    let traffic = traffic::traffic(raw, &name, addresses, above, cx);
    let ra = ra::checked(&raw.ra, addresses, cx);
    let ra_of_frr = ra.as_ref().filter(|ra| ra.is_frrs()).and(raw.ra.span());
    Link {
        at: cx.at(span),
        name,
        mtu: mtu.map(|mtu| mtu.value),
        enabled: up(raw, above, cx),
        lcp: paired(raw, ra_of_frr, above, cx) && switched.is_none(),
        vrf: vrf::of_interface(&raw.protocols, cx),
        addresses: addresses.iter().map(|address| address.value).collect(),
        ra,
        switched,
        traffic,
    }
}

/// A VLAN is up with its parent, or down by itself.
fn up(raw: &LinkRaw, above: Above, cx: &mut Checking<'_>) -> bool {
    let down = above.down();
    if let (Some(down), Some(up)) = (down, raw.enabled.copied().filter(|enabled| enabled.value)) {
        cx.report(
            Diagnostic::error(E0270, up.span, "a VLAN cannot be up while its parent is down")
                .also(down, "the parent is down"),
        );
    }
    down.is_none() && raw.enabled.value().unwrap_or(true)
}

/// It has a Linux side if its parent has, or none by itself. Without one no protocol of FRR's takes part on it, and FRR sends
/// no advertisements.
fn paired(raw: &LinkRaw, ra_of_frr: Option<Span>, above: Above, cx: &mut Checking<'_>) -> bool {
    let (own, parents) = (raw.lcp.copied(), above.unpaired());
    if let (Some(parents), Some(own)) = (parents, own.filter(|own| own.value)) {
        cx.report(
            Diagnostic::error(
                E0275,
                own.span,
                "a VLAN cannot have a Linux side while its parent has none",
            )
            .also(parents, "the parent has none"),
        );
    }
    let without = own.filter(|own| !own.value).map(|own| own.span).or(parents);
    let Some(without) = without else { return true };
    let ProtocolsRaw {
        ospf, ospf6, isis, ..
    } = &raw.protocols;
    for (what, span) in [
        ("OSPF", ospf.span()),
        ("OSPFv3", ospf6.span()),
        ("IS-IS", isis.span()),
        ("what only FRR can advertise", ra_of_frr),
    ] {
        let Some(span) = span else { continue };
        cx.report(
            Diagnostic::error(
                E0275,
                span,
                format!("{what} needs the Linux side of the interface"),
            )
            .also(without, "it has none")
            .hint("remove `lcp = false`, or what needs it"),
        );
    }
    false
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
    /// Whether FRR and Linux know it.
    pub(in crate::config) paired: bool,
    /// Where it says that it is down, or what it stands on does.
    pub(in crate::config) down: Option<Span>,
}

impl<'r> Written<'r> {
    /// That of an interface which packets pass.
    pub(in crate::config) fn of(name: String, table: Span, raw: &'r LinkRaw, above: Above) -> Self {
        Self {
            paired: above.on(raw).unpaired().is_none(),
            down: above.on(raw).down(),
            name,
            table,
            addresses: raw.addresses.items(),
            protocols: &raw.protocols,
            traffic: Some(raw),
        }
    }

    /// Enters the interface: its name, its addresses and the protocols on it.
    pub(in crate::config) fn enter(self, index: &mut Index) {
        let vrf = self.protocols.vrf.copied();
        if let Some(table) = index.table_mut(vrf.as_ref()) {
            self.enter_table(table);
        }
        index.in_vrf.extend(vrf.map(|vrf| (self.name.clone(), vrf)));
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
        for (field, version) in [(ospf, OspfVersion::V2), (ospf6, OspfVersion::V3)] {
            ospf::index_interface(field, version, index);
            let bfd = field.get().and_then(|raw| raw.bfd.located());
            let bfd = bfd.filter(|it| it.value.is_on()).map(|it| it.span);
            let monitored = &mut index.traffic.monitored;
            monitored.extend(bfd.map(|place| (self.name.clone(), version, place)));
        }
        crate::config::routing::isis::index_interface(&self.name, isis, index);
        if let Some(raw) = self.traffic {
            traffic::index_traffic(&self.name, raw, index);
        }
        index
            .down
            .extend(self.down.map(|place| (self.name.clone(), place)));
        index.l3.insert(self.name, self.table);
    }

    /// Enters what its routing table has of it.
    fn enter_table(&self, table: &mut Index) {
        let addresses = self.addresses.iter().map(|address| Address {
            interface: self.name.clone(),
            addr: address.value,
            span: address.span,
        });
        table.addresses.extend(addresses);
        table
            .down
            .extend(self.down.map(|place| (self.name.clone(), place)));
        if !self.paired {
            table.unpaired.insert(self.name.clone());
        }
        let urpf = self.traffic.and_then(|raw| raw.urpf.span());
        table
            .traffic
            .urpf
            .extend(urpf.map(|place| (self.name.clone(), place)));
        table.l3.insert(self.name.clone(), self.table);
    }
}
