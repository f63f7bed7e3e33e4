//! The lines of a block that are of a known kind: what excludes what, and how each is taken back.

use super::bgp::neighbor;
use std::collections::HashSet;

/// A kind of line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    /// The words it begins with.
    words: &'static str,
    /// What may follow them.
    rest: Rest,
    /// What takes it back.
    undo: Undo,
}

/// What follows the words of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// Nothing.
    Nothing,
    /// A value: a block has one line of the kind, and a new one replaces it.
    Value,
    /// A name, and perhaps a value for it: a block has one line for each name.
    Named,
    /// A value and what it is for: a block has one line for each last word.
    NamedLast,
    /// A name of two words, and perhaps a value for it.
    NamedByTwo,
    /// An area of OSPF: a block has one line for each of its kinds of setting, and one for each range.
    Area,
}

/// What takes a line back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Undo {
    /// `no` and the words of the kind, with the name.
    Words,
    /// `no` and the whole line.
    Line,
    /// The same, and before another value is given, too.
    LineFirst,
    /// The same, behind all that comes: what comes may stand beside it, and there is never neither.
    LineLast,
    /// The same as the last where nothing replaces it, and before another value is given.
    LineInTheWay,
    /// `no` and the words of the kind, with the name, and before another value is given, too.
    WordsFirst,
    /// FRR's own value: not every release knows a `no`.
    Default(&'static str),
}

const fn kind(words: &'static str, rest: Rest, undo: Undo) -> Kind {
    Kind { words, rest, undo }
}

/// The clauses of a route-map's entry.
pub(super) const CLAUSE: &[Kind] = &[
    kind("call", Rest::Value, Undo::Words),
    kind("description", Rest::Value, Undo::Words),
    kind("match as-path", Rest::Value, Undo::Line),
    kind("match community", Rest::Value, Undo::Line),
    kind("match interface", Rest::Value, Undo::Line),
    kind("match ip address prefix-list", Rest::Value, Undo::Line),
    kind("match ip next-hop prefix-list", Rest::Value, Undo::Line),
    kind("match ipv6 address prefix-list", Rest::Value, Undo::Line),
    kind("match ipv6 next-hop prefix-list", Rest::Value, Undo::Line),
    kind("match large-community", Rest::Value, Undo::Line),
    kind("match local-preference", Rest::Value, Undo::Line),
    kind("match metric", Rest::Value, Undo::Line),
    kind("match origin", Rest::Value, Undo::Line),
    kind("match peer", Rest::Value, Undo::Line),
    kind("match rpki", Rest::Value, Undo::Line),
    kind("match source-protocol", Rest::Value, Undo::Line),
    kind("match tag", Rest::Value, Undo::Line),
    kind("on-match next", Rest::Nothing, Undo::Words),
    kind("on-match goto", Rest::Value, Undo::Words),
    kind("set as-path exclude", Rest::Value, Undo::Words),
    // FRR refuses an entry with both kinds of prepend.
    kind("set as-path prepend last-as", Rest::Value, Undo::Line),
    kind("set as-path prepend", Rest::Value, Undo::Words),
    kind("set comm-list", Rest::Value, Undo::Line),
    kind("set community", Rest::Value, Undo::Line),
    kind("set ip next-hop", Rest::Value, Undo::Line),
    kind("set ipv6 next-hop global", Rest::Value, Undo::Line),
    kind("set large-comm-list", Rest::Value, Undo::Line),
    kind("set large-community", Rest::Value, Undo::Line),
    kind("set local-preference", Rest::Value, Undo::Line),
    kind("set metric", Rest::Value, Undo::Line),
    kind("set origin", Rest::Value, Undo::Line),
    kind("set src", Rest::Value, Undo::Line),
    kind("set tag", Rest::Value, Undo::Line),
    kind("set weight", Rest::Value, Undo::Line),
];

/// Of the `rpki` block. Two caches of one preference exclude each other. Without any cache bgpd stops to validate, and does not look
/// again at what it has let in by the time it validates anew.
pub(super) const RPKI: &[Kind] = &[
    kind("rpki polling_period", Rest::Value, Undo::Words),
    kind("rpki retry_interval", Rest::Value, Undo::Words),
    kind("rpki expire_interval", Rest::Value, Undo::Words),
    kind("rpki cache", Rest::NamedLast, Undo::LineInTheWay),
];

pub(super) const INTERFACE: &[Kind] = &[
    kind("description", Rest::Value, Undo::Words),
    kind("ip ospf area", Rest::Value, Undo::LineFirst),
    kind("ip ospf authentication message-digest", Rest::Nothing, Undo::Line),
    kind("ip ospf bfd profile", Rest::Value, Undo::Line),
    kind("ip ospf bfd", Rest::Nothing, Undo::Line),
    kind("ip ospf message-digest-key", Rest::Named, Undo::WordsFirst),
    kind("ip ospf mtu-ignore", Rest::Nothing, Undo::Line),
    kind("ip ospf priority", Rest::Value, Undo::Line),
    // With the last family its circuit goes, and all settings of that.
    kind("ip router isis", Rest::Value, Undo::LineLast),
    kind("ip ospf cost", Rest::Value, Undo::Line),
    kind("ip ospf dead-interval", Rest::Value, Undo::Line),
    kind("ip ospf hello-interval", Rest::Value, Undo::Line),
    kind("ip ospf network", Rest::Value, Undo::Line),
    kind("ip ospf passive", Rest::Nothing, Undo::Line),
    kind("ipv6 nd dnssl", Rest::Named, Undo::Line),
    kind("ipv6 nd managed-config-flag", Rest::Nothing, Undo::Line),
    kind("ipv6 nd mtu", Rest::Value, Undo::Line),
    kind("ipv6 nd other-config-flag", Rest::Nothing, Undo::Line),
    kind("ipv6 nd prefix", Rest::Named, Undo::Line),
    kind("ipv6 nd ra-interval", Rest::Value, Undo::Line),
    // FRR refuses an interval above the lifetime that there is.
    kind("ipv6 nd ra-lifetime", Rest::Value, Undo::LineFirst),
    kind("ipv6 nd rdnss", Rest::Named, Undo::Line),
    kind("ipv6 nd router-preference", Rest::Value, Undo::Line),
    kind("no ipv6 nd suppress-ra", Rest::Nothing, Undo::Line),
    kind("ipv6 ospf6 area", Rest::Value, Undo::LineFirst),
    kind("ipv6 ospf6 authentication", Rest::Value, Undo::LineFirst),
    kind("ipv6 ospf6 bfd profile", Rest::Value, Undo::Line),
    kind("ipv6 ospf6 bfd", Rest::Nothing, Undo::Line),
    kind("ipv6 ospf6 mtu-ignore", Rest::Nothing, Undo::Line),
    kind("ipv6 ospf6 priority", Rest::Value, Undo::Line),
    kind("ipv6 ospf6 cost", Rest::Value, Undo::Line),
    kind("ipv6 ospf6 dead-interval", Rest::Value, Undo::Line),
    kind("ipv6 ospf6 hello-interval", Rest::Value, Undo::Line),
    kind("ipv6 ospf6 network", Rest::Value, Undo::Line),
    kind("ipv6 ospf6 passive", Rest::Nothing, Undo::Line),
    kind("ipv6 router isis", Rest::Value, Undo::LineLast),
    kind("isis bfd profile", Rest::Value, Undo::Line),
    kind("isis bfd", Rest::Nothing, Undo::Line),
    kind("isis circuit-type", Rest::Value, Undo::Line),
    kind("isis hello-interval", Rest::Value, Undo::Line),
    kind("isis hello-multiplier", Rest::Value, Undo::Line),
    kind("isis metric", Rest::Value, Undo::Line),
    kind("isis network point-to-point", Rest::Nothing, Undo::Line),
    kind("isis passive", Rest::Nothing, Undo::Line),
    kind("isis password", Rest::Value, Undo::Line),
];

/// Of OSPFv2 and OSPFv3.
pub(super) const OSPF: &[Kind] = &[
    kind("ospf router-id", Rest::Value, Undo::Line),
    kind("ospf6 router-id", Rest::Value, Undo::Words),
    kind("log-adjacency-changes", Rest::Nothing, Undo::Line),
    kind("auto-cost reference-bandwidth", Rest::Value, Undo::Line),
    kind("max-metric router-lsa administrative", Rest::Nothing, Undo::Line),
    kind("stub-router administrative", Rest::Nothing, Undo::Line),
    kind("redistribute", Rest::Named, Undo::Words),
    kind("area", Rest::Area, Undo::Words),
    kind("default-information originate", Rest::Nothing, Undo::Words),
    kind("default-information originate", Rest::Value, Undo::Words),
];

/// Of IS-IS.
pub(super) const ISIS: &[Kind] = &[
    kind("is-type", Rest::Value, Undo::Line),
    kind("net", Rest::Value, Undo::LineFirst),
    kind("set-overload-bit", Rest::Nothing, Undo::Line),
    kind("default-information originate ipv4", Rest::Named, Undo::Words),
    kind("default-information originate ipv6", Rest::Named, Undo::Words),
    kind("redistribute ipv4", Rest::NamedByTwo, Undo::Words),
    kind("redistribute ipv6", Rest::NamedByTwo, Undo::Words),
    kind("log-adjacency-changes", Rest::Nothing, Undo::Line),
];

/// A profile of BFD; FRR 8 knows no `no receive-interval`.
pub(super) const PROFILE: &[Kind] = &[
    kind("detect-multiplier", Rest::Value, Undo::Default("3")),
    kind("transmit-interval", Rest::Value, Undo::Default("300")),
    kind("receive-interval", Rest::Value, Undo::Default("300")),
];

/// Of BGP, and of a family of it, beside the neighbours.
pub(super) const INSTANCE: &[Kind] = &[
    kind("bgp router-id", Rest::Value, Undo::Line),
    kind("bgp cluster-id", Rest::Value, Undo::Line),
    kind("bgp log-neighbor-changes", Rest::Nothing, Undo::Line),
    kind("bgp always-compare-med", Rest::Nothing, Undo::Line),
    kind("bgp confederation identifier", Rest::Value, Undo::Line),
    kind("bgp deterministic-med", Rest::Nothing, Undo::Line),
    kind("bgp graceful-restart", Rest::Nothing, Undo::Line),
    kind("bgp bestpath as-path ignore", Rest::Nothing, Undo::Line),
    kind("bgp bestpath as-path confed", Rest::Nothing, Undo::Line),
    kind("bgp bestpath as-path multipath-relax", Rest::Nothing, Undo::Line),
    kind("bgp bestpath compare-routerid", Rest::Nothing, Undo::Line),
    // A word that is not named stays.
    kind("bgp bestpath med", Rest::Value, Undo::LineFirst),
    kind("no bgp network import-check", Rest::Nothing, Undo::Line),
    kind("timers bgp", Rest::Value, Undo::Words),
    kind("bgp listen limit", Rest::Value, Undo::Line),
    kind("bgp listen range", Rest::Named, Undo::LineFirst),
    kind("distance bgp", Rest::Value, Undo::Line),
    kind("network", Rest::Named, Undo::Line),
    kind("aggregate-address", Rest::Named, Undo::Line),
    // A metric or map that is not named stays.
    kind("redistribute", Rest::Named, Undo::LineFirst),
    kind("maximum-paths ibgp", Rest::Value, Undo::Line),
    kind("maximum-paths", Rest::Value, Undo::Line),
    kind("table-map", Rest::Value, Undo::Line),
];

/// Behind `neighbor NAME`. A longer kind stands before the one that it begins with.
pub(super) const NEIGHBOR: &[Kind] = &[
    kind("interface", Rest::Value, Undo::Line),
    kind("remote-as", Rest::Value, Undo::Line),
    kind("peer-group", Rest::Nothing, Undo::Line),
    kind("peer-group", Rest::Value, Undo::Line),
    kind("local-as", Rest::Value, Undo::Line),
    kind("description", Rest::Value, Undo::Words),
    kind("shutdown", Rest::Nothing, Undo::Line),
    kind("bfd profile", Rest::Value, Undo::Line),
    kind("bfd", Rest::Nothing, Undo::Line),
    kind("password", Rest::Value, Undo::Words),
    kind("passive", Rest::Nothing, Undo::Line),
    kind("ebgp-multihop", Rest::Nothing, Undo::Words),
    kind("ebgp-multihop", Rest::Value, Undo::Words),
    kind("ttl-security hops", Rest::Value, Undo::Line),
    kind("local-role", Rest::Value, Undo::Line),
    kind("disable-connected-check", Rest::Nothing, Undo::Line),
    kind("enforce-first-as", Rest::Nothing, Undo::Line),
    kind("update-source", Rest::Value, Undo::Words),
    kind("timers", Rest::Value, Undo::Words),
    kind("capability extended-nexthop", Rest::Nothing, Undo::Line),
    kind("activate", Rest::Nothing, Undo::Line),
    kind("addpath-tx-all-paths", Rest::Nothing, Undo::Line),
    kind("addpath-tx-bestpath-per-AS", Rest::Nothing, Undo::Line),
    kind("route-reflector-client", Rest::Nothing, Undo::Line),
    kind("next-hop-self force", Rest::Nothing, Undo::Line),
    kind("next-hop-self", Rest::Nothing, Undo::Line),
    // Words that are not named stay.
    kind("remove-private-AS", Rest::Nothing, Undo::LineFirst),
    kind("remove-private-AS", Rest::Value, Undo::LineFirst),
    kind("send-community", Rest::Nothing, Undo::Line),
    kind("send-community", Rest::Named, Undo::Line),
    kind("default-originate", Rest::Nothing, Undo::Line),
    kind("default-originate", Rest::Value, Undo::Line),
    kind("soft-reconfiguration inbound", Rest::Nothing, Undo::Line),
    kind("maximum-prefix", Rest::Value, Undo::Line),
    kind("route-server-client", Rest::Nothing, Undo::Line),
    kind("allowas-in", Rest::Nothing, Undo::Line),
    kind("allowas-in", Rest::Value, Undo::Line),
    kind("weight", Rest::Value, Undo::Line),
    // A neighbour that loses one kind of policy before it gets another is sent everything in between.
    kind("route-map", Rest::NamedLast, Undo::LineLast),
    kind("prefix-list", Rest::NamedLast, Undo::LineLast),
    kind("filter-list", Rest::NamedLast, Undo::LineLast),
    kind("attribute-unchanged next-hop", Rest::Nothing, Undo::Line),
];

/// A line of a known kind.
#[derive(Debug)]
struct Known {
    /// Two lines of one block with the same subject exclude each other.
    subject: String,
    undo: String,
    is_undone_first: bool,
    is_undone_last: bool,
}

/// What is known of a line; `None`: nothing.
fn known(line: &str, kinds: &[Kind]) -> Option<Known> {
    let (neighbor, line, kinds) = match neighbor(line) {
        Some((name, rest)) if line.starts_with("no ") => (format!("no neighbor {name} "), rest, NEIGHBOR),
        Some((name, rest)) => (format!("neighbor {name} "), rest, NEIGHBOR),
        None => (String::new(), line, kinds),
    };
    let (kind, rest) = kinds.iter().find_map(|kind| Some((kind, kind.rest_of(line)?)))?;
    let (first, _) = rest.split_once(' ').unwrap_or((rest, ""));
    let name = match kind.rest {
        Rest::Nothing | Rest::Value => "",
        Rest::Named => first,
        Rest::NamedLast => rest.rsplit(' ').next().unwrap_or_default(),
        Rest::NamedByTwo => first_words(rest, 2),
        // `AREA range PREFIX …`, `AREA stub no-summary`.
        Rest::Area if rest[first.len()..].starts_with(" range ") => first_words(rest, 3),
        Rest::Area => first_words(rest, 2),
    };
    let words = format!("{neighbor}{} {name}", kind.words);
    let words = words.trim_end();
    let undo = match kind.undo {
        // The one setting of an area that FRR takes back with its value alone.
        Undo::Words if words.ends_with(" default-cost") => format!("no {line}"),
        Undo::Words | Undo::WordsFirst => format!("no {words}"),
        Undo::Line | Undo::LineFirst | Undo::LineLast | Undo::LineInTheWay => {
            match format!("{neighbor}{line}").strip_prefix("no ") {
                Some(positive) => positive.to_owned(),
                None => format!("no {neighbor}{line}"),
            }
        }
        Undo::Default(value) => format!("{words} {value}"),
    };
    Some(Known {
        subject: words.to_owned(),
        undo,
        // Of a range FRR keeps the cost that it had.
        is_undone_first: matches!(kind.undo, Undo::LineFirst | Undo::WordsFirst | Undo::LineInTheWay)
            || (kind.rest == Rest::Area && words.contains(" range ")),
        is_undone_last: matches!(kind.undo, Undo::LineLast | Undo::LineInTheWay),
    })
}

/// The first words of a text, as it has them.
fn first_words(text: &str, count: usize) -> &str {
    let end = text.match_indices(' ').nth(count - 1);
    end.map_or(text, |(at, _)| &text[..at])
}

impl Kind {
    /// What follows the words of this kind in a line of it.
    fn rest_of<'l>(&self, line: &'l str) -> Option<&'l str> {
        let rest = line.strip_prefix(self.words)?;
        match self.rest {
            Rest::Nothing => rest.is_empty().then_some(rest),
            Rest::Value | Rest::Named | Rest::NamedLast | Rest::NamedByTwo | Rest::Area => {
                rest.strip_prefix(' ')
            }
        }
    }
}

/// The lines that make one block into another: what goes, last first, what is new, and what goes behind that. `None` if one of
/// them is of no known kind, which does not matter in a block that is new.
pub(super) fn edit(before: &[&str], after: &[&str], kinds: &[Kind]) -> Option<Vec<String>> {
    if before.is_empty() {
        return Some(after.iter().map(|it| (*it).to_owned()).collect());
    }
    let old: HashSet<&str> = before.iter().copied().collect();
    let kept: HashSet<&str> = after.iter().copied().collect();
    let new: Vec<&str> = after.iter().copied().filter(|it| !old.contains(it)).collect();
    let mut replaced = HashSet::new();
    for line in &new {
        let _ = replaced.insert(known(line, kinds)?.subject);
    }
    let (mut lines, mut last) = (Vec::new(), Vec::new());
    for line in before.iter().rev().filter(|it| !kept.contains(**it)) {
        let it = known(line, kinds)?;
        let is_replaced = replaced.contains(&it.subject);
        if it.is_undone_first || !is_replaced {
            match it.is_undone_last && !is_replaced {
                true => last.push(it.undo),
                false => lines.push(it.undo),
            }
        }
    }
    lines.extend(new.iter().map(|it| (*it).to_owned()));
    lines.extend(last);
    Some(lines)
}
