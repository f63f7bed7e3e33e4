//! `impctl explain`: what a code means.

use super::{misuse, out};
use crate::config::code::{explain, explanations};
use crate::exit::Failure;

/// Prints the explanation of a code as it was typed, or a line for each.
pub fn run(typed: Option<&str>) -> Result<(), Failure> {
    let Some(typed) = typed else {
        let lines: String = explanations()
            .map(|e| format!("{}  {}\n", e.code, e.title))
            .collect();
        return out::print(&lines);
    };
    match explain(typed) {
        Some(found) => out::print(&format!("{}: {}\n\n{}\n", found.code, found.title, found.text)),
        None => Err(misuse(format_args!(
            "'{typed}' is no code (`impctl explain` lists them all)"
        ))),
    }
}
