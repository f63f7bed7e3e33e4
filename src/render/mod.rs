//! Model and Bindings to files: pure, through strict templates with one formatter per target grammar.

mod bindings;
pub mod fallback;

pub use bindings::{Bindings, NicBinding};

/// A rendered file: where it goes below the root, its permission bits, its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The path below the root, without a leading slash: `run/imp/frr/frr.conf`.
    pub path: String,
    /// The permission bits (`0o640`).
    pub mode: u32,
    /// The text.
    pub text: String,
}
