//! The rendered files: which are written, which of an earlier configuration go.

use super::{Action, Plan};
use crate::render::Rendered;

/// Every rendered file has its text. Files are about themselves: one that fails does not stop the others.
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

/// These files are gone.
pub fn remove(paths: &[String]) -> Plan {
    let mut plan = Plan::default();
    for path in paths {
        let path = format!("/{path}").into();
        plan.add("configuration", vec![Action::RemoveFile { path }]);
    }
    plan
}
