//! What runs over an interface that is kept down: FRR waits for it, and says nothing.

use crate::config::check::Checking;
use crate::config::code::E0718;
use crate::config::diag::Diagnostic;
use crate::config::index::Index;
use crate::config::routing::raw::BgpOf;
use crate::config::source::Span;
use crate::types::PeerName;

/// Neighbours, OSPF and IS-IS are on interfaces that are up. A session that is kept down itself is nobody's surprise.
pub(in crate::config) fn nothing_waits(instances: &[(BgpOf<'_>, &Index)], cx: &mut Checking<'_>) {
    for (bgp, index) in instances {
        no_neighbor_waits(*bgp, &mut cx.within(index));
    }
    no_igp_waits(cx);
}

fn no_neighbor_waits(bgp: BgpOf<'_>, cx: &mut Checking<'_>) {
    let index = cx.index;
    for (peer, table) in bgp.raw.neighbors.entries() {
        if table.value.session.shutdown.is_on() {
            continue;
        }
        let mut over: Vec<&str> = match &peer.value {
            PeerName::Interface(name) => vec![name],
            PeerName::Address(addr) => index
                .neighbors_of(addr.get())
                .map(|address| address.interface.as_str())
                .collect(),
        };
        let is_down = |name: &&str| index.down.contains_key(*name);
        if !over.iter().all(is_down) {
            continue;
        }
        if let Some(name) = over.pop() {
            let message = format!("the neighbour {} is on '{name}', which is down", peer.value);
            report(message, name, peer.span, cx);
        }
    }
}

fn no_igp_waits(cx: &mut Checking<'_>) {
    let index = cx.index;
    let protocols = [
        ("OSPF", &index.ospf),
        ("OSPFv3", &index.ospf6),
        ("IS-IS", &index.isis),
    ];
    for (protocol, uses) in protocols {
        for used in uses {
            let message = format!("{protocol} finds nobody on '{}', which is down", used.value);
            report(message, &used.value, used.span, cx);
        }
    }
}

fn report(message: String, name: &str, place: Span, cx: &mut Checking<'_>) {
    if let Some(down) = cx.index.down.get(name).copied() {
        cx.report(Diagnostic::warning(E0718, place, message).also(down, "kept down here"));
    }
}
