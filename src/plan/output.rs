//! The rendered files: which to write, which of an earlier configuration to remove, and which are bound.

use super::{Action, Plan};
use crate::host::paths::{ISSUE, RESOLV_CONF, relative};
use crate::render::Rendered;
use std::collections::BTreeSet;

/// Writes every rendered file. Each is a group of its own, so that one that fails does not stop the others.
pub fn write(rendered: Vec<Rendered>) -> Plan {
    let mut plan = Plan::default();
    for file in rendered {
        let action = Action::WriteFile {
            path: format!("/{}", file.path).into(),
            mode: file.mode,
            bytes: file.text.into_bytes(),
        };
        plan.add("configuration", vec![action]);
    }
    plan
}

/// Removes the files that exist but are no longer rendered.
pub fn remove(rendered: &[Rendered], present: &[String]) -> Plan {
    let wanted: BTreeSet<&str> = rendered.iter().map(|file| file.path.as_str()).collect();
    let mut plan = Plan::default();
    for path in present.iter().filter(|path| !wanted.contains(path.as_str())) {
        let path = format!("/{path}").into();
        plan.add("configuration", vec![Action::RemoveFile { path }]);
    }
    plan
}

/// Whether `imp-identity` binds a rendered file over one of the image.
pub(super) fn is_bound(path: &str) -> bool {
    let bound = ["run/imp/host", relative(RESOLV_CONF), relative(ISSUE)];
    bound.iter().any(|bound| path.starts_with(bound))
}
