//! A plan: actions in groups, each on one subject.

use super::Action;
use serde::Serialize;
use std::fmt;

/// Actions on one subject, in order. When one fails, the rest of its group is skipped; other groups still run, unless it
/// is one they need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// The subject: `interface 'external'`.
    pub about: String,
    /// What is done, in order.
    pub actions: Vec<Action>,
    /// Whether the groups after it need it: if it fails, none of them is tried.
    #[serde(skip)]
    pub first: bool,
}

/// What will happen, as a value. It prints as one line per action.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Plan {
    groups: Vec<Group>,
}

impl Plan {
    /// Adds a group, unless it has no actions.
    pub fn add(&mut self, about: impl Into<String>, actions: Vec<Action>) {
        if !actions.is_empty() {
            self.groups.push(Group {
                about: about.into(),
                actions,
                first: false,
            });
        }
    }

    /// Adds a group, unless it has no actions, without which nothing that is added later is done.
    pub fn add_first(&mut self, about: impl Into<String>, actions: Vec<Action>) {
        let before = self.groups.len();
        self.add(about, actions);
        self.groups[before..]
            .iter_mut()
            .for_each(|group| group.first = true);
    }

    /// Adds another plan's groups after these.
    pub fn append(&mut self, other: Plan) {
        self.groups.extend(other.groups);
    }

    /// Keeps the actions for which `keep` is true, and drops the groups that this leaves empty.
    pub fn retain(&mut self, keep: impl Fn(&Action) -> bool) {
        for group in &mut self.groups {
            group.actions.retain(&keep);
        }
        self.groups.retain(|group| !group.actions.is_empty());
    }

    /// The groups in order; none is empty.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The plan as JSON, for `plan.json`.
    pub fn to_json(&self) -> String {
        // A plan contains only names, numbers and valid paths, so serialising it cannot fail.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for group in &self.groups {
            for action in &group.actions {
                writeln!(f, "{}: {action}", group.about)?;
            }
        }
        Ok(())
    }
}
