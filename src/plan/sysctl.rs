//! Settings of the kernel.

use super::{Action, Notice, Plan};
use crate::config::code;
use crate::facts::sysctl::SysctlFacts;
use crate::host::paths::SYSCTL_BEFORE;
use crate::types::{SysctlName, SysctlValue};
use std::collections::BTreeMap;

/// Each setting has its value, and one that is no longer asked for has the value it had before it was ours in this boot.
///
/// What a setting was is recorded before it is changed. One that this kernel does not have is a notice.
pub fn change(wanted: &BTreeMap<SysctlName, SysctlValue>, facts: &SysctlFacts) -> (Plan, Vec<Notice>) {
    let (mut plan, mut notices) = (Plan::default(), Vec::new());
    let mut record = facts.before.clone();
    let mut settings = Vec::new();
    for (name, value) in wanted {
        match facts.now.get(name).and_then(Option::as_ref) {
            None => notices.push(Notice::new(
                code::E0752,
                format!("[system.sysctl] '{name}': this kernel has no such setting; correct the name, or load its module"),
            )),
            Some(now) if is_same(now, value.as_ref()) => {}
            Some(now) => {
                record.entry(name.clone()).or_insert_with(|| now.clone());
                settings.push((name, value.to_string()));
            }
        }
    }
    if record != facts.before {
        plan.add_first("settings of the kernel", vec![recorded(&record)]);
    }
    let given_up: Vec<&SysctlName> = facts
        .before
        .keys()
        .filter(|name| !wanted.contains_key(*name))
        .collect();
    for name in &given_up {
        let (before, now) = (
            &facts.before[*name],
            facts.now.get(*name).and_then(Option::as_ref),
        );
        if now.is_some_and(|now| !is_same(now, before)) {
            settings.push((name, before.clone()));
        }
    }
    for (name, value) in settings {
        let name = name.clone();
        plan.add("settings of the kernel", vec![Action::SetKernel { name, value }]);
    }
    if !given_up.is_empty() {
        record.retain(|name, _| wanted.contains_key(name));
        plan.add("settings of the kernel", vec![recorded(&record)]);
    }
    (plan, notices)
}

fn recorded(record: &BTreeMap<SysctlName, String>) -> Action {
    let path = SYSCTL_BEFORE.into();
    match record.is_empty() {
        true => Action::RemoveFile { path },
        // Names and texts alone: serialising them cannot fail.
        false => Action::WriteFile {
            path,
            mode: 0o644,
            bytes: serde_json::to_vec(record).unwrap_or_default(),
        },
    }
}

/// The kernel prints the numbers of a list with tabs between them.
fn is_same(now: &str, value: &str) -> bool {
    now.split_whitespace().eq(value.split_whitespace())
}
