//! Prefix-lists, community-lists and route-maps of frr.conf, and BFD's profiles.

use super::{Block, Frr, after};
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::policy::{Entry, Family};

impl Frr {
    /// `ip prefix-list NAME [seq N] permit|deny PREFIX|any [ge N] [le N]`.
    pub(super) fn prefix_list(&mut self, family: Family, words: &[&str], line: &str, place: Place) {
        let (name, sequence, rest) = match *words {
            [name, "seq", sequence, ref rest @ ..] => (name, sequence.parse().ok(), rest),
            [name, ref rest @ ..] => (name, None, rest),
            [] => return self.leave(line, place, Why::Unknown),
        };
        let member = match *rest {
            ["description", ..] => return self.not_yet(line, place),
            [action @ ("permit" | "deny"), "any"] => {
                let all = match family {
                    Family::V4 => "0.0.0.0/0 le 32",
                    Family::V6 => "::/0 le 128",
                };
                member(action, all)
            }
            [action @ ("permit" | "deny"), ref rule @ ..] if !rule.is_empty() => {
                member(action, &rule.join(" "))
            }
            _ => return self.leave(line, place, Why::Unknown),
        };
        self.site.policy.prefix(name, family, sequence, member, place);
    }

    /// `bgp community-list standard NAME [seq N] permit COMMUNITY`.
    pub(super) fn community_list(&mut self, words: &[&str], line: &str, place: Place) {
        let words = match *words {
            ["standard", ref rest @ ..] => rest,
            ["expanded", name, ..] => {
                self.site.policy.lose_community_list(name);
                return self.not_yet(line, place);
            }
            ref rest => rest,
        };
        match *words {
            [name, "seq", _, "permit", community] | [name, "permit", community] => {
                self.site.policy.community(name, community, place);
            }
            [name, ..] => {
                self.site.policy.lose_community_list(name);
                self.not_yet(line, place);
            }
            [] => self.leave(line, place, Why::Unknown),
        }
    }

    pub(super) fn enter_route_map(
        &mut self,
        name: &str,
        action: &str,
        sequence: &str,
        line: &str,
        place: Place,
    ) {
        let action = match action {
            "permit" => "permit",
            "deny" => "deny",
            _ => return self.leave(line, place, Why::Unknown),
        };
        let Ok(sequence) = sequence.parse() else {
            return self.leave(line, place, Why::Because("expected a sequence number".to_owned()));
        };
        let map = self.site.policy.route_map(name);
        // A number that comes again goes on with its entry.
        if map.entries.last().is_none_or(|last| last.sequence != sequence) {
            map.entries.push(Entry::new(sequence, action, place));
        }
        self.block = Block::RouteMap(name.to_owned());
    }

    pub(super) fn of_route_map(&mut self, name: &str, line: &str, words: &[&str], place: Place) {
        let statement = line.trim();
        let Some(entry) = self.site.policy.route_map(name).entries.last_mut() else {
            return;
        };
        let is_known = match *words {
            ["description", ..] => {
                entry.description = Some(after(line, 1).to_owned());
                true
            }
            ["match", "ip", "address", "prefix-list", list] => {
                matched(entry, Family::V4, list, statement, place)
            }
            ["match", "ipv6", "address", "prefix-list", list] => {
                matched(entry, Family::V6, list, statement, place)
            }
            ["match", "community", list] if entry.community_list.is_none() => {
                entry.community_list = Some(list.to_owned());
                true
            }
            ["match", "tag", tag] if entry.tag.is_none() => {
                entry.tag = Some(Value::number(tag));
                true
            }
            ["match" | "call" | "on-match" | "continue", ..] => {
                entry.lost.push((statement.to_owned(), place));
                true
            }
            ["set", ref what @ ..] => set(entry, what),
            _ => return self.leave(line, place, Why::Unknown),
        };
        if !is_known {
            self.not_yet(line, place);
        }
    }

    /// `profile NAME`, and its timers.
    pub(super) fn of_bfd(&mut self, line: &str, words: &[&str], place: Place) {
        match (words, self.block.clone()) {
            (_, Block::Lost(_)) => self.not_yet(line, place),
            (&["profile", name], _) => {
                let name = self.site.names.policy(name);
                self.site.draft.table(&["bfd", "profiles", &name], place);
                self.block = Block::BfdProfile(name);
            }
            (&["peer", ..], _) => {
                self.block = Block::Lost(Box::new(Block::Bfd));
                self.not_yet(line, place);
            }
            (
                &[
                    key @ ("detect-multiplier" | "receive-interval" | "transmit-interval"),
                    number,
                ],
                Block::BfdProfile(name),
            ) => self
                .site
                .draft
                .set(&["bfd", "profiles", &name], key, Value::number(number), place),
            _ => self.not_yet(line, place),
        }
    }
}

/// A member of a prefix-list as our document has it.
fn member(action: &str, rule: &str) -> String {
    match action {
        "deny" => format!("deny {rule}"),
        _ => rule.to_owned(),
    }
}

/// A second list of the entry would never match beside the first.
fn matched(entry: &mut Entry, family: Family, list: &str, statement: &str, place: Place) -> bool {
    match entry.lists.is_empty() {
        true => entry.lists.push((family, list.to_owned())),
        false => entry.lost.push((statement.to_owned(), place)),
    }
    true
}

/// Whether there is a key for what the entry sets.
fn set(entry: &mut Entry, words: &[&str]) -> bool {
    match *words {
        [key @ ("local-preference" | "metric" | "weight" | "tag"), number]
            if number.parse::<u32>().is_ok() =>
        {
            let key = match key {
                "local-preference" => "local-preference",
                "metric" => "metric",
                "weight" => "weight",
                _ => "tag",
            };
            entry.set(key, Value::number(number));
        }
        ["as-path", "prepend", first, ref rest @ ..] if first.starts_with(|c: char| c.is_ascii_digit()) => {
            let asns = std::iter::once(first).chain(rest.iter().copied());
            entry.set("as-path-prepend", Value::List(asns.map(Value::number).collect()));
        }
        [key @ ("community" | "large-community"), ref values @ ..]
            if !values.is_empty() && !values.contains(&"none") =>
        {
            let key = match key {
                "community" => "community",
                _ => "large-community",
            };
            let is_additive = values.last() == Some(&"additive");
            let values = values.iter().filter(|value| **value != "additive");
            entry.set(key, Value::List(values.map(Value::text).collect()));
            if is_additive {
                entry.set("additive", true.into());
            }
        }
        ["ip", "next-hop", hop] | ["ipv6", "next-hop", "global", hop]
            if hop.parse::<std::net::IpAddr>().is_ok() && entry.next_hop.is_none() =>
        {
            entry.next_hop = Some(hop.to_owned());
        }
        _ => return false,
    }
    true
}
