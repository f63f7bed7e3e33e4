//! Settings of the kernel: what they are, and what they were before they were ours.

use crate::host::paths::{SYSCTL, SYSCTL_BEFORE};
use crate::host::{json, sysctl};
use crate::types::{Root, SysctlName};
use std::collections::BTreeMap;

/// What a plan needs to know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SysctlFacts {
    /// The value of each setting that is asked for or was changed; `None` where the kernel has none of the name.
    pub now: BTreeMap<SysctlName, Option<String>>,
    /// What those that were changed in this boot had been.
    pub before: BTreeMap<SysctlName, String>,
}

/// The state of the settings; none where the root has no kernel.
pub fn facts<V>(root: &Root, wanted: &BTreeMap<SysctlName, V>) -> Option<SysctlFacts> {
    let folder = root.join(SYSCTL);
    if !folder.is_dir() {
        return None;
    }
    // Without a record the values stay when they are no longer asked for, as they do in a kernel.
    let before: Option<BTreeMap<SysctlName, String>> = json::read(&root.join(SYSCTL_BEFORE)).ok().flatten();
    let before = before.unwrap_or_default();
    let value = |name: &SysctlName| sysctl::get_below(&folder, &name.path()).ok().flatten();
    let names = wanted.keys().chain(before.keys());
    let now = names.map(|name| (name.clone(), value(name))).collect();
    Some(SysctlFacts { now, before })
}
