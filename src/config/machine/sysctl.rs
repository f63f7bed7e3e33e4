//! `[system.sysctl]`: settings of the kernel.

use super::check::sysctl::may_be_set;
use crate::config::check::Checking;
use crate::config::keys::{Field, Named};
use crate::types::{SysctlName, SysctlValue};
use std::collections::BTreeMap;

/// `[system.sysctl]`, checked: none of them is this router's own, or a device's.
pub(in crate::config) fn sysctl(
    field: &Field<Named<SysctlName, SysctlValue>>,
    cx: &mut Checking<'_>,
) -> BTreeMap<SysctlName, SysctlValue> {
    may_be_set(field.names(), cx);
    let entries = field.entries().iter();
    entries
        .map(|(name, value)| (name.value.clone(), value.value.clone()))
        .collect()
}
