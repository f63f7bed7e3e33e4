//! `impctl explain`: what a code or a key of the configuration means.

use super::{misuse, out};
use crate::config::code::{explain, explanations};
use crate::config::explain_key;
use crate::exit::Failure;

/// Prints the explanation of a code or a key as it was typed, or a line for each code.
pub fn run(typed: Option<&str>) -> Result<(), Failure> {
    let Some(typed) = typed else {
        let lines: String = explanations()
            .map(|e| format!("{}  {}\n", e.code, e.title))
            .collect();
        return out::print(&lines);
    };
    if let Some(found) = explain(typed) {
        return out::print(&format!("{}: {}\n\n{}\n", found.code, found.title, found.text));
    }
    match explain_key(typed) {
        Some(text) => out::print(&text),
        None => Err(misuse(format_args!(
            "'{typed}' is neither a code (`impctl explain` lists them) nor a key (`impctl explain .` lists the tables)"
        ))),
    }
}
