//! Routes, ACLs, and the policies that steer by them.

use super::{Line, Path, Statement};
use ipnet::IpNet;

/// One path of a route in the main table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Route {
    /// The destination.
    pub prefix: IpNet,
    /// The next hop.
    pub path: Path,
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

/// An interface that uses a policy for IPv4.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Attachment {
    /// The policy.
    pub policy: u32,
    /// The interface.
    pub interface: String,
    /// The lowest comes first.
    pub priority: u32,
}

pub(super) fn read(words: &[&str], acls: &[Option<String>]) -> Option<Statement> {
    Some(match *words {
        ["ip", "route", "add", prefix, "via", gateway, interface] => Statement::Route(Route {
            prefix: prefix.parse::<IpNet>().ok()?.trunc(),
            path: Path::parse(gateway, interface)?,
        }),
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
            acl: acls.get(acl.parse::<usize>().ok()?)?.clone()?,
            path: Path::parse(gateway, interface)?,
        }),
        [
            "abf",
            "attach",
            "ip4",
            "policy",
            id,
            "priority",
            priority,
            interface,
        ] => Statement::Attachment(Attachment {
            policy: id.parse().ok()?,
            interface: interface.to_owned(),
            priority: priority.parse().ok()?,
        }),
        _ => return None,
    })
}

/// Whether a line makes an ACL, which takes the lowest free number.
pub(in crate::plan::vpp) fn makes_an_acl(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().take(4).collect();
    matches!(words[..], ["set", "acl-plugin", "acl", first] if first != "index")
}

impl Route {
    pub(super) fn line(&self, verb: &str) -> String {
        format!("ip route {verb} {} via {}", self.prefix, self.path)
    }
}

impl Acl {
    pub(super) fn line(&self) -> String {
        format!("set acl-plugin acl {} tag {}", self.rules, self.tag)
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
}

impl Attachment {
    pub(super) fn line(&self) -> String {
        let (id, priority, name) = (self.policy, self.priority, &self.interface);
        format!("abf attach ip4 policy {id} priority {priority} {name}")
    }

    pub(super) fn delete(&self) -> String {
        format!("abf attach ip4 del policy {} {}", self.policy, self.interface)
    }
}
