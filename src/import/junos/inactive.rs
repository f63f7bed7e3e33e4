//! What a configuration of Junos has and does not do: what is deactivated, and protocols that are disabled.

use super::statement::Statement;
use crate::import::left::Why;

/// Why a disabled protocol is not in the document.
pub(super) const DISABLED: &str = "it is disabled";

/// The paths below which nothing is done.
#[derive(Debug)]
pub(super) struct Inactive {
    /// Sorted.
    deactivated: Vec<Vec<String>>,
    /// Likewise.
    disabled: Vec<Vec<String>>,
}

impl Inactive {
    /// The paths that are deactivated, and those of protocols that these statements disable.
    pub fn of(mut deactivated: Vec<Vec<String>>, statements: &[Statement]) -> Self {
        deactivated.sort();
        let is_active = |statement: &&Statement| !is_below(&statement.words, &deactivated);
        let paths = statements.iter().filter(is_active).filter_map(disabled);
        let mut disabled: Vec<Vec<String>> = paths.map(<[String]>::to_vec).collect();
        disabled.sort();
        Self {
            deactivated,
            disabled,
        }
    }

    /// Whether a unit of an interface is deactivated, alone or with the interface.
    pub fn has_unit(&self, name: &str, unit: &str) -> bool {
        let words = ["interfaces", name, "unit", unit].map(str::to_owned);
        is_below(&words, &self.deactivated)
    }

    /// Why nothing is done of a statement.
    pub fn why(&self, statement: &Statement) -> Option<Why> {
        let why = match &statement.words {
            words if is_below(words, &self.deactivated) => "it is deactivated",
            words if is_below(words, &self.disabled) => DISABLED,
            _ => return None,
        };
        Some(Why::Because(why.to_owned()))
    }
}

/// What `protocols … disable` disables. An interface of LLDP is told apart from all of them where these are read.
fn disabled(statement: &Statement) -> Option<&[String]> {
    let (last, path) = statement.words.split_last()?;
    let own = match path {
        [first, _, own @ ..] if first == "routing-instances" => own,
        own => own,
    };
    let is_protocol = own.len() > 1 && own[0] == "protocols";
    let is_lldp = own.len() > 2 && own[1] == "lldp";
    (last == "disable" && is_protocol && !is_lldp).then_some(path)
}

/// Whether a statement is one of these paths or below one; they are sorted.
fn is_below(words: &[String], paths: &[Vec<String>]) -> bool {
    (1..=words.len()).any(|length| {
        paths
            .binary_search_by(|path| path[..].cmp(&words[..length]))
            .is_ok()
    })
}
