//! Names, written and derived.

use crate::config::check::Checking;
use crate::config::code::{E0206, E0213, E0214, E0246};
use crate::config::diag::Diagnostic;
use crate::config::diag::Findings;
use crate::config::index::Index;
use crate::config::overlap::in_order;
use crate::config::source::Located;
use crate::types::{IfName, vpps_own};
use std::collections::HashMap;

/// What an interface is that extra commands make: it may be called as VPP calls it.
pub(in crate::config) const EXTRA: &str = "an interface that extra commands make";

/// The ends of a bridge's veth, `NAME-dp` and `NAME-vpp`, are names the kernel takes.
pub(in crate::config) fn bridge_leaves_room(name: &Located<IfName>, cx: &mut Checking<'_>) {
    let derived = format!("{}-vpp", name.value);
    if derived.len() > 15 {
        cx.report(
            Diagnostic::error(
                E0206,
                name.span,
                format!("the derived name '{derived}' is {} bytes long", derived.len()),
            )
            .label("expected at most 11 bytes: the kernel allows 15 for a derived name"),
        );
    }
}

/// Incus takes the name of the bridge, which is that of its network.
pub(in crate::config) fn incus_takes(name: &Located<IfName>, cx: &mut Checking<'_>) {
    if name.value.as_ref().len() < 2 {
        cx.report(
            Diagnostic::error(
                E0246,
                name.span,
                format!("the name '{}' is too short for a bridge", name.value),
            )
            .label("expected at least two characters: Incus takes no shorter name"),
        );
    }
}

/// No name is two things of one namespace.
pub(in crate::config) fn nothing_is_called_alike(index: &Index, found: &mut Findings) {
    for names in [&index.dataplane_names, &index.host_names] {
        let mut seen = HashMap::new();
        for name in names {
            if let Some(other) = seen.insert(name.name.as_str(), name) {
                let (first, name) = in_order(other, name, |n| n.span);
                found.report(
                    Diagnostic::error(
                        E0213,
                        name.span,
                        format!("'{}' is used as a name twice", name.name),
                    )
                    .label(name.what)
                    .also(first.span, first.what),
                );
            }
        }
    }
}

/// No interface has a name VPP gives by itself: two interfaces would carry it, and commands reach either.
pub(in crate::config) fn nothing_is_called_like_vpps_own(index: &Index, found: &mut Findings) {
    for name in index.dataplane_names.iter().filter(|name| name.what != EXTRA) {
        // A tunnel of that type has the number in its name.
        let is_its_own = |own: &str| index.tunnels.get(&name.name).is_some_and(|word| *word == own);
        if vpps_own(&name.name).is_some_and(|own| !is_its_own(own)) {
            found.report(
                Diagnostic::error(
                    E0214,
                    name.span,
                    format!("'{}' is a name that VPP uses itself", name.name),
                )
                .hint("choose another name, such as lo0 for a loopback"),
            );
        }
    }
}
