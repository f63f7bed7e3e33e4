//! What interfaces say of packets: what VPP takes without a word and does not do.

use crate::config::check::Checking;
use crate::config::code::{E0838, E0839, E0840, E0841, E0845, E0846};
use crate::config::diag::{Diagnostic, Findings};
use crate::config::index::{Index, LOOPBACK};
use crate::config::keys::Filled;
use crate::config::links::link::Above;
use crate::config::links::raw::{LinkRaw, ProtocolsRaw, RelayRaw};
use crate::config::links::relay::{Relay, named};
use crate::config::links::traffic::Direction;
use crate::config::source::{Located, Span};
use crate::types::{HostAddr, IfAddr, IfName};
use std::collections::BTreeMap;

/// uRPF is for the families the interface has addresses of, and drops what link-local addresses send to this router alone.
pub(in crate::config) fn urpf_has_a_family(
    raw: &LinkRaw,
    addresses: &[Located<IfAddr>],
    cx: &mut Checking<'_>,
) {
    let Some(place) = raw.urpf.span() else { return };
    if addresses.is_empty() && !raw.addresses.is_flawed() {
        cx.report(
            Diagnostic::error(E0838, place, "'urpf' needs an address")
                .label("sources are checked in the families the interface has addresses of"),
        );
    }
    if addresses.iter().all(|address| address.value.is_v4()) {
        return;
    }
    for (what, talks) in [
        ("OSPFv3", raw.protocols.ospf6.span()),
        ("VRRP with `peers` of IPv6", told_one_by_one(raw)),
    ] {
        let Some(talks) = talks else { continue };
        cx.report(
            Diagnostic::error(E0838, place, format!("'urpf' ends {what} on this interface"))
                .label("VPP drops what link-local addresses send to one router: no route leads to them")
                .also(talks, format!("{what} talks from link-local addresses"))
                .hint("drop foreign sources with an `acl` instead"),
        );
    }
}

/// A router that a virtual router of IPv6 is told of itself by, which is not done by multicast then.
fn told_one_by_one(raw: &LinkRaw) -> Option<Span> {
    let routers = raw.vrrp.entries().iter();
    let peers = routers.filter_map(|(_, table)| table.value.peers.get());
    let mut peers = peers.flat_map(|Filled(peers)| peers);
    peers
        .find(|peer| peer.value.get().is_ipv6())
        .map(|peer| peer.span)
}

/// VPP polices and copies what an interface receives before it looks at tags: a VLAN's own would never see a packet.
pub(in crate::config) fn is_for_a_whole_interface(raw: &LinkRaw, above: Above, cx: &mut Checking<'_>) {
    let Above::Parent { .. } = above else {
        return;
    };
    let inward = raw.policer.get().and_then(|policer| policer.inward.span());
    if let Some(place) = inward {
        cx.report(
            Diagnostic::error(E0839, place, "a VLAN cannot police what comes in")
                .label("VPP counts what its parent receives, before it looks at tags")
                .hint("write it at the parent, for all its VLANs together; `out` of a VLAN is its own"),
        );
    }
    if let Some(place) = raw.mirror.span() {
        cx.report(
            Diagnostic::error(E0840, place, "a VLAN cannot be mirrored")
                .label("VPP copies what its parent receives, before it looks at tags")
                .hint("write it at the parent: the copies have their tags"),
        );
    }
}

/// VPP polices and copies what a NIC receives, before it is the bond's, the bridge's or out of the tunnel.
pub(in crate::config) fn only_a_nic_receives(raw: &LinkRaw, what: NoNic, cx: &mut Checking<'_>) {
    let (what, before) = match what {
        NoNic::Bond => ("bond", "what its members receive, before it is the bond's"),
        NoNic::Bridge => ("bridge", "what its members receive, before it is the bridge's"),
        NoNic::Tunnel => ("tunnel", "what a NIC receives, before it is out of the tunnel"),
    };
    if let Some(place) = raw.policer.get().and_then(|policer| policer.inward.span()) {
        cx.report(
            Diagnostic::error(E0839, place, format!("a {what} cannot police what comes in"))
                .label(format!("VPP counts {before}"))
                .hint("police what goes `out` of the interfaces it leads to"),
        );
    }
    let copies = raw
        .mirror
        .get()
        .is_some_and(|it| it.direction.value() != Some(Direction::Out));
    if let Some(place) = raw.mirror.span().filter(|_| copies) {
        cx.report(
            Diagnostic::error(E0840, place, format!("a {what} cannot copy what comes in"))
                .label(format!("VPP copies {before}"))
                .hint("write `direction = \"out\"`, and mirror what comes in at other interfaces as it goes out"),
        );
    }
}

/// What has packets that no NIC of its name received.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) enum NoNic {
    Bond,
    Bridge,
    Tunnel,
}

/// Copies go to another interface that is there, in whole frames.
pub(in crate::config) fn mirrors_lead_somewhere(index: &Index, found: &mut Findings) {
    for (name, to) in &index.traffic.mirrors {
        let wrong = |message: String| Diagnostic::error(E0840, to.span, message);
        if to.value == *name {
            found.report(wrong(format!("'{name}' cannot be copied to itself")));
        } else if to.value.contains('.') && index.l3.contains_key(&to.value) {
            let error = wrong(format!("'{}' is a VLAN", to.value));
            found.report(error.label("the copies have tags of their own, so they go to a whole interface"));
        } else if let Some(bond) = bond_of(&to.value, index) {
            let error = wrong(format!("'{}' is a member of the bond '{}'", to.value, bond.value));
            found.report(
                error
                    .also(bond.span, "it sends what the bond sends, and nothing else")
                    .hint(format!(
                        "write `to = \"{}\"`, or a NIC that is in no bond",
                        bond.value
                    )),
            );
        } else if let Some(what) = without_frames(&to.value, index) {
            let error = wrong(format!("'{}' is {what}", to.value));
            found.report(
                error
                    .label("the copies go in whole frames, out of one interface")
                    .hint("write a NIC, a bond, a tunnel of VXLAN or a bridge of Incus"),
            );
        } else if !index.l3.contains_key(&to.value) && !index.l3_refused {
            let error = wrong(format!("there is no interface '{}'", to.value));
            let near = found.nearest(&to.value, index.l3.keys().map(String::as_str));
            found.report(match near {
                Some(near) => error.hint(format!("did you mean '{near}'?")),
                None => error,
            });
        }
    }
}

fn bond_of<'i>(name: &str, index: &'i Index) -> Option<&'i Located<IfName>> {
    let mut members = index.members.iter();
    let member = members.find(|(member, _)| member.as_ref() == name);
    member.map(|(_, of)| &of.bond)
}

/// What an interface is that sends no frames of others.
fn without_frames(name: &str, index: &Index) -> Option<&'static str> {
    let carries = index.switching.ports.contains(name);
    let mut names = index.dataplane_names.iter().filter(|it| it.name == name);
    names.find_map(|it| match it.what {
        "a tunnel" if !carries => Some("a tunnel that carries packets"),
        "a bridge domain" => Some("a bridge domain"),
        LOOPBACK => Some(LOOPBACK),
        _ => None,
    })
}

/// A static neighbour is another host of a subnet of the interface: VPP takes any, and never asks for it.
pub(in crate::config) fn is_on_the_link(
    address: &Located<HostAddr>,
    own: &[Located<IfAddr>],
    cx: &mut Checking<'_>,
) {
    let addr = address.value.get();
    let on_link = own.iter().find(|own| own.value.subnet().holds(addr));
    let wrong = |message: String| Diagnostic::error(E0841, address.span, message);
    match on_link {
        Some(own) if own.value.addr() == addr => {
            cx.report(wrong(format!("{addr} is this router itself")).also(own.span, "its own address"));
        }
        None if !address.value.is_link_local() => {
            let error = wrong(format!("{addr} is in no subnet of the interface"));
            cx.report(error.label("expected a neighbour on its link"));
        }
        _ => {}
    }
}

/// A relay talks in its own family: to its servers, from an own address, and to clients as the first address of the interface.
pub(in crate::config) fn relays_its_family(
    relay: Located<&RelayRaw>,
    is_v4: bool,
    addresses: &[Located<IfAddr>],
    protocols: &ProtocolsRaw,
    cx: &mut Checking<'_>,
) {
    let (family, key, other) = match is_v4 {
        true => ("IPv4", "dhcp-relay", "dhcp6-relay"),
        false => ("IPv6", "dhcp6-relay", "dhcp-relay"),
    };
    if !addresses.iter().any(|address| address.value.is_v4() == is_v4) {
        cx.report(
            Diagnostic::error(E0845, relay.span, format!("'{key}' needs an {family} address"))
                .label("servers know by it which network the clients are in"),
        );
    }
    for address in named(relay.value).filter(|it| it.value.get().is_ipv4() != is_v4) {
        let message = format!("{} is no {family} address", address.value);
        let error = Diagnostic::error(E0845, address.span, message);
        cx.report(error.hint(format!("write it at `{other}`")));
    }
    let source = relay.value.source.copied();
    let table = cx.index.table_of(&protocols.vrf);
    if let Some(source) = source.filter(|source| !cx.index.l3_refused && !is_own(source.value, table)) {
        cx.report(
            Diagnostic::error(
                E0845,
                source.span,
                format!("{} is no address of this router", source.value),
            )
            .label("the servers' answers would not come back"),
        );
    }
}

fn is_own(address: HostAddr, index: &Index) -> bool {
    index.vpps_address(address.get()).is_some()
}

/// VPP has one relay for all interfaces of a table: of two that differ, clients of both links would be sent to the servers of
/// either.
pub(in crate::config) fn relays_agree(index: &Index, found: &mut Findings) {
    let mut firsts: BTreeMap<_, &(String, Located<Relay>)> = BTreeMap::new();
    for it in &index.traffic.relays {
        let (name, relay) = it;
        let vrf = index.in_vrf.get(name).map(|vrf| &vrf.value);
        let first = *firsts.entry((relay.value.source.is_ipv4(), vrf)).or_insert(it);
        if first.1.value != relay.value {
            found.report(differs(&first.0, first.1.span, name, relay.span));
        }
    }
}

fn differs(name: &str, first: Span, other: &str, second: Span) -> Diagnostic {
    let message = format!("the relays of '{name}' and '{other}' differ");
    Diagnostic::error(E0846, second, message)
        .label("VPP has one relay for all links of a table")
        .also(first, "another one")
        .hint("name the same servers and the same source at both")
}
