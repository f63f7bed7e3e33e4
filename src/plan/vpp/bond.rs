//! Whether a bond outlives a change of its members.

use super::state::State;
use super::statement::{Make, Statement, Subject};

/// Whether it is a bond that only a bond made again can become.
///
/// One that keeps no member as it is carries nothing until LACP has settled with the other end again, and what stands on it goes
/// down meanwhile. And one without a hardware address of its own has that of the member that came first, for as long as there is
/// another: that one would take it along when it leaves, and a fresh VPP would give the bond the next one's.
///
/// `changes`: whether something that a member needs is taken back or made.
pub(super) fn is_another(
    has: &State,
    wants: &State,
    statement: &Statement,
    changes: impl Fn(&Subject) -> bool,
) -> bool {
    let Statement::Interface(bond) = statement else {
        return false;
    };
    let Make::Bond { words, .. } = &bond.make else {
        return false;
    };
    let had = members(has, &bond.name);
    let Some((first, _)) = had.first() else {
        return false;
    };
    let stays = |(_, it): &(&str, &Statement)| {
        wants.get(&it.subject()) == Some(*it) && !it.needs().iter().any(&changes)
    };
    let has_own = words.split(' ').any(|word| word == "hw-addr");
    let is_first =
        |(member, _): &(&str, &Statement)| member == first && has.make_of(first) == wants.make_of(first);
    !had.iter().any(stays) || !has_own && !members(wants, &bond.name).first().is_some_and(is_first)
}

/// The members of a bond, in the order in which they joined it.
fn members<'s>(state: &'s State, bond: &str) -> Vec<(&'s str, &'s Statement)> {
    let all = state.statements().filter_map(|it| Some((it, it.member()?)));
    let own = all.filter(|(_, (_, of))| *of == bond);
    own.map(|(it, (member, _))| (member, it)).collect()
}
