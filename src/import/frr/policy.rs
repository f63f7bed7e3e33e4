//! Prefix-lists, community-lists and route-maps of frr.conf, and BFD's profiles.

use super::{Block, Frr, after};
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::name::Names;
use crate::import::policy::{Entry, Family, number_key};
use crate::types::CommunityRegex;

/// `match ip next-hop prefix-list LIST` in an entry of a route-map.
#[derive(Debug)]
pub(super) struct NextHop {
    map: String,
    entry: usize,
    /// The family that the list must not be of.
    other: Family,
    list: String,
    statement: String,
    place: Place,
}

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

    /// `bgp community-list standard NAME [seq N] permit|deny COMMUNITY…`, and the same of large communities.
    pub(super) fn communities(&mut self, table: &'static str, words: &[&str], line: &str, place: Place) {
        let (is_expression, words) = match *words {
            ["standard", ref rest @ ..] => (false, rest),
            ["expanded", ref rest @ ..] => (true, rest),
            ref rest => (false, rest),
        };
        let Some((name, sequence, action, rest)) = listed(words) else {
            return self.leave(line, place, Why::Unknown);
        };
        let mut text = rest.join(" ");
        // Without a sign of an expression it would be a community, which matches nothing inside of others.
        if is_expression && !CommunityRegex::is_meant(&text) {
            text = format!("({text})");
        }
        let text = member(action, &text);
        self.site.policy.member(table, name, sequence, text, place);
    }

    /// `bgp as-path access-list NAME [seq N] permit|deny EXPRESSION`.
    pub(super) fn as_path_list(&mut self, words: &[&str], line: &str, place: Place) {
        match listed(words) {
            Some((name, sequence, action, rest)) => {
                let text = member(action, &rest.join(" "));
                self.site
                    .policy
                    .member("as-path-lists", name, sequence, text, place);
            }
            None => self.leave(line, place, Why::Unknown),
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
        let interface = match *words {
            ["match", "interface", name] => Some(self.site.device(name).name),
            _ => None,
        };
        let peer = match *words {
            ["match", "peer", peer] => self.peer_name(peer),
            _ => None,
        };
        if let [
            "match",
            address @ ("ip" | "ipv6"),
            "next-hop",
            "prefix-list",
            list,
        ] = *words
        {
            return self.match_next_hop(name, address, list, statement, place);
        }
        let names = &mut self.site.names;
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
            ["match", "tag", tag] if entry.tag.is_none() => {
                entry.tag = Some(Value::number(tag));
                true
            }
            ["match", ref what @ ..] => {
                let condition = condition(what, interface, peer, names);
                if !condition.is_some_and(|(key, value)| entry.matches(key, value)) {
                    entry.lost.push((statement.to_owned(), place));
                }
                true
            }
            ["call", map] if entry.call.is_none() => {
                entry.call = Some(names.policy(map));
                true
            }
            ["on-match", "next"] | ["continue"] => {
                entry.then = Some("next".into());
                true
            }
            ["on-match", "goto", number] | ["continue", number] => {
                entry.then = Some(Value::number(number));
                true
            }
            ["call" | "on-match" | "continue", ..] => {
                entry.lost.push((statement.to_owned(), place));
                true
            }
            ["set", ref what @ ..] => set(entry, what, names),
            _ => return self.leave(line, place, Why::Unknown),
        };
        if !is_known {
            self.not_yet(line, place);
        }
    }

    fn match_next_hop(&mut self, map: &str, address: &str, list: &str, statement: &str, place: Place) {
        let entries = &self.site.policy.route_map(map).entries;
        self.next_hops.push(NextHop {
            map: map.to_owned(),
            entry: entries.len().saturating_sub(1),
            other: match address {
                "ip" => Family::V6,
                _ => Family::V4,
            },
            list: list.to_owned(),
            statement: statement.to_owned(),
            place,
        });
    }

    /// Lists of next hops, once all lists are known: one that the other family has as well would match more here.
    pub(super) fn finish_next_hops(&mut self) {
        for it in std::mem::take(&mut self.next_hops) {
            let is_alone = !self.site.policy.has_prefix_list(&it.list, it.other);
            let list = Value::text(self.site.names.policy(&it.list));
            let entries = &mut self.site.policy.route_map(&it.map).entries;
            let Some(entry) = entries.get_mut(it.entry) else {
                continue;
            };
            if !is_alone || !entry.matches("next-hop", list) {
                entry.lost.push((it.statement, it.place));
            }
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

/// `NAME [seq N] permit|deny REST…`: the name, the number, the action and the rest, which is not empty.
fn listed<'w, 'l>(words: &'w [&'l str]) -> Option<(&'l str, Option<u64>, &'l str, &'w [&'l str])> {
    let (name, sequence, rest) = match *words {
        [name, "seq", sequence, ref rest @ ..] => (name, Some(sequence.parse().ok()?), rest),
        [name, ref rest @ ..] => (name, None, rest),
        [] => return None,
    };
    match *rest {
        [action @ ("permit" | "deny"), ref rest @ ..] if !rest.is_empty() => {
            Some((name, sequence, action, rest))
        }
        _ => None,
    }
}

/// A condition that is neither a prefix-list nor a tag, as a key and its value.
fn condition(
    words: &[&str],
    interface: Option<String>,
    peer: Option<String>,
    names: &mut Names,
) -> Option<(&'static str, Value)> {
    let exact = |name: String| {
        let pairs = [
            ("name".to_owned(), Value::text(name)),
            ("exact".to_owned(), true.into()),
        ];
        Value::Inline(pairs.into())
    };
    Some(match *words {
        ["as-path", list] => ("as-path-list", Value::text(names.policy(list))),
        ["community", list] => ("community-list", Value::text(names.policy(list))),
        ["community", list, "exact-match"] => ("community-list", exact(names.policy(list))),
        ["large-community", list] => ("large-community-list", Value::text(names.policy(list))),
        ["large-community", list, "exact-match"] => ("large-community-list", exact(names.policy(list))),
        ["rpki", state @ ("valid" | "invalid" | "notfound")] => ("rpki", state.into()),
        ["interface", _] => ("interface", Value::text(interface?)),
        ["peer", _] => ("peer", Value::text(peer?)),
        [word @ ("metric" | "local-preference"), number] => (number_key(word), Value::number(number)),
        ["origin", origin @ ("igp" | "egp" | "incomplete")] => ("origin", origin.into()),
        ["source-protocol", protocol] => ("source-protocol", protocol.into()),
        _ => return None,
    })
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
fn set(entry: &mut Entry, words: &[&str], names: &mut Names) -> bool {
    match *words {
        [word @ ("local-preference" | "metric" | "weight" | "tag"), number]
            if number.parse::<u32>().is_ok() =>
        {
            entry.set(number_key(word), Value::number(number));
        }
        [word @ ("local-preference" | "metric"), change] if is_change(change) => {
            entry.set(number_key(word), change.into());
        }
        ["origin", origin @ ("igp" | "egp" | "incomplete")] => entry.set("origin", origin.into()),
        ["comm-list", list, "delete"] => entry.set("delete-community", Value::text(names.policy(list))),
        ["large-comm-list", list, "delete"] => {
            entry.set("delete-large-community", Value::text(names.policy(list)));
        }
        ["community", "none"] => entry.set("community", "none".into()),
        ["large-community", "none"] => entry.set("large-community", "none".into()),
        ["src", address] => entry.set("src", address.into()),
        ["as-path", "prepend", "last-as", times] => {
            let times = ("last-as".to_owned(), Value::number(times));
            entry.set("as-path-prepend", Value::Inline(vec![times]));
        }
        ["as-path", "exclude", first, ref rest @ ..] if first.starts_with(|c: char| c.is_ascii_digit()) => {
            let asns = std::iter::once(first).chain(rest.iter().copied());
            entry.set("as-path-exclude", Value::List(asns.map(Value::number).collect()));
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
        ["ip", "next-hop", hop] | ["ipv6", "next-hop", "global", hop] => match hop.parse() {
            Ok(hop) => entry.next_hop(hop),
            Err(_) => return false,
        },
        _ => return false,
    }
    true
}

/// `+10`, `-10`.
fn is_change(word: &str) -> bool {
    let digits = word.strip_prefix(['+', '-']);
    digits.is_some_and(|digits| digits.parse::<u32>().is_ok())
}
