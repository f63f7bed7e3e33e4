//! Our own record of the initialisation of Incus: neither its exit code nor its lists prove that it was completed.

use crate::facts::FactsError;
use crate::host::json;
use crate::types::Root;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Its path below the root.
pub const MARKER: &str = "/persistent/data/imp/incus-initialised.json";

/// What has been verified.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Marker {
    /// The storage pools by name, each with the source the document gave it.
    pub pools: BTreeMap<String, String>,
}

impl Marker {
    /// Reads the record; `None` before the first initialisation has been verified.
    pub fn read(root: &Root) -> Result<Option<Self>, FactsError> {
        json::read(&root.join(MARKER)).map_err(|error| FactsError::new(MARKER, error))
    }
}
