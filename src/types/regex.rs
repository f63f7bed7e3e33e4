//! Regular expressions over AS paths and communities, as FRR takes them: POSIX's extended ones, with `_` for what stands
//! between two numbers, at the beginning and at the end.

use super::{TypeError, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// The longest expression, in characters.
const LONGEST: usize = 200;

/// A regular expression over an AS path like `64496 64500`: 1 to 200 characters, digits and ``_^|[,{}() ]$*+.?-\`` alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AsPathRegex(String);

impl FromStr for AsPathRegex {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        const SIGNS: &str = "_^|[,{}() ]$*+.?-\\";
        let is_known = |c: char| c.is_ascii_digit() || SIGNS.contains(c);
        if !text.chars().all(is_known) {
            return Err(TypeError::expected(
                "a regular expression of digits and _ ^ $ . * + ? | - \\ ( ) [ ] { } , alone, like _64496_",
            ));
        }
        // FRR makes one blank of several.
        if text.trim() != text || text.contains("  ") {
            return Err(TypeError::expected(
                "one blank between two numbers, and none around",
            ));
        }
        if text.contains("| ") {
            return Err(TypeError::expected(
                "no blank behind `|`: FRR would end the line there",
            ));
        }
        compiles(text)?;
        Ok(Self(text.to_owned()))
    }
}

/// A regular expression over communities like `64500:1 64500:2`: 1 to 200 characters, digits, `:` and
/// ``_^|[,{}()]$*+.?-\`` alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommunityRegex(String);

impl CommunityRegex {
    /// The signs that no community has: a member with one of them is an expression.
    pub fn is_meant(text: &str) -> bool {
        text.contains(|c| "_^|[{}()]$*+.?\\".contains(c))
    }

    /// What matches exactly this community among those of a route.
    pub fn exactly(community: impl fmt::Display) -> Self {
        Self(format!("_{community}_"))
    }
}

impl FromStr for CommunityRegex {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        const SIGNS: &str = ":_^|[,{}()]$*+.?-\\";
        let is_known = |c: char| c.is_ascii_digit() || SIGNS.contains(c);
        if !text.chars().all(is_known) {
            return Err(TypeError::expected(
                "a regular expression of digits and : _ ^ $ . * + ? | - \\ ( ) [ ] { } , alone, like 64500:[0-9]+",
            ));
        }
        compiles(text)?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for AsPathRegex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for CommunityRegex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether the C library compiles it, as far as its signs go: FRR refuses the line otherwise.
fn compiles(text: &str) -> Result<(), TypeError> {
    let wrong = |what: &str| Err(TypeError::expected(format!("a regular expression, and {what}")));
    if text.is_empty() || text.len() > LONGEST {
        return wrong("of 1 to 200 characters");
    }
    let (mut open, mut repeats) = (0_usize, false);
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        rest = &rest[1..];
        match sign {
            '(' => open += 1,
            ')' if open == 0 => {
                return wrong("this `)` has no `(` before it; write `\\)` for the sign itself");
            }
            ')' => open -= 1,
            '\\' if !rest.starts_with(|c: char| c.is_ascii_punctuation()) => {
                return wrong("`\\` stands before a sign");
            }
            '\\' => rest = &rest[1..],
            '[' => match bracket(rest) {
                Some(after) => rest = after,
                None => return wrong("`[` has a `]` behind it, with digits and ranges like 0-9 between"),
            },
            '{' => match bounds(rest).filter(|_| repeats) {
                Some(after) => rest = after,
                None => {
                    return wrong(
                        "`{` stands behind what it repeats, like [0-9]{2,4}; write `\\{` for a set",
                    );
                }
            },
            '*' | '+' | '?' if !repeats => return wrong("`*`, `+` and `?` stand behind what they repeat"),
            _ => {}
        }
        repeats = !matches!(sign, '(' | '|' | '^' | '$');
    }
    match open {
        0 => Ok(()),
        _ => wrong("each `(` has its `)`"),
    }
}

/// What is behind the `]`; `None` when there is none, or when a range falls.
fn bracket(text: &str) -> Option<&str> {
    let text = text.strip_prefix('^').unwrap_or(text);
    // A `]` in the first place is a sign like others.
    let end = text.char_indices().skip(1).find(|(_, c)| *c == ']')?.0;
    let (inside, after) = (&text[..end], &text[end + 1..]);
    let signs: Vec<char> = inside.chars().collect();
    let falls = |range: &[char]| matches!(range, [from, '-', to] if from > to);
    // `_` would become an expression of its own in here, and `[` begins a class.
    let is_plain = !inside.contains(['_', '[']) && !signs.windows(3).any(falls);
    is_plain.then_some(after)
}

/// What is behind `N}`, `N,}` or `N,M}`.
fn bounds(text: &str) -> Option<&str> {
    let (inside, after) = text.split_once('}')?;
    let (least, most) = inside.split_once(',').unwrap_or((inside, inside));
    let least: u8 = least.parse().ok()?;
    let fits = most.is_empty() || most.parse::<u8>().is_ok_and(|most| least <= most);
    fits.then_some(after)
}

serde_as_text!(AsPathRegex, CommunityRegex);

#[cfg(test)]
mod tests {
    use super::{AsPathRegex, CommunityRegex};

    #[test]
    fn what_frr_compiles_is_taken_and_nothing_else() {
        let good = [
            "_23456_",
            "^$",
            "^(64500|64501)_[0-9]+$",
            "^([0-9]+ ){3,}",
            ".?",
            "\\.",
            "_(6449[6-9]|645[0-1][0-9])_",
            "[^0-9]",
            "\\{64500,64501\\}",
            "()",
        ];
        for text in good {
            assert!(text.parse::<AsPathRegex>().is_ok(), "{text}");
        }
        let bad = [
            "", "*", "a", "(", ")", "(|*)", "[", "[]", "[9-0]", "[0_]", "{2}", "5{2", "5{3,2}", "\\", "\\1",
            " 1", "1  2", "1!", "^*", "\"1\"", "1| 2",
        ];
        for text in bad {
            assert!(text.parse::<AsPathRegex>().is_err(), "{text}");
        }
        assert!("64500:1:[0-9]+".parse::<CommunityRegex>().is_ok());
        assert!("64500:1 64500:2".parse::<CommunityRegex>().is_err());
        assert!("_no-export_".parse::<CommunityRegex>().is_err());
    }
}
