//! What a VPP lacked already when a change in place began: somebody took it away by hand. Pure.

use super::state::State;
use super::statement::Subject;
use super::wanted::checks_of;
use super::{Check, Command, Fact, Step};
use std::collections::HashSet;

/// What was asked before a change, and what VPP lacked of that.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drift {
    asked: HashSet<Fact>,
    lacked: HashSet<Fact>,
}

/// What steps may take away that none of them names: VPP gives the MTU of a parent to its VLANs, and Linux drops the other addresses
/// of a subnet with the first one. It is asked for before the change, for afterwards nobody knows who took it away.
///
/// What is listed costs one question for all, and what belongs to an interface is asked of those that the steps name. Routes are left
/// out: each is a question of its own, there may be thousands, and only a step that names one takes it away.
pub fn within_reach(commands: &[Command], steps: &[Step]) -> Vec<Check> {
    let texts: Vec<String> = steps.iter().map(ToString::to_string).collect();
    let words = texts.iter().flat_map(|text| text.split_whitespace());
    let named: HashSet<&str> = words.flat_map(|word| lineage(word.trim_matches('\''))).collect();
    let is_named = |interface: &str| lineage(interface).any(|it| named.contains(it));
    let all = checks_of(&State::of(commands), |_| true).into_iter();
    all.filter(|check| match &check.fact {
        Fact::Route(..) | Fact::RoutePath(..) | Fact::Multicast(_) => false,
        Fact::Ipv6(interface)
        | Fact::Prefix(interface, _)
        | Fact::Interval(interface, ..)
        | Fact::Lifetime(interface, _)
        | Fact::Attachment(interface, ..)
        | Fact::Policed(interface, _)
        | Fact::Urpf(interface, ..) => is_named(interface),
        _ => true,
    })
    .collect()
}

/// An interface, and those that carry it.
fn lineage(name: &str) -> impl Iterator<Item = &str> {
    let carriers = name.match_indices('.').filter_map(|(end, _)| name.get(..end));
    carriers.chain(std::iter::once(name))
}

impl Drift {
    /// Of what was asked before the change, VPP lacked these.
    pub fn of<'c>(asked: &[Check], lacked: impl IntoIterator<Item = &'c Check>) -> Self {
        Self {
            asked: asked.iter().map(|check| unnumbered(&check.fact)).collect(),
            lacked: lacked.into_iter().map(|check| unnumbered(&check.fact)).collect(),
        }
    }

    /// The facts that VPP may lack after the steps, which lead to these commands: no step makes them or takes them back, and it lacked
    /// them before, or nobody asked and no step reaches them.
    pub fn excused(&self, commands: &[Command], steps: &[Step]) -> HashSet<Fact> {
        let statements = steps.iter().flat_map(|step| step.gone.iter().chain(&step.made));
        let touched: HashSet<Subject> = statements.map(|it| it.subject()).collect();
        let untouched = checks_of(&State::of(commands), |it| {
            !touched.contains(&it.statement.subject())
        });
        let facts = untouched.into_iter().map(|check| check.fact);
        facts
            .filter(|fact| {
                let fact = unnumbered(fact);
                !self.asked.contains(&fact) || self.lacked.contains(&fact)
            })
            .collect()
    }
}

/// The fact without the number of its ACL: a change may give the ACLs of a fresh VPP others.
fn unnumbered(fact: &Fact) -> Fact {
    match fact {
        Fact::Acl(_, tag, rules) => Fact::Acl(0, tag.clone(), rules.clone()),
        Fact::Policy(id, _) => Fact::Policy(*id, 0),
        Fact::Filter(interface, side, _) => Fact::Filter(interface.clone(), side.clone(), 0),
        fact => fact.clone(),
    }
}
