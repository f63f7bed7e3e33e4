//! IS-IS against interfaces and BGP.

use super::ospf::passive_is_quiet;
use crate::config::check::Checking;
use crate::config::code::{E0352, E0353, E0355, E0373, E0724, E0726, E0908};
use crate::config::diag::Diagnostic;
use crate::config::routing::isis::{IsisLevel, IsisSource};
use crate::config::routing::raw::{InterfaceIsisRaw, IsisRaw};
use crate::config::source::Span;
use std::collections::HashSet;

/// `[isis]` against interfaces, OSPF and BGP.
pub(in crate::config) fn table(table: Span, raw: &IsisRaw, has_bgp: bool, cx: &mut Checking<'_>) {
    let index = cx.index;
    if index.isis.is_empty() && !index.igp_of_extra && !index.l3_refused {
        cx.report(
            Diagnostic::warning(E0352, table, "no interface takes part in [isis]")
                .hint("add `isis = {}` to the interfaces that take part"),
        );
    }
    let has_ospf = !index.ospf.is_empty() || !index.ospf6.is_empty() || index.igp_of_extra;
    for (source, announced) in raw.redistribute.entries() {
        match source.value {
            IsisSource::Bgp if !has_bgp && !index.bgp_of_extra => {
                let message = "there is no [bgp] to redistribute";
                cx.report(Diagnostic::warning(E0355, source.span, message));
            }
            IsisSource::Bgp if !announced.value.route_map.is_written() => {
                cx.report(
                    Diagnostic::error(E0373, source.span, "all of BGP's routes would go into IS-IS")
                        .label("IS-IS does not survive a full table")
                        .hint("choose with a route-map: `redistribute = { bgp = { route-map = \"NAME\" } }`"),
                );
            }
            IsisSource::Ospf if !has_ospf => {
                let message = "no interface takes part in OSPF, so there is nothing to redistribute";
                cx.report(Diagnostic::warning(E0355, source.span, message));
            }
            _ => {}
        }
    }
}

/// `isis = { … }` of an interface.
pub(in crate::config) fn of_interface(raw: &InterfaceIsisRaw, cx: &mut Checking<'_>) {
    let for_neighbours = [
        (
            "bfd",
            raw.bfd.located().filter(|it| it.value.is_on()).map(|it| it.span),
        ),
        ("password-file", raw.password_file.span()),
        ("hello-interval", raw.hello_interval.span()),
        ("hello-multiplier", raw.hello_multiplier.span()),
    ];
    passive_is_quiet(
        raw.passive.span().filter(|_| raw.passive.is_on()),
        &for_neighbours,
        cx,
    );
    let own = cx.index.isis_level;
    let meets = |level: IsisLevel| own == IsisLevel::Both || level == IsisLevel::Both || own == level;
    if let Some(level) = raw.level.located().filter(|level| !meets(*level.value)) {
        cx.report(
            Diagnostic::error(E0726, level.span, "this router is in the other level alone")
                .label("no neighbour is ever found")
                .hint("remove it, or correct [isis] level"),
        );
    }
}

/// Interfaces with IS-IS: there is an instance, and a family that takes part.
pub(in crate::config) fn interfaces_take_part(cx: &mut Checking<'_>) {
    let index = cx.index;
    if index.l3_refused {
        return;
    }
    if let Some(first) = index.isis.first().filter(|_| !index.has_isis) {
        cx.report(
            Diagnostic::error(E0724, first.span, format!("'{}' has isis, but there is no [isis]", first.value))
                .hint("add `[isis]` with `net = \"49.0001.1920.0000.2001.00\"`, its own middle three groups for each router"),
        );
    }
    let mut asked = index.isis_asks.iter().filter(|it| !index.is_loopback(&it.value));
    if let Some(first) = asked.next().filter(|_| index.has_isis) {
        let message = format!("IS-IS finds no neighbour on '{}'", first.value);
        cx.report(
            Diagnostic::warning(E0908, first.span, message)
                .label("VPP drops its hellos before FRR sees them")
                .hint("use OSPF or BGP on the interfaces of VPP"),
        );
    }
    let of_family = |v4: bool| -> HashSet<&str> {
        let addresses = index.addresses.iter().filter(|a| a.addr.is_v4() == v4);
        addresses.map(|a| a.interface.as_str()).collect()
    };
    let (with_v4, with_v6) = (of_family(true), of_family(false));
    let takes_part = |name: &str| {
        let ipv6 = index.isis6.get(name).copied();
        with_v4.contains(name) || ipv6.unwrap_or_else(|| with_v6.contains(name))
    };
    for used in index.isis.iter().filter(|used| !takes_part(&used.value)) {
        let message = match index.isis6.get(&used.value) {
            Some(false) => format!("'{}' has isis but no IPv4 address, and not for IPv6", used.value),
            _ => format!("'{}' has isis but no address", used.value),
        };
        cx.report(
            Diagnostic::warning(E0353, used.span, message)
                .hint("add an address, write `ipv6 = true` for link-local ones alone, or remove `isis`"),
        );
    }
}
