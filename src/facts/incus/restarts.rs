//! The faults that Incus was restarted for in this boot, so that a fault that a restart does not cure is not restarted for
//! again and again.

use crate::host::json;
use crate::types::Root;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Its path below the root; it does not outlive the boot.
pub const RESTARTS: &str = "/run/imp/incus-restarts.json";

/// The faults of each bridge for which a restart has been tried since the bridge was last healthy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Restarts(BTreeMap<String, BTreeSet<String>>);

impl Restarts {
    /// Reads the record. One that cannot be read counts as empty: one restart too many is better than one too few.
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

    /// The same without the bridges that are healthy now, whose later faults are new ones.
    #[must_use]
    pub fn still(mut self, faults: &BTreeMap<String, String>) -> Self {
        self.0.retain(|bridge, _| faults.contains_key(bridge));
        self
    }

    /// The same with these faults added.
    #[must_use]
    pub fn and(mut self, faults: &BTreeMap<String, String>) -> Self {
        for (bridge, fault) in faults {
            self.0.entry(bridge.clone()).or_default().insert(fault.clone());
        }
        self
    }
}
