//! What `check` says of BFD, which the releases take differently.

use crate::config::code::E0521;
use crate::config::{Bgp, Diagnostic, Model, Severity};
use crate::types::FrrRelease;

/// A warning for FRR 10, which leaves a session with `bfd` Idle until the neighbour answers with BFD; 8.4 brings it up
/// without. Only the neighbour's operator knows whether it does.
pub fn warning(model: &Model, release: FrrRelease) -> Option<Diagnostic> {
    let neighbors: Vec<String> = model.instances_of_bgp().flat_map(with_bfd).collect();
    if release == FrrRelease::V8 || neighbors.is_empty() {
        return None;
    }
    let message = format!(
        "{release} keeps {} down until that side runs BFD, too",
        neighbors.join(", ")
    );
    Some(Diagnostic {
        severity: Severity::Warning,
        ..Diagnostic::nowhere(E0521, message)
    })
}

/// The neighbours with `bfd`, their own or their group's.
fn with_bfd(bgp: &Bgp) -> Vec<String> {
    let of_group = |name| {
        bgp.peer_groups
            .get(name)
            .is_some_and(|group| group.policy.bfd.is_some())
    };
    let each = bgp.neighbors.iter().filter(|(_, neighbor)| {
        neighbor.policy.bfd.is_some() || neighbor.peer_group.as_ref().is_some_and(of_group)
    });
    each.map(|(address, _)| address.to_string()).collect()
}
