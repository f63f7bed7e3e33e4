//! Expressions over communities. Junos holds each community of a route against them, as a whole and by its numbers; FRR
//! looks for them in the text of all communities, where `_` is a boundary and the well-known ones have names.

use crate::types::{Community, CommunityRegex};
use std::collections::BTreeSet;
use std::fmt;

/// Any sign of a community: of a number alone once it is clear where the colons are.
const ANY: &str = "0123456789:";

/// The longest expression that FRR is given, in characters.
const LONGEST: usize = 200;

/// An expression: one of several sequences.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Choice(Vec<Vec<Piece>>);

/// Places in a text.
type Places = BTreeSet<usize>;

/// What is matched so many times.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    atom: Atom,
    /// As FRR writes it as well: nothing, `*`, `+`, `?`, `{2}`.
    times: String,
    least: usize,
    most: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Atom {
    /// One of these signs, and how it is written.
    Sign(String, String),
    /// `.`: any sign.
    Any,
    Group(Choice),
}

/// Whether a member is an expression.
pub(super) fn is_meant(member: &str) -> bool {
    CommunityRegex::is_meant(member)
}

/// A community of so many numbers less one, as Junos matches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    choice: Choice,
    colons: usize,
}

impl Pattern {
    /// Reads an expression; nothing where it has more in it than signs, choices and how often they come.
    pub fn read(text: &str, colons: usize) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let mut rest = text;
        let choice = choice(&mut rest)?;
        let pattern = Self { choice, colons };
        (rest.is_empty() && pattern.regex().parse::<CommunityRegex>().is_ok()).then_some(pattern)
    }

    /// Whether it matches a community that is written in numbers.
    pub fn matches(&self, community: &str) -> bool {
        let is_plain = community.chars().all(|sign| ANY.contains(sign));
        let ends = || self.choice.ends(community, &Places::from([0]));
        is_plain && ends().contains(&community.len())
    }

    /// The members of a list of FRR that match what it matches.
    pub fn members(&self) -> Vec<String> {
        let mut members = vec![self.regex()];
        if self.colons == 1 && members != [EVERYTHING] {
            members.extend(
                Community::well_known()
                    .filter_map(|(name, numbers)| self.matches(&numbers).then(|| name.to_owned())),
            );
        }
        members
    }

    fn regex(&self) -> String {
        let sequences = &self.choice.0;
        let has_colons =
            |sequence: &Vec<Piece>| sequence.iter().map(Piece::colons).sum::<usize>() >= self.colons;
        let any = match sequences.iter().all(has_colons) {
            true => "[0-9]",
            false => "[0-9:]",
        };
        let text = self.choice.to_string().replace('.', any);
        let is_number = |part: &str| ["[0-9]+", "[0-9]*"].contains(&part);
        if ["[0-9:]*", "[0-9:]+"].contains(&text.as_str()) || text.split(':').all(is_number) {
            return EVERYTHING.to_owned();
        }
        match sequences.len() {
            1 => format!("_{text}_"),
            _ => format!("_({text})_"),
        }
    }
}

/// What matches any community, by whatever name.
const EVERYTHING: &str = ".+";

/// Sequences with `|` between them, up to a `)` or the end.
fn choice(rest: &mut &str) -> Option<Choice> {
    let mut sequences = vec![Vec::new()];
    while let Some(sign) = rest.chars().next().filter(|sign| *sign != ')') {
        *rest = &rest[sign.len_utf8()..];
        let sequence = sequences.last_mut()?;
        let atom = match sign {
            '|' => {
                sequences.push(Vec::new());
                continue;
            }
            // Junos looks at a whole community anyway.
            '^' | '$' => continue,
            // With nothing before it to repeat, it is any number.
            '*' => {
                let number = Atom::Sign(ANY[..10].to_owned(), "[0-9]".to_owned());
                sequence.push(Piece::times(number, "+", 1, usize::MAX));
                continue;
            }
            '.' => Atom::Any,
            '[' => class(rest)?,
            '(' => {
                let inside = choice(rest)?;
                *rest = rest.strip_prefix(')')?;
                Atom::Group(inside)
            }
            // A `*` behind it is a number.
            ':' => {
                sequence.push(Piece::times(Atom::Sign(":".to_owned(), ":".to_owned()), "", 1, 1));
                continue;
            }
            sign if ANY.contains(sign) => Atom::Sign(sign.to_string(), sign.to_string()),
            _ => return None,
        };
        sequence.push(repeated(atom, rest)?);
    }
    Some(Choice(sequences))
}

/// `[1-35]`, behind its bracket.
fn class(rest: &mut &str) -> Option<Atom> {
    let (inside, after) = rest.split_once(']')?;
    *rest = after;
    let mut signs = String::new();
    let mut left: Vec<char> = inside.chars().collect();
    while let Some(first) = left.first().copied() {
        let last = match left[..] {
            [_, '-', last, ..] => last,
            _ => first,
        };
        if !first.is_ascii_digit() || !last.is_ascii_digit() || first > last {
            return None;
        }
        signs.extend(first..=last);
        left.drain(..if left.get(1) == Some(&'-') { 3 } else { 1 });
    }
    (!signs.is_empty()).then(|| Atom::Sign(signs, format!("[{inside}]")))
}

/// A piece with the `*`, `+`, `?` or `{2,4}` behind it.
fn repeated(atom: Atom, rest: &mut &str) -> Option<Piece> {
    let (times, least, most) = match rest.chars().next() {
        Some('*') => ("*".to_owned(), 0, usize::MAX),
        Some('+') => ("+".to_owned(), 1, usize::MAX),
        Some('?') => ("?".to_owned(), 0, 1),
        Some('{') => {
            let (inside, _) = rest[1..].split_once('}')?;
            let (least, most) = inside.split_once(',').unwrap_or((inside, inside));
            let most = if most.is_empty() { "200" } else { most };
            (format!("{{{inside}}}"), least.parse().ok()?, most.parse().ok()?)
        }
        _ => (String::new(), 1, 1),
    };
    *rest = &rest[times.len()..];
    Some(Piece::times(atom, &times, least, most))
}

impl Piece {
    fn times(atom: Atom, times: &str, least: usize, most: usize) -> Self {
        Self {
            atom,
            times: times.to_owned(),
            least,
            most,
        }
    }

    /// How many colons it has at least.
    fn colons(&self) -> usize {
        match &self.atom {
            Atom::Sign(_, written) => usize::from(written == ":" && self.least > 0),
            Atom::Any => 0,
            Atom::Group(Choice(sequences)) => {
                let colons = |sequence: &Vec<Self>| sequence.iter().map(Self::colons).sum();
                sequences.iter().map(colons).min().unwrap_or(0) * self.least.min(1)
            }
        }
    }

    /// Where it may end in a text when it begins at one of these places.
    fn ends(&self, text: &str, from: &Places) -> Places {
        let mut now = from.clone();
        let mut ends = if self.least == 0 {
            now.clone()
        } else {
            Places::new()
        };
        for done in 1..=self.most.min(text.len() + 1).max(self.least) {
            now = self.atom.ends(text, &now);
            if done >= self.least {
                ends.extend(&now);
            }
        }
        ends
    }
}

impl Atom {
    fn ends(&self, text: &str, from: &Places) -> Places {
        let behind = |is_one: &dyn Fn(char) -> bool| {
            let there = from.iter().filter(|at| text[**at..].starts_with(is_one));
            there.map(|at| at + 1).collect()
        };
        match self {
            Self::Group(choice) => choice.ends(text, from),
            Self::Any => behind(&|_| true),
            Self::Sign(signs, _) => behind(&|sign| signs.contains(sign)),
        }
    }
}

impl Choice {
    fn ends(&self, text: &str, from: &Places) -> Places {
        let of_one = |sequence: &Vec<Piece>| {
            let from = from.clone();
            sequence.iter().fold(from, |from, piece| piece.ends(text, &from))
        };
        self.0.iter().flat_map(of_one).collect()
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, sequence) in self.0.iter().enumerate() {
            f.write_str(if number > 0 { "|" } else { "" })?;
            for piece in sequence {
                match &piece.atom {
                    Atom::Sign(_, written) => f.write_str(written)?,
                    Atom::Any => f.write_str(".")?,
                    Atom::Group(choice) => write!(f, "({choice})")?,
                }
                f.write_str(&piece.times)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn a_pattern_is_of_each_whole_community_among_those_of_a_route() {
        for (junos, frr) in [
            ("64500:*", "_64500:[0-9]+_"),
            ("^64500:.*$", "_64500:[0-9]*_"),
            ("^64500:1..$", "_64500:1[0-9][0-9]_"),
            ("64500:[1-3]0", "_64500:[1-3]0_"),
            ("^64500:(1|2)..$", "_64500:(1|2)[0-9][0-9]_"),
            ("64500:10|64500:20", "_(64500:10|64500:20)_"),
            ("^64500:10$|^64500:2.$", "_(64500:10|64500:2[0-9])_"),
            ("64500.*", "_64500[0-9:]*_"),
            ("*:*", ".+"),
            (".*", ".+"),
            ("^.*:.*$", ".+"),
            ("64500:1{2,4}", "_64500:1{2,4}_"),
        ] {
            let pattern = Pattern::read(junos, 1);
            assert_eq!(
                pattern.map(|it| it.members()),
                Some(vec![frr.to_owned()]),
                "{junos}"
            );
        }
        for other in [
            "64500:[^1]",
            "target:64500:*",
            "64500:1_",
            "64500:(1",
            "64500:1)",
            "64500:[3-1]",
        ] {
            assert_eq!(Pattern::read(other, 1), None, "{other}");
        }
    }

    #[test]
    fn what_has_a_name_in_the_text_is_matched_by_its_name() {
        let members = |text, colons| Pattern::read(text, colons).map(|it| it.members().join(" "));
        assert_eq!(members("*:666", 1).as_deref(), Some("_[0-9]+:666_ blackhole"));
        assert_eq!(members("*:*:666", 2).as_deref(), Some("_[0-9]+:[0-9]+:666_"));
    }

    #[test]
    fn a_pattern_matches_what_it_matched() {
        for (pattern, community, is_matched) in [
            ("64500:*", "64500:100", true),
            ("64500:*", "164500:100", false),
            ("64500:(1|2)..", "64500:201", true),
            ("64500:(1|2)..", "64500:2010", false),
            ("64500:1{2,3}", "64500:111", true),
            ("64500:1{2,3}", "64500:1", false),
            ("(.*)*:1?", "64500:", true),
            ("(.*)*(.*)*(.*)*(.*)*5", "64500:1234567891", false),
        ] {
            let read = Pattern::read(pattern, 1);
            assert_eq!(
                read.map(|it| it.matches(community)),
                Some(is_matched),
                "{pattern} {community}"
            );
        }
    }
}
