//! What two configurations have in common of their prefix-lists: of a large one nearly everything.

use crate::types::lines;
use foldhash::HashSet;

/// The numbered members of prefix-lists that stand in both of two texts word for word: nothing has to be known of them.
///
/// None when some member of either has no number of its own: then it depends on those before it.
#[derive(Debug, Default)]
pub(super) struct Unchanged<'t> {
    /// For each line of the first text whether it is one.
    pub(super) before: Vec<bool>,
    /// For each line of the second text.
    pub(super) after: Vec<bool>,
    /// The lists they are in, like `ip prefix-list A`.
    pub(super) lists: HashSet<&'t str>,
}

/// A line with such a member.
#[derive(Debug, Clone, Copy)]
struct Member<'t> {
    /// From 0.
    line: u32,
    text: &'t str,
    list: &'t str,
}

/// All of a text.
struct Members<'t> {
    members: Vec<Member<'t>>,
    /// How many lines the text has.
    lines: usize,
    /// Whether each list stands in one piece with rising numbers, as we and FRR write it: then no line stands there twice.
    is_sorted: bool,
}

impl<'t> Unchanged<'t> {
    /// Those of two texts. Where both lists begin or end alike, as they do but for a change in the middle, no line is looked up.
    pub(super) fn between(before: &'t str, after: &'t str) -> Self {
        let (Some(old), Some(new)) = (Members::of(before), Members::of(after)) else {
            return Self::default();
        };
        let (head, tail) = match old.is_sorted && new.is_sorted {
            true => common_ends(&old.members, &new.members),
            false => (0, 0),
        };
        let middle = |it: &[Member<'t>]| it[head..it.len() - tail].to_vec();
        let (old_middle, new_middle) = (middle(&old.members), middle(&new.members));
        let is_old: HashSet<&str> = old_middle.iter().map(|it| it.text).collect();
        let is_both: HashSet<&str> = new_middle
            .iter()
            .map(|it| it.text)
            .filter(|it| is_old.contains(it))
            .collect();
        let changed = |middle: &[Member<'t>]| -> Vec<u32> {
            let changed = middle.iter().filter(|it| !is_both.contains(it.text));
            changed.map(|it| it.line).collect()
        };
        Self {
            before: old.all_but(&changed(&old_middle)),
            after: new.all_but(&changed(&new_middle)),
            lists: lists(&new.members, &changed(&new_middle)),
        }
    }
}

/// How many members both have at their beginning, and how many of the others at their end.
fn common_ends(old: &[Member<'_>], new: &[Member<'_>]) -> (usize, usize) {
    let same = |(a, b): &(&Member<'_>, &Member<'_>)| a.text == b.text;
    let head = old.iter().zip(new).take_while(same).count();
    let ends = old[head..].iter().rev().zip(new[head..].iter().rev());
    (head, ends.take_while(same).count())
}

/// The lists of the members but for those of some lines, which rise.
fn lists<'t>(members: &[Member<'t>], but: &[u32]) -> HashSet<&'t str> {
    let mut but = but.iter().peekable();
    let mut lists = HashSet::default();
    let mut last = "";
    for member in members {
        if but.next_if(|line| **line == member.line).is_none() && member.list != last {
            last = member.list;
            let _ = lists.insert(last);
        }
    }
    lists
}

impl<'t> Members<'t> {
    /// `None` when some have no number.
    fn of(text: &'t str) -> Option<Self> {
        let mut found = Self {
            members: Vec::new(),
            lines: 0,
            is_sorted: true,
        };
        let mut seen = HashSet::default();
        let (mut list, mut last) = ("", None);
        for line in lines(text) {
            found.lines += 1;
            // The name is looked for once in a list.
            let same = line
                .strip_prefix(list)
                .filter(|rest| !list.is_empty() && rest.starts_with(' '));
            let rest = match same {
                Some(rest) => rest,
                None => {
                    let Some((other, rest)) = prefix_list(line) else {
                        continue;
                    };
                    found.is_sorted &= seen.insert(other);
                    (list, last) = (other, None);
                    rest
                }
            };
            let (number, _) = rest.strip_prefix(" seq ")?.split_once(' ')?;
            let number: Option<u64> = number.parse().ok();
            found.is_sorted &= number > last;
            last = number;
            found.members.push(Member {
                line: found.lines as u32 - 1,
                text: line,
                list,
            });
        }
        Some(found)
    }

    /// For each line whether it is a member and none of these.
    fn all_but(&self, lines: &[u32]) -> Vec<bool> {
        let mut all = vec![false; self.lines];
        self.members.iter().for_each(|it| all[it.line as usize] = true);
        lines.iter().for_each(|line| all[*line as usize] = false);
        all
    }
}

/// The list of a line of a prefix-list, `ip prefix-list A`, and what follows.
fn prefix_list(line: &str) -> Option<(&str, &str)> {
    const KINDS: [&str; 2] = ["ip prefix-list ", "ipv6 prefix-list "];
    let kind = KINDS.iter().find(|kind| line.starts_with(**kind))?;
    let name = &line.as_bytes()[kind.len()..];
    let length = memchr::memchr(b' ', name).unwrap_or(name.len());
    Some(line.split_at(kind.len() + length))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(members: &[(u8, u8)]) -> String {
        let line = |(list, number): &(u8, u8)| {
            format!(
                "ip prefix-list L{} seq {} permit 10.{number}.0.0/16\n!\n",
                list % 3,
                number % 12
            )
        };
        members.iter().map(line).collect()
    }

    /// The lines that are marked.
    fn marked<'t>(text: &'t str, marks: &[bool]) -> Vec<&'t str> {
        lines(text)
            .zip(marks)
            .filter(|(_, mark)| **mark)
            .map(|(line, _)| line)
            .collect()
    }

    fn prefix_lines(text: &str) -> Vec<&str> {
        lines(text).filter(|line| line.starts_with("ip ")).collect()
    }

    proptest! {
        /// Sorted or not, with lines that stand there twice or not: it is what is in both.
        #[test]
        fn what_is_unchanged_stands_in_both(
            mut old in prop::collection::vec((0_u8..3, 0_u8..12), 0..20),
            mut new in prop::collection::vec((0_u8..3, 0_u8..12), 0..20),
            is_sorted: bool,
        ) {
            if is_sorted {
                for members in [&mut old, &mut new] {
                    members.sort_unstable();
                    members.dedup();
                }
            }
            let (old, new) = (text(&old), text(&new));
            let unchanged = Unchanged::between(&old, &new);
            let both = |one: &str, other: &str| -> Vec<String> {
                let other: HashSet<&str> = prefix_lines(other).into_iter().collect();
                prefix_lines(one).into_iter().filter(|it| other.contains(it)).map(str::to_owned).collect()
            };
            prop_assert_eq!(marked(&old, &unchanged.before), both(&old, &new));
            prop_assert_eq!(marked(&new, &unchanged.after), both(&new, &old));
            let lists: HashSet<&str> = marked(&new, &unchanged.after).iter().map(|it| &it[..17]).collect();
            prop_assert_eq!(unchanged.lists, lists);
        }
    }

    #[test]
    fn a_member_without_a_number_leaves_nothing_unchanged() {
        let text = "ip prefix-list A seq 5 permit 10.0.0.0/8\nip prefix-list A permit 11.0.0.0/8\n";
        let unchanged = Unchanged::between(text, text);
        assert!(unchanged.before.is_empty() && unchanged.after.is_empty() && unchanged.lists.is_empty());
    }
}
