//! Quotes that are not those of TOML, or not two of a kind.

use super::{LONGEST, Slip, as_toml, line_of};
use std::ops::Range;

/// What editors and messengers make of quotes.
pub(super) const TYPOGRAPHIC: [char; 9] = ['“', '”', '„', '‟', '«', '»', '‘', '’', '‚'];

/// A text in them, or a part of one.
pub(super) fn typographic(place: Range<usize>, value: &str) -> Slip {
    let inside = value.trim_matches(|c| TYPOGRAPHIC.contains(&c) || c == '"');
    let shown = (inside.len() <= LONGEST).then(|| as_toml(inside)).flatten();
    Slip {
        place,
        message: "these are typographic quotes".to_owned(),
        label: "",
        hint: Some(match shown {
            Some(value) => format!("write {value} with plain ones"),
            None => "write plain ones: \"".to_owned(),
        }),
    }
}

/// A text that begins with a plain quote and ends with a typographic one, or the other way round.
pub(super) fn half_quoted(text: &str, place: &Range<usize>) -> Option<Slip> {
    let line = text[..place.start].rfind('\n').map_or(0, |at| at + 1);
    let start = match text[place.start..].starts_with(TYPOGRAPHIC) {
        true => place.start,
        false => line + text[line..place.start].rfind('"')?,
    };
    let rest = text[start..].lines().next().unwrap_or_default();
    let mut ends = rest.char_indices().skip(1);
    let (at, quote) = ends.find(|(_, c)| *c == '"' || TYPOGRAPHIC.contains(c))?;
    let value = &rest[..at + quote.len_utf8()];
    let is_mixed = value.starts_with(TYPOGRAPHIC) || quote != '"';
    is_mixed.then(|| typographic(start..start + value.len(), value))
}

/// A text that begins with one of the plain quotes and ends with the other.
pub(super) fn mixed_quotes(text: &str, place: &Range<usize>) -> Option<Slip> {
    let around = line_of(text, place.start);
    let (start, line) = (around.start, text.get(around)?);
    let mut open = None;
    for (at, sign) in line.char_indices().filter(|(_, sign)| ['"', '\''].contains(sign)) {
        match open {
            None => open = Some((at, sign)),
            Some((_, quote)) if quote == sign => open = None,
            Some(_) => {}
        }
    }
    let (at, quote) = open?;
    let other = if quote == '"' { '\'' } else { '"' };
    let end = at + 1 + line[at + 1..].find(other)?;
    let value = &line[at + 1..end];
    Some(Slip {
        place: start + at..start + end + 1,
        message: format!("this text begins with {quote} and ends with {other}"),
        label: "",
        hint: as_toml(value).map(|value| format!("write {value}")),
    })
}
