//! Communities and AS paths of `policy-options`, as the lists that entries match and set.

use super::as_path;
use super::policy::Lists;
use super::term::{How, Tagging};
use crate::import::document::Place;
use crate::import::left::Why;
use crate::import::policy::Entry;

impl Lists<'_, '_> {
    /// Sets the communities that a name stands for.
    pub fn tag(&mut self, entry: &mut Entry, tag: &Tagging) {
        let Some(members) = self.communities.get(&tag.name) else {
            let statement = format!("then community {}", tag.name);
            let why = "no such community is defined".to_owned();
            return self
                .junos
                .site
                .draft
                .leave(tag.place, &statement, Why::Because(why));
        };
        if tag.how == How::Delete {
            let (large, standard) = kinds(members);
            let name = tag.name.clone();
            for (key, table, members) in [
                ("delete-community", "community-lists", standard),
                ("delete-large-community", "large-community-lists", large),
            ] {
                if !members.is_empty() {
                    let list = self.list(table, &name, &members);
                    entry.set(key, list.as_str().into());
                }
            }
            return;
        }
        for (member, _) in members {
            match member.strip_prefix("large:") {
                Some(large) => entry.add("large-community", large),
                None => entry.add("community", member),
            }
        }
        if tag.how == How::Add {
            entry.set("additive", true.into());
        }
    }

    /// A list with a member for each of these: what any of them matches.
    fn list(&mut self, table: &'static str, name: &str, members: &[(String, Place)]) -> String {
        if self.made.insert(format!("{table} {name}")) {
            for (member, place) in members {
                let policy = &mut self.junos.site.policy;
                policy.member(table, name, None, member.clone(), *place);
            }
        }
        self.junos.site.names.policy(name)
    }

    /// Matches communities: a route has any of the names, and of a name all of its members.
    pub fn community(&mut self, name: &str, names: &[String], entry: &mut Entry) {
        let mut wanted: [Vec<(String, Place)>; 2] = Default::default();
        for one in names {
            let Some(members) = self.communities.get(one) else {
                entry
                    .lost
                    .push((format!("from community {one}, which is not defined"), entry.place));
                return;
            };
            let (large, standard) = kinds(members);
            if !large.is_empty() && !standard.is_empty() {
                entry
                    .lost
                    .push((format!("from community {one}, of two kinds"), entry.place));
                return;
            }
            for (into, members) in wanted.iter_mut().zip([standard, large]) {
                match members.as_slice() {
                    [] => {}
                    [(member, place)] => into.push((member.clone(), *place)),
                    several if several.iter().any(|(member, _)| is_pattern(member)) => {
                        entry
                            .lost
                            .push((format!("from community {one}, of several patterns"), entry.place));
                        return;
                    }
                    several => {
                        let all: Vec<&str> = several.iter().map(|(member, _)| member.as_str()).collect();
                        into.push((all.join(" "), several[0].1));
                    }
                }
            }
        }
        let [standard, large] = wanted;
        let is_mixed = |members: &[(String, Place)]| {
            members.iter().any(|(it, _)| is_pattern(it)) && members.iter().any(|(it, _)| it.contains(' '))
        };
        if is_mixed(&standard) || is_mixed(&large) {
            let lost = format!("from community [ {name} ], a pattern beside several at once");
            return entry.lost.push((lost, entry.place));
        }
        if !standard.is_empty() && !large.is_empty() {
            entry
                .lost
                .push((format!("from community [ {name} ], of two kinds"), entry.place));
            return;
        }
        for (key, table, members) in [
            ("community-list", "community-lists", standard),
            ("large-community-list", "large-community-lists", large),
        ] {
            if !members.is_empty() {
                let list = self.list(table, name, &members);
                entry.matches(key, list.as_str().into());
            }
        }
    }

    /// Makes the list of these AS paths; `false` where one of them cannot be said as FRR says it.
    pub fn as_path(&mut self, name: &str, lists: &[String]) -> bool {
        let paths = lists.iter().map(|list| self.as_paths.get(list));
        let Some(paths) = paths.collect::<Option<Vec<_>>>() else {
            return false;
        };
        let mut members = Vec::new();
        for (path, place) in paths.into_iter().flatten() {
            let Some(regex) = as_path::regex(path) else {
                return false;
            };
            members.push((regex, *place));
        }
        self.list("as-path-lists", name, &members);
        true
    }
}

/// Members of a list, with their places.
type Members = Vec<(String, Place)>;

/// The members of a community: large ones, and the others; as a list has them.
fn kinds(members: &[(String, Place)]) -> (Members, Members) {
    let mut kinds = (Vec::new(), Vec::new());
    for (member, place) in members {
        match member.strip_prefix("large:") {
            Some(large) => kinds.0.push((pattern(large), *place)),
            None => kinds.1.push((pattern(member), *place)),
        }
    }
    kinds
}

fn is_pattern(member: &str) -> bool {
    member.contains(['*', '.', '^', '$', '[', '+', '(', '|'])
}

/// A part that is `*` is any number; Junos looks at the whole community.
fn pattern(member: &str) -> String {
    if !is_pattern(member) {
        return member.to_owned();
    }
    let parts: Vec<&str> = member
        .trim_start_matches('^')
        .trim_end_matches('$')
        .split(':')
        .collect();
    let parts: Vec<String> = parts
        .iter()
        .map(|part| match *part {
            "*" => "[0-9]+".to_owned(),
            part => part.replace('.', "[0-9]"),
        })
        .collect();
    format!("^{}$", parts.join(":"))
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn a_pattern_is_of_a_whole_community() {
        assert_eq!(pattern("64500:1"), "64500:1");
        assert_eq!(pattern("64500:*"), "^64500:[0-9]+$");
        assert_eq!(pattern("^64500:1..$"), "^64500:1[0-9][0-9]$");
        assert_eq!(pattern("*:666"), "^[0-9]+:666$");
    }
}
