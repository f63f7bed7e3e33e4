//! Prefixes that policies of Junos match: which of those inside of one are meant, and how several decide together.

use crate::import::document::Place;
use crate::types::Prefix;

/// Which prefixes within another one are meant: from this length to that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    Exact,
    Longer,
    OrLonger,
    Upto(u8),
    Range(u8, u8),
}

/// A `route-filter`.
pub(super) type Filter = (Prefix, Length, Place);

impl Length {
    /// The words behind a prefix.
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

    /// Whether a prefix is one of those that are meant.
    pub fn covers(self, around: Prefix, prefix: Prefix) -> bool {
        let (own, length) = (around.net().prefix_len(), prefix.net().prefix_len());
        let is_long = match self {
            Self::Exact => length == own,
            Self::Longer => length > own,
            Self::OrLonger => true,
            Self::Upto(to) => length <= to,
            Self::Range(from, to) => (from..=to).contains(&length),
        };
        is_long && around.contains(prefix)
    }
}

/// The filters that decide over a prefix: of several those with the longest prefix around it, and no other.
pub(super) fn deciding(filters: &[Filter], prefix: Prefix) -> impl Iterator<Item = &Filter> {
    let around = move |filter: &&Filter| filter.0.contains(prefix);
    let length = |filter: &Filter| filter.0.net().prefix_len();
    let longest = filters.iter().filter(around).map(length).max();
    filters
        .iter()
        .filter(around)
        .filter(move |filter| Some(length(filter)) == longest)
}

/// The members of a prefix-list that match what the filters match together.
pub(super) fn members(filters: &[Filter]) -> Vec<(Prefix, String, Place)> {
    let mut filters: Vec<&Filter> = filters.iter().collect();
    filters.sort_by_key(|(prefix, ..)| {
        let net = prefix.net();
        (std::cmp::Reverse(net.prefix_len()), net.network())
    });
    let mut members = Vec::new();
    for same in filters.chunk_by(|one, next| one.0 == next.0) {
        members.extend(
            same.iter()
                .map(|(prefix, length, place)| (*prefix, length.member(*prefix), *place)),
        );
        let Some((prefix, _, place)) = same.last() else {
            continue;
        };
        let is_inside = filters
            .iter()
            .any(|(outer, ..)| outer != prefix && outer.contains(*prefix));
        let is_whole = same.iter().any(|(_, length, _)| *length == Length::OrLonger);
        // What is longer is of these filters as well, and of no other one.
        if is_inside && !is_whole {
            let most = prefix.net().max_prefix_len();
            let rest = match prefix.net().prefix_len() < most {
                true => format!("deny {prefix} le {most}"),
                false => format!("deny {prefix}"),
            };
            members.push((*prefix, rest, *place));
        }
    }
    members
}

#[cfg(test)]
mod tests {
    use super::{Filter, Length, deciding, members};
    use crate::import::document::Place;
    use crate::types::Prefix;

    fn filters(list: &[(&str, Length)]) -> Vec<Filter> {
        let place = Place { file: 0, line: 1 };
        let parsed = list
            .iter()
            .filter_map(|(prefix, length)| Some((prefix.parse().ok()?, *length, place)));
        parsed.collect()
    }

    #[test]
    fn the_filters_of_one_prefix_decide_before_those_around_it() {
        let filters = filters(&[
            ("10.0.0.0/8", Length::OrLonger),
            ("10.1.0.0/16", Length::Exact),
            ("10.1.0.0/16", Length::Range(24, 24)),
        ]);
        let texts: Vec<String> = members(&filters).into_iter().map(|(_, text, _)| text).collect();
        assert_eq!(
            texts,
            [
                "10.1.0.0/16",
                "10.1.0.0/16 ge 24 le 24",
                "deny 10.1.0.0/16 le 32",
                "10.0.0.0/8 le 32"
            ]
        );
        let matched = |prefix: &str| {
            let prefix: Option<Prefix> = prefix.parse().ok();
            prefix.is_some_and(|it| {
                deciding(&filters, it).any(|(around, length, _)| length.covers(*around, it))
            })
        };
        assert!(matched("10.1.0.0/16") && matched("10.1.5.0/24") && matched("10.2.0.0/16"));
        assert!(!matched("10.1.0.0/17") && !matched("192.0.2.0/24"));
    }
}
