//! Which NIC belongs to which interface.

use crate::config::code::{E0211, E0212, E0219};
use crate::config::diag::Diagnostic;
use crate::config::diag::Findings;
use crate::config::index::{Index, Match};
use std::collections::HashMap;

/// No two interfaces mean one NIC, and none the management's.
pub(in crate::config) fn no_nic_is_matched_twice(index: &Index, found: &mut Findings) {
    let mut seen: HashMap<String, &Match> = HashMap::new();
    for entry in &index.matches {
        let means = entry.nic.clone().told_apart(&index.shared_functions).means();
        let clashes = means.into_iter().filter_map(|key| seen.insert(key, entry));
        // Every key is entered, the first that is there already is told.
        let clash = clashes.fold(None, |first, clash| first.or(Some(clash)));
        if let Some(first) = clash {
            report(found, first, entry);
        }
    }
}

fn report(found: &mut Findings, first: &Match, second: &Match) {
    let diagnostic = match (&first.interface, &second.interface) {
        (Some(one), Some(other)) => Diagnostic::error(
            E0211,
            second.span,
            format!("'{one}' and '{other}' match the same NIC"),
        ),
        (one, other) => {
            let name = one.as_deref().or(other.as_deref()).unwrap_or_default();
            Diagnostic::error(E0212, second.span, format!("'{name}' matches the management NIC"))
                .hint("the management NIC stays in the host namespace; give the dataplane another")
        }
    };
    found.report(diagnostic.also(first.span, "matched here"));
}

/// No two interfaces are given one address.
pub(in crate::config) fn hardware_addresses_differ(index: &Index, found: &mut Findings) {
    let mut seen = HashMap::new();
    for addr in &index.hw_addrs {
        if let Some(first) = seen.insert(addr.value, addr.span) {
            found.report(
                Diagnostic::error(
                    E0219,
                    addr.span,
                    format!("'{}' is already another interface's address", addr.value),
                )
                .also(first, "first here"),
            );
        }
    }
}
