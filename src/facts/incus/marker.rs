//! What this router was initialised with: our own record, because neither an exit code of Incus nor its lists prove it.

use crate::facts::FactsError;
use crate::types::Root;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;

/// Where it is, below the root.
pub const MARKER: &str = "/persistent/data/imp/incus-initialised.json";

/// What was verified once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Marker {
    /// The storage pools by name, each with the source the document gave it.
    pub pools: BTreeMap<String, String>,
}

impl Marker {
    /// The record; none before the first initialisation was verified.
    pub fn read(root: &Root) -> Result<Option<Self>, FactsError> {
        let unreadable = |error: std::io::Error| FactsError::new(MARKER, error);
        match fs::read(root.join(MARKER)) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| unreadable(error.into())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(error)),
        }
    }
}
