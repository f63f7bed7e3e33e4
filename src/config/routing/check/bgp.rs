//! What holds between a BGP neighbour, its peer-group and this router.

use super as routing;
use crate::config::code::{E0330, E0331, E0332, E0333, E0334, E0335, E0336, E0345, E0347};
use crate::config::diag::Diagnostic;
use crate::config::reader::{Cx, Located};
use crate::config::routing::bgp::Settings;
use crate::config::source::Span;
use crate::types::{Asn, HostAddr, PolicyName};
use std::collections::BTreeMap;

/// The neighbour's AS number: its own or its group's, exactly one of the two.
pub(in crate::config) fn remote_as(
    cx: &Cx<'_>,
    addr: Located<HostAddr>,
    own: &Settings,
    group: Option<&Settings>,
) -> Option<Asn> {
    let of_group = group.and_then(|g| g.remote_as);
    match (own.remote_as, of_group) {
        (Some(own), None) => Some(own.value),
        (None, Some(group)) => Some(group.value),
        (Some(own), Some(group)) => {
            let message = format!("the neighbour {} has two remote-as", addr.value);
            cx.report(
                Diagnostic::error(E0331, own.span, message)
                    .also(group.span, "its peer-group has one")
                    .hint("remove one of the two"),
            );
            None
        }
        (None, None) => {
            // What is written wrongly, or in a peer-group that is not defined, is reported as that.
            let written = own.has_remote_as || group.is_some_and(|g| g.has_remote_as);
            if !written && (own.peer_group.is_none() || group.is_some()) {
                let message = format!("the neighbour {} has no remote-as", addr.value);
                cx.report(
                    Diagnostic::error(E0331, addr.span, message)
                        .hint("add `remote-as = 64496`, here or in its peer-group"),
                );
            }
            None
        }
    }
}

/// Everything a neighbour must be beside its AS number.
pub(in crate::config) fn neighbor(
    cx: &Cx<'_>,
    asn: Asn,
    addr: Located<HostAddr>,
    remote_as: Asn,
    own: &Settings,
    group: Option<&Settings>,
) {
    let ibgp = remote_as == asn;
    if addr.value.is_link_local() {
        let message = format!("the neighbour {} has a link-local address", addr.value);
        cx.report(Diagnostic::error(E0345, addr.span, message).hint("write the neighbour's global address"));
        return;
    }
    if let Some(mine) = routing::own_address(cx, addr.value.get()) {
        let message = format!("the neighbour {} is this router itself", addr.value);
        cx.report(Diagnostic::error(E0335, addr.span, message).also(mine, "its own address"));
        return;
    }
    if !routing::is_a_host(cx, addr.value.get(), addr.span) {
        return;
    }
    if !ibgp {
        both_route_maps(cx, addr, own, group);
    }
    reflector(cx, ibgp, own, group);
    multihop(cx, ibgp, own, group);
    update_source(cx, addr, own, group);
    reachable(cx, ibgp, addr, own, group);
}

fn both_route_maps(cx: &Cx<'_>, addr: Located<HostAddr>, own: &Settings, group: Option<&Settings>) {
    let has = |i: usize| own.route_maps[i] || group.is_some_and(|g| g.route_maps[i]);
    let missing = match (has(0), has(1)) {
        (true, true) => return,
        (false, true) => "'in' route-map",
        (true, false) => "'out' route-map",
        (false, false) => "route-maps",
    };
    // An undefined peer-group might have had them.
    if own.peer_group.is_some() && group.is_none() {
        return;
    }
    let message = format!("the eBGP neighbour {} has no {missing}", addr.value);
    cx.report(
        Diagnostic::error(E0330, addr.span, message)
            .label("FRR exchanges nothing with it")
            .hint("add `route-map = { in = \"NAME\", out = \"NAME\" }`, here or in its peer-group"),
    );
}

fn reflector(cx: &Cx<'_>, ibgp: bool, own: &Settings, group: Option<&Settings>) {
    let set = [Some(own), group].into_iter().flatten();
    let place = set
        .filter(|s| s.policy.route_reflector_client)
        .find_map(|s| s.reflector);
    if let (false, Some(place)) = (ibgp, place) {
        let message = "route-reflector-client is for iBGP, this neighbour is eBGP";
        let error = Diagnostic::error(E0332, place, message);
        cx.report(with_remote_as(error, own, group));
    }
}

fn multihop(cx: &Cx<'_>, ibgp: bool, own: &Settings, group: Option<&Settings>) {
    let place = own.multihop.or(group.and_then(|g| g.multihop));
    if let (true, Some(place)) = (ibgp, place) {
        let message = "ebgp-multihop is for eBGP, this neighbour is iBGP";
        let error = Diagnostic::error(E0333, place, message).hint("remove it: iBGP crosses hops by itself");
        cx.report(with_remote_as(error, own, group));
    }
}

/// The other place: the AS number that decides between iBGP and eBGP.
fn with_remote_as(error: Diagnostic, own: &Settings, group: Option<&Settings>) -> Diagnostic {
    match own.remote_as.or(group.and_then(|g| g.remote_as)) {
        Some(remote_as) => error.also(remote_as.span, "its AS number"),
        None => error,
    }
}

fn update_source(cx: &Cx<'_>, addr: Located<HostAddr>, own: &Settings, group: Option<&Settings>) {
    let set = [Some(own), group].into_iter().flatten();
    let Some((source, place)) = set
        .filter_map(|s| s.policy.update_source.zip(s.update_source))
        .next()
    else {
        return;
    };
    if source.is_ipv4() != addr.value.get().is_ipv4() {
        let message = format!("{source} cannot be the source of a session with {}", addr.value);
        cx.report(
            Diagnostic::error(E0334, place, message)
                .label("the other address family")
                .also(addr.span, "the neighbour"),
        );
    } else if routing::own_address(cx, source).is_none() && !cx.index.borrow().l3_refused {
        let message = format!("update-source {source} is no address of this router");
        let error = Diagnostic::error(E0334, place, message);
        cx.report(error.hint("write an address of an interface or loopback, usually of lo0"));
    }
}

/// eBGP needs a connected subnet unless it is multihop; iBGP also takes an IGP or a static route.
fn reachable(cx: &Cx<'_>, ibgp: bool, addr: Located<HostAddr>, own: &Settings, group: Option<&Settings>) {
    let target = addr.value.get();
    let multihop = own.multihop.or(group.and_then(|g| g.multihop)).is_some();
    let refused = cx.index.borrow().l3_refused;
    if multihop || refused || routing::connected(cx, target) || (ibgp && routing::routed(cx, target)) {
        return;
    }
    let message = format!("the neighbour {} lies in no connected subnet", addr.value);
    let hint = match ibgp {
        true => "give an interface an address in its subnet, run OSPF towards it, or add a static route",
        false => "give an interface an address in its subnet, or add `ebgp-multihop`",
    };
    cx.report(Diagnostic::error(E0336, addr.span, message).hint(hint));
}

/// Whether the members of each peer-group are iBGP or eBGP: FRR takes no mixture.
#[derive(Default)]
pub(in crate::config) struct GroupKinds(BTreeMap<PolicyName, (bool, Span)>);

impl GroupKinds {
    pub(in crate::config) fn add(&mut self, cx: &Cx<'_>, own: &Settings, ibgp: bool) {
        let Some(group) = &own.peer_group else { return };
        let (first, place) = *self.0.entry(group.value.clone()).or_insert((ibgp, group.span));
        if first != ibgp {
            let kind = |ibgp: bool| if ibgp { "iBGP" } else { "eBGP" };
            let message = format!("the peer-group '{}' has iBGP and eBGP members", group.value);
            cx.report(
                Diagnostic::error(E0347, group.span, message)
                    .label(format!("an {} neighbour", kind(ibgp)))
                    .also(place, format!("an {} neighbour", kind(first)))
                    .hint("make one peer-group for each"),
            );
        }
    }
}
