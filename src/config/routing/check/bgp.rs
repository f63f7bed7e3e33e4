//! What holds between a BGP neighbour, its peer-group and this router.

use super as routing;
use crate::config::check::Checking;
use crate::config::code::{E0330, E0331, E0332, E0333, E0334, E0335, E0336, E0345, E0347, E0361};
use crate::config::diag::Diagnostic;
use crate::config::routing::raw::SessionRaw;
use crate::config::source::{Located, Span};
use crate::types::{Asn, HostAddr, PolicyName};
use std::collections::BTreeMap;

/// A neighbour with its peer-group.
#[derive(Debug)]
pub(in crate::config) struct Both<'r> {
    pub(in crate::config) addr: Located<HostAddr>,
    pub(in crate::config) own: &'r SessionRaw,
    /// The name of its group.
    pub(in crate::config) peer_group: Option<Located<&'r PolicyName>>,
    /// The group, when it is defined.
    pub(in crate::config) group: Option<&'r SessionRaw>,
}

impl Both<'_> {
    /// The neighbour's AS number: its own or its group's, exactly one of the two.
    pub(in crate::config) fn remote_as(&self, cx: &mut Checking<'_>) -> Option<Asn> {
        let addr = self.addr;
        let of_group = self.group.and_then(|g| g.remote_as.copied());
        match (self.own.remote_as.copied(), of_group) {
            (Some(own), None) => Some(own.value),
            (None, Some(group)) => Some(group.value),
            (Some(own), Some(group)) => {
                let message = format!("the neighbour {} has two remote-as values", addr.value);
                cx.report(
                    Diagnostic::error(E0331, own.span, message)
                        .also(group.span, "its peer-group has one")
                        .hint("remove one of the two"),
                );
                None
            }
            (None, None) => {
                // What is written wrongly, or in a peer-group that is not defined, is reported as that.
                let written = self.sessions().any(|s| s.remote_as.is_written());
                if !written && (self.peer_group.is_none() || self.group.is_some()) {
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
    pub(in crate::config) fn check(&self, asn: Asn, remote_as: Asn, cx: &mut Checking<'_>) {
        let (addr, ibgp) = (self.addr, remote_as == asn);
        if addr.value.is_link_local() {
            let message = format!("the neighbour {} has a link-local address", addr.value);
            let error = Diagnostic::error(E0345, addr.span, message);
            cx.report(error.hint("write the neighbour's global address"));
            return;
        }
        if let Some(mine) = cx.index.own_address(addr.value.get()) {
            let message = format!("the neighbour {} is this router itself", addr.value);
            cx.report(Diagnostic::error(E0335, addr.span, message).also(mine, "its own address"));
            return;
        }
        if !routing::is_a_host(addr.value.get(), addr.span, cx) {
            return;
        }
        if !ibgp {
            self.both_route_maps(cx);
        }
        self.reflector(ibgp, cx);
        self.multihop(ibgp, cx);
        self.update_source(cx);
        self.reachable(ibgp, cx);
    }

    /// Its own settings, then its group's.
    fn sessions(&self) -> impl Iterator<Item = &SessionRaw> {
        [Some(self.own), self.group].into_iter().flatten()
    }

    fn both_route_maps(&self, cx: &mut Checking<'_>) {
        let missing = match (self.sessions().any(imports), self.sessions().any(exports)) {
            (true, true) => return,
            (false, true) => "'in' route-map",
            (true, false) => "'out' route-map",
            (false, false) => "route-maps",
        };
        // An undefined peer-group might have had them.
        if self.peer_group.is_some() && self.group.is_none() {
            return;
        }
        let message = format!("the eBGP neighbour {} has no {missing}", self.addr.value);
        cx.report(
            Diagnostic::error(E0330, self.addr.span, message)
                .label("FRR exchanges nothing with it")
                .hint("add `route-map = { in = \"NAME\", out = \"NAME\" }`, here or in its peer-group"),
        );
    }

    fn reflector(&self, ibgp: bool, cx: &mut Checking<'_>) {
        let mut clients = self.sessions().map(|s| &s.route_reflector_client);
        let place = clients.find_map(|client| client.span().filter(|_| client.is_on()));
        if let (false, Some(place)) = (ibgp, place) {
            let message = "route-reflector-client is for iBGP, this neighbour is eBGP";
            cx.report(self.with_remote_as(Diagnostic::error(E0332, place, message)));
        }
    }

    fn multihop(&self, ibgp: bool, cx: &mut Checking<'_>) {
        let place = self.sessions().find_map(|s| s.ebgp_multihop.span());
        if let (true, Some(place)) = (ibgp, place) {
            let message = "ebgp-multihop is for eBGP, this neighbour is iBGP";
            let error =
                Diagnostic::error(E0333, place, message).hint("remove it: iBGP crosses hops by itself");
            cx.report(self.with_remote_as(error));
        }
    }

    /// The other place: the AS number that decides between iBGP and eBGP.
    fn with_remote_as(&self, error: Diagnostic) -> Diagnostic {
        match self.sessions().find_map(|s| s.remote_as.copied()) {
            Some(remote_as) => error.also(remote_as.span, "its AS number"),
            None => error,
        }
    }

    fn update_source(&self, cx: &mut Checking<'_>) {
        let Some(source) = self.sessions().find_map(|s| s.update_source.copied()) else {
            return;
        };
        let (place, source) = (source.span, source.value.get());
        if source.is_ipv4() != self.addr.value.get().is_ipv4() {
            let message = format!(
                "{source} cannot be the source of a session with {}",
                self.addr.value
            );
            cx.report(
                Diagnostic::error(E0334, place, message)
                    .label("of the other address family")
                    .also(self.addr.span, "the neighbour"),
            );
        } else if cx.index.own_address(source).is_none() && !cx.index.l3_refused {
            let message = format!("update-source {source} is not an address of this router");
            let error = Diagnostic::error(E0334, place, message);
            cx.report(error.hint("write an address of an interface or loopback, usually of lo0"));
        }
    }

    /// eBGP needs a connected subnet unless it is multihop; iBGP also takes an IGP or a static route.
    fn reachable(&self, ibgp: bool, cx: &mut Checking<'_>) {
        let target = self.addr.value.get();
        let multihop = self.sessions().any(|s| s.ebgp_multihop.is_written());
        let connected = cx.index.neighbors_of(target).next().is_some();
        if cx.index.l3_refused || connected {
            return;
        }
        if multihop || (ibgp && cx.index.is_routed(target)) {
            self.led_to(cx);
            return;
        }
        let message = format!("the neighbour {} is not in any connected subnet", self.addr.value);
        let hint = match ibgp {
            true => "give an interface an address in its subnet, run OSPF towards it, or add a static route",
            false => "give an interface an address in its subnet, or add `ebgp-multihop`",
        };
        cx.report(Diagnostic::error(E0336, self.addr.span, message).hint(hint));
    }
}

impl Both<'_> {
    /// FRR 8 does not use the default route to find a neighbour, and says nothing: the session stays in Active.
    fn led_to(&self, cx: &mut Checking<'_>) {
        let target = self.addr.value.get();
        if cx.index.is_routed_beside_default(target) {
            return;
        }
        let (message, label) = match cx.index.is_routed(target) {
            true if cx.index.resolves_by_default(target) => return,
            true => (
                format!("only the default route leads to the neighbour {target}"),
                "FRR 8.4 does not use it for that",
            ),
            false => (
                format!("no route leads to the neighbour {target}"),
                "the session waits until BGP brings one",
            ),
        };
        let length = if target.is_ipv4() { 32 } else { 128 };
        let hint = format!("add a route to [routes]: `\"{target}/{length}\" = {{ via = \"ADDRESS\" }}`");
        let warning = Diagnostic::warning(E0361, self.addr.span, message);
        cx.report(warning.label(label).hint(hint));
    }
}

/// Whether `route-map.in` is written, valid or not.
fn imports(session: &SessionRaw) -> bool {
    let pair = session.route_map.get();
    pair.map_or(session.route_map.is_written(), |pair| pair.import.is_written())
}

/// Whether `route-map.out` is written, valid or not.
fn exports(session: &SessionRaw) -> bool {
    let pair = session.route_map.get();
    pair.map_or(session.route_map.is_written(), |pair| pair.export.is_written())
}

/// Whether the members of each peer-group are iBGP or eBGP: FRR takes no mixture.
#[derive(Default)]
pub(in crate::config) struct GroupKinds(BTreeMap<PolicyName, (bool, Span)>);

impl GroupKinds {
    pub(in crate::config) fn add(&mut self, both: &Both<'_>, ibgp: bool, cx: &mut Checking<'_>) {
        let Some(group) = both.peer_group else { return };
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
