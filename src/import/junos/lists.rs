//! Communities and AS paths of `policy-options`, as the lists that entries match and delete.

use super::as_path;
use super::map::Lists;
use super::pattern::{self, Pattern};
use crate::import::document::Place;
use crate::import::policy::Entry;
use crate::types::{Community, LargeCommunity};

/// The tables of lists of standard communities and of large ones.
pub(super) const TABLES: [&str; 2] = ["community-lists", "large-community-lists"];

/// What a member of a community is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Member {
    /// A community in numbers, or a well-known one by its name.
    One(String),
    /// An expression.
    Like(Pattern),
}

/// Whether a member is a standard community (0) or a large one (1), and what it is; nothing where neither FRR's lists have
/// it: extended communities, and expressions with more in them.
pub(super) fn member(text: &str) -> Option<(usize, Member)> {
    let (kind, text) = match text.strip_prefix("large:") {
        Some(large) => (1, large),
        None => (0, text),
    };
    if pattern::is_meant(text) {
        return Pattern::read(text, kind + 1).map(|pattern| (kind, Member::Like(pattern)));
    }
    let text = if text == "no-export-subconfed" {
        "local-AS"
    } else {
        text
    };
    let is_one = match kind {
        0 => text.parse::<Community>().is_ok(),
        _ => text.parse::<LargeCommunity>().is_ok(),
    };
    is_one.then(|| (kind, Member::One(text.to_owned())))
}

/// Members of a list, with their places.
pub(super) type Members = Vec<(String, Place)>;

impl Member {
    /// The members of a list that match what it matches.
    pub fn listed(&self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text.clone()],
            Self::Like(pattern) => pattern.members(),
        }
    }

    /// Whether it matches a community that is written in numbers or by its name.
    pub fn matches(&self, community: &str) -> bool {
        let numbers = Community::well_known().find(|(name, _)| *name == community);
        let numbers = numbers.map_or_else(|| community.to_owned(), |(_, numbers)| numbers);
        match self {
            Self::One(text) => *text == community || *text == numbers,
            Self::Like(pattern) => pattern.matches(&numbers),
        }
    }
}

impl Lists<'_, '_> {
    /// A list with a member for each of these: what any of them matches.
    pub fn list(&mut self, table: &'static str, name: &str, members: &[(String, Place)]) -> String {
        if self.made.insert(format!("{table} {name}")) {
            let mut listed = std::collections::HashSet::new();
            for (member, place) in members.iter().filter(|(member, _)| listed.insert(member)) {
                let policy = &mut self.junos.site.policy;
                policy.member(table, name, None, member.clone(), *place);
            }
        }
        self.junos.site.names.policy(name)
    }

    /// Matches communities: a route has any of the names, and of a name all of its members.
    pub fn community(&mut self, name: &str, names: &[String], entry: &mut Entry) {
        match self.wanted(name, names) {
            Err(lost) => entry.lost.push((lost, entry.place)),
            Ok(wanted) => {
                let keys = ["community-list", "large-community-list"];
                for ((key, table), members) in keys.into_iter().zip(TABLES).zip(wanted) {
                    if !members.is_empty() {
                        let list = self.list(table, name, &members);
                        entry.matches(key, list.as_str().into());
                    }
                }
            }
        }
    }

    /// The members of the list of each kind for these names; or what has no such list.
    fn wanted(&mut self, name: &str, names: &[String]) -> Result<[Members; 2], String> {
        let mut wanted: [Members; 2] = Default::default();
        for one in names {
            self.junos.policies.mark("community", one);
        }
        for one in names {
            let lost = |why: &str| Err(format!("from community {one}, {why}"));
            let Some(members) = self.statements.communities.get(one) else {
                return lost("which is not defined");
            };
            if self.statements.inverted.contains(one) {
                return lost("which has invert-match");
            }
            let mut of_name: [Vec<Member>; 2] = Default::default();
            for (text, _) in members {
                match member(text) {
                    Some((kind, member)) => of_name[kind].push(member),
                    None => return lost(&format!("whose member {text} no list has here")),
                }
            }
            let Some((_, place)) = members.first() else {
                return lost("which has no members");
            };
            if !of_name.iter().any(Vec::is_empty) {
                return lost("of two kinds");
            }
            let kind = usize::from(of_name[0].is_empty());
            match &of_name[kind][..] {
                [one] => wanted[kind].extend(one.listed().into_iter().map(|member| (member, *place))),
                several => {
                    let text = |member: &Member| match member {
                        Member::One(text) => Some(text.clone()),
                        Member::Like(_) => None,
                    };
                    match several.iter().map(text).collect::<Option<Vec<_>>>() {
                        Some(all) => wanted[kind].push((all.join(" "), *place)),
                        None => return lost("of several patterns"),
                    }
                }
            }
        }
        let is_mixed = |members: &Members| {
            let has = |is: fn(&str) -> bool| members.iter().any(|(member, _)| is(member));
            has(pattern::is_meant) && has(|member| member.contains(' '))
        };
        if wanted.iter().any(is_mixed) {
            return Err(format!(
                "from community [ {name} ], a pattern beside several at once"
            ));
        }
        match wanted.iter().any(Vec::is_empty) {
            true => Ok(wanted),
            false => Err(format!("from community [ {name} ], of two kinds")),
        }
    }

    /// Makes the list of these AS paths; or says which of them cannot be said as FRR says it.
    pub fn as_path(&mut self, name: &str, kind: &'static str, lists: &[String]) -> Result<(), String> {
        let mut members = Vec::new();
        for list in lists {
            self.junos.policies.mark(kind, list);
        }
        for list in lists {
            let Some(paths) = self.statements.as_paths.get(&(kind, list.clone())) else {
                return Err(format!("{list}, which is not defined"));
            };
            for (path, place) in paths {
                let Some(regex) = as_path::regex(path) else {
                    return Err(format!("{list} \"{path}\""));
                };
                members.push((regex, *place));
            }
        }
        self.list("as-path-lists", name, &members);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Member, member};

    #[test]
    fn a_member_is_of_its_kind() {
        let one = |kind, text: &str| Some((kind, Member::One(text.to_owned())));
        assert_eq!(member("64500:1"), one(0, "64500:1"));
        assert_eq!(member("large:64500:1:2"), one(1, "64500:1:2"));
        assert_eq!(member("no-export-subconfed"), one(0, "local-AS"));
        assert_eq!(member("target:64500:1"), None);
        assert_eq!(member("target:64500:*"), None);
        let (_, exchange) = member("*:666").unwrap_or((0, Member::One(String::new())));
        assert!(exchange.matches("blackhole") && exchange.matches("64500:666"));
        assert!(!exchange.matches("64500:6666"));
    }
}
