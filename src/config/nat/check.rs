//! NAT modules: what VPP accepts and then crashes on, and what silently loses traffic.

use super::det44::PORTS;
use crate::config::check::Checking;
use crate::config::code::{E0234, E0235, E0236, E0237, E0238, E0239, E0240};
use crate::config::diag::Diagnostic;
use crate::config::diag::Findings;
use crate::config::index::Index;
use crate::config::overlap::{each_overlap, in_order};
use crate::config::source::Located;
use crate::config::source::Span;
use crate::types::{InstanceName, Prefix};
use ipnet::Ipv4Net;
use std::collections::HashMap;

/// The sessions det44 keeps for an inside address; more ports than these are never used.
const SESSIONS: u32 = 1000;
/// The widest inside prefix whose 1,000 sessions an address VPP can count in 32 bits.
const WIDEST_INSIDE: u8 = 10;

/// Why VPP would die of a det44 mapping, or leave its subscribers without a port.
pub(super) fn flaw(inside: Located<Ipv4Net>, outside: Located<Ipv4Net>) -> Option<Diagnostic> {
    let (from, to) = (inside.value.prefix_len(), outside.value.prefix_len());
    let refused =
        |span: Span, message: &str, label: String| Some(Diagnostic::error(E0236, span, message).label(label));
    if from > to {
        return refused(
            inside.span,
            "the inside prefix is smaller than the outside one",
            format!("VPP would crash; expected /{to} or wider"),
        );
    }
    if from < WIDEST_INSIDE {
        return refused(
            inside.span,
            "the inside prefix is too wide",
            format!("VPP counts its sessions in 32 bits; expected /{WIDEST_INSIDE} or longer"),
        );
    }
    let ratio = 1_u32 << (to - from);
    if PORTS / ratio == 0 {
        return refused(
            outside.span,
            "no ports are left for the subscribers",
            format!("{ratio} subscribers share an address that has {PORTS} ports"),
        );
    }
    None
}

/// A det44 mapping VPP lives on, and gives its subscribers ports they can use.
pub(super) fn vpp_survives(inside: Located<Ipv4Net>, outside: Located<Ipv4Net>, cx: &mut Checking<'_>) {
    if let Some(flaw) = flaw(inside, outside) {
        cx.report(flaw);
        return;
    }
    let ports = PORTS >> (outside.value.prefix_len() - inside.value.prefix_len());
    if ports.saturating_sub(SESSIONS) > SESSIONS {
        let message = "most ports of the outside prefix are never used";
        let label = format!("{ports} ports per subscriber, but at most {SESSIONS} sessions");
        cx.report(Diagnostic::warning(E0240, outside.span, message).label(label));
    }
}

/// `exempt` leaves something to translate.
pub(super) fn something_is_translated(exempt: &[Located<Ipv4Net>], cx: &mut Checking<'_>) {
    cx.listed_once(exempt);
    for net in exempt.iter().filter(|net| net.value.prefix_len() == 0) {
        cx.report(
            Diagnostic::error(E0239, net.span, "every destination is exempt")
                .label("nothing would be translated"),
        );
    }
}

/// Each module has an instance to itself, which is not core.
pub(in crate::config) fn instances_are_their_own(index: &Index, found: &mut Findings) {
    let mut owners: HashMap<&InstanceName, Span> = HashMap::new();
    for instance in &index.nat_instances {
        let name = &instance.value;
        let diagnostic = if name.as_ref() == "core" {
            Diagnostic::error(E0235, instance.span, "a NAT module cannot run in 'core'")
                .hint("add an instance for it, `[vpp.nat]`")
        } else if !index.instances.contains_key(name) {
            let known = index
                .instances
                .keys()
                .map(AsRef::as_ref)
                .filter(|name| *name != "core");
            let hint = match found.nearest(name.as_ref(), known) {
                Some(near) => format!("did you mean '{near}'?"),
                None => format!("add `[vpp.{name}]`"),
            };
            Diagnostic::error(E0235, instance.span, format!("there is no instance '{name}'")).hint(hint)
        } else if let Some(first) = owners.insert(name, instance.span) {
            Diagnostic::error(
                E0235,
                instance.span,
                format!("the instance '{name}' has two NAT modules"),
            )
            .also(first, "the other")
        } else {
            continue;
        };
        found.report(diagnostic);
    }
}

/// Steering attaches to interfaces that are there.
pub(in crate::config) fn interfaces_exist(index: &Index, found: &mut Findings) {
    for name in &index.nat_from {
        if index.l3.contains_key(&name.value) {
            continue;
        }
        let known = index.l3.keys().map(String::as_str);
        let diagnostic = Diagnostic::error(
            E0234,
            name.span,
            format!("there is no interface '{}'", name.value),
        );
        let near = found.nearest(&name.value, known);
        found.report(match near {
            Some(near) => diagnostic.hint(format!("did you mean '{near}'?")),
            None => {
                diagnostic.hint("use an interface, `interface.TAG`, loopback or bridge of this configuration")
            }
        });
    }
}

/// No address is translated by two mappings, from or to: VPP takes both and loses the later one's traffic.
pub(in crate::config) fn prefixes_are_disjoint(index: &Index, found: &mut Findings) {
    let inside = index
        .nat_inside
        .iter()
        .map(|net| ("inside", net.map(|net| Prefix::truncating(net.into()))));
    let outside = index.nat_outside.iter().map(|prefix| ("outside", *prefix));
    let all: Vec<(&str, Located<Prefix>)> = inside.chain(outside).collect();
    each_overlap(
        &all,
        |(_, prefix)| prefix.value,
        |one, other| {
            let (first, second) = in_order(one, other, |(_, prefix)| prefix.span);
            found.report(
                Diagnostic::error(E0237, second.1.span, "two NAT prefixes overlap")
                    .label(format!("{} {}", second.0, second.1.value))
                    .also(first.1.span, format!("{} {}", first.0, first.1.value)),
            );
        },
    );
}

/// No interface has a subnet that core routes to a module.
pub(in crate::config) fn outside_is_not_connected(index: &Index, found: &mut Findings) {
    let connected = index
        .addresses
        .iter()
        .map(|a| (Some(&a.interface), a.addr.subnet(), a.span));
    let routed = index.nat_outside.iter().chain(&index.nat64_prefixes);
    let routed = routed.map(|prefix| (None, prefix.value, prefix.span));
    let all: Vec<(Option<&String>, Prefix, Span)> = connected.chain(routed).collect();
    each_overlap(
        &all,
        |(_, subnet, _)| *subnet,
        |one, other| {
            let (interface, connected, routed) = match (one.0, other.0) {
                (Some(interface), None) => (interface, one, other),
                (None, Some(interface)) => (interface, other, one),
                _ => return,
            };
            found.report(
                Diagnostic::error(
                    E0238,
                    routed.2,
                    format!("the prefix {} overlaps a subnet of '{interface}'", routed.1),
                )
                .label("core routes it to the NAT module")
                .also(connected.2, format!("in {}", connected.1)),
            );
        },
    );
}
