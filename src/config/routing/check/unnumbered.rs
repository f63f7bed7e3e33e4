//! A neighbour of BGP on the link of an interface.

use super as routing;
use super::bgp::Both;
use crate::config::check::Checking;
use crate::config::code::E0366;
use crate::config::diag::Diagnostic;
use crate::config::index::LOOPBACK;
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
        let mut loopbacks = index.dataplane_names.iter().filter(|it| it.what == LOOPBACK);
        if loopbacks.any(|it| it.name == *name) {
            cx.report(
                Diagnostic::error(E0366, place, format!("'{name}' is a loopback"))
                    .label("no neighbour is on it")
                    .hint("name the interface that leads to the neighbour, or write its address"),
            );
            return false;
        }
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

    fn extended_nexthop_is_off(&self) -> Option<Span> {
        let mut written = self.sessions().filter_map(|s| s.extended_nexthop.copied());
        written.find(|it| !it.value).map(|it| it.span)
    }
}
