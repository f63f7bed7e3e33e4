//! Reads facts from VPP's answers to `show` commands.

use super::statement::shown_multicast;
use super::unfinished::peers;
use super::{Fact, Path, Rule, fact::network};
use super::{policing, routers};
use crate::types::wireguard::LISTS_TUNNELS;
use ipnet::IpNet;

/// The facts in an answer. Other lines are skipped; no input is an error.
pub fn shown(question: &str, answer: &str) -> Vec<Fact> {
    let words: Vec<&str> = question.split_whitespace().collect();
    match words[..] {
        ["show", "interface", "address"] => interfaces(answer),
        ["show", "interface"] => answer.lines().flat_map(numbered).collect(),
        ["show", "acl-plugin", "interface"] => filters(answer),
        ["show", "lcp"] => answer.lines().filter_map(pair).collect(),
        ["show", "ip6", "interface", name] => advertisements(name, answer),
        ["show", "ip", "neighbors"] => answer.lines().filter_map(neighbour).collect(),
        ["show", "acl-plugin", "acl"] => acls(answer),
        ["show", "wireguard", "peer"] => peers(answer)
            .into_iter()
            .map(|it| Fact::Peer(it.interface, it.key, it.allowed))
            .collect(),
        ["show", "vrrp", "vr"] => routers::shown(answer),
        [LISTS_TUNNELS] => answer.lines().filter_map(tunnel_key).collect(),
        ["show", "policer"] => policing::policers(answer),
        ["show", "interface", "features", name] => policing::features(name, answer),
        ["show", "abf", "policy"] => policies(answer),
        ["show", "abf", "attach", name] => answer.lines().filter_map(|line| attachment(name, line)).collect(),
        ["show", "ip" | "ip6", "fib", "table", table, _] => routes(table.parse().unwrap_or_default(), answer),
        ["show", "ip" | "ip6", "fib", _] => routes(0, answer),
        ["show", "ip" | "ip6", "mfib", "table", table, groups] => multicast(table, groups, answer),
        ["show", "ip" | "ip6", "mfib", groups] => multicast("0", groups, answer),
        ["show", "det44", "mappings"] => answer.lines().filter_map(map).collect(),
        _ => Vec::new(),
    }
}

fn interfaces(answer: &str) -> Vec<Fact> {
    let (mut facts, mut name) = (Vec::new(), "");
    for line in answer.lines() {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            [interface, state] if !line.starts_with(' ') => {
                name = interface;
                if state == "(up):" {
                    facts.push(Fact::Up(name.to_owned()));
                }
            }
            ["L3", address, ..] => {
                facts.extend(
                    address
                        .parse()
                        .ok()
                        .map(|address| Fact::Address(name.to_owned(), address)),
                );
            }
            _ => {}
        }
    }
    facts
}

/// `external.25   3   up   1500/0/0/0`, and a counter after it on an interface that has had packets.
fn numbered(line: &str) -> Vec<Fact> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [name, index, "up" | "down", mtus, ..] = words[..] else {
        return Vec::new();
    };
    let mtu = mtus.split_once('/').and_then(|(mtu, _)| mtu.parse().ok());
    let mtu = mtu.map(|mtu| Fact::Mtu(name.to_owned(), mtu));
    let index = index
        .parse()
        .ok()
        .map(|index| Fact::Index(name.to_owned(), index));
    mtu.into_iter().chain(index).collect()
}

/// `sw_if_index 3:`, and below it `  input acl(s): 0, 2`.
fn filters(answer: &str) -> Vec<Fact> {
    let (mut facts, mut current) = (Vec::new(), None);
    for line in answer.lines() {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["sw_if_index", index] => current = index.trim_end_matches(':').parse().ok(),
            [side @ ("input" | "output"), "acl(s):", ref numbers @ ..] => {
                let numbers = numbers
                    .iter()
                    .filter_map(|it| it.trim_end_matches(',').parse().ok());
                let of = numbers.filter_map(|acl| Some(Fact::FilterOf(current?, side.to_owned(), acl)));
                facts.extend(of);
            }
            _ => {}
        }
    }
    facts
}

/// `itf-pair: [2] external.25 tap4096.25 external.25 5 type tap netns dataplane`
fn pair(line: &str) -> Option<Fact> {
    match line.split_whitespace().collect::<Vec<_>>()[..] {
        ["itf-pair:", _, name, _, host, ..] => Some(Fact::Pair(name.to_owned(), host.to_owned())),
        _ => None,
    }
}

fn advertisements(name: &str, answer: &str) -> Vec<Fact> {
    let seconds = |word: &str| {
        let digits = word.trim_end_matches(')');
        digits.split('.').next().and_then(|whole| whole.parse().ok())
    };
    let fact = |line: &str| match line.split_whitespace().collect::<Vec<_>>()[..] {
        [of, "is", "admin", ..] if of == name => Some(Fact::Ipv6(name.to_owned())),
        ["prefix", address, "length", length] => format!("{}/{length}", address.trim_end_matches(','))
            .parse()
            .ok()
            .map(|prefix| Fact::Prefix(name.to_owned(), prefix)),
        [
            "ND",
            "router",
            "advertisements",
            "are",
            "sent",
            "every",
            longest,
            ..,
            shortest,
        ] => Some(Fact::Interval(
            name.to_owned(),
            seconds(longest)?,
            seconds(shortest)?,
        )),
        [
            "ND",
            "router",
            "advertisements",
            "live",
            "for",
            lifetime,
            "seconds",
        ] => Some(Fact::Lifetime(name.to_owned(), lifetime.parse().ok()?)),
        _ => None,
    };
    answer.lines().filter_map(fact).collect()
}

/// `0.5 198.51.100.9 S 02:00:5e:00:53:09 external.25`; only what does not age has an `S`.
fn neighbour(line: &str) -> Option<Fact> {
    match line.split_whitespace().collect::<Vec<_>>()[..] {
        [_, address, flags, mac, name] if flags.contains('S') => Some(Fact::Neighbour(
            name.to_owned(),
            address.parse().ok()?,
            mac.to_owned(),
        )),
        _ => None,
    }
}

/// `acl-index 0 count 7 tag {nat-steer}`, then a line for each rule: `0: ipv4 deny src …`.
fn acls(answer: &str) -> Vec<Fact> {
    let mut found: Vec<(u32, String, Vec<Rule>)> = Vec::new();
    for line in answer.lines() {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["acl-index", index, "count", _, "tag", tag] => {
                let tag = tag.trim_start_matches('{').trim_end_matches('}');
                found.extend(
                    index
                        .parse()
                        .ok()
                        .map(|index| (index, tag.to_owned(), Vec::new())),
                );
            }
            [number, ref words @ ..] if number.ends_with(':') => {
                if let Some((_, _, rules)) = found.last_mut() {
                    rules.push(Rule::parse(words.iter().copied()));
                }
            }
            _ => {}
        }
    }
    found
        .into_iter()
        .map(|(index, tag, rules)| Fact::Acl(index, tag, rules))
        .collect()
}

/// `abf:[0]: policy:1 acl:0`, followed by its paths.
fn policies(answer: &str) -> Vec<Fact> {
    let (mut facts, mut current) = (Vec::new(), None);
    for line in answer.lines() {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            [head, policy, acl] if head.starts_with("abf:[") => {
                let number = |word: &str, name: &str| word.strip_prefix(name).and_then(|n| n.parse().ok());
                current = number(policy, "policy:");
                facts.extend(
                    current
                        .zip(number(acl, "acl:"))
                        .map(|(id, acl)| Fact::Policy(id, acl)),
                );
            }
            [gateway, interface, ..] => {
                facts.extend(
                    current
                        .zip(Path::parse(gateway, interface))
                        .map(|(id, path)| Fact::PolicyPath(id, path)),
                );
            }
            _ => {}
        }
    }
    facts
}

/// `abf-interface-attach: policy:1 priority:10`
fn attachment(name: &str, line: &str) -> Option<Fact> {
    let (policy, priority) = line
        .trim()
        .strip_prefix("abf-interface-attach: policy:")?
        .split_once(" priority:")?;
    Some(Fact::Attachment(
        name.to_owned(),
        policy.trim().parse().ok()?,
        priority.trim().parse().ok()?,
    ))
}

/// The second line starts with the prefix that was found, which is another one if there is only a covering route.
fn routes(table: u32, answer: &str) -> Vec<Fact> {
    let mut lines = answer.lines().skip(1);
    let prefix = lines
        .next()
        .and_then(|line| line.split_whitespace().next())
        .and_then(|word| word.parse::<IpNet>().ok());
    let Some(prefix) = prefix else {
        return Vec::new();
    };
    let mut facts = vec![Fact::Route(table, prefix)];
    // Without a table in the question VPP shows every table, the main one first.
    for line in lines.take_while(|line| !line.starts_with("ipv")) {
        if let [gateway, interface, ..] = line.split_whitespace().collect::<Vec<_>>()[..] {
            facts.extend(Path::parse(gateway, interface).map(|path| Fact::RoutePath(table, prefix, path)));
        }
    }
    facts
}

fn multicast(table: &str, groups: &str, answer: &str) -> Vec<Fact> {
    let asked = table.parse().ok().zip(groups.parse().ok());
    asked.map_or_else(Vec::new, |(table, groups)| shown_multicast(table, groups, answer))
}

/// `sw_if_index 5 public-key BASE64`, as the client writes what VPP's message says.
fn tunnel_key(line: &str) -> Option<Fact> {
    match line.split_whitespace().collect::<Vec<_>>()[..] {
        ["sw_if_index", index, "public-key", key] => {
            Some(Fact::KeyOf(index.parse().ok()?, key.parse().ok()?))
        }
        _ => None,
    }
}

/// `in 10.30.0.0/24 out 203.0.113.0/28`
fn map(line: &str) -> Option<Fact> {
    match line.split_whitespace().collect::<Vec<_>>()[..] {
        ["in", inside, "out", outside] => Some(Fact::Map(network(inside)?, network(outside)?)),
        _ => None,
    }
}
