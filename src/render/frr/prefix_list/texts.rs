//! The members of a list as text.

use super::super::digits;
use super::Address;
use crate::config::{Action, PrefixRule};
use crate::types::FrrRelease;

/// Each member as it is written behind its number.
pub(super) struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    pub(super) fn new<N>(rules: &[PrefixRule<N>], address: Address<N>, release: FrrRelease) -> Self {
        let mut text = String::with_capacity(rules.len() * 28);
        let mut ends = Vec::with_capacity(rules.len());
        for rule in rules {
            text.push_str(match rule.action {
                Action::Permit => "permit ",
                Action::Deny => "deny ",
            });
            let length = address(&mut text, rule, release);
            text.push('/');
            digits::number(&mut text, length.into());
            bound(&mut text, " ge ", rule.ge);
            bound(&mut text, " le ", rule.le);
            ends.push(text.len());
        }
        Self { text, ends }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|member| self.of(member))
    }

    pub(super) fn of(&self, member: usize) -> &str {
        let start = member.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[member]]
    }
}

fn bound(out: &mut String, word: &str, length: u8) {
    if length != 0 {
        out.push_str(word);
        digits::number(out, length.into());
    }
}
