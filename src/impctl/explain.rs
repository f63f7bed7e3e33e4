//! `impctl explain`: what a code means.

use super::out;
use crate::config::code::{explain, explanations};
use crate::exit::{Failure, Kind};

/// Prints the explanation of one code, or a line for each code when none is given. Exit code 64 for an unknown one.
pub fn run(typed: Option<&str>) -> Result<(), Failure> {
    let Some(typed) = typed else {
        let lines: String = explanations()
            .map(|e| format!("{}  {}\n", e.code, e.title))
            .collect();
        return out::print(&lines);
    };
    match explain(typed) {
        Some(found) => out::print(&format!("{}: {}\n\n{}\n", found.code, found.title, found.text)),
        None => Err(Failure::new(
            Kind::Usage,
            format!("unknown code '{typed}'; 'impctl explain' lists all codes"),
        )),
    }
}
