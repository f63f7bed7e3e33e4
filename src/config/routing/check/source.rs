//! Whether the other side of an iBGP session knows the address it comes from.

use super::bgp::Both;
use crate::config::check::Checking;
use crate::config::code::{E0379, E0380};
use crate::config::diag::Diagnostic;
use crate::config::index::Address;
use crate::config::routing::ospf::Redistribute;
use crate::config::routing::raw::{BgpOf, OspfRaw};
use crate::config::source::Located;
use crate::types::{HostAddr, PeerName};
use std::net::IpAddr;

/// Sessions over an IGP come from an address the IGP carries, and from the one the other side expects.
pub(in crate::config) fn sources_are_known(
    bgp: BgpOf<'_>,
    ospf: [Option<&OspfRaw>; 2],
    cx: &mut Checking<'_>,
) {
    let Some(asn) = bgp.asn.filter(|_| cx.found.errors() == 0) else {
        return;
    };
    for both in Both::all(bgp.raw) {
        let PeerName::Address(addr) = *both.peer.value else {
            continue;
        };
        let addr = Located {
            value: addr,
            span: both.peer.span,
        };
        let both = || both.sessions();
        let ibgp = both()
            .find_map(|s| s.remote_as.value())
            .is_some_and(|it| it.is_internal(asn.value));
        let connected = cx.index.neighbors_of(addr.value.get()).next().is_some();
        if !ibgp || connected || both().any(|s| s.shutdown.is_on()) {
            continue;
        }
        match both().find_map(|s| s.update_source.copied()) {
            Some(source) => source_is_carried(&source, addr, ospf, cx),
            None => source_is_written(addr, cx),
        }
    }
}

/// The address of a loopback of the neighbour's family.
fn source_is_written(neighbor: Located<HostAddr>, cx: &mut Checking<'_>) {
    let addr = neighbor.value.get();
    let own = cx.index.addresses.iter().map(|a| a.addr);
    let mut own = own.filter(|own| own.is_v4() == addr.is_ipv4());
    let host = own.find(|own| own.net().prefix_len() == own.net().max_prefix_len());
    let Some(host) = host else { return };
    let message = format!("the iBGP neighbour {addr} has no update-source");
    cx.report(
        Diagnostic::warning(E0380, neighbor.span, message)
            .label("the session comes from the interface towards it")
            .hint(format!(
                "add `update-source = \"{}\"`, here or in its peer-group: the other side expects one address",
                host.addr()
            )),
    );
}

fn source_is_carried(
    source: &Located<PeerName>,
    neighbor: Located<HostAddr>,
    [ospf, ospf6]: [Option<&OspfRaw>; 2],
    cx: &mut Checking<'_>,
) {
    let index = cx.index;
    let addr = neighbor.value.get();
    let (key, uses, table) = match addr {
        IpAddr::V4(_) => ("ospf", &index.ospf, ospf),
        IpAddr::V6(_) => ("ospf6", &index.ospf6, ospf6),
    };
    let other_way = index.igp_of_extra
        || !index.isis.is_empty()
        || index.routed.longer_than_default(addr).next().is_some();
    let redistributed = table.is_some_and(|table| {
        let mut items = table.redistributed().iter();
        items.any(|item| item.value.source == Redistribute::Connected)
    });
    let is_source = |a: &&Address| match &source.value {
        PeerName::Address(own) => a.addr.addr() == own.get(),
        PeerName::Interface(name) => a.interface == *name && a.addr.is_v4() == addr.is_ipv4(),
    };
    let Some(interface) = index.addresses.iter().find(is_source) else {
        return;
    };
    let own = interface.addr.addr();
    let carried = uses.iter().any(|used| used.value == interface.interface);
    if uses.is_empty() || carried || other_way || redistributed {
        return;
    }
    let name = &interface.interface;
    let message = format!("OSPF does not carry {own}, so {addr} cannot answer it");
    cx.report(
        Diagnostic::warning(E0379, source.span, message)
            .label(format!("'{name}' has no `{key}`"))
            .also(interface.span, format!("the address of '{name}'"))
            .hint(format!(
                "add `{key}` with its area and `passive = true` to '{name}'"
            )),
    );
}
