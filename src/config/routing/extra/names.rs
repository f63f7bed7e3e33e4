//! The names and prefixes the file defines and uses, for the checks of the tables.

use super::asks;
use super::block::Block;
use super::raw::{ExtraRaw, Statement};
use crate::config::index::{Index, Names};
use crate::config::routing::ospf::Area;
use crate::config::source::Located;
use crate::types::{PolicyName, Prefix};

/// Enters what the file defines and uses. Names in a grammar that no table has are FRR's business alone.
pub(in crate::config) fn index_extra(extra: &ExtraRaw, index: &mut Index) {
    let mut map = None;
    for statement in extra.statements().filter(|s| s.words[0] != "no") {
        let words = statement.words.as_slice();
        index.igp_of_extra |= asks::is_igp(words);
        index.rpki_of_extra |= words == ["rpki"];
        match words {
            ["route-map", name, ..] => map = name.parse().ok(),
            ["call", called] if statement.block == Block::RouteMap => {
                let call = map.clone().zip(located(&statement, called));
                index.calls_of_extra.extend(call);
            }
            _ => {}
        }
        index.bgp_of_extra |= matches!(words, ["router", "bgp", ..]);
        let (v4, v6) = &mut index.default_resolves;
        *v4 |= words == ["ip", "nht", "resolve-via-default"];
        *v6 |= words == ["ipv6", "nht", "resolve-via-default"];
        prefixes(&statement, index);
        areas(words, index);
        if free_text(words) || secret(words) {
            continue;
        }
        defined(&statement, index);
        used(&statement, index);
    }
}

/// Whether the line holds a password or key: it is shown nowhere.
pub(super) fn secret(words: &[&str]) -> bool {
    let named = |word: &&str| {
        matches!(
            *word,
            "password" | "authentication-key" | "message-digest-key" | "key-string"
        ) || word.ends_with("-password")
    };
    match words {
        ["neighbor", _, "description", ..] | ["description", ..] => false,
        ["ipv6", "ospf6", "authentication", rest @ ..] => rest.contains(&"key"),
        ["ip", "rip", "authentication", "string", ..] | ["ip" | "ipv6", "nhrp", "authentication", ..] => true,
        // `no service password-encryption` and the like hold none.
        ["service" | "no", ..] => false,
        words => words
            .split_last()
            .is_some_and(|(_, before)| before.iter().any(named)),
    }
}

fn free_text(words: &[&str]) -> bool {
    let remark = |word: &&str| matches!(*word, "description" | "remark");
    words.iter().take(5).any(remark)
}

/// A word and its place.
fn located(statement: &Statement<'_>, word: &str) -> Option<Located<PolicyName>> {
    let value = word.parse().ok()?;
    let span = statement.span;
    Some(Located { value, span })
}

fn define(names: &mut Names, statement: &Statement<'_>, word: &str) {
    if let Some(name) = located(statement, word) {
        names.defined_in_extra.insert(name.value, name.span);
    }
}

fn defined(statement: &Statement<'_>, index: &mut Index) {
    match statement.words.as_slice() {
        ["route-map", name, "permit" | "deny", ..] => define(&mut index.route_maps, statement, name),
        [family @ ("ip" | "ipv6"), "prefix-list", name, ..] => {
            define(&mut index.prefix_lists, statement, name);
            if let Ok(name) = name.parse() {
                let families = index.prefix_lists_of_extra.entry(name).or_default();
                families.v4 |= *family == "ip";
                families.v6 |= *family == "ipv6";
            }
        }
        ["bgp", "community-list", "standard" | "expanded", name, ..]
        | ["bgp", "community-list", name, ..] => define(&mut index.community_lists, statement, name),
        ["bgp", "as-path", "access-list", name, ..] => define(&mut index.as_path_lists, statement, name),
        ["bgp", "large-community-list", "standard" | "expanded", name, ..]
        | ["bgp", "large-community-list", name, ..] => {
            define(&mut index.large_community_lists, statement, name)
        }
        ["profile", name] if statement.block == Block::Bfd => {
            define(&mut index.bfd_profiles, statement, name)
        }
        _ => {}
    }
}

/// The words behind which the name of a route-map stands.
const MAPS: [&str; 8] = [
    "route-map",
    "suppress-map",
    "unsuppress-map",
    "advertise-map",
    "exist-map",
    "non-exist-map",
    "table-map",
    "call",
];

fn used(statement: &Statement<'_>, index: &mut Index) {
    let words = statement.words.as_slice();
    let heads = ["route-map", "ip", "ipv6", "bgp"];
    let skip = match words {
        // A definition, or a setting of the map itself.
        ["route-map", ..] | ["ip" | "ipv6", "prefix-list", ..] => return,
        [head, ..] if heads.contains(head) => 1,
        _ => 0,
    };
    for pair in words[skip..].windows(2) {
        let &[word, name] = pair else { continue };
        // A group has to stand before its members, so one of the file's own is for no table.
        if word == "peer-group" && !index.peer_groups.defined.contains_key(name) {
            continue;
        }
        let names = match word {
            "call" if statement.block != Block::RouteMap => continue,
            word if MAPS.contains(&word) => &mut index.route_maps,
            "prefix-list" => &mut index.prefix_lists,
            "community" if words[0] == "match" => &mut index.community_lists,
            "comm-list" => &mut index.community_lists,
            "large-community" if words[0] == "match" => &mut index.large_community_lists,
            "large-comm-list" => &mut index.large_community_lists,
            "as-path" if words[0] == "match" => &mut index.as_path_lists,
            "filter-list" => &mut index.as_path_lists,
            "peer-group" => &mut index.peer_groups,
            "profile" if statement.block == Block::BfdTimers || words.contains(&"bfd") => {
                &mut index.bfd_profiles
            }
            _ => continue,
        };
        names.used.extend(located(statement, name));
    }
}

/// The areas it puts interfaces in.
fn areas(words: &[&str], index: &mut Index) {
    let (areas, area) = match words {
        ["ip", "ospf", "area", area] | ["network", _, "area", area] => (&mut index.ospf_areas, area),
        ["ipv6", "ospf6", "area", area] | ["interface", _, "area", area] => (&mut index.ospf6_areas, area),
        _ => return,
    };
    areas.extend(area.parse::<Area>().ok());
}

/// What it routes and announces, and to whom.
fn prefixes(statement: &Statement<'_>, index: &mut Index) {
    let bgp = matches!(statement.block, Block::Bgp | Block::BgpFamily);
    match statement.words.as_slice() {
        ["ip" | "ipv6", "route", prefix, to, ..] if statement.block != Block::Vrf => {
            if let Ok(prefix) = prefix.parse::<Prefix>() {
                index.add_static(prefix, to.parse().ok());
            }
        }
        ["network" | "aggregate-address", prefix, ..] if bgp => {
            index.announced_in_extra.extend(prefix.parse::<Prefix>().ok());
        }
        ["redistribute", ..] => index.redistributes_in_extra = true,
        ["neighbor", _, "remote-as" | "peer-group" | "interface", ..] | ["bgp", "listen", ..] if bgp => {
            index.neighbors_in_extra = true;
        }
        _ => {}
    }
}
