//! Free text, paths and secrets, each limited to what the file it ends up in can hold.

use super::text_type;
use std::fmt;
use std::str::FromStr;

/// Whether a character could end a line, hide text or reverse its direction: control characters, separators, bidirectional
/// overrides and zero-width characters.
pub(crate) fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The lines of a text, as [`str::lines`] has them. In a quarter of a million lines that one takes four times as long.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        let line = &rest[..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        Some(line.strip_suffix('\r').unwrap_or(line))
    })
}

/// What another program said, as one line for a log: what [`is_hostile`] and runs of blanks become one space, and what is
/// behind the first `longest` characters is cut off.
pub fn one_line(said: &str, longest: usize) -> String {
    let mut line = String::new();
    let mut room = longest;
    for word in said
        .split(|c: char| c.is_whitespace() || is_hostile(c))
        .filter(|word| !word.is_empty())
    {
        if !line.is_empty() {
            line.push(' ');
        }
        let cut = word.char_indices().nth(room).map(|(at, _)| at);
        line.push_str(&word[..cut.unwrap_or(word.len())]);
        room = room.saturating_sub(word.chars().count() + 1);
        if cut.is_some() || room == 0 {
            line.push('…');
            break;
        }
    }
    line
}

text_type! {
    /// One line of text for people: 1 to 80 characters without controls, bidirectional and zero-width characters, without
    /// spaces at the ends, and without `| `: FRR 8.4 takes the rest of such a configuration line for a filter and cuts the
    /// text.
    Line,
    "one line of 1 to 80 visible characters, without '| ' and without spaces at the ends",
    |text| (1..=80).contains(&text.chars().count())
        && !text.chars().any(is_hostile)
        && text.trim() == text
        && !text.contains("| ")
}

text_type! {
    /// What a login prompt shows: 1 to 2000 characters in lines that hide nothing, without an empty one at the end.
    Banner,
    "1 to 2000 visible characters, in one line or more",
    |text| (1..=2000).contains(&text.chars().count())
        && !text.chars().any(|c| c != '\n' && is_hostile(c))
        && !text.trim().is_empty()
}

text_type! {
    /// A relative path without empty components and without any that start with a dot. 1 to 255 bytes of
    /// `[A-Za-z0-9._+@/-]`.
    RelPath,
    "a relative path of letters, digits, '.', '_', '+', '@' and '-', with no part that starts with a dot",
    |text| (1..=255).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'+' | b'@' | b'-' | b'/'))
        && text.split('/').all(|part| !part.is_empty() && !part.starts_with('.'))
}

text_type! {
    /// The absolute path of a mount point, without `.`, `..` or empty components. 2 to 255 bytes of `[A-Za-z0-9._+@/-]`.
    Target,
    "an absolute path of letters, digits, '.', '_', '+', '@' and '-', without '..'",
    |text| (2..=255).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'+' | b'@' | b'-' | b'/'))
        && text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(|part| !part.is_empty() && part != "." && part != ".."))
}

/// A password read from a `password-file`: 1 to 80 visible ASCII characters (RFC 2385 allows 80 bytes).
///
/// It is never printed: `Debug` hides it, and only [`Secret::reveal`] returns it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The password itself, for the file that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = super::TypeError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if (1..=80).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(super::TypeError::expected(
                "a password of 1 to 80 printable ASCII characters without spaces",
            ))
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
