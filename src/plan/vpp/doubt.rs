//! Whether VPP has carried out a command that was sent, and whose answer nobody waited for. Pure.

use super::{Command, Fact, Path, Statement, Step, checks, shown};

/// How to find out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// Nothing is lost by taking it as carried out: it sets a value, and taking it back sets the value before.
    None,
    /// VPP's answer to this question tells.
    Ask {
        /// The `show` command.
        question: String,
        /// What to look for in the answer.
        sign: Sign,
        /// Whether the command makes it, or takes it away.
        makes: bool,
    },
    /// No answer tells.
    Unknown,
}

/// Something an answer shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sign {
    /// This fact.
    Fact(Fact),
    /// Any fact about this subject.
    Subject(String),
    /// An ACL of this tag.
    Tag(String),
    /// A line that begins with these words, or with one of them alone.
    Words(Vec<String>),
}

impl Doubt {
    /// About this step, in whose command an ACL is called by its tag: `'nat-cgn'`.
    pub fn about(step: &Step) -> Self {
        let text = step.to_string();
        let words: Vec<&str> = text.split_whitespace().collect();
        let deleted = step.gone.iter().find_map(|gone| match gone {
            Statement::Interface(gone) if words.first() == Some(&"delete") => Some(gone.name.as_str()),
            _ => None,
        });
        if let Some(name) = deleted {
            let (question, sign) = interface(name);
            return Self::ask(question, sign, false);
        }
        match words[..] {
            ["set", "interface", "state" | "mtu" | "promiscuous", ..] | ["ip6", "nd", ..] => Self::None,
            ["set", "interface", "nat44" | "nat64", ..] | ["nat44", "forwarding", ..] => Self::None,
            ["set", "acl-plugin", "acl", "index", ..] => Self::None,
            _ => taken_away(&words)
                .map(|(question, sign)| Self::ask(question, sign, false))
                .or_else(|| made(&words, &text).map(|(question, sign)| Self::ask(question, sign, true)))
                .unwrap_or(Self::Unknown),
        }
    }

    fn ask(question: String, sign: Sign, makes: bool) -> Self {
        Self::Ask {
            question,
            sign,
            makes,
        }
    }
}

impl Sign {
    /// Whether the answer shows it.
    pub fn is_in(&self, question: &str, answer: &str) -> bool {
        let facts = || shown(question, answer);
        match self {
            Self::Fact(fact) => facts().contains(fact),
            Self::Subject(subject) => facts().iter().any(|fact| fact.subject() == *subject),
            Self::Tag(tag) => facts()
                .iter()
                .any(|fact| matches!(fact, Fact::Acl(_, of, _) if of == tag)),
            Self::Words(words) => answer.lines().any(|line| {
                line.split_whitespace()
                    .take(words.len())
                    .eq(words.iter().map(String::as_str))
            }),
        }
    }
}

fn of_fact(fact: Fact) -> (String, Sign) {
    (fact.question(), Sign::Fact(fact))
}

fn of_subject(fact: &Fact) -> (String, Sign) {
    (fact.question(), Sign::Subject(fact.subject()))
}

fn interface(name: &str) -> (String, Sign) {
    ("show interface".to_owned(), Sign::Words(vec![name.to_owned()]))
}

fn acl(tag: &str) -> (String, Sign) {
    ("show acl-plugin acl".to_owned(), Sign::Tag(tag.to_owned()))
}

fn policy_path(id: &str, gateway: &str, name: &str) -> Option<(String, Sign)> {
    let path = Path::parse(gateway, name)?;
    Some(of_fact(Fact::PolicyPath(id.parse().ok()?, path)))
}

fn listed(question: &str, words: &[&str]) -> (String, Sign) {
    let words = words.iter().map(|word| (*word).to_owned());
    (question.to_owned(), Sign::Words(words.collect()))
}

/// The command of which this one is the undoing, as a fact.
fn fact_of(text: &str) -> Option<Fact> {
    let command = Command {
        origin: None,
        text: text.to_owned(),
    };
    // Of several, the last is the most particular: the path of a route.
    checks(&[command]).pop().map(|check| check.fact)
}

fn taken_away(words: &[&str]) -> Option<(String, Sign)> {
    Some(match *words {
        ["set", "interface", "ip", "address", "del", name, address] => {
            of_fact(fact_of(&format!("set interface ip address {name} {address}"))?)
        }
        ["ip", "route", "del", prefix] => of_subject(&fact_of(&format!("ip route add {prefix} via drop"))?),
        ["ip", "route", "del", prefix, "via", gateway, name] => {
            of_fact(fact_of(&format!("ip route add {prefix} via {gateway} {name}"))?)
        }
        ["lcp", "delete", name] => of_subject(&Fact::Pair(name.to_owned(), String::new())),
        ["delete", "memif", "socket", "id", id] => listed("show memif", &[id]),
        ["delete", "acl-plugin", "acl", "index", tag] => acl(tag.trim_matches('\'')),
        ["abf", "attach", _, "del", "policy", policy, name] => {
            of_subject(&Fact::Attachment(name.to_owned(), policy.parse().ok()?, 0))
        }
        ["abf", "policy", "del", "id", id, .., "via", gateway, name] => policy_path(id, gateway, name)?,
        ["det44", "add", "in", inside, "out", outside, "del"] => {
            of_fact(fact_of(&format!("det44 add in {inside} out {outside}"))?)
        }
        [.., "del"] => return listed_nat(words.split_last()?.1),
        _ => return None,
    })
}

fn made(words: &[&str], text: &str) -> Option<(String, Sign)> {
    Some(match *words {
        ["create", "memif", "socket", "id", id, ..] => listed("show memif", &[id]),
        ["create", "sub-interfaces", parent, id, ..] => interface(&format!("{parent}.{id}")),
        ["create", "loopback", "interface", "instance", number, ..] => interface(&format!("loop{number}")),
        ["create", "host-interface", "name", name, ..] => interface(&format!("host-{name}")),
        ["create", "interface", "memif", "id", id, "socket-id", socket, ..] => {
            interface(&format!("memif{socket}/{id}"))
        }
        ["set", "interface", "name", _, name] => interface(name),
        ["set", "acl-plugin", "acl", .., "tag", tag] => acl(tag),
        ["abf", "policy", "add", "id", id, .., "via", gateway, name] => policy_path(id, gateway, name)?,
        ["nat44" | "nat64", ..] => return listed_nat(words),
        _ => of_fact(fact_of(text)?),
    })
}

/// A pool address or a mapping, in the list that shows it.
fn listed_nat(words: &[&str]) -> Option<(String, Sign)> {
    Some(match *words {
        ["nat64", "add", "prefix", prefix] => listed("show nat64 prefix", &[prefix]),
        ["nat44", "add", "address", address] => listed("show nat44 addresses", &[address]),
        ["nat64", "add", "pool", "address", address] => listed("show nat64 pool", &[address]),
        [
            "nat44",
            "add",
            "static",
            "mapping",
            "local",
            local,
            "external",
            external,
        ] => listed(
            "show nat44 static mappings",
            &["local", local, "external", external],
        ),
        [
            "nat44",
            "add",
            "static",
            "mapping",
            protocol,
            "local",
            local,
            from,
            "external",
            external,
            to,
        ] => listed(
            "show nat44 static mappings",
            &[
                &protocol.to_uppercase(),
                "local",
                &format!("{local}:{from}"),
                "external",
                &format!("{external}:{to}"),
            ],
        ),
        _ => return None,
    })
}
