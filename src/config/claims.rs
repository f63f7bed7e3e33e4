//! What a configuration that was refused would have taken, as far as it can be read.

use super::NicMatch;
use super::links::nic::shared_functions;
use super::source::Sources;
use std::str::FromStr;
use toml::de::{DeTable, DeValue};

/// The NICs that `[interfaces]` names, of documents that may be wrong anywhere.
///
/// For the one use where guessing is right: a first boot with a wrong file must not ask for an address on a port
/// that leads to a transit. What cannot be read claims nothing.
pub fn claims(sources: &Sources) -> Vec<NicMatch> {
    let mut claims = Vec::new();
    let mut management = Vec::new();
    let documents = sources.documents().iter();
    for document in documents.filter(|document| document.name.ends_with(".toml")) {
        let (table, _) = DeTable::parse_recoverable(&document.text);
        let named = |name: &str| table.get_ref().get(name);
        let interfaces = named("interfaces").and_then(|value| table_of(value.get_ref()));
        for (_, interface) in interfaces.into_iter().flatten() {
            claims.extend(claim(interface.get_ref()));
        }
        management.extend(named("management").and_then(|value| claim(value.get_ref())));
    }
    let shared = shared_functions(claims.iter().chain(&management));
    claims
        .into_iter()
        .map(|claim| claim.told_apart(&shared))
        .collect()
}

/// The `match` of a table that has one.
fn claim(table: &DeValue<'_>) -> Option<NicMatch> {
    let claim = table_of(table)?.get("match")?;
    let claim = nic_match(table_of(claim.get_ref())?);
    (claim != NicMatch::default()).then_some(claim)
}

fn nic_match(table: &DeTable<'_>) -> NicMatch {
    NicMatch {
        pci: value(table, "pci"),
        mac: value(table, "mac"),
        driver: value(table, "driver"),
        name: value(table, "name"),
    }
}

fn value<T: FromStr>(table: &DeTable<'_>, key: &str) -> Option<T> {
    match table.get(key)?.get_ref() {
        DeValue::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn table_of<'a, 's>(value: &'a DeValue<'s>) -> Option<&'a DeTable<'s>> {
    match value {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}
