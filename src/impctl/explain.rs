//! `impctl explain`: what a code or a key of the configuration means.

use super::out;
use crate::config::code::{explain, explanations};
use crate::config::explain_key;
use crate::exit::{Failure, Kind};

/// Prints the explanation of one code or key, or a line for each code when none is given. Exit code 64 for an unknown one.
pub fn run(typed: Option<&str>) -> Result<(), Failure> {
    let Some(typed) = typed else {
        let lines: String = explanations()
            .map(|found| format!("{}  {}\n", found.code, found.title))
            .collect();
        return out::print(&lines);
    };
    if let Some(found) = explain(typed) {
        return out::print(&format!("{}: {}\n\n{}\n", found.code, found.title, found.text));
    }
    match explain_key(typed) {
        Some(text) => out::print(&text),
        None => Err(Failure::new(
            Kind::Usage,
            format!(
                "'{typed}' is neither a code ('impctl explain' lists them) nor a key ('impctl explain .' lists the tables)"
            ),
        )),
    }
}
