//! The members of a list as text.

use super::super::digits;
use super::Address;
use crate::config::{Action, PrefixRule};
use crate::types::FrrRelease;

/// Each member as it is written behind its number; none when there is nothing to compare them with.
#[derive(Default)]
pub(super) struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    /// Those of so many members, each written by its place.
    pub(super) fn new(count: usize, write: impl Fn(&mut String, usize)) -> Self {
        let mut text = String::with_capacity(count * 28);
        let ends = (0..count).map(|member| {
            write(&mut text, member);
            text.len()
        });
        Self {
            ends: ends.collect(),
            text,
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).filter_map(|member| self.get(member))
    }

    /// One of them; none where they were not asked for.
    pub(super) fn get(&self, member: usize) -> Option<&str> {
        let end = *self.ends.get(member)?;
        let start = member.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.text[start..end])
    }
}

/// Appends a member.
pub(super) fn write<N>(out: &mut String, rule: &PrefixRule<N>, address: Address<N>, release: FrrRelease) {
    out.push_str(match rule.action {
        Action::Permit => "permit ",
        Action::Deny => "deny ",
    });
    let length = address(out, rule, release);
    out.push('/');
    digits::byte(out, length);
    bound(out, " ge ", rule.ge);
    bound(out, " le ", rule.le);
}

fn bound(out: &mut String, word: &str, length: u8) {
    if length != 0 {
        out.push_str(word);
        digits::byte(out, length);
    }
}
