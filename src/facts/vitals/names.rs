//! The names of VPP's interfaces by their numbers: some answers have only these.

use std::collections::HashMap;

/// The names in an answer to `show interface`.
#[derive(Debug)]
pub(in crate::facts) struct Names<'s>(HashMap<&'s str, &'s str>);

impl<'s> Names<'s> {
    /// `external  1  up  9000/0/0/0`; the lines of further counters begin with blanks.
    pub fn of(shown: &'s str) -> Self {
        let named = |line: &'s str| {
            let mut words = line.split_whitespace();
            let name = words.next().filter(|_| !line.starts_with(' '))?;
            let number = words.next()?;
            matches!(words.next()?, "up" | "down").then_some((number, name))
        };
        Self(shown.lines().filter_map(named).collect())
    }

    /// The name of an interface; its number where VPP shows no name for it.
    pub fn of_number(&self, number: &str) -> String {
        (*self.0.get(number).unwrap_or(&number)).to_owned()
    }
}
