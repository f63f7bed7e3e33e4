//! One command of a live change, and what VPP has once it has carried it out.

use super::{Command, Fact, Statement};
use std::collections::HashMap;
use std::fmt;

/// A command line. VPP gives ACLs and interfaces numbers, so a line that needs one knows the ACL by its tag, and the interface by
/// its name.
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
    /// The number of the interface with this name goes behind.
    Interface { before: String, name: String },
}

/// The numbers a VPP gave its ACLs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acls(HashMap<String, Vec<u32>>);

/// The numbers a VPP gave what a step names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Those of its ACLs.
    pub acls: Acls,
    /// Those of its interfaces.
    pub interfaces: HashMap<String, u32>,
}

/// The numbers of the interfaces in the answer to `show interface`.
pub fn interface_numbers(answer: &str) -> HashMap<String, u32> {
    let number = |line: &str| {
        let mut words = line.split_whitespace();
        let (name, number) = (words.next()?, words.next()?.parse().ok()?);
        Some((name.to_owned(), number))
    };
    answer.lines().filter_map(number).collect()
}

/// What a step names is not there, or not there once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoNumber {
    /// An ACL.
    #[error(transparent)]
    Acl(#[from] NoAcl),
    /// An interface.
    #[error("vpp has no interface '{0}'")]
    Interface(String),
}

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
    /// The command as VPP takes it. Errors: its ACL or interface is not there, or there are several ACLs with its tag.
    pub fn command(&self, numbers: &Numbers) -> Result<Command, NoNumber> {
        let text = match &self.line {
            Line::Plain(text) => text.clone(),
            Line::Acl { before, tag, after } => format!("{before}{}{after}", numbers.acls.number(tag)?),
            Line::Interface { before, name } => {
                let number = numbers.interfaces.get(name);
                let number = number.ok_or_else(|| NoNumber::Interface(name.clone()))?;
                format!("{before}{number}")
            }
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

    /// Whether the command names an interface by its number, which must be asked for (`show interface`) right before it.
    pub fn numbers_an_interface(&self) -> bool {
        matches!(self.line, Line::Interface { .. })
    }

    /// Whether the kernel must have answered to the commands before this one: the MTU of a VLAN after that of its parent, which
    /// the kernel reports back up to 50 ms later and VPP then gives to every VLAN; the end of a pair after its device went down.
    pub fn waits_for_the_kernel(&self) -> bool {
        self.waits
    }

    /// Whether the command is to be repeated until VPP refuses it: it counts who wants IPv6 on an interface, and the Linux side
    /// of a pair may want it more than once, or not yet.
    pub fn repeats_until_refused(&self) -> bool {
        self.made.iter().any(Statement::is_silence)
    }
}

/// The command as a person reads it: an ACL is called by its tag.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.line {
            Line::Plain(text) => f.write_str(text),
            Line::Acl { before, tag, after } => write!(f, "{before}'{tag}'{after}"),
            Line::Interface { before, name } => write!(f, "{before}'{name}'"),
        }
    }
}
