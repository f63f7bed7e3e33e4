//! The numbers of ACLs, which VPP gives: a running one has others than a fresh one would; and those of interfaces. Pure.

use super::{Check, Fact};
use std::collections::{HashMap, HashSet};

/// What VPP shows, with the numbers its ACLs would have if it had just been given the commands that these checks are of.
///
/// An ACL is known by its tag. One whose tag nobody asked for, or that several have, keeps its number.
pub fn as_if_fresh(shown: HashSet<Fact>, checks: &[Check]) -> HashSet<Fact> {
    let shown = with_names(shown);
    let wanted = numbers(checks.iter().map(|check| &check.fact));
    let there = numbers(&shown);
    let fresh: HashMap<u32, u32> = there
        .into_iter()
        .filter_map(|(tag, number)| Some((number?, (*wanted.get(tag)?)?)))
        .collect();
    let meant: HashSet<u32> = wanted.values().flatten().copied().collect();
    // A policy with one that nobody asked for has not the one that should have its number.
    let other = |number: u32| match meant.contains(&number) {
        true => u32::MAX - number,
        false => number,
    };
    let renumbered = |number: u32| fresh.get(&number).copied();
    let are_in_place = fresh.iter().all(|(there, fresh)| there == fresh);
    if are_in_place && fresh.len() == meant.len() {
        return shown;
    }
    shown
        .into_iter()
        .map(|fact| match fact {
            Fact::Acl(number, tag, rules) => Fact::Acl(renumbered(number).unwrap_or(number), tag, rules),
            Fact::Policy(id, acl) => Fact::Policy(id, renumbered(acl).unwrap_or_else(|| other(acl))),
            Fact::Filter(name, side, acl) => {
                Fact::Filter(name, side, renumbered(acl).unwrap_or_else(|| other(acl)))
            }
            other => other,
        })
        .collect()
}

/// Filters, keys and virtual routers by the names of their interfaces, where the answers have those.
fn with_names(mut shown: HashSet<Fact>) -> HashSet<Fact> {
    let names: HashMap<u32, &String> = shown
        .iter()
        .filter_map(|fact| match fact {
            Fact::Index(name, index) => Some((*index, name)),
            _ => None,
        })
        .collect();
    let named = shown.iter().filter_map(|fact| match fact {
        Fact::FilterOf(index, side, acl) => {
            let name = names.get(index)?;
            Some(Fact::Filter((*name).clone(), side.clone(), *acl))
        }
        Fact::RouterOf(index, id, is_v6, words) => {
            let name = (*names.get(index)?).clone();
            Some(Fact::Router(name, *id, *is_v6, words.clone()))
        }
        Fact::TracksOf(index, id, is_v6, of, by) => {
            let (name, of) = (*names.get(index)?, *names.get(of)?);
            Some(Fact::Tracks(name.clone(), *id, *is_v6, of.clone(), *by))
        }
        Fact::KeyOf(index, key) => Some(Fact::Key((*names.get(index)?).clone(), *key)),
        _ => None,
    });
    let named: Vec<Fact> = named.collect();
    shown.extend(named);
    shown
}

/// The number of each tag; none for a tag that several ACLs have.
fn numbers<'f>(facts: impl IntoIterator<Item = &'f Fact>) -> HashMap<&'f str, Option<u32>> {
    let mut numbers = HashMap::new();
    for fact in facts {
        if let Fact::Acl(number, tag, _) = fact {
            numbers
                .entry(tag.as_str())
                .and_modify(|known| *known = None)
                .or_insert(Some(*number));
        }
    }
    numbers
}
