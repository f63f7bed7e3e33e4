//! What VPP must have once the commands have been applied.

use super::{Command, Fact, Path, Rule, fact::network};
use ipnet::IpNet;
use std::collections::{HashMap, HashSet};

/// One fact to verify, and the command that implies it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The command that implies the fact.
    pub command: Command,
    /// What VPP must have.
    pub fact: Fact,
}

/// The facts that hold after these commands on a fresh VPP, in order; what a later command removes is left out.
///
/// ACLs get the lowest free index in order of creation, as in VPP, where a new ACL cannot choose its index.
pub fn checks(commands: &[Command]) -> Vec<Check> {
    let mut checks = Vec::new();
    for command in commands {
        let words: Vec<&str> = command.text.split_whitespace().collect();
        match removed(&words) {
            Some(gone) => checks.retain(|check: &Check| !gone.covers(&check.fact)),
            None => {
                if let ["set", "interface", "name", old, new] = words[..] {
                    rename(&mut checks, old, new);
                }
                let facts = implied(&words, &checks);
                if let ["set", "interface", "mtu", "packet", _, parent] = words[..] {
                    checks.retain(|check| !matches!(&check.fact, Fact::Mtu(of, _) if is_child(of, parent)));
                }
                if let [fact @ (Fact::Acl(..) | Fact::Interval(..) | Fact::Mtu(..))] = &facts[..] {
                    checks.retain(|check| !replaces(fact, &check.fact));
                }
                checks.extend(facts.into_iter().map(|fact| Check {
                    command: command.clone(),
                    fact,
                }));
            }
        }
    }
    checks
}

/// Whether a later fact replaces an earlier one: `set acl-plugin acl index N`, another interval.
fn replaces(later: &Fact, earlier: &Fact) -> bool {
    match (later, earlier) {
        (Fact::Acl(later, ..), Fact::Acl(earlier, ..)) => later == earlier,
        (Fact::Interval(later, ..), Fact::Interval(earlier, ..)) => later == earlier,
        (Fact::Mtu(later, _), Fact::Mtu(earlier, _)) => later == earlier,
        _ => false,
    }
}

/// What a command removes.
enum Gone {
    Fact(Fact),
    Up(String),
    Addresses(String),
    Interface(String),
    Subject(String),
}

impl Gone {
    fn covers(&self, fact: &Fact) -> bool {
        match self {
            Self::Fact(gone) => gone == fact,
            // Setting a parent down also sets its sub-interfaces down.
            Self::Up(name) => matches!(fact, Fact::Up(up) if up == name || is_child(up, name)),
            Self::Addresses(name) => matches!(fact, Fact::Address(on, _) if on == name),
            Self::Interface(name) => fact
                .clone()
                .interface_mut()
                .is_some_and(|of| of == name || is_child(of, name)),
            Self::Subject(subject) => fact.subject() == *subject,
        }
    }
}

fn is_child(name: &str, parent: &str) -> bool {
    name.strip_prefix(parent)
        .is_some_and(|rest| rest.starts_with('.'))
}

fn removed(words: &[&str]) -> Option<Gone> {
    let last = words.last().copied().unwrap_or_default().to_owned();
    Some(match *words {
        ["set", "interface", "state", name, "down"] => Gone::Up(name.to_owned()),
        ["set", "interface", "ip", "address", "del", name, "all"] => Gone::Addresses(name.to_owned()),
        ["set", "interface", "ip", "address", "del", name, address] => {
            Gone::Fact(Fact::Address(name.to_owned(), address.parse().ok()?))
        }
        ["ip", "route", "del", prefix, ..] => {
            Gone::Subject(Fact::Route(0, prefix.parse::<IpNet>().ok()?.trunc()).subject())
        }
        ["lcp", "delete", name] => Gone::Subject(Fact::Pair(name.to_owned(), String::new()).subject()),
        ["delete", "acl-plugin", "acl", "index", index] => Gone::Subject(format!("acl {index}")),
        ["delete", "host-interface", "name", name] => Gone::Interface(format!("host-{name}")),
        ["delete", ..] => Gone::Interface(last),
        ["abf", "policy", "del", "id", id, ..] => Gone::Subject(format!("abf policy {id}")),
        ["abf", "attach", _, "del", "policy", policy, name] => {
            Gone::Subject(format!("abf policy {policy} on {name}"))
        }
        ["det44", "add", "in", inside, "out", _, "del"] => Gone::Subject(format!("det44 {inside}")),
        _ => return None,
    })
}

fn rename(checks: &mut [Check], old: &str, new: &str) {
    for check in checks {
        if let Some(name) = check.fact.interface_mut() {
            if name == old {
                new.clone_into(name);
            } else if is_child(name, old) {
                name.replace_range(..old.len(), new);
            }
        }
    }
}

/// The facts one command implies; none for commands whose failure VPP reports reliably.
fn implied(words: &[&str], before: &[Check]) -> Vec<Fact> {
    single(words)
        .map(|fact| vec![fact])
        .or_else(|| several(words, before))
        .unwrap_or_default()
}

fn single(words: &[&str]) -> Option<Fact> {
    Some(match *words {
        ["set", "interface", "state", name, "up"] => Fact::Up(name.to_owned()),
        ["set", "interface", "ip", "address", name, address] => {
            Fact::Address(name.to_owned(), address.parse().ok()?)
        }
        // A parent's is what was asked for; a VLAN's may have become its parent's.
        ["set", "interface", "mtu", "packet", mtu, name] if name.contains('.') => {
            Fact::Mtu(name.to_owned(), mtu.parse().ok()?)
        }
        ["lcp", "create", name, "host-if", host, ..] => Fact::Pair(name.to_owned(), host.to_owned()),
        ["ip6", "nd", name, "prefix", prefix, ..] => {
            Fact::Prefix(name.to_owned(), prefix.parse::<IpNet>().ok()?.trunc())
        }
        ["ip6", "nd", name, "ra-interval", longest, shortest] => {
            Fact::Interval(name.to_owned(), longest.parse().ok()?, shortest.parse().ok()?)
        }
        ["abf", "attach", _, "policy", policy, "priority", priority, name] => {
            Fact::Attachment(name.to_owned(), policy.parse().ok()?, priority.parse().ok()?)
        }
        ["abf", "attach", _, "policy", policy, name] => {
            Fact::Attachment(name.to_owned(), policy.parse().ok()?, 0)
        }
        ["det44", "add", "in", inside, "out", outside] => Fact::Map(network(inside)?, network(outside)?),
        _ => return None,
    })
}

fn several(words: &[&str], before: &[Check]) -> Option<Vec<Fact>> {
    match words {
        ["set", "acl-plugin", "acl", rest @ ..] => Some(vec![acl(rest, before)]),
        ["abf", "policy", "add", "id", id, "acl", acl, paths @ ..] => {
            let id = id.parse().ok()?;
            let mut facts = vec![Fact::Policy(id, acl.parse().ok()?)];
            facts.extend(gateways(paths).map(|path| Fact::PolicyPath(id, path)));
            Some(facts)
        }
        ["ip", "route", "add", prefix, "table", table, paths @ ..] => {
            route(prefix, table.parse().ok()?, paths)
        }
        ["ip", "route", "add", "table", table, prefix, paths @ ..] => {
            route(prefix, table.parse().ok()?, paths)
        }
        ["ip", "route", "add", prefix, paths @ ..] => route(prefix, 0, paths),
        _ => None,
    }
}

fn route(prefix: &str, table: u32, paths: &[&str]) -> Option<Vec<Fact>> {
    let prefix = prefix.parse::<IpNet>().ok()?.trunc();
    let mut facts = vec![Fact::Route(table, prefix)];
    facts.extend(gateways(paths).map(|path| Fact::RoutePath(table, prefix, path)));
    Some(facts)
}

/// Every `via GATEWAY INTERFACE` among the words; other kinds of path are not verified.
fn gateways(words: &[&str]) -> impl Iterator<Item = Path> {
    words.windows(3).filter_map(|window| match *window {
        ["via", gateway, interface] => Path::parse(gateway, interface),
        _ => None,
    })
}

/// `[index N] RULE, RULE … [tag TAG]`
fn acl(words: &[&str], before: &[Check]) -> Fact {
    let (index, words) = match words {
        ["index", index, rest @ ..] => (index.parse().ok(), rest),
        _ => (None, words),
    };
    let (tag, words) = match words {
        [rest @ .., "tag", tag] => (*tag, rest),
        _ => ("cli", words),
    };
    let text = words.join(" ");
    let rules = text
        .split(',')
        .map(|rule| Rule::parse(rule.split_whitespace()))
        .collect();
    let index = index.unwrap_or_else(|| {
        let taken: HashSet<u32> = before
            .iter()
            .filter_map(|check| match check.fact {
                Fact::Acl(index, ..) => Some(index),
                _ => None,
            })
            .collect();
        (0..).find(|index| !taken.contains(index)).unwrap_or_default()
    });
    Fact::Acl(index, tag.to_owned(), rules)
}

/// The checks whose fact VPP did not show, each with one line for the operator.
pub fn missing<'a>(checks: &'a [Check], shown: &HashSet<Fact>) -> Vec<(&'a Check, String)> {
    let mut by_subject: HashMap<String, Vec<&Fact>> = HashMap::new();
    let absent: Vec<&Check> = checks
        .iter()
        .filter(|check| !shown.contains(&check.fact))
        .collect();
    if !absent.is_empty() {
        for fact in shown {
            by_subject.entry(fact.subject()).or_default().push(fact);
        }
    }
    absent
        .into_iter()
        .map(|check| {
            let mut instead: Vec<String> = by_subject
                .get(&check.fact.subject())
                .into_iter()
                .flatten()
                .map(ToString::to_string)
                .collect();
            instead.sort();
            let instead = match instead.is_empty() {
                true => String::new(),
                false => format!("; instead it has {}", instead.join("; ")),
            };
            (check, format!("does not have {}{instead}", check.fact))
        })
        .collect()
}
