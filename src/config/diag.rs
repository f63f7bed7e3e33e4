//! A finding about the documents: code, place, words, and what to do.

use super::code::Code;
use super::source::{Span, did_you_mean};
use std::collections::HashSet;

/// Whether a finding refuses the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The configuration is refused.
    Error,
    /// It is accepted; the operator should look.
    Warning,
}

/// One finding. Text is lower case, without a full stop, and never contains a secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// The stable code, explained by `impctl explain`.
    pub code: Code,
    /// Whether it refuses the configuration.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// Where, and the words under the caret; `None` when it is about no place (an empty folder).
    pub place: Option<(Span, String)>,
    /// The other place, where two disagree.
    pub other: Option<(Span, String)>,
    /// What to do.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        let place = Some((span, String::new()));
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            place,
            other: None,
            hint: None,
        }
    }

    /// A warning at a place.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, span, message)
        }
    }

    /// An error about no place in a document.
    pub fn nowhere(code: Code, message: impl Into<String>) -> Self {
        let none = Span { start: 0, end: 0 };
        Self {
            place: None,
            ..Self::error(code, none, message)
        }
    }

    /// The words under the caret.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        if let Some((_, label)) = &mut self.place {
            *label = text.into();
        }
        self
    }

    /// The place this one disagrees with.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.other = Some((span, text.into()));
        self
    }

    /// What to do.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        self.hint = Some(text.into());
        self
    }
}

/// The findings of a run so far.
#[derive(Debug)]
pub(super) struct Findings {
    list: Vec<Diagnostic>,
    errors: usize,
    /// How many more letters may be compared with letters of names.
    comparisons: usize,
}

/// A document of nothing but slips is answered as fast as any other: suggestions end here, after some 50 ms.
const COMPARISONS: usize = 3_000_000;
/// The longest word that is compared with names.
const LONGEST_WORD: usize = 64;

impl Findings {
    /// Findings made before.
    pub(super) fn new(list: Vec<Diagnostic>) -> Self {
        let errors = list.iter().filter(|d| d.severity == Severity::Error).count();
        Self {
            list,
            errors,
            comparisons: COMPARISONS,
        }
    }

    /// Adds one.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.errors += usize::from(diagnostic.severity == Severity::Error);
        self.list.push(diagnostic);
    }

    /// How many of them are errors.
    pub(super) fn errors(&self) -> usize {
        self.errors
    }

    /// All of them, in the order they were made, each once: what a peer-group says is looked at for each of its members.
    pub(super) fn into_list(self) -> Vec<Diagnostic> {
        let mut list = self.list;
        let mut seen = HashSet::with_capacity(list.len());
        let is_new: Vec<bool> = list.iter().map(|it| seen.insert(it)).collect();
        let mut is_new = is_new.into_iter();
        list.retain(|_| is_new.next().unwrap_or(true));
        list
    }

    /// The name that was probably meant.
    pub(super) fn nearest<'k>(
        &mut self,
        typed: &str,
        known: impl Iterator<Item = &'k str> + Clone,
    ) -> Option<&'k str> {
        if typed.len() > LONGEST_WORD {
            return None;
        }
        let mut left = Some(self.comparisons);
        for name in known.clone() {
            // Every letter of one with every letter of the other, and something for looking at the name at all.
            left = left.and_then(|left| left.checked_sub(1 + typed.len() * name.len()));
            if left.is_none() {
                break;
            }
        }
        self.comparisons = left.unwrap_or(0);
        left?;
        did_you_mean(typed, known)
    }
}
