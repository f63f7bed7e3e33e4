//! What `imp-config` last reported: whether the documents in `/persistent/config` are running.

use crate::host::json;
use crate::types::Root;
use serde::{Deserialize, Serialize};
use std::io;

/// Its path below the root.
pub const STATUS: &str = "run/imp/status.json";

/// Whether the documents in `/persistent/config` are running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judgement {
    /// They are.
    Accepted,
    /// An older generation runs, or nothing does.
    Refused,
}

/// The summary for monitoring: `/run/imp/status.json`. It contains no line of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Status {
    /// Whether the documents are running.
    pub configuration: Judgement,
    /// The generation that runs; `null` when there is none.
    pub generation: Option<String>,
    /// How many errors the documents have.
    pub errors: usize,
    /// How many warnings.
    pub warnings: usize,
    /// What else went wrong, one line each.
    pub problems: Vec<String>,
}

impl Status {
    /// The result of the last run of `imp-config`; `None` before the first one has finished.
    pub fn read(root: &Root) -> io::Result<Option<Self>> {
        json::read(&root.join(STATUS))
    }

    /// Whether the documents are running.
    pub fn is_accepted(&self) -> bool {
        self.configuration == Judgement::Accepted
    }

    /// The verdict in a sentence.
    pub fn sentence(&self) -> String {
        let generation = self.generation.as_deref();
        match (self.configuration, generation) {
            (Judgement::Accepted, Some(id)) => {
                format!("the configuration is accepted and runs as generation {id}")
            }
            (Judgement::Accepted, None) => "the configuration is accepted".to_owned(),
            (Judgement::Refused, Some(id)) => {
                format!("the configuration is refused; the last good generation {id} runs instead")
            }
            (Judgement::Refused, None) => "the configuration is refused and there is no good generation: \
                the dataplane stays down, management is by DHCP"
                .to_owned(),
        }
    }
}
