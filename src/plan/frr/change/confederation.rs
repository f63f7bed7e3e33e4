//! The other ASes of a confederation. FRR adds those that a line names to those it has, and resets every neighbour from an AS that
//! comes or goes.

use std::collections::BTreeSet;

/// What begins the line with all of them.
const MEMBERS: &str = "bgp confederation peers ";

/// The lines but the one with the members.
pub(super) fn without_members<'l>(lines: &[&'l str]) -> Vec<&'l str> {
    let others = lines.iter().filter(|it| !it.starts_with(MEMBERS));
    others.copied().collect()
}

fn members<'l>(lines: &[&'l str]) -> Vec<&'l str> {
    let all = lines.iter().filter_map(|it| it.strip_prefix(MEMBERS));
    all.flat_map(|it| it.split(' ')).collect()
}

/// The members of the first that are none of the second.
fn only<'l>(of: &[&'l str], but: &[&str]) -> Vec<&'l str> {
    let but = members(but);
    members(of).into_iter().filter(|it| !but.contains(it)).collect()
}

/// The lines for those that go and those that come: one that is taken back and given again loses its sessions for nothing.
pub(super) fn change(before: &[&str], after: &[&str]) -> Vec<String> {
    let line = |no: &str, members: Vec<&str>| {
        (!members.is_empty()).then(|| format!("{no}{MEMBERS}{}", members.join(" ")))
    };
    let lines = [line("no ", only(before, after)), line("", only(after, before))];
    lines.into_iter().flatten().collect()
}

/// The ASes that come and go; none without a confederation, or where it comes or goes itself, which resets more.
#[derive(Debug)]
pub(super) struct Moved<'l>(BTreeSet<&'l str>);

impl<'l> Moved<'l> {
    pub(super) fn between(before: &[&'l str], after: &[&'l str]) -> Self {
        let is_one = |lines: &[&str]| {
            lines
                .iter()
                .any(|it| it.starts_with("bgp confederation identifier "))
        };
        let moved = match is_one(before) && is_one(after) {
            true => [only(before, after), only(after, before)].concat(),
            false => Vec::new(),
        };
        Self(moved.into_iter().collect())
    }

    /// Why the session with a neighbour of this `remote-as` falls; of an external one nobody knows the AS before it has called.
    pub(super) fn reason(&self, remote_as: &str) -> Option<String> {
        let why = "its AS joins or leaves the confederation";
        match remote_as {
            _ if self.0.contains(remote_as) => Some(why.to_owned()),
            "external" if !self.0.is_empty() => {
                let ases: Vec<&str> = self.0.iter().copied().collect();
                Some(format!("{why}, if it is {}", ases.join(" or ")))
            }
            _ => None,
        }
    }
}
