//! Routes, ACLs, and the policies that steer by them.

use super::{Evidence, Family, Known, Line, Statement, Subject};
use crate::plan::vpp::doubt::Sign;
use crate::plan::vpp::{Fact, Path, Rule};
use ipnet::IpNet;
use std::fmt;

/// One path of a route.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Route {
    /// The table, 0 for the main one.
    pub table: u32,
    /// The destination.
    pub prefix: IpNet,
    /// Where to.
    pub hop: Hop,
}

/// Where a route leads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Hop {
    /// To a gateway on an interface.
    Path(Path),
    /// Elsewhere, as the command has it: `drop`, a gateway alone, an interface alone.
    Words(String),
}

/// An ACL. VPP gives it a number; what stays is its tag.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Acl {
    /// Its tag.
    pub tag: String,
    /// Its rules, as the command has them.
    pub rules: String,
}

/// An ABF policy.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Policy {
    /// Its id.
    pub id: u32,
    /// The tag of its ACL.
    pub acl: String,
    /// Where it forwards to.
    pub path: Path,
}

/// An interface that uses a policy.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Attachment {
    /// For which protocol.
    pub family: Family,
    /// The policy.
    pub policy: u32,
    /// The interface.
    pub interface: String,
    /// The lowest comes first.
    pub priority: u32,
}

pub(super) fn read(words: &[&str], known: &Known) -> Option<Statement> {
    Some(match *words {
        ["ip", "route", "add", ref rest @ ..] => {
            let mut paths = route(rest)?;
            let only = paths.pop()?;
            if !paths.is_empty() {
                return None;
            }
            Statement::Route(only)
        }
        ["set", "acl-plugin", "acl", first, ref rules @ .., "tag", tag] if first != "index" => {
            Statement::Acl(Acl {
                tag: tag.to_owned(),
                rules: [&[first], rules].concat().join(" "),
            })
        }
        [
            "abf",
            "policy",
            "add",
            "id",
            id,
            "acl",
            acl,
            "via",
            gateway,
            interface,
        ] => Statement::Policy(Policy {
            id: id.parse().ok()?,
            acl: known.tag(acl.parse().ok()?)?.to_owned(),
            path: Path::parse(gateway, interface)?,
        }),
        [
            "abf",
            "attach",
            family @ ("ip4" | "ip6"),
            "policy",
            id,
            ref rest @ ..,
        ] => {
            let (priority, interface) = match *rest {
                [interface] => (0, interface),
                ["priority", priority, interface] => (priority.parse().ok()?, interface),
                _ => return None,
            };
            Statement::Attachment(Attachment {
                family: if family == "ip4" { Family::V4 } else { Family::V6 },
                policy: id.parse().ok()?,
                interface: interface.to_owned(),
                priority,
            })
        }
        _ => return None,
    })
}

/// The paths of a line that gives a route several; each can be taken back alone.
pub(in crate::plan::vpp) fn paths(text: &str) -> Option<Vec<Statement>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let ["ip", "route", "add", rest @ ..] = &words[..] else {
        return None;
    };
    let paths = route(rest)?;
    (paths.len() > 1).then(|| paths.into_iter().map(Statement::Route).collect())
}

/// `[table N] PREFIX [table N] via HOP [via HOP …]`
fn route(words: &[&str]) -> Option<Vec<Route>> {
    let (prefix, table, hops) = match *words {
        [prefix, "table", table, ref hops @ ..] | ["table", table, prefix, ref hops @ ..] => {
            (prefix, table.parse().ok()?, hops)
        }
        [prefix, ref hops @ ..] => (prefix, 0, hops),
        _ => return None,
    };
    let prefix = prefix.parse::<IpNet>().ok()?.trunc();
    let hops = hops.strip_prefix(&["via"])?;
    let route = |hop: &[&str]| {
        let hop = match *hop {
            [] => return None,
            [gateway, interface] => match Path::parse(gateway, interface) {
                Some(path) => Hop::Path(path),
                None => Hop::Words(hop.join(" ")),
            },
            _ => Hop::Words(hop.join(" ")),
        };
        Some(Route { table, prefix, hop })
    };
    hops.split(|word| *word == "via").map(route).collect()
}

/// Whether a line makes an ACL, which takes the lowest free number.
pub(in crate::plan::vpp) fn makes_an_acl(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().take(4).collect();
    matches!(words[..], ["set", "acl-plugin", "acl", first] if first != "index")
}

/// The ACL that a line makes, with VPP's defaults filled in: its tag and its rules.
pub(in crate::plan::vpp) fn acl_of(text: &str) -> Option<(String, Vec<Rule>)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let words = words.strip_prefix(&["set", "acl-plugin", "acl"])?;
    let (tag, words) = match *words {
        [ref rest @ .., "tag", tag] => (tag, rest),
        _ => ("cli", words),
    };
    Some((tag.to_owned(), rules(&words.join(" "))))
}

/// `RULE, RULE …`
fn rules(text: &str) -> Vec<Rule> {
    let rules = text.split(',');
    rules.map(|rule| Rule::parse(rule.split_whitespace())).collect()
}

impl Route {
    pub(super) fn needs(&self) -> Vec<Subject> {
        let family = Family::of(self.prefix);
        let mut needs = vec![Subject::Table(family, self.table)];
        match &self.hop {
            Hop::Path(path) => needs.push(Subject::Interface(path.interface.clone())),
            Hop::Words(words) => {
                let words = words.split_whitespace();
                needs.extend(words.map(|word| Subject::Interface(word.to_owned())));
            }
        }
        needs
    }

    pub(super) fn line(&self, verb: &str) -> String {
        let table = match self.table {
            0 => String::new(),
            table => format!(" table {table}"),
        };
        format!("ip route {verb} {}{table} via {}", self.prefix, self.hop)
    }

    pub(super) fn facts(&self) -> Vec<Fact> {
        let mut facts = vec![Fact::Route(self.table, self.prefix)];
        if let Hop::Path(path) = &self.hop {
            facts.push(Fact::RoutePath(self.table, self.prefix, path.clone()));
        }
        facts
    }

    pub(super) fn evidence(&self) -> Evidence {
        match &self.hop {
            Hop::Path(path) => Evidence::fact(Fact::RoutePath(self.table, self.prefix, path.clone())),
            Hop::Words(_) => Evidence::Unknown,
        }
    }
}

impl fmt::Display for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.fmt(f),
            Self::Words(words) => f.write_str(words),
        }
    }
}

impl Acl {
    pub(super) fn line(&self) -> String {
        format!("set acl-plugin acl {} tag {}", self.rules, self.tag)
    }

    pub(super) fn facts(&self, known: &Known) -> Option<Fact> {
        Some(Fact::Acl(
            known.number(&self.tag)?,
            self.tag.clone(),
            rules(&self.rules),
        ))
    }

    pub(super) fn evidence(&self) -> Evidence {
        Evidence::shows("show acl-plugin acl".to_owned(), Sign::Tag(self.tag.clone()))
    }

    pub(super) fn replace(&self) -> Line {
        self.numbered("set", &format!(" {} tag {}", self.rules, self.tag))
    }

    pub(super) fn delete(&self) -> Line {
        self.numbered("delete", "")
    }

    fn numbered(&self, verb: &str, after: &str) -> Line {
        Line::Acl {
            before: format!("{verb} acl-plugin acl index "),
            tag: self.tag.clone(),
            after: after.to_owned(),
        }
    }
}

impl Policy {
    pub(super) fn line(&self, verb: &str) -> Line {
        Line::Acl {
            before: format!("abf policy {verb} id {} acl ", self.id),
            tag: self.acl.clone(),
            after: format!(" via {}", self.path),
        }
    }

    pub(super) fn delete(&self) -> String {
        format!("abf policy del id {} via {}", self.id, self.path)
    }

    pub(super) fn facts(&self, known: &Known) -> Vec<Fact> {
        let number = known.number(&self.acl);
        let policy = number.map(|acl| Fact::Policy(self.id, acl));
        policy
            .into_iter()
            .chain([Fact::PolicyPath(self.id, self.path.clone())])
            .collect()
    }

    pub(super) fn evidence(&self) -> Evidence {
        Evidence::fact(Fact::PolicyPath(self.id, self.path.clone()))
    }
}

impl Attachment {
    pub(super) fn line(&self) -> String {
        let (id, priority, name) = (self.policy, self.priority, &self.interface);
        format!(
            "abf attach {} policy {id} priority {priority} {name}",
            self.family()
        )
    }

    pub(super) fn delete(&self) -> String {
        format!(
            "abf attach {} del policy {} {}",
            self.family(),
            self.policy,
            self.interface
        )
    }

    fn family(&self) -> &'static str {
        match self.family {
            Family::V4 => "ip4",
            Family::V6 => "ip6",
        }
    }

    pub(super) fn facts(&self) -> Fact {
        Fact::Attachment(self.interface.clone(), self.policy, self.priority)
    }

    pub(super) fn evidence(&self) -> Evidence {
        Evidence::subject(&self.facts())
    }
}
