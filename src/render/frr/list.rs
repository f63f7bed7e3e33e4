//! Lists of AS paths and of communities.

use super::numbers::{self, MEMBERS};
use super::running::Numbered;
use crate::config::{Action, CommunityList, Model, Rule};
use crate::render::engine::Phrase;
use crate::types::PolicyName;
use minijinja::Value;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Display;

/// One member of a list.
#[derive(Debug, Serialize)]
pub(super) struct Member<'m> {
    /// `standard` or `expanded`; AS paths have one kind alone.
    kind: &'static str,
    list: &'m PolicyName,
    sequence: u32,
    action: Action,
    /// A regular expression, or communities that a route carries all of.
    community: Value,
}

/// `bgp as-path access-list`.
pub(super) fn as_paths<'m>(model: &'m Model, running: &Numbered<'_>) -> Vec<Member<'m>> {
    let start = "bgp as-path access-list ";
    let lists = model.as_path_lists.iter();
    lists
        .flat_map(|(name, list)| members(start, "", name, texts(&list.rules), running))
        .collect()
}

/// `bgp community-list`.
pub(super) fn communities<'m>(model: &'m Model, running: &Numbered<'_>) -> Vec<Member<'m>> {
    of_communities("bgp community-list", &model.community_lists, running)
}

/// `bgp large-community-list`.
pub(super) fn large_communities<'m>(model: &'m Model, running: &Numbered<'_>) -> Vec<Member<'m>> {
    of_communities("bgp large-community-list", &model.large_community_lists, running)
}

fn of_communities<'m, C: Display>(
    command: &str,
    lists: &'m BTreeMap<PolicyName, CommunityList<C>>,
    running: &Numbered<'_>,
) -> Vec<Member<'m>> {
    let list = |(name, list): (&'m PolicyName, &CommunityList<C>)| {
        let (kind, rules) = match list {
            CommunityList::Standard(rules) => {
                let all = |all: &Vec<C>| all.iter().map(C::to_string).collect::<Vec<_>>().join(" ");
                let rules = rules.iter().map(|rule| (rule.action, all(&rule.matches)));
                ("standard", rules.collect())
            }
            CommunityList::Expanded(rules) => ("expanded", texts(rules)),
        };
        members(&format!("{command} {kind} "), kind, name, rules, running)
    };
    lists.iter().flat_map(list).collect()
}

fn texts<M: Display>(rules: &[Rule<M>]) -> Vec<(Action, String)> {
    let rules = rules.iter();
    rules
        .map(|rule| (rule.action, rule.matches.to_string()))
        .collect()
}

/// The members of a list, each with its own number: the first one that matches decides.
fn members<'m>(
    start: &str,
    kind: &'static str,
    list: &'m PolicyName,
    rules: Vec<(Action, String)>,
    running: &Numbered<'_>,
) -> Vec<Member<'m>> {
    let text = |(action, text): &(Action, String)| match action {
        Action::Permit => format!("permit {text}"),
        Action::Deny => format!("deny {text}"),
    };
    let wanted: Vec<String> = rules.iter().map(text).collect();
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    let before = running
        .parts(start, list.as_ref())
        .and_then(|parts| parts.get(&1));
    let numbers = numbers::of(before.map_or(&[][..], Vec::as_slice), &wanted, &MEMBERS);
    let numbered = rules.iter().zip(numbers);
    numbered
        .map(|((action, text), sequence)| Member {
            kind,
            list,
            sequence,
            action: *action,
            community: Phrase::value(text),
        })
        .collect()
}
