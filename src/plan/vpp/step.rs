//! One command of a live change, and what VPP has once it has carried it out.

use super::{Command, Fact, Statement};
use std::collections::HashMap;
use std::fmt;

/// A command line. VPP gives an ACL its number, so a line that needs one knows the ACL by its tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// The line itself.
    Plain(String),
    /// The number of the ACL with this tag goes between the two.
    Acl {
        before: String,
        tag: String,
        after: String,
    },
}

/// The numbers a VPP gave its ACLs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acls(HashMap<String, Vec<u32>>);

/// No ACL, or more than one, has the tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("vpp has {found} ACLs with the tag '{tag}' where there must be one")]
pub struct NoAcl {
    tag: String,
    found: usize,
}

/// One command that leads a running VPP a step further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// `FILE:LINE` of the TOML: of the new document, or of the old one for what is taken back.
    pub origin: Option<String>,
    pub(super) line: Line,
    /// What VPP no longer has after it.
    pub(super) gone: Vec<Statement>,
    /// What it has instead, or in addition.
    pub(super) made: Vec<Statement>,
    pub(super) waits: bool,
}

impl Acls {
    /// The numbers among the facts that `show acl-plugin acl` showed.
    pub fn of<'f>(shown: impl IntoIterator<Item = &'f Fact>) -> Self {
        let mut acls = Self::default();
        for fact in shown {
            if let Fact::Acl(index, tag, _) = fact {
                acls.0.entry(tag.clone()).or_default().push(*index);
            }
        }
        acls
    }

    fn number(&self, tag: &str) -> Result<u32, NoAcl> {
        match self.0.get(tag).map(Vec::as_slice) {
            Some([only]) => Ok(*only),
            several => Err(NoAcl {
                tag: tag.to_owned(),
                found: several.map_or(0, <[u32]>::len),
            }),
        }
    }
}

impl Step {
    /// The command as VPP takes it. Errors: its ACL is not there, or there are several with its tag.
    pub fn command(&self, acls: &Acls) -> Result<Command, NoAcl> {
        let text = match &self.line {
            Line::Plain(text) => text.clone(),
            Line::Acl { before, tag, after } => format!("{before}{}{after}", acls.number(tag)?),
        };
        Ok(Command {
            origin: self.origin.clone(),
            text,
        })
    }

    /// Whether the command names an ACL: its number must be asked for (`show acl-plugin acl`) right before it.
    pub fn names_an_acl(&self) -> bool {
        matches!(self.line, Line::Acl { .. })
    }

    /// Whether the kernel must have answered to the commands before this one: the MTU of a VLAN after that of its parent, which
    /// the kernel reports back up to 50 ms later and VPP then gives to every VLAN.
    pub fn waits_for_the_kernel(&self) -> bool {
        self.waits
    }
}

/// The command as a person reads it: an ACL is called by its tag.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.line {
            Line::Plain(text) => f.write_str(text),
            Line::Acl { before, tag, after } => write!(f, "{before}'{tag}'{after}"),
        }
    }
}
