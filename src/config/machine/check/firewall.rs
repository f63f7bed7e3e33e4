//! What an `allow` says.

use crate::config::check::Checking;
use crate::config::code::{E0227, E0228};
use crate::config::diag::Diagnostic;
use crate::config::overlap::{each_overlap, in_order};
use crate::config::source::Located;
use crate::config::source::Span;
use crate::types::Prefix;

/// An entry names a service, or a port with its protocol; never both.
pub(in crate::config) fn says_what_it_allows(
    table: Span,
    service: Option<Span>,
    port: Option<Span>,
    protocol: Option<Span>,
    cx: &mut Checking<'_>,
) {
    let diagnostic = match (service, port, protocol) {
        (None, None, _) => Diagnostic::error(E0227, table, "the entry does not say what it allows")
            .hint("add `service = \"ssh\"`, or `port` and `protocol`"),
        (Some(service), Some(other), _) | (Some(service), None, Some(other)) => {
            Diagnostic::error(E0227, other, "a service already implies its port and protocol")
                .also(service, "the service")
                .hint("remove one of them")
        }
        (None, Some(port), None) => Diagnostic::error(E0227, port, "a port needs its protocol")
            .hint("add `protocol = \"tcp\"` or `\"udp\"`"),
        _ => return,
    };
    cx.report(diagnostic);
}

/// `from` has members, and none is inside another: nftables takes no overlapping intervals in a set.
pub(in crate::config) fn sources_are_disjoint(
    empty: Option<Span>,
    from: &[Located<Prefix>],
    cx: &mut Checking<'_>,
) {
    if let Some(empty) = empty {
        cx.report(
            Diagnostic::error(E0228, empty, "`from` is empty")
                .label("this could mean nobody or everybody")
                .hint("leave `from` out to let everybody in"),
        );
    }
    each_overlap(
        from,
        |f| f.value,
        |one, other| {
            let (first, second) = in_order(one, other, |f| f.span);
            cx.report(
                Diagnostic::error(
                    E0228,
                    second.span,
                    format!("'{}' and '{}' overlap", first.value, second.value),
                )
                .also(first.span, "the other")
                .hint("keep the wider one"),
            );
        },
    );
}
