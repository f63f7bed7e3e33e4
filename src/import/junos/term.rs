//! A term of a policy of Junos: what it matches, what it sets, and what it decides.

use super::prefixes::{Filter, Length};
use crate::import::document::{Place, Value};
use crate::import::policy::{Entry, Family, number_key};
use crate::types::Prefix;

/// A term of a policy.
#[derive(Debug)]
pub(super) struct Term {
    /// Prefix-lists it matches, and whether longer prefixes are meant too.
    pub lists: Vec<(String, Length, Place)>,
    pub filters: Vec<Filter>,
    pub communities: Vec<String>,
    /// Lists of AS paths it matches, and groups of them.
    pub as_paths: Vec<String>,
    pub as_path_groups: Vec<String>,
    /// Protocols that a route comes from, any of them, with the statements.
    pub protocols: Vec<(String, String, Place)>,
    /// Communities it sets or adds, which are defined further down.
    pub tags: Vec<Tagging>,
    pub accepts: Option<bool>,
    /// Whether the policy behind this one goes on with what it matches.
    pub ends_policy: bool,
    /// The family it is about alone, with the statement.
    pub family: Option<(Family, String, Place)>,
    /// Where it makes this router the next hop.
    pub next_hop_self: Option<Place>,
    pub entry: Entry,
}

/// `then community add NAME`, `set` or `delete`.
#[derive(Debug)]
pub(super) struct Tagging {
    pub name: String,
    pub how: How,
    pub place: Place,
}

/// What becomes of the communities a route has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Add,
    Set,
    Delete,
}

impl Term {
    /// A term without a statement.
    pub fn at(place: Place) -> Self {
        Self {
            lists: Vec::new(),
            filters: Vec::new(),
            communities: Vec::new(),
            as_paths: Vec::new(),
            as_path_groups: Vec::new(),
            protocols: Vec::new(),
            tags: Vec::new(),
            accepts: None,
            ends_policy: false,
            family: None,
            next_hop_self: None,
            entry: Entry::new(0, "permit", place),
        }
    }

    /// `from …`; whether there is a key for it.
    pub fn matches(&mut self, from: &[&str], place: Place) -> bool {
        match *from {
            ["prefix-list", list] => self.lists.push((list.to_owned(), Length::Exact, place)),
            ["prefix-list-filter", list, ref length @ ..] => match Length::read(length) {
                Some(length) => self.lists.push((list.to_owned(), length, place)),
                None => return false,
            },
            ["route-filter", prefix, ref length @ ..] => {
                match (prefix.parse::<Prefix>(), Length::read(length)) {
                    (Ok(prefix), Some(length)) => self.filters.push((prefix, length, place)),
                    _ => return false,
                }
            }
            ["community", community] => self.communities.push(community.to_owned()),
            ["as-path", list] => self.as_paths.push(list.to_owned()),
            ["tag", tag] if self.entry.tag.is_none() => self.entry.tag = Some(Value::number(tag)),
            ["as-path-group", list] => self.as_path_groups.push(list.to_owned()),
            ["neighbor", address] if address.parse::<std::net::IpAddr>().is_ok() => {
                return self.entry.matches("peer", address.into());
            }
            [word @ ("metric" | "local-preference"), number]
                if number.parse::<u32>().is_ok_and(|it| it > 0) =>
            {
                return self.entry.matches(number_key(word), Value::number(number));
            }
            ["origin", origin @ ("igp" | "egp" | "incomplete")] => {
                return self.entry.matches("origin", origin.into());
            }
            ["validation-database", state] => {
                let state = match state {
                    "valid" | "invalid" => state,
                    "unknown" => "notfound",
                    _ => return false,
                };
                return self.entry.matches("rpki", state.into());
            }
            _ => return false,
        }
        true
    }

    /// Has a term of one family match its prefixes alone.
    pub fn settle_family(&mut self) {
        let Some((family, statement, place)) = self.family.take() else {
            return;
        };
        let all = match family {
            Family::V4 => "0.0.0.0/0",
            Family::V6 => "::/0",
        };
        let has_prefixes = self.has_prefixes();
        let is_own = |(prefix, ..): &Filter| prefix.net().addr().is_ipv4() == (family == Family::V4);
        match all.parse() {
            Ok(all) if !has_prefixes => self.filters.push((all, Length::OrLonger, place)),
            // It matches nothing besides.
            _ if self.lists.is_empty() && self.filters.iter().all(is_own) => {}
            _ => self.entry.lost.push((statement, place)),
        }
    }

    /// Whether it is about routes of BGP, which are all that the route-map of a session sees.
    pub fn is_of_bgp(&self) -> bool {
        self.protocols.is_empty() || self.protocols.iter().any(|(protocol, ..)| protocol == "bgp")
    }

    /// Whether it says which prefixes it matches.
    pub fn has_prefixes(&self) -> bool {
        !self.lists.is_empty() || !self.filters.is_empty()
    }

    /// Whether it matches by more than prefixes and protocols.
    pub fn matches_more(&self) -> bool {
        let entry = &self.entry;
        !self.communities.is_empty()
            || !self.as_paths.is_empty()
            || !self.as_path_groups.is_empty()
            || !entry.matches.is_empty()
            || entry.tag.is_some()
            || !entry.lost.is_empty()
    }

    /// Whether it matches every route of BGP.
    pub fn is_of_all(&self) -> bool {
        self.is_of_bgp() && !self.has_prefixes() && !self.matches_more()
    }

    pub fn decides(&mut self, accepts: bool) -> bool {
        self.accepts.get_or_insert(accepts);
        true
    }

    /// `then …`; whether there is a key for it.
    pub fn sets(&mut self, then: &[&str], place: Place) -> bool {
        match *then {
            [word @ ("local-preference" | "metric" | "tag"), number] if number.parse::<u32>().is_ok() => {
                self.entry.set(number_key(word), Value::number(number));
            }
            [
                word @ ("local-preference" | "metric"),
                how @ ("add" | "subtract"),
                number,
            ] if number.parse::<u32>().is_ok() => {
                let sign = if how == "add" { '+' } else { '-' };
                self.entry
                    .set(number_key(word), format!("{sign}{number}").as_str().into());
            }
            ["as-path-prepend", asns] => {
                let asns = asns.split_whitespace().map(Value::number).collect();
                self.entry.set("as-path-prepend", Value::List(asns));
            }
            ["as-path-expand", "last-as", "count", count]
                if count.parse::<u8>().is_ok_and(|it| (1..=10).contains(&it)) =>
            {
                let last = vec![("last-as".to_owned(), Value::number(count))];
                self.entry.set("as-path-prepend", Value::Inline(last));
            }
            ["origin", origin @ ("igp" | "egp" | "incomplete")] => self.entry.set("origin", origin.into()),
            ["next-hop", address] => match address.parse() {
                Ok(address) => self.entry.next_hop(address),
                Err(_) => return false,
            },
            [
                "community",
                how @ ("add" | "set" | "delete" | "+" | "=" | "-"),
                name,
            ] => self.tags.push(Tagging {
                name: name.to_owned(),
                how: match how {
                    "add" | "+" => How::Add,
                    "set" | "=" => How::Set,
                    _ => How::Delete,
                },
                place,
            }),
            _ => return false,
        }
        true
    }
}
