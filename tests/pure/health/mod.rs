//! The checks of a boot, on what was recorded from a real FRR 8.4.4 (`tests/pure/health/`) and on every way to be unwell.
#![allow(clippy::unwrap_used)]

mod machine;
mod routing;

use imp::boot::trial::outcome::{CheckOutcome, CheckState, Scope};
use imp::config::{self, File, Model};
use imp::health::About;
use imp::health::frr::{BgpPeers, parse_instances};
use std::collections::BTreeMap;

/// A required check that a configuration can fail.
pub fn about(name: &str, scope: Scope) -> About {
    About::new(name, scope, true, true)
}

/// The Model of a router with management, one interface, a bridge and the neighbours of the recordings.
fn model() -> Model {
    let bytes = include_bytes!("imp.toml").to_vec();
    let files = BTreeMap::from([("imp.toml".to_owned(), File { bytes, mode: 0o644 })]);
    let parsed = config::parse(&files);
    let report = config::report::text(&parsed.diagnostics, &parsed.sources, false);
    parsed.model.unwrap_or_else(|| panic!("{report}"))
}

/// What `show bgp summary json` says, as `show bgp vrf all summary json` has it of the main table.
pub fn parse_bgp(summary: &str) -> Result<BgpPeers, String> {
    parse_instances(&format!("{{\"default\":{summary}}}"))
}

/// The result of this name.
pub fn named<'o>(outcomes: &'o [CheckOutcome], name: &str) -> &'o CheckOutcome {
    let found = outcomes.iter().find(|outcome| outcome.name == name);
    found.unwrap_or_else(|| panic!("no '{name}' in {outcomes:#?}"))
}

/// The check failed, and says so in these words.
fn assert_failed(outcome: &CheckOutcome, observed: &str) {
    assert_eq!(
        (outcome.state, outcome.observed.as_str()),
        (CheckState::Failed, observed)
    );
}
