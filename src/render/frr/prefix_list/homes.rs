//! Where the members of a list stand in the frr.conf that FRR runs.

use super::super::running::Parts;
use super::texts::Texts;
use foldhash::HashMap;
use std::cell::OnceCell;

/// The part and the number each member had; empty when no list was there before.
///
/// Most members stand behind the one that they stood behind before: only others are looked for.
pub(super) fn homes(before: &Parts<'_>, texts: &Texts) -> Vec<Option<(u32, u32)>> {
    if before.is_empty() {
        return Vec::new();
    }
    let mut members: Vec<(&str, (u32, u32))> = Vec::with_capacity(before.values().map(Vec::len).sum());
    for (part, before) in before {
        members.extend(before.iter().map(|(number, member)| (*member, (*part, *number))));
    }
    let places = OnceCell::new();
    let place_of = |text: &str| {
        let places: &HashMap<&str, usize> = places.get_or_init(|| {
            let members = members.iter().enumerate();
            members.map(|(place, (member, _))| (*member, place)).collect()
        });
        places.get(text).copied()
    };
    let mut next = 0;
    let homes = texts.all().map(|text| {
        let follows = members.get(next).is_some_and(|(member, _)| *member == text);
        let place = if follows { next } else { place_of(text)? };
        next = place + 1;
        Some(members[place].1)
    });
    homes.collect()
}
