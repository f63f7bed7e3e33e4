//! What the documents say of NICs and of what VPP does with them.

use crate::config::{Model, NicMatch};
use crate::plan::Input;
use crate::render::Dataplane;
use crate::types::Seconds;
use serde::{Deserialize, Serialize};

/// What the configuration asks of `imp-nic`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Configured {
    /// What VPP is given: NICs, bridges, and what its files are made of.
    pub dataplane: Dataplane,
    /// The management NIC, which stays in the host.
    pub management: Option<NicMatch>,
    /// How long a boot waits for its NICs.
    pub nic_wait: Seconds,
}

impl Input for Configured {
    const STEP: &'static str = "nic";

    fn of(model: &Model) -> Self {
        Self {
            dataplane: Dataplane::of(model),
            management: model.management.as_ref().map(|it| it.matches.clone()),
            nic_wait: model.dataplane.nic_wait,
        }
    }
}
