//! What VPP must have once the commands have been applied.

use super::state::{Entry, State};
use super::statement::acl_of;
use super::{Command, Fact, Statement};
use std::collections::{HashMap, HashSet};

/// One fact to verify, and the command that implies it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The command that implies the fact.
    pub command: Command,
    /// What VPP must have.
    pub fact: Fact,
}

/// The facts that hold after these commands on a fresh VPP, in order; what a later command removes is left out.
///
/// ACLs get the lowest free index in order of creation, as in VPP, where a new ACL cannot choose its index.
pub fn checks(commands: &[Command]) -> Vec<Check> {
    checks_of(&State::of(commands), |_| true)
}

/// The same of a part of what VPP has.
pub(super) fn checks_of(state: &State, is_meant: impl Fn(&Entry) -> bool) -> Vec<Check> {
    let mut checks = Vec::new();
    for entry in state.entries() {
        if let Statement::Line(text) = &entry.statement
            && let ["set", "interface", "name", old, new] = text.split_whitespace().collect::<Vec<_>>()[..]
        {
            rename(&mut checks, old, new);
        }
        if !is_meant(entry) {
            continue;
        }
        let facts = facts(state, entry).into_iter();
        checks.extend(facts.map(|fact| Check {
            command: entry.command.clone(),
            fact,
        }));
    }
    checks
}

fn facts(state: &State, entry: &Entry) -> Vec<Fact> {
    match (&entry.statement, entry.acl) {
        _ if state.is_overwritten(entry) => Vec::new(),
        // VPP never reports why it made another ACL, or none; so one that shares its tag is read back as well.
        (Statement::Line(text), Some(number)) => {
            let acl = acl_of(text).map(|(tag, rules)| Fact::Acl(number, tag, rules));
            acl.into_iter().collect()
        }
        (statement, _) => statement.facts(&state.known),
    }
}

fn rename(checks: &mut [Check], old: &str, new: &str) {
    for check in checks {
        if let Some(name) = check.fact.interface_mut() {
            if name == old {
                new.clone_into(name);
            } else if name.strip_prefix(old).is_some_and(|rest| rest.starts_with('.')) {
                name.replace_range(..old.len(), new);
            }
        }
    }
}

/// The checks whose fact VPP did not show, each with one line for the operator.
pub fn missing<'a>(checks: &'a [Check], shown: &HashSet<Fact>) -> Vec<(&'a Check, String)> {
    let mut by_subject: HashMap<String, Vec<&Fact>> = HashMap::new();
    let absent: Vec<&Check> = checks
        .iter()
        .filter(|check| !shown.contains(&check.fact))
        .collect();
    if !absent.is_empty() {
        for fact in shown {
            by_subject.entry(fact.subject()).or_default().push(fact);
        }
    }
    absent
        .into_iter()
        .map(|check| {
            let mut instead: Vec<String> = by_subject
                .get(&check.fact.subject())
                .into_iter()
                .flatten()
                .map(ToString::to_string)
                .collect();
            instead.sort();
            let instead = match instead.is_empty() {
                true => String::new(),
                false => format!("; instead it has {}", instead.join("; ")),
            };
            (check, format!("does not have {}{instead}", check.fact))
        })
        .collect()
}
