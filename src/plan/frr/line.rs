//! One line as FRR prints it: the spelling, the order of words and the defaults of 8.4.4 and 10.3, read from both.

use crate::types::{Community, FrrRelease};
use foldhash::HashMap;
use ipnet::{Ipv4Net, Ipv6Net};
use std::borrow::Cow;
use std::net::IpAddr;

/// What FRR makes of a line.
#[derive(Debug, PartialEq, Eq)]
pub enum Canonical {
    /// It is printed like this; `elsewhere` names the block if it is another one than that of the line.
    Shown { text: String, elsewhere: Option<String> },
    /// It is not printed: it says what is so anyway.
    Default,
}

/// A line of a block. `numbers` remembers the highest sequence number of each list, for entries that have none.
pub fn canonical(
    block: &str,
    words: &[&str],
    release: Option<FrrRelease>,
    numbers: &mut HashMap<String, u64>,
) -> Canonical {
    if has_free_text(words) {
        return shown(words.join(" "));
    }
    let words: Vec<Cow<'_, str>> = words.iter().map(|word| address(word)).collect();
    let mut words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    if is_default(block, &words, release) {
        return Canonical::Default;
    }
    if let (["passive-interface", name], "router ospf") = (&words[..], block) {
        return Canonical::Shown {
            text: "ip ospf passive".to_owned(),
            elsewhere: Some(format!("interface {name}")),
        };
    }
    respell(&mut words);
    let number = numbered(&mut words, numbers);
    let text = words.join(" ");
    shown(match number {
        Some((at, number)) => insert(&words, at, number),
        None => communities(&words).unwrap_or(text),
    })
}

fn shown(text: String) -> Canonical {
    Canonical::Shown {
        text,
        elsewhere: None,
    }
}

/// Descriptions and passwords are nobody's to change.
fn has_free_text(words: &[&str]) -> bool {
    words.iter().take(4).any(|word| {
        matches!(
            *word,
            "description" | "password" | "message-digest-key" | "key-string"
        )
    })
}

/// Host bits go, and IPv6 is written in its shortest form.
fn address(word: &str) -> Cow<'_, str> {
    let could_be =
        word.contains(['.', ':']) && word.starts_with(|it: char| it.is_ascii_hexdigit() || it == ':');
    if !could_be {
        return Cow::Borrowed(word);
    }
    if word.contains('/') {
        if let Ok(net) = word.parse::<Ipv4Net>() {
            return Cow::Owned(net.trunc().to_string());
        }
        if let Ok(net) = word.parse::<Ipv6Net>() {
            let net = net.trunc();
            return Cow::Owned(net.to_string());
        }
        return Cow::Borrowed(word);
    }
    match word.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => Cow::Owned(address.to_string()),
        _ => Cow::Borrowed(word),
    }
}

/// Lines that say what is so anyway, and lines about the session of vtysh itself.
fn is_default(block: &str, words: &[&str], release: Option<FrrRelease>) -> bool {
    let ten = release == Some(FrrRelease::V10);
    let eight = release == Some(FrrRelease::V8);
    match words {
        ["frr", "version" | "defaults", ..] | ["hostname" | "domainname", ..] => true,
        ["service", "integrated-vtysh-config"] => true,
        ["ip" | "ipv6", "nht", "resolve-via-default"] => ten,
        ["neighbor", _, "enforce-first-as"] | ["bgp", "enforce-first-as"] => ten,
        ["no", "neighbor", _, "enforce-first-as"] => eight,
        ["neighbor", _, "send-community", ..] | ["neighbor", _, "ebgp-multihop", "1"] => true,
        ["bgp", "ebgp-requires-policy"] | ["bgp", "network", "import-check"] => true,
        ["no", "bgp", "log-neighbor-changes"] | ["bgp", "default", "ipv4-unicast"] => true,
        ["bgp", "listen", "limit", "100"] | ["timers", "bgp", "60", "180"] => true,
        ["bgp", "graceful-restart", "restart-time", "120"] => true,
        ["bgp", "graceful-restart", "stalepath-time", "360"] => true,
        ["maximum-paths", "256"] | ["maximum-paths", "ibgp", "256"] => true,
        ["auto-cost", "reference-bandwidth", "100000"] | ["no", "log-adjacency-changes"] => true,
        ["area", _, "default-cost", "1"] => true,
        ["ip", "ospf", "network", "broadcast"] | ["ip" | "ipv6", "ospf" | "ospf6", "priority", "1"] => true,
        ["ip" | "ipv6", "ospf" | "ospf6", "hello-interval", "10"] => true,
        ["ip" | "ipv6", "ospf" | "ospf6", "retransmit-interval", "5"] => true,
        ["ip" | "ipv6", "ospf" | "ospf6", "transmit-delay", "1"] => true,
        ["isis", "metric" | "hello-multiplier", "10"] | ["isis", "hello-interval", "3"] => true,
        ["isis", "priority", "64"] | ["is-type", "level-1-2"] => true,
        ["metric-style", "wide"] => true,
        ["detect-multiplier", "3"] | ["transmit-interval" | "receive-interval", "300"] => {
            block.starts_with("bfd")
        }
        _ => false,
    }
}

/// Other spellings of the same.
fn respell(words: &mut Vec<&str>) {
    if let ["neighbor", _, "ebgp-multihop", "255"] | ["neighbor", _, "allowas-in", "3"] = words[..] {
        words.truncate(3);
    }
    if let ["neighbor", _, "next-hop-self", word @ "all"] = &mut words[..] {
        *word = "force";
    }
    if let ["neighbor", _, "maximum-prefix", _, "75", ..] = words[..] {
        let _ = words.remove(4);
    }
    if let ["redistribute" | "default-information", .., "metric-type", "2"] = words[..] {
        words.truncate(words.len() - 2);
    }
    if let ["redistribute" | "default-information", ..] = words[..]
        && let Some(at) = words.windows(2).position(|pair| pair == ["metric-type", "2"])
    {
        let _ = words.drain(at..at + 2);
    }
    if let ["match", "ipv6", "next-hop", target] = words[..]
        && target.contains(':')
    {
        words.insert(3, "address");
    }
    // A set, which FRR prints in the order it was given.
    if let ["bgp", "confederation", "peers", members @ ..] = &mut words[..] {
        members.sort_by_key(|it| (it.parse::<u32>().ok(), *it));
        words.dedup();
    }
    match words[..] {
        ["continue"] => *words = vec!["on-match", "next"],
        ["continue", at] => *words = vec!["on-match", "goto", at],
        _ => {}
    }
    if let ["ip" | "ipv6", "route", _, .., before, "1"] = words[..]
        && !matches!(before, "tag" | "table" | "label")
        && words.len() > 4
    {
        let _ = words.pop();
    }
    if let ["ip" | "ipv6", "route", .., "nexthop-vrf", "default"] = words[..] {
        words.truncate(words.len() - 2);
    }
}

/// Whether it is an entry of a prefix-list, an access-list or a list of communities or AS paths.
pub fn is_list_entry(text: &str) -> bool {
    let mut words = text.split(' ');
    match (words.next(), words.next()) {
        (Some("ip" | "ipv6"), Some("prefix-list" | "access-list")) | (Some("access-list"), _) => true,
        (Some("bgp"), Some(list)) => {
            matches!(
                list,
                "community-list" | "large-community-list" | "extcommunity-list" | "as-path"
            )
        }
        _ => false,
    }
}

/// Where the sequence number is missing, and which one FRR gives.
fn numbered(words: &mut [&str], numbers: &mut HashMap<String, u64>) -> Option<(usize, u64)> {
    let is_list = matches!(words, [first, second, ..] if is_list_entry(&format!("{first} {second}")));
    if !is_list {
        return None;
    }
    let action = words.iter().position(|word| matches!(*word, "permit" | "deny"))?;
    let given = match action.checked_sub(2).map(|at| words[at]) {
        Some("seq") => Some((action - 2, words[action - 1].parse().ok()?)),
        _ => None,
    };
    let (end, number) = given.unwrap_or((action, 0));
    let last = numbers.entry(words[..end].join(" ")).or_default();
    match given {
        Some(_) => {
            *last = (*last).max(number);
            None
        }
        None => {
            // Prefix-lists count on from the last, the others from the last multiple of 5.
            *last += match words[0] {
                "bgp" => 5 - *last % 5,
                _ => 5,
            };
            Some((action, *last))
        }
    }
}

fn insert(words: &[&str], at: usize, number: u64) -> String {
    let (before, after) = words.split_at(at);
    let text = format!("{} seq {number} {}", before.join(" "), after.join(" "));
    let words: Vec<&str> = text.split(' ').collect();
    communities(&words).unwrap_or(text)
}

/// Communities sorted and by name, each once, as both releases print standard lists and `set community`.
fn communities(words: &[&str]) -> Option<String> {
    let begin = match words {
        ["bgp", "community-list", "standard", _, "seq", _, _, ..] => 7,
        ["set", "community", ..] => 2,
        _ => return None,
    };
    let (before, members) = words.split_at(begin.min(words.len()));
    let mut members: Vec<Cow<'_, str>> = members.iter().map(|member| name(member)).collect();
    let additive = members.iter().any(|member| member == "additive");
    members.retain(|member| member != "additive");
    members.sort_unstable();
    members.dedup();
    members.extend(additive.then_some(Cow::Borrowed("additive")));
    let words: Vec<&str> = before
        .iter()
        .copied()
        .chain(members.iter().map(Cow::as_ref))
        .collect();
    Some(words.join(" "))
}

/// A well-known community by its name, anything else as it is.
fn name(community: &str) -> Cow<'_, str> {
    match community.parse::<Community>() {
        Ok(community) => Cow::Owned(community.to_string()),
        Err(_) => Cow::Borrowed(community),
    }
}

/// The words that say what a line is about: up to the sequence number of a list, the neighbour and its property, the kind of
/// a clause.
pub fn subject(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let count = match words[..] {
        ["neighbor", ..] => 3,
        ["no", "neighbor", ..] => 4,
        ["ip" | "ipv6", "route", ..] | ["route-map", ..] => 3,
        ["match" | "set", ..] | ["ip" | "ipv6", ..] | ["bgp" | "no" | "area", ..] => 2,
        _ => 1,
    };
    let list = is_list_entry(text).then(|| words.iter().position(|word| matches!(*word, "permit" | "deny")));
    let count = list.flatten().unwrap_or(count);
    words[..count.min(words.len())].join(" ")
}
