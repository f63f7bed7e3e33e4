//! `impctl schema`: the configuration for editors.

use super::out;
use crate::config::schema;
use crate::exit::Failure;

/// Prints the JSON Schema.
pub fn run() -> Result<(), Failure> {
    out::print(&schema())
}
