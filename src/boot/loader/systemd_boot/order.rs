//! The order in which the boot loader takes entries when nobody asked for one (systemd-boot(7); the same from 250 on).

use super::name::EntryName;
use std::cmp::Ordering;

/// What the order of an entry depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its file.
    pub name: EntryName,
    /// `sort-key`, or `IMAGE_ID` or `ID` of a unified kernel's os-release.
    pub sort_key: Option<String>,
    /// `machine-id`; unified kernels have none.
    pub machine_id: Option<String>,
    /// `version`, or the first of `IMAGE_VERSION`, `VERSION`, `VERSION_ID`, `BUILD_ID`.
    pub version: Option<String>,
}

impl Entry {
    /// Which one the boot loader prefers: the lesser one.
    pub fn compare(&self, other: &Self) -> Ordering {
        let used_up = |entry: &Self| entry.name.counter().is_some_and(|counter| counter.left == 0);
        let id = |entry: &Self| entry.name.image().to_ascii_lowercase();
        used_up(self)
            .cmp(&used_up(other))
            .then_with(|| self.sort_key.is_none().cmp(&other.sort_key.is_none()))
            .then_with(|| match (&self.sort_key, &other.sort_key) {
                (Some(one), Some(two)) => one
                    .cmp(two)
                    .then_with(|| self.machine_id.cmp(&other.machine_id))
                    .then_with(|| newest_first(self.version.as_deref(), other.version.as_deref())),
                _ => Ordering::Equal,
            })
            .then_with(|| newest_first(Some(&id(self)), Some(&id(other))))
    }
}

fn newest_first(one: Option<&str>, other: Option<&str>) -> Ordering {
    versions(
        other.unwrap_or_default().as_bytes(),
        one.unwrap_or_default().as_bytes(),
    )
}

/// Which version is older (uapi-group.org/specifications/specs/version_format_specification).
///
/// The crate uapi-version (0.4.0) orders `1.01` after `1.1`, which the specification and systemd take as equal: an image named
/// by year and month would sort otherwise than the boot loader sorts it.
pub fn versions(mut one: &[u8], mut other: &[u8]) -> Ordering {
    loop {
        one = relevant(one);
        other = relevant(other);
        // What begins with the mark is the older one: a pre-release even than the end of the text.
        if let Some(order) = mark(b'~', &mut one, &mut other) {
            return order;
        }
        if one.is_empty() || other.is_empty() {
            return one.len().min(1).cmp(&other.len().min(1));
        }
        for sign in [b'-', b'^', b'.'] {
            if let Some(order) = mark(sign, &mut one, &mut other) {
                return order;
            }
        }
        let order = if starts_with_digit(one) || starts_with_digit(other) {
            let (this, that) = (
                take(&mut one, u8::is_ascii_digit),
                take(&mut other, u8::is_ascii_digit),
            );
            numbers(this, that)
        } else {
            let (this, that) = (
                take(&mut one, u8::is_ascii_alphabetic),
                take(&mut other, u8::is_ascii_alphabetic),
            );
            this.cmp(that)
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Other characters separate, and say nothing.
fn relevant(text: &[u8]) -> &[u8] {
    let says_nothing = |b: &u8| !(b.is_ascii_alphanumeric() || b"~-^.".contains(b));
    let start = text.iter().position(|b| !says_nothing(b)).unwrap_or(text.len());
    &text[start..]
}

/// The order if only one has the mark here; where both have it, it is passed over.
fn mark(sign: u8, one: &mut &[u8], other: &mut &[u8]) -> Option<Ordering> {
    match (one.strip_prefix(&[sign]), other.strip_prefix(&[sign])) {
        (Some(this), Some(that)) => {
            (*one, *other) = (this, that);
            None
        }
        (Some(_), None) => Some(Ordering::Less),
        (None, Some(_)) => Some(Ordering::Greater),
        (None, None) => None,
    }
}

fn starts_with_digit(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_digit)
}

fn take<'t>(text: &mut &'t [u8], of: fn(&u8) -> bool) -> &'t [u8] {
    let end = text.iter().position(|b| !of(b)).unwrap_or(text.len());
    let (head, rest) = text.split_at(end);
    *text = rest;
    head
}

/// Of any length, so by digits; no number at all is older than any.
fn numbers(one: &[u8], other: &[u8]) -> Ordering {
    let digits = |text: &[u8]| {
        let zeros = text.iter().take_while(|b| **b == b'0').count();
        text[zeros..].to_vec()
    };
    let (this, that) = (digits(one), digits(other));
    (!one.is_empty())
        .cmp(&!other.is_empty())
        .then_with(|| this.len().cmp(&that.len()))
        .then_with(|| this.cmp(&that))
}
