//! A neighbour of BGP on the link of an interface.

use super as routing;
use super::bgp::Both;
use crate::config::check::Checking;
use crate::config::code::{E0366, E0396, E0838, E0907};
use crate::config::diag::Diagnostic;
use crate::config::routing::raw::SessionRaw;
use crate::config::source::{Located, Span};

impl Both<'_> {
    /// A neighbour on the link of an interface is found by its router advertisements, and talks from fe80::.
    pub(super) fn interface_is_possible(&self, name: &String, cx: &mut Checking<'_>) -> bool {
        let place = self.peer.span;
        let named = Located {
            value: name,
            span: place,
        };
        if !routing::interface_exists(named, cx) {
            return false;
        }
        let index = cx.index;
        if index.is_loopback(name) {
            cx.report(
                Diagnostic::error(E0366, place, format!("'{name}' is a loopback"))
                    .label("no neighbour is on it")
                    .hint("name the interface that leads to the neighbour, or write its address"),
            );
            return false;
        }
        cx.report(
            Diagnostic::warning(
                E0907,
                place,
                format!("FRR does not find the neighbour on '{name}'"),
            )
            .label("VPP drops the router advertisements that it is found by")
            .hint("give the link addresses, and write the neighbour's in place of the interface"),
        );
        self.no_group_has_its_name(name, cx);
        self.urpf_lets_it_talk(name, cx);
        let impossible = |session: &SessionRaw| {
            [
                ("ebgp-multihop", session.ebgp_multihop.span()),
                ("update-source", session.update_source.span()),
            ]
        };
        let mut impossible = self.sessions().flat_map(impossible);
        if let Some((key, Some(place))) = impossible.find(|(_, span)| span.is_some()) {
            let message = format!("'{key}' is not for a neighbour on an interface");
            cx.report(
                Diagnostic::error(E0366, place, message)
                    .label("the session never leaves the link")
                    .also(self.peer.span, "the neighbour"),
            );
        }
        if let Some(place) = self.extended_nexthop_is_off() {
            let message = "'extended-nexthop' is always on for a neighbour on an interface";
            cx.report(
                Diagnostic::error(E0366, place, message)
                    .label("IPv4 routes have the IPv6 next hops of the link")
                    .also(self.peer.span, "the neighbour")
                    .hint("remove it, or write the neighbour's address in place of the interface"),
            );
        }
        true
    }

    /// FRR looks for both under one name, and refuses whichever comes second.
    fn no_group_has_its_name(&self, name: &str, cx: &mut Checking<'_>) {
        let groups = &cx.index.peer_groups;
        let mut all = groups.defined.iter().chain(&groups.defined_in_extra);
        let Some((_, group)) = all.find(|(group, _)| group.as_ref() == name) else {
            return;
        };
        let message = format!("'{name}' is a peer-group as well");
        cx.report(
            Diagnostic::error(E0396, self.peer.span, message)
                .label("FRR refuses a neighbour on an interface of that name")
                .also(*group, "the peer-group")
                .hint("give the peer-group another name"),
        );
    }

    /// The session is between link-local addresses, and VPP's uRPF of IPv6 drops what they send to one router.
    fn urpf_lets_it_talk(&self, name: &str, cx: &mut Checking<'_>) {
        let index = cx.index;
        let Some(urpf) = index.traffic.urpf.get(name) else {
            return;
        };
        let mut of_it = index.addresses.iter().filter(|it| it.interface == name);
        if of_it.any(|it| !it.addr.is_v4()) {
            cx.report(
                Diagnostic::error(
                    E0838,
                    *urpf,
                    format!("'urpf' ends BGP with the neighbour on '{name}'"),
                )
                .label("VPP drops what link-local addresses send to one router: no route leads to them")
                .also(self.peer.span, "the session is between link-local addresses")
                .hint("drop foreign sources with an `acl` instead"),
            );
        }
    }

    fn extended_nexthop_is_off(&self) -> Option<Span> {
        let mut written = self.sessions().filter_map(|s| s.extended_nexthop.copied());
        written.find(|it| !it.value).map(|it| it.span)
    }
}
