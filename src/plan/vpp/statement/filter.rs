//! ACLs on interfaces, and which lines name an ACL by its number.

use super::{Evidence, Known, Line, Subject};
use crate::plan::vpp::Fact;
use std::fmt;

/// An interface that filters by an ACL. Each is its own subject: a side of an interface may have several.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Filter {
    /// The interface.
    pub interface: String,
    /// `input` or `output`.
    pub side: String,
    /// The tag of the ACL.
    pub acl: String,
}

pub(super) fn read(words: &[&str], known: &Known) -> Option<Filter> {
    match *words {
        [
            "set",
            "acl-plugin",
            "interface",
            interface,
            side @ ("input" | "output"),
            "acl",
            acl,
        ] => Some(Filter {
            interface: interface.to_owned(),
            side: side.to_owned(),
            acl: known.tag(acl.parse().ok()?)?.to_owned(),
        }),
        _ => None,
    }
}

/// The ACLs that a line names by their numbers.
pub(in crate::plan::vpp) fn acls_named(line: &str) -> Vec<u32> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let about = match words[..] {
        ["set" | "delete", "acl-plugin", kind, ..] => kind != "macip",
        ["abf", "policy", ..] => true,
        _ => false,
    };
    let named = |pair: &[&str]| matches!(pair[0], "acl" | "index").then(|| pair[1].parse().ok())?;
    let pairs = words.windows(2).filter(|_| about);
    pairs.filter_map(named).collect()
}

impl Filter {
    pub(super) fn needs(&self) -> Vec<Subject> {
        vec![
            Subject::Acl(self.acl.clone()),
            Subject::Interface(self.interface.clone()),
        ]
    }

    pub(super) fn line(&self) -> Line {
        self.with("")
    }

    pub(super) fn delete(&self) -> Line {
        self.with(" del")
    }

    fn with(&self, after: &str) -> Line {
        Line::Acl {
            before: format!("set acl-plugin interface {} {} acl ", self.interface, self.side),
            tag: self.acl.clone(),
            after: after.to_owned(),
        }
    }

    /// VPP loses every error of these lines.
    pub(super) fn facts(&self, known: &Known) -> Option<Fact> {
        let number = known.number(&self.acl)?;
        Some(Fact::Filter(self.interface.clone(), self.side.clone(), number))
    }

    /// Both lines may be repeated without harm.
    pub(super) fn evidence(&self) -> Evidence {
        Evidence::Value
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "acl '{}' on the {} of '{}'",
            self.acl, self.side, self.interface
        )
    }
}
