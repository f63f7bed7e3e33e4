//! `[as-path-lists]`, `[community-lists]` and `[large-community-lists]`.

use super::check::list::permits_something;
use super::policy::Action;
use super::raw::{AsPathListsRaw, CommunityListsRaw, LargeCommunityListsRaw};
use crate::config::check::Checking;
use crate::config::code::{E0222, E0394, E0715};
use crate::config::diag::Diagnostic;
use crate::config::index::Names;
use crate::config::keys::{Field, Filled, Named, Reading, Shape, Takes, Value, normal};
use crate::config::source::{Located, Span};
use crate::types::{AsPathRegex, Community, CommunityRegex, LargeCommunity, PolicyName, TypeError};
use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::str::FromStr;

/// An entry of a list: what it says of the routes that it matches. The first one that matches decides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule<M> {
    /// `permit` unless written.
    pub action: Action,
    /// What it matches.
    pub matches: M,
}

/// `[as-path-lists] NAME = ["_23456_", "deny ^$"]`; at least one entry, no two match the same.
#[derive(Debug)]
pub struct AsPathList {
    /// In the order written.
    pub rules: Vec<Rule<AsPathRegex>>,
}

/// `[community-lists] NAME = […]`, and the same of large communities; at least one entry, no two match the same. FRR has a
/// name for one of both kinds alone.
#[derive(Debug)]
pub enum CommunityList<C> {
    /// Each entry matches a route that carries all of its communities, which are sorted.
    Standard(Vec<Rule<Vec<C>>>),
    /// Each entry matches the text of a route's communities.
    Expanded(Vec<Rule<CommunityRegex>>),
}

impl<C> CommunityList<C> {
    /// Whether an entry names several communities at once.
    pub fn has_an_entry_of_several(&self) -> bool {
        match self {
            Self::Standard(rules) => rules.iter().any(|rule| rule.matches.len() > 1),
            Self::Expanded(_) => false,
        }
    }
}

/// What a member of a list matches.
pub(in crate::config) trait Member: FromStr<Err = TypeError> + Display {
    /// In words, with its article.
    const ABOUT: &'static str;
    /// Of `[permit|deny] MEMBER`.
    const PATTERN: &'static str;
}

/// The communities of a member, or the expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::config) enum Communities<C> {
    /// All of these; sorted, each once.
    All(Vec<C>),
    /// Whatever the expression matches.
    Like(CommunityRegex),
}

impl<C: FromStr<Err = TypeError> + Ord> FromStr for Communities<C> {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        if CommunityRegex::is_meant(text) {
            return text.parse().map(Self::Like);
        }
        let words = text.split_ascii_whitespace();
        let mut all = words.map(str::parse).collect::<Result<Vec<C>, _>>()?;
        all.sort();
        all.dedup();
        match all.is_empty() {
            true => text.parse::<C>().map(|one| Self::All(vec![one])),
            false => Ok(Self::All(all)),
        }
    }
}

impl<C: Display> Display for Communities<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(all) => {
                for (number, community) in all.iter().enumerate() {
                    write!(f, "{}{community}", if number > 0 { " " } else { "" })?;
                }
                Ok(())
            }
            Self::Like(regex) => regex.fmt(f),
        }
    }
}

impl Member for AsPathRegex {
    const ABOUT: &'static str = "[permit|deny] and a regular expression over the AS path, like _64496_";
    const PATTERN: &'static str = r"^((permit|deny) +)?[\]\[0-9_^|,{}() $*+.?\\-]{1,200}$";
}

impl Member for Communities<Community> {
    const ABOUT: &'static str =
        "[permit|deny] and communities that a route carries all of, or a regular expression";
    const PATTERN: &'static str = r"^((permit|deny) +)?[\]\[0-9A-Za-z:_^|,{}() $*+.?\\-]+$";
}

impl Member for Communities<LargeCommunity> {
    const ABOUT: &'static str =
        "[permit|deny] and large communities that a route carries all of, or a regular expression";
    const PATTERN: &'static str = r"^((permit|deny) +)?[\]\[0-9:_^|,{}() $*+.?\\-]+$";
}

impl<M: FromStr<Err = TypeError>> FromStr for Rule<M> {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let (action, matches) = match text.split_once(' ') {
            Some(("permit", rest)) => (Action::Permit, rest),
            Some(("deny", rest)) => (Action::Deny, rest),
            _ => (Action::Permit, text),
        };
        let matches = matches.trim_start().parse()?;
        Ok(Self { action, matches })
    }
}

impl<M: Display> Display for Rule<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.action == Action::Deny {
            f.write_str("deny ")?;
        }
        self.matches.fmt(f)
    }
}

impl<M: Member> Takes for Rule<M> {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        value.parse(reading)
    }

    fn shape() -> Shape {
        Shape::Text {
            about: M::ABOUT,
            pattern: M::PATTERN,
            normal: normal::<Self>,
        }
    }
}

/// `[as-path-lists]`, checked.
pub(in crate::config) fn as_path_lists(
    field: &Field<AsPathListsRaw>,
    cx: &mut Checking<'_>,
) -> BTreeMap<PolicyName, AsPathList> {
    let mut lists = BTreeMap::new();
    for (name, list) in field.entries() {
        no_rule_repeats(&list.value.0, cx);
        permits_something("as-path-list", name, &list.value.0, &cx.index.as_path_lists, cx);
        numbers_are_whole(&list.value.0, cx);
        let rules = list.value.0.iter().map(|rule| rule.value.clone()).collect();
        lists.insert(name.value.clone(), AsPathList { rules });
    }
    lists
}

/// An expression of digits alone matches them inside of longer AS numbers, too. Said once for a list.
fn numbers_are_whole(rules: &[Located<Rule<AsPathRegex>>], cx: &mut Checking<'_>) {
    let digits = |regex: &str| regex.bytes().all(|byte| byte.is_ascii_digit());
    let mut texts = rules
        .iter()
        .map(|rule| (rule.value.matches.to_string(), rule.span));
    if let Some((regex, place)) = texts.find(|(regex, _)| digits(regex)) {
        cx.report(
            Diagnostic::warning(E0394, place, format!("'{regex}' matches inside of longer AS numbers, too"))
                .hint(format!("write `_{regex}_` for paths with this AS, `^{regex}_` for those from it, `_{regex}$` for those of its own")),
        );
    }
}

/// `[community-lists]`, checked.
pub(in crate::config) fn community_lists(
    field: &Field<CommunityListsRaw>,
    cx: &mut Checking<'_>,
) -> BTreeMap<PolicyName, CommunityList<Community>> {
    of_communities(field, "community-list", &cx.index.community_lists, cx)
}

/// `[large-community-lists]`, checked.
pub(in crate::config) fn large_community_lists(
    field: &Field<LargeCommunityListsRaw>,
    cx: &mut Checking<'_>,
) -> BTreeMap<PolicyName, CommunityList<LargeCommunity>> {
    of_communities(field, "large-community-list", &cx.index.large_community_lists, cx)
}

/// The lists of either kind of community. One with an expression in it is expanded as a whole.
fn of_communities<C: Ord + Clone + Display>(
    field: &Field<Named<PolicyName, Filled<Rule<Communities<C>>>>>,
    kind: &str,
    names: &Names,
    cx: &mut Checking<'_>,
) -> BTreeMap<PolicyName, CommunityList<C>> {
    let mut lists = BTreeMap::new();
    for (name, list) in field.entries() {
        let written = &list.value.0;
        no_rule_repeats(written, cx);
        permits_something(kind, name, written, names, cx);
        let regex = written
            .iter()
            .find(|it| matches!(it.value.matches, Communities::Like(_)));
        let list = match regex {
            Some(regex) => CommunityList::Expanded(expanded(written, regex.span, cx)),
            None => CommunityList::Standard(standard(written)),
        };
        lists.insert(name.value.clone(), list);
    }
    lists
}

/// Entries that all permit have no order: FRR's lists are in that of their communities then.
fn standard<C: Ord + Clone>(written: &[Located<Rule<Communities<C>>>]) -> Vec<Rule<Vec<C>>> {
    let rule = |it: &Located<Rule<Communities<C>>>| match &it.value.matches {
        Communities::All(all) => Some(Rule {
            action: it.value.action,
            matches: all.clone(),
        }),
        Communities::Like(_) => None,
    };
    let mut rules: Vec<Rule<Vec<C>>> = written.iter().filter_map(rule).collect();
    if rules.iter().all(|rule| rule.action == Action::Permit) {
        rules.sort();
    }
    rules
}

fn expanded<C: Clone + Display>(
    written: &[Located<Rule<Communities<C>>>],
    regex: Span,
    cx: &mut Checking<'_>,
) -> Vec<Rule<CommunityRegex>> {
    let mut rules = Vec::new();
    for it in written {
        let matches = match &it.value.matches {
            Communities::Like(regex) => regex.clone(),
            Communities::All(all) => {
                if all.len() > 1 {
                    let message = "several communities at once beside a regular expression";
                    cx.report(
                        Diagnostic::error(E0715, it.span, message)
                            .label("a list has either of them")
                            .also(regex, "the regular expression")
                            .hint("give one of them a list of its own"),
                    );
                }
                CommunityRegex::exactly(&all[0])
            }
        };
        rules.push(Rule {
            action: it.value.action,
            matches,
        });
    }
    rules
}

/// The second of two entries that match the same decides nothing, and FRR drops it.
fn no_rule_repeats<M: Display>(written: &[Located<Rule<M>>], cx: &mut Checking<'_>) {
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    for rule in written {
        let matches = rule.value.matches.to_string();
        match seen.get(&matches) {
            Some(first) => {
                let message = format!("{matches} is listed twice");
                cx.report(Diagnostic::error(E0222, rule.span, message).also(*first, "first here"));
            }
            None => _ = seen.insert(matches, rule.span),
        }
    }
}
