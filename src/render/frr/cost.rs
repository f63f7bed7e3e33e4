//! How long FRR computes when it loads a frr.conf.

use crate::config::code::E0407;
use crate::config::{Diagnostic, Severity};
use crate::types::{FrrRelease, lines};
use std::collections::HashMap;
use std::time::Duration;

/// What a frr.conf holds that takes FRR time.
#[derive(Debug, Default)]
struct Sizes<'t> {
    /// Each prefix-list.
    lists: HashMap<&'t str, List>,
    route_map_entries: f64,
    interfaces: f64,
    neighbors: f64,
}

#[derive(Debug, Default, Clone, Copy)]
struct List {
    members: f64,
    /// How many of them have bounds.
    bounded: f64,
}

/// What loading a frr.conf takes.
#[derive(Debug, Clone)]
pub struct Load {
    /// How long the slowest of FRR's daemons computes: seconds of CPU time of a server of 2020, within a factor of 2. Daemons
    /// load at the same time.
    pub time: Duration,
    /// The longest list, as its lines begin, and how many members it has.
    longest: Option<(String, f64)>,
}

/// How long loading may take before `check` says so.
const LONG: Duration = Duration::from_secs(30);

impl Load {
    /// The sum of what was measured for each kind of line; linear in the size of the text to compute.
    pub(super) fn of(conf: &str, release: FrrRelease) -> Self {
        let sizes = Sizes::of(conf);
        let seconds = match release {
            FrrRelease::V8 => sizes.seconds_of_8(),
            FrrRelease::V10 => sizes.seconds_of_10(),
        };
        let members = |list: &(&str, List)| list.1.members;
        let longest = sizes
            .lists
            .into_iter()
            .max_by(|a, b| members(a).total_cmp(&members(b)));
        Self {
            time: Duration::from_secs_f64(seconds),
            longest: longest.map(|(name, list)| (name.to_owned(), list.members)),
        }
    }

    /// A warning when this release takes more than half a minute.
    pub fn warning(&self, release: FrrRelease) -> Option<Diagnostic> {
        if self.time < LONG {
            return None;
        }
        let message = format!("{release} loads this configuration in about {}", about(self.time));
        let warning = Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::nowhere(E0407, message)
        };
        let longest = self.longest.as_ref();
        Some(match longest.filter(|(_, members)| *members > LONGEST_FAST_PART) {
            Some((list, members)) => warning.hint(format!(
                "'{list}' has {members} members; FRR is fast with a list that is all permit and that only route-maps use"
            )),
            None => warning.hint("routes and sessions come up after that"),
        })
    }
}

/// Parts of a divided list are not longer than this.
const LONGEST_FAST_PART: f64 = 250.0;

/// A duration of at least half a minute, in the unit a person would use.
fn about(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..90 => format!("{} seconds", (seconds + 2) / 5 * 5),
        90..5400 => format!("{} minutes", (seconds + 30) / 60),
        _ => format!("{} hours", (seconds + 1800) / 3600),
    }
}

impl List {
    /// Counts a member, by what stands behind its number. Of the words there only `ge` and `le` have these letters.
    fn count(&mut self, member: &str) {
        self.members += 1.0;
        let is_bounded = memchr::memchr2(b'g', b'l', member.as_bytes()).is_some();
        self.bounded += f64::from(u8::from(is_bounded));
    }
}

impl<'t> Sizes<'t> {
    fn of(conf: &'t str) -> Self {
        let mut sizes = Self::default();
        let mut last: (&str, List) = ("", List::default());
        for line in lines(conf) {
            // The members of a list stand together: the name is looked for, and the map asked, once for each list.
            let same = line.strip_prefix(last.0);
            if let Some(member) = same.and_then(|rest| rest.strip_prefix(" seq ")) {
                last.1.count(member);
            } else if line.starts_with("ip") && line.contains(" prefix-list ") {
                sizes.add(last);
                let (list, member) = line.split_once(" seq ").unwrap_or((line, ""));
                last = (list, List::default());
                last.1.count(member);
            } else {
                match line.as_bytes() {
                    [b'r', b'o', b'u', b't', b'e', b'-', ..] => sizes.route_map_entries += 1.0,
                    [b'i', b'n', b't', ..] => sizes.interfaces += 1.0,
                    [b' ', b'n', b'e', b'i', ..] if line.contains(" remote-as ") => sizes.neighbors += 1.0,
                    _ => {}
                }
            }
        }
        sizes.add(last);
        sizes
    }

    fn add(&mut self, (name, list): (&'t str, List)) {
        let sum = self.lists.entry(name).or_default();
        sum.members += list.members;
        sum.bounded += list.bounded;
    }

    fn members(&self) -> f64 {
        self.lists.values().map(|list| list.members).sum()
    }

    /// Each member is compared with all others of its list: 5.5 µs a pair, 12 µs where the member has bounds.
    fn seconds_of_8(&self) -> f64 {
        let pairs = |list: &List| list.members * (5.5e-6 * list.members + 6.5e-6 * list.bounded);
        let lists = self.lists.len() as f64;
        let searches: f64 = self.lists.values().map(pairs).sum();
        searches
            + 3e-4 * self.members()
            + 1.5e-6 * lists * lists
            + 7e-4 * self.route_map_entries
            + 7.2e-6 * self.interfaces * self.interfaces
            + 4e-4 * self.neighbors
    }

    /// Beyond the first 5,000 members of a list each further one walks it, 13 ns a step when the numbers fall.
    fn seconds_of_10(&self) -> f64 {
        let walk = |list: &List| match list.members > LONGEST_FAST_LIST as f64 {
            true => 13e-9 * list.members * list.members,
            false => 0.0,
        };
        let members = self.members();
        let walks: f64 = self.lists.values().map(walk).sum();
        walks
            + 1.6e-4 * members
            + 0.55e-9 * members * members
            + 3e-4 * self.route_map_entries
            + 1.3e-6 * self.interfaces * self.interfaces
            + 2e-4 * self.neighbors
    }
}

/// FRR 10 commits after 5,000 commands; a list that is longer is walked for each member of the later batches.
pub(super) const LONGEST_FAST_LIST: usize = 5000;

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    /// Lists of `size` members each, `members` in all.
    fn lists(members: usize, size: usize, bounds: &str) -> String {
        (0..members).fold(String::new(), |mut conf, n| {
            let (list, b, c) = (n / size, n / 256 % 256, n % 256);
            let _ = writeln!(
                conf,
                "ip prefix-list L{list} seq {} permit 10.{b}.{c}.0/24{bounds}",
                n * 5 + 5
            );
            conf
        })
    }

    #[test]
    fn check_says_beforehand_what_takes_long() {
        let conf = lists(8_000, 8_000, "");
        let warning = |conf: &str, release| Load::of(conf, release).warning(release);
        let found = warning(&conf, FrrRelease::V8).map(|it| (it.message, it.hint));
        let expected = (
            "FRR 8.4 loads this configuration in about 6 minutes".to_owned(),
            Some(
                "'ip prefix-list L0' has 8000 members; FRR is fast with a list that is all permit and that only \
                 route-maps use"
                    .to_owned(),
            ),
        );
        assert_eq!(found, Some(expected));
        assert_eq!(warning(&conf, FrrRelease::V10), None);
        assert_eq!(warning(&lists(25_000, 25, ""), FrrRelease::V8), None);
    }

    /// What was measured, within a factor of 2.
    #[test]
    fn the_estimate_is_what_was_measured() {
        let measured = [
            (FrrRelease::V8, lists(2_000, 2_000, ""), 24.0),
            (FrrRelease::V8, lists(5_000, 5_000, ""), 144.0),
            (FrrRelease::V8, lists(500, 500, " le 32"), 3.6),
            (FrrRelease::V8, lists(5_000, 25, ""), 1.5),
            (FrrRelease::V8, lists(25_000, 25, ""), 11.2),
            (FrrRelease::V8, lists(100_000, 25, ""), 74.0),
            (FrrRelease::V10, lists(5_000, 250, ""), 0.6),
            (FrrRelease::V10, lists(25_000, 250, ""), 3.6),
            (FrrRelease::V10, lists(25_000, 25_000, ""), 10.0),
            (FrrRelease::V10, lists(100_000, 100_000, ""), 133.0),
            (FrrRelease::V10, lists(250_000, 5_000, ""), 75.0),
        ];
        for (release, conf, seconds) in measured {
            let estimate = Load::of(&conf, release).time.as_secs_f64();
            assert!(
                (seconds / 2.0..seconds * 2.0).contains(&estimate),
                "{release}: {estimate} for {seconds} s"
            );
        }
    }
}
