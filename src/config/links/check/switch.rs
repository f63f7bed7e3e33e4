//! Bridge domains and cross-connects: their members are there, do one thing each, and route nothing.

use crate::config::Link;
use crate::config::check::Checking;
use crate::config::code::{E0790, E0791, E0793, E0794, E0802};
use crate::config::diag::{Diagnostic, Findings};
use crate::config::index::Index;
use crate::config::links::switched::Target;
use crate::config::source::Located;
use crate::types::Mtu;
use std::collections::HashMap;

/// What is switched carries frames: NICs, VLANs and VXLAN tunnels.
pub(in crate::config) fn ports_are_there(index: &Index, found: &mut Findings) {
    let switching = &index.switching;
    let members = switching.members.iter().map(|(_, member)| member);
    let ends = switching.xconnects.iter().map(|(_, to)| to);
    for name in members.chain(ends) {
        if !switching.ports.contains(&name.value) && !index.l3_refused {
            let error = is_no_port(name, index, found);
            found.report(error);
        }
    }
    for (from, to) in &switching.xconnects {
        if !switching.ports.contains(from) {
            let message = format!("'{from}' carries packets and not frames: it cannot be cross-connected");
            found.report(
                Diagnostic::error(E0790, to.span, message)
                    .hint("cross-connect NICs, VLANs and VXLAN tunnels; list them in a bridge's `members`"),
            );
        }
    }
}

fn is_no_port(name: &Located<String>, index: &Index, found: &mut Findings) -> Diagnostic {
    if index.l3.contains_key(&name.value) {
        let message = format!("'{}' carries packets and not frames", name.value);
        return Diagnostic::error(E0790, name.span, message)
            .label("expected a NIC, a VLAN or a VXLAN tunnel");
    }
    let message = format!("there is no interface '{}'", name.value);
    let error = Diagnostic::error(E0790, name.span, message);
    let known = index.switching.ports.iter().map(String::as_str);
    match found.nearest(&name.value, known) {
        Some(near) => error.hint(format!("did you mean '{near}'?")),
        None => error.hint("use an interface, `interface.TAG` or VXLAN tunnel of this configuration"),
    }
}

/// Frames go one way: VPP would take the later of two without a word.
pub(in crate::config) fn each_does_one_thing(index: &Index, found: &mut Findings) {
    let mut seen = HashMap::new();
    for (name, target, span) in index.switching.mentions() {
        if target == Target::To(name.to_owned()) {
            let message = format!("'{name}' is cross-connected to itself");
            // It is mentioned as both of its ends.
            if seen.insert(name, (target, span)).is_none() {
                found.report(Diagnostic::error(E0791, span, message));
            }
            continue;
        }
        match seen.get(name) {
            None => _ = seen.insert(name, (target, span)),
            // Twice in one bridge is said of its list.
            Some((first, _)) if *first == target => {}
            Some((first, place)) => {
                let message = format!("the frames of '{name}' go two ways");
                found.report(
                    Diagnostic::error(E0791, span, message)
                        .label(words(&target))
                        .also(*place, words(first)),
                );
            }
        }
    }
}

fn words(target: &Target) -> String {
    match target {
        Target::Bridge(bridge) => format!("to the members of '{bridge}'"),
        Target::To(to) => format!("out of '{to}'"),
    }
}

/// What is switched is not the inside of a NAT.
pub(in crate::config) fn nothing_routes_on_them(index: &Index, found: &mut Findings) {
    for name in &index.nat_from {
        if let Some((_, span)) = index.switching.does.get(&name.value) {
            let message = format!("'{}' does not route: nothing of it can be translated", name.value);
            found.report(
                Diagnostic::error(E0793, name.span, message)
                    .also(*span, "it is switched here")
                    .hint("name the bridge, where this router has addresses"),
            );
        }
    }
}

/// A VLAN that routes has its Linux side on that of its parent, and a parent that is switched has none.
pub(in crate::config) fn nothing_routes_on_a_switched_one<'l>(
    pairs: impl Iterator<Item = (&'l Link, &'l Link)>,
    cx: &mut Checking<'_>,
) {
    let index = cx.index;
    for (parent, vlan) in pairs.filter(|(parent, vlan)| parent.switched.is_some() && vlan.lcp) {
        let does = index.switching.does.get(parent.name.as_ref());
        let (Some((_, switched)), Some(place)) = (does, index.l3.get(vlan.name.as_ref())) else {
            continue;
        };
        cx.report(
            Diagnostic::error(
                E0794,
                *place,
                format!("'{}' routes on a parent that does not", vlan.name),
            )
            .also(*switched, format!("'{}' is switched here", parent.name))
            .hint("switch the VLAN as well, or switch a VLAN in place of the parent"),
        );
    }
}

/// The largest packet that every member of a bridge carries, as far as they say; a larger one of the bridge's own is told.
pub(in crate::config) fn least_mtu(
    members: &[Located<String>],
    own: Option<Located<Mtu>>,
    cx: &mut Checking<'_>,
) -> Option<Mtu> {
    let index = cx.index;
    let mtus = members.iter();
    let mtus = mtus.filter_map(|member| Some((*index.mtus.get(&member.value)?, member)));
    let (least, member) = mtus.min_by_key(|(mtu, _)| *mtu)?;
    if let Some(own) = own.filter(|own| own.value.get() > least) {
        let message = format!(
            "'{}' carries {least} bytes, and the bridge sends up to {}",
            member.value, own.value
        );
        cx.report(
            Diagnostic::warning(E0802, own.span, message)
                .also(member.span, "this member")
                .hint(format!(
                    "use {least}, or leave it out: without it the bridge has the least of its members'"
                )),
        );
    }
    Mtu::try_from(i64::from(least)).ok()
}
