//! What `imp-config` hands to the later steps of a boot.

use crate::config::Model;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// All that a step gets to know of the configuration: plain data, made of the Model by `imp-config` alone.
///
/// So documents are read and checked once a boot, no step sees more than it needs, and none contains what reads TOML. The
/// secrets of the documents are not among it.
pub trait Input: Serialize + DeserializeOwned {
    /// The step, which names its file.
    const STEP: &'static str;

    /// What this Model asks of the step.
    fn of(model: &Model) -> Self;
}
