//! `display json` of Junos as statements, of new releases and of old ones.

use super::statement::{Statement, Statements, is_too_long};
use crate::import::document::Place;
use crate::import::tree::{self, Kind, Node};

/// What things are called by, in the order of the words.
const NAMES: [&str; 5] = [
    "name",
    "address",
    "choice-ident",
    "choice-value",
    "community-name",
];

/// Reads `display json`.
pub(super) fn read(file: usize, text: &str) -> Statements {
    let mut found = Statements::default();
    match tree::json(text) {
        Ok(tree) => {
            let configuration = tree.get("configuration").unwrap_or(&tree);
            for node in configuration.each() {
                flatten(file, node, &mut Vec::new(), &mut found);
            }
        }
        Err(unreadable) => found.unreadable.push(unreadable),
    }
    found
}

/// Levels of JSON that `display set` does not have.
fn is_elided(key: &str, path: &[String]) -> bool {
    let last = path.last().map(String::as_str);
    match key {
        "interface" => path.len() == 1 && last == Some("interfaces"),
        "instance" => last == Some("routing-instances"),
        "domain" => last == Some("bridge-domains"),
        "vlan" => last == Some("vlans"),
        "community" => last == Some("vrf-target"),
        "rd-type" => true,
        // An interface has addresses; elsewhere it is what something is called.
        "address" => !matches!(last, Some("inet" | "inet6")),
        "prefix-list-item" | "as-number" | "name" | "community-name" | "choice-value" | "choice-ident"
        | "data" | "filter-name" | "policer-name" | "metric-value" => true,
        _ => last == Some(key),
    }
}

fn flatten(file: usize, node: &Node, path: &mut Vec<String>, found: &mut Statements) {
    let place = Place {
        file,
        line: node.line,
    };
    let depth = path.len();
    if is_too_long(path) {
        return found.too_long(node.line);
    }
    match &node.kind {
        Kind::List(list) => list.iter().for_each(|node| flatten(file, node, path, found)),
        Kind::Text(text) => {
            path.push(text.clone());
            found.statements.push(Statement {
                words: path.clone(),
                place,
            });
        }
        Kind::Null | Kind::Switch(_) => found.statements.push(Statement {
            words: path.clone(),
            place,
        }),
        Kind::Map(members) => {
            // The name of a thing comes before what is said of it.
            for key in NAMES {
                let value = node.get(key).and_then(|value| data(value).text());
                if let Some(value) =
                    value.filter(|value| !value.is_empty() && path.last().map(String::as_str) != Some(*value))
                {
                    path.push(value.to_owned());
                }
            }
            let about = [node.get("@"), node.get(ATTRIBUTES)];
            if about.into_iter().flatten().any(is_inactive) {
                let value = node.get("data").and_then(Node::text).map(str::to_owned);
                found.inactive.push(path.iter().cloned().chain(value).collect());
            }
            let named = path.len();
            let mut is_bare = true;
            for (key, value) in members {
                let is_about = key.starts_with('@') || is_about(key, value);
                if is_about || key.starts_with("junos:") || key.ends_with("comment") {
                    continue;
                }
                if NAMES.contains(&key.as_str()) && data(value).text().is_some() {
                    continue;
                }
                is_bare = false;
                if !is_elided(key, path) {
                    path.push(key.clone());
                }
                let about = node.get(&format!("@{key}"));
                for (number, value) in value.each().iter().enumerate() {
                    let first = found.statements.len();
                    flatten(file, value, path, found);
                    // One for each value, or one for all of them.
                    let about = about.and_then(|about| match &about.kind {
                        Kind::List(list) => list.get(number),
                        _ => Some(about),
                    });
                    if about.is_some_and(is_inactive) {
                        let inactive = found.statements[first..].iter();
                        found.inactive.extend(inactive.map(|it| it.words.clone()));
                    }
                }
                path.truncate(named);
            }
            if is_bare && named > 0 {
                found.statements.push(Statement {
                    words: path.clone(),
                    place,
                });
            }
        }
    }
    path.truncate(depth);
}

/// Whether this says that what it is about is deactivated: `{"inactive": true}`, in older releases `"inactive"`.
fn is_inactive(about: &Node) -> bool {
    match about.get("inactive").map(|node| &node.kind) {
        Some(Kind::Switch(is_inactive)) => *is_inactive,
        Some(Kind::Text(text)) => text == "inactive",
        _ => false,
    }
}

/// What older releases say about something.
const ATTRIBUTES: &str = "attributes";

/// Whether a member says something about its thing, as older releases do, and is no statement.
fn is_about(key: &str, value: &Node) -> bool {
    let known = ["inactive", "protect", "operation", "xmlns"];
    let is_known = |name: &str| known.contains(&name) || name.contains(':');
    let members = value.members();
    key == ATTRIBUTES && !members.is_empty() && members.iter().all(|(name, _)| is_known(name))
}

/// `[{"data": …}]`, as older releases write a value.
fn data(node: &Node) -> &Node {
    match node.each() {
        [one] => one.get("data").unwrap_or(one),
        _ => node,
    }
}
