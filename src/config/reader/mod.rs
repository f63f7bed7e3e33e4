//! Walks the merged document: one [`Table`] per TOML table, one call per key, every error collected.
//!
//! A decoding function asks for the keys it knows and calls [`Table::finish`], which reports every key nobody asked
//! for. A value that is wrong is reported once, at its own place, and comes back as `None`.

use super::diag::{Diagnostic, Severity};
use super::index::Index;
use super::source::{At, Files, Sources, Span};
use std::cell::{Cell, RefCell};

mod table;
mod value;

pub(super) use table::Table;
pub(super) use value::Value;

/// What every decoding function shares: the texts, the files they may name, and the findings so far.
pub(super) struct Cx<'s> {
    pub(super) sources: &'s Sources,
    pub(super) files: &'s dyn Files,
    /// What the cross-checks compare, with its places.
    pub(super) index: RefCell<Index>,
    diagnostics: RefCell<Vec<Diagnostic>>,
    errors: Cell<usize>,
}

impl<'s> Cx<'s> {
    pub(super) fn new(sources: &'s Sources, files: &'s dyn Files, diagnostics: Vec<Diagnostic>) -> Self {
        let errors = diagnostics
            .iter()
            .filter(|d| d.severity == Severity::Error)
            .count();
        Self {
            sources,
            files,
            index: RefCell::default(),
            diagnostics: RefCell::new(diagnostics),
            errors: Cell::new(errors),
        }
    }

    /// Records a finding.
    pub(super) fn report(&self, diagnostic: Diagnostic) {
        if diagnostic.severity == Severity::Error {
            self.errors.set(self.errors.get() + 1);
        }
        self.diagnostics.borrow_mut().push(diagnostic);
    }

    /// How many errors were recorded so far.
    pub(super) fn errors(&self) -> usize {
        self.errors.get()
    }

    /// `file:line` form of a span for the Model.
    pub(super) fn at(&self, span: Span) -> At {
        self.sources.at(span)
    }

    pub(super) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics.into_inner()
    }
}

/// A decoded value and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) span: Span,
}

impl<T> Located<T> {
    /// Another value at the same place.
    pub(super) fn map<U>(self, value: impl FnOnce(T) -> U) -> Located<U> {
        Located {
            value: value(self.value),
            span: self.span,
        }
    }
}
