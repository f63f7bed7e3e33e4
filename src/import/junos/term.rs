//! A term of a policy of Junos: what it matches, what it sets, and what it decides.

use crate::import::document::{Place, Value};
use crate::import::policy::Entry;
use crate::types::Prefix;

/// A term of a policy.
#[derive(Debug)]
pub(super) struct Term {
    /// Prefix-lists it matches, and whether longer prefixes are meant too.
    pub lists: Vec<(String, Length, Place)>,
    pub filters: Vec<(Prefix, Length, Place)>,
    pub communities: Vec<String>,
    /// Lists of AS paths it matches.
    pub as_paths: Vec<String>,
    /// Communities it sets or adds, which are defined further down.
    pub tags: Vec<Tagging>,
    pub accepts: Option<bool>,
    pub sets_next_hop_self: bool,
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

/// Which prefixes within another one are meant: from this length to that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    Exact,
    Longer,
    OrLonger,
    Upto(u8),
    Range(u8, u8),
}

impl Length {
    pub fn read(words: &[&str]) -> Option<Self> {
        let number = |text: &str| text.strip_prefix('/')?.parse().ok();
        match *words {
            ["exact"] => Some(Self::Exact),
            ["longer"] => Some(Self::Longer),
            ["orlonger"] => Some(Self::OrLonger),
            ["upto", length] => number(length).map(Self::Upto),
            ["prefix-length-range", range] => {
                let (from, to) = range.split_once('-')?;
                Some(Self::Range(number(from)?, number(to)?))
            }
            _ => None,
        }
    }

    /// A member of a prefix-list.
    pub fn member(self, prefix: Prefix) -> String {
        let (own, most) = (prefix.net().prefix_len(), prefix.net().max_prefix_len());
        match self {
            Self::Exact => prefix.to_string(),
            Self::Longer if own >= most => format!("deny {prefix}"),
            Self::Longer => format!("{prefix} ge {} le {most}", own + 1),
            Self::OrLonger if own >= most => prefix.to_string(),
            Self::OrLonger => format!("{prefix} le {most}"),
            Self::Upto(to) => format!("{prefix} le {to}"),
            Self::Range(from, to) => format!("{prefix} ge {from} le {to}"),
        }
    }
}

impl Term {
    /// A term without a statement.
    pub fn at(place: Place) -> Self {
        Self {
            lists: Vec::new(),
            filters: Vec::new(),
            communities: Vec::new(),
            as_paths: Vec::new(),
            tags: Vec::new(),
            accepts: None,
            sets_next_hop_self: false,
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
            // A route-map of a session sees BGP's routes alone.
            ["protocol", "bgp"] => {}
            ["neighbor", address] if address.parse::<std::net::IpAddr>().is_ok() => {
                return self.entry.matches("peer", address.into());
            }
            [key @ ("metric" | "local-preference"), number]
                if number.parse::<u32>().is_ok_and(|it| it > 0) =>
            {
                let key = if key == "metric" {
                    "metric"
                } else {
                    "local-preference"
                };
                return self.entry.matches(key, Value::number(number));
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

    pub fn decides(&mut self, accepts: bool) -> bool {
        self.accepts.get_or_insert(accepts);
        true
    }

    /// `then …`; whether there is a key for it.
    pub fn sets(&mut self, then: &[&str], place: Place) -> bool {
        match *then {
            [key @ ("local-preference" | "metric" | "tag"), number] if number.parse::<u32>().is_ok() => {
                let key = match key {
                    "local-preference" => "local-preference",
                    "metric" => "metric",
                    _ => "tag",
                };
                self.entry.set(key, Value::number(number));
            }
            [
                key @ ("local-preference" | "metric"),
                how @ ("add" | "subtract"),
                number,
            ] if number.parse::<u32>().is_ok() => {
                let key = if key == "metric" {
                    "metric"
                } else {
                    "local-preference"
                };
                let sign = if how == "add" { '+' } else { '-' };
                self.entry.set(key, format!("{sign}{number}").as_str().into());
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
