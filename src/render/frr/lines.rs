//! The lines of a block of frr.conf.

use crate::render::engine::Phrase;
use minijinja::Value;

/// Lines in FRR's order, without their indentation.
#[derive(Debug, Default)]
pub(super) struct Lines(Vec<Value>);

impl Lines {
    pub(super) fn add(&mut self, line: impl AsRef<str>) {
        self.0.push(Phrase::value(line.as_ref()));
    }

    pub(super) fn add_if(&mut self, is_so: bool, line: impl AsRef<str>) {
        if is_so {
            self.add(line);
        }
    }

    /// A line with a value, where there is one.
    pub(super) fn add_some(&mut self, words: &str, value: Option<impl std::fmt::Display>) {
        if let Some(value) = value {
            self.add(format!("{words} {value}"));
        }
    }

    pub(super) fn into_values(self) -> Vec<Value> {
        self.0
    }
}
