//! `impctl explain`: what a code or a key of the configuration means.

use super::out;
use crate::config::code::{explain, explanations};
use crate::config::{explain_key, keys_meant};
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
        None => Err(Failure::new(Kind::Usage, unknown(typed, &keys_meant(typed)))),
    }
}

/// How many paths are named: what is in every table is in none that was meant.
const NAMED: usize = 4;

/// The problem with a word that is neither a code nor a key, with what was probably meant.
fn unknown(typed: &str, meant: &[String]) -> String {
    match meant {
        [] => format!(
            "'{typed}' is neither a code ('impctl explain' lists them) nor a key ('impctl explain .' lists the tables)"
        ),
        [one] => format!("unknown key '{typed}'; did you mean '{one}'?"),
        several => {
            let named: Vec<String> = several
                .iter()
                .take(NAMED)
                .map(|path| format!("'{path}'"))
                .collect();
            let others = match several.len() - named.len() {
                0 => String::new(),
                more => format!(", and in {more} more"),
            };
            format!("'{typed}' is in several tables: {}{others}", named.join(", "))
        }
    }
}
