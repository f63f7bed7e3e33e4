//! The faults that Incus was restarted for in this boot, so that a fault a restart does not cure does not cause endless ones.

use crate::host::json;
use crate::types::Root;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Where it is, below the root; gone with the boot.
pub const RESTARTS: &str = "/run/imp/incus-restarts.json";

/// The faults of each bridge that a restart was tried for since the bridge was whole last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Restarts(BTreeMap<String, BTreeSet<String>>);

impl Restarts {
    /// The record. One that cannot be read counts as empty: rather one restart too many than one too few.
    pub fn read(root: &Root) -> Self {
        json::read(&root.join(RESTARTS))
            .ok()
            .flatten()
            .unwrap_or_default()
    }

    /// Whether no restart was tried for anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a restart was tried for each of these faults.
    pub fn cover(&self, faults: &BTreeMap<String, String>) -> bool {
        faults
            .iter()
            .all(|(bridge, fault)| self.0.get(bridge).is_some_and(|tried| tried.contains(fault)))
    }

    /// The same without the bridges that are healthy now: later faults of those are new ones.
    #[must_use]
    pub fn still(mut self, faults: &BTreeMap<String, String>) -> Self {
        self.0.retain(|bridge, _| faults.contains_key(bridge));
        self
    }

    /// The same and these faults.
    #[must_use]
    pub fn and(mut self, faults: &BTreeMap<String, String>) -> Self {
        for (bridge, fault) in faults {
            self.0.entry(bridge.clone()).or_default().insert(fault.clone());
        }
        self
    }
}
