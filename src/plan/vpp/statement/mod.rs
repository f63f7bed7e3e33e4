//! What the lines of a commands file declare: each kind with what it needs, how it is made, changed and taken back.

mod advertise;
mod interface;
mod nat;
mod setting;
mod steer;

pub(super) use nat::pool;
pub(super) use setting::parent;
pub(super) use steer::makes_an_acl;

pub use advertise::{Advertisements, Prefix};
pub use interface::{Interface, Make, Socket};
pub use nat::Nat;
pub use setting::{Setting, Value};
pub use steer::{Acl, Attachment, Policy, Route};

use super::Path;
use super::step::Line;
use ipnet::IpNet;
use std::fmt;

/// One thing a VPP has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Statement {
    /// An interface that VPP was told to make; a NIC that DPDK made is none.
    Interface(Interface),
    /// A socket of memifs.
    Socket(Socket),
    /// A property of an interface.
    Setting(Setting),
    /// An interface sends router advertisements.
    Advertisements(Advertisements),
    /// They have a prefix.
    Prefix(Prefix),
    /// One path of a route.
    Route(Route),
    /// An ACL.
    Acl(Acl),
    /// An ABF policy.
    Policy(Policy),
    /// An interface that uses a policy.
    Attachment(Attachment),
    /// Something of a NAT plugin.
    Nat(Nat),
    /// A line of the operator's, of a kind that is not known here.
    Line(String),
}

/// What a statement is about. Of two statements about the same, the later one holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The interface of a name.
    Interface(String),
    /// The memif socket of an id.
    Socket(u32),
    /// The Linux side of an interface.
    Pair(String),
    /// The MTU of an interface.
    Mtu(String),
    /// Whether an interface takes frames for others.
    Promiscuous(String),
    /// Whether an interface is up.
    Up(String),
    /// An address on an interface.
    Address(String, IpNet),
    /// The router advertisements of an interface.
    Advertisements(String),
    /// A prefix in them.
    Prefix(String, IpNet),
    /// A path of a route.
    Route(IpNet, Path),
    /// The ACL of a tag.
    Acl(String),
    /// The ABF policy of an id.
    Policy(u32),
    /// A policy on an interface.
    Attachment(u32, String),
    /// Something of a NAT plugin.
    Nat(Nat),
    /// A line of the operator's.
    Line(String),
}

/// One command, and what it does to what a VPP has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Move {
    pub(super) line: Line,
    pub(super) gone: Vec<Statement>,
    pub(super) made: Vec<Statement>,
}

/// How a running VPP gets from one statement about a subject to another, or to none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// By these commands.
    By(Vec<Move>),
    /// It is taken back with all that needs it, and made again.
    Remake,
    /// VPP cannot, because of this.
    Restart(String),
}

impl Move {
    fn to(
        line: Line,
        gone: impl IntoIterator<Item = Statement>,
        made: impl IntoIterator<Item = Statement>,
    ) -> Self {
        Self {
            line,
            gone: gone.into_iter().collect(),
            made: made.into_iter().collect(),
        }
    }

    pub(super) fn plain(
        text: String,
        gone: impl IntoIterator<Item = Statement>,
        made: impl IntoIterator<Item = Statement>,
    ) -> Self {
        Self::to(Line::Plain(text), gone, made)
    }
}

impl Way {
    fn one(text: String, gone: Option<&Statement>, made: Option<&Statement>) -> Self {
        Self::By(vec![Move::plain(text, gone.cloned(), made.cloned())])
    }
}

impl Statement {
    /// What a line says, given the tags of the ACLs made before it in their order. [`Statement::Line`] for all that is not known.
    pub(super) fn read(text: &str, acls: &[Option<String>]) -> Self {
        let words: Vec<&str> = text.split_whitespace().collect();
        interface::read(&words)
            .or_else(|| setting::read(&words))
            .or_else(|| advertise::read(&words))
            .or_else(|| steer::read(&words, acls))
            .or_else(|| nat::read(&words).map(Self::Nat))
            .unwrap_or_else(|| Self::Line(text.to_owned()))
    }

    /// What it is about.
    pub fn subject(&self) -> Subject {
        match self {
            Self::Interface(it) => Subject::Interface(it.name.clone()),
            Self::Socket(it) => Subject::Socket(it.id),
            Self::Setting(it) => it.subject(),
            Self::Advertisements(it) => Subject::Advertisements(it.interface.clone()),
            Self::Prefix(it) => Subject::Prefix(it.interface.clone(), it.prefix),
            Self::Route(it) => Subject::Route(it.prefix, it.path.clone()),
            Self::Acl(it) => Subject::Acl(it.tag.clone()),
            Self::Policy(it) => Subject::Policy(it.id),
            Self::Attachment(it) => Subject::Attachment(it.policy, it.interface.clone()),
            Self::Nat(it) => Subject::Nat(it.clone()),
            Self::Line(text) => Subject::Line(text.clone()),
        }
    }

    /// What must be there before it, where it is there at all, and cannot be changed under it.
    pub(super) fn needs(&self) -> Vec<Subject> {
        match self {
            Self::Interface(it) => it.needs(),
            Self::Socket(_) | Self::Acl(_) | Self::Line(_) => Vec::new(),
            Self::Setting(it) => it.needs(),
            Self::Advertisements(Advertisements { interface, .. })
            | Self::Prefix(Prefix { interface, .. }) => {
                vec![
                    Subject::Interface(interface.clone()),
                    Subject::Pair(interface.clone()),
                ]
            }
            Self::Route(it) => vec![Subject::Interface(it.path.interface.clone())],
            Self::Policy(it) => vec![
                Subject::Acl(it.acl.clone()),
                Subject::Interface(it.path.interface.clone()),
            ],
            Self::Attachment(it) => vec![
                Subject::Policy(it.policy),
                Subject::Interface(it.interface.clone()),
            ],
            Self::Nat(it) => it.needs(),
        }
    }

    /// The interface whose property it is: it goes with the interface.
    pub(super) fn owner(&self) -> Option<&str> {
        match self {
            Self::Setting(it) => Some(&it.interface),
            Self::Advertisements(it) => Some(&it.interface),
            Self::Prefix(it) => Some(&it.interface),
            _ => None,
        }
    }

    /// The address, and the interface it is on.
    pub(super) fn address(&self) -> Option<(&str, IpNet)> {
        match self {
            Self::Setting(Setting {
                interface,
                value: Value::Address(address),
            }) => Some((interface, *address)),
            _ => None,
        }
    }

    /// Whether it is an IPv6 address of an interface.
    pub(super) fn is_ipv6(&self) -> bool {
        self.address()
            .is_some_and(|(_, address)| matches!(address, IpNet::V6(_)))
    }

    /// Whether it is part of an interface's router advertisements.
    pub(super) fn is_advertised(&self) -> bool {
        matches!(self, Self::Advertisements(_) | Self::Prefix(_))
    }

    /// Whether it is the Linux side of an interface.
    pub(super) fn is_pair(&self) -> bool {
        matches!(
            self,
            Self::Setting(Setting {
                value: Value::Pair(_),
                ..
            })
        )
    }

    /// The destination of a route.
    pub(super) fn route(&self) -> Option<IpNet> {
        match self {
            Self::Route(it) => Some(it.prefix),
            _ => None,
        }
    }

    /// Whether it is an address of a pool that may be larger for a moment: one of nat64's takes a megabyte of heap.
    pub(super) fn is_of_a_cheap_pool(&self) -> bool {
        matches!(self, Self::Nat(Nat::Nat44Address(_)))
    }

    /// The MTU, and the interface that has it.
    pub(super) fn mtu(&self) -> Option<(&str, u32)> {
        match self {
            Self::Setting(Setting {
                interface,
                value: Value::Mtu(mtu),
            }) => Some((interface, *mtu)),
            _ => None,
        }
    }

    /// Why VPP has to be restarted when it comes or goes; `None`: it need not be.
    pub(super) fn restarts(&self) -> Option<&'static str> {
        match self {
            Self::Nat(it) => it.restarts(),
            _ => None,
        }
    }

    /// How a VPP gets it that has nothing about its subject.
    pub(super) fn make(&self) -> Vec<Move> {
        match self {
            Self::Interface(it) => it.make(),
            Self::Socket(it) => vec![Move::plain(it.line(), None, Some(self.clone()))],
            Self::Setting(it) => vec![Move::plain(it.line(), None, Some(self.clone()))],
            Self::Advertisements(it) => it.make(),
            Self::Prefix(it) => vec![Move::plain(it.line(), None, Some(self.clone()))],
            Self::Route(it) => vec![Move::plain(it.line("add"), None, Some(self.clone()))],
            Self::Acl(it) => vec![Move::plain(it.line(), None, Some(self.clone()))],
            Self::Policy(it) => vec![Move::to(it.line("add"), None, Some(self.clone()))],
            Self::Attachment(it) => vec![Move::plain(it.line(), None, Some(self.clone()))],
            Self::Nat(it) => vec![Move::plain(it.line(), None, Some(self.clone()))],
            Self::Line(text) => vec![Move::plain(text.clone(), None, Some(self.clone()))],
        }
    }

    /// How it is taken back. `made`: whether VPP was told to make its interface, whose defaults are known then.
    pub(super) fn take_back(&self, made: bool) -> Way {
        match self {
            Self::Interface(it) => Way::one(it.delete(), Some(self), None),
            Self::Socket(it) => Way::one(it.delete(), Some(self), None),
            Self::Setting(it) => it.take_back(made),
            Self::Advertisements(it) => Way::By(it.take_back()),
            Self::Prefix(it) => Way::one(it.delete(), Some(self), None),
            Self::Route(it) => Way::one(it.line("del"), Some(self), None),
            Self::Acl(it) => Way::By(vec![Move::to(it.delete(), Some(self.clone()), None)]),
            Self::Policy(it) => Way::By(vec![Move::plain(it.delete(), Some(self.clone()), None)]),
            Self::Attachment(it) => Way::one(it.delete(), Some(self), None),
            Self::Nat(it) => match it.delete() {
                Some(text) => Way::one(text, Some(self), None),
                None => Way::Restart(it.to_string()),
            },
            Self::Line(text) => Way::Restart(format!("nothing is known that takes back '{text}'")),
        }
    }

    /// How another statement about the same subject takes its place.
    pub(super) fn turn_into(&self, after: &Self) -> Way {
        match (self, after) {
            (Self::Setting(before), Self::Setting(to)) if before.changes_in_place() => {
                Way::one(to.line(), Some(self), Some(after))
            }
            (Self::Advertisements(before), Self::Advertisements(to)) => Way::By(before.turn_into(to)),
            // Another lifetime: VPP takes the line again.
            (Self::Prefix(_), Self::Prefix(to)) => Way::one(to.line(), Some(self), Some(after)),
            (Self::Acl(_), Self::Acl(to)) => Way::By(vec![Move::to(
                to.replace(),
                Some(self.clone()),
                Some(after.clone()),
            )]),
            _ => Way::Remake,
        }
    }
}

/// As a person names it: `198.51.100.2/30 on 'external.25'`.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interface(name) => write!(f, "interface '{name}'"),
            Self::Socket(id) => write!(f, "memif socket {id}"),
            Self::Pair(name) => write!(f, "the Linux side of '{name}'"),
            Self::Mtu(name) => write!(f, "the MTU of '{name}'"),
            Self::Promiscuous(name) => write!(f, "promiscuous mode of '{name}'"),
            Self::Up(name) => write!(f, "'{name}' up"),
            Self::Address(name, address) => write!(f, "{address} on '{name}'"),
            Self::Advertisements(name) => write!(f, "the router advertisements of '{name}'"),
            Self::Prefix(name, prefix) => write!(f, "{prefix} advertised on '{name}'"),
            Self::Route(prefix, path) => write!(f, "the route {prefix} via {path}"),
            Self::Acl(tag) => write!(f, "acl '{tag}'"),
            Self::Policy(id) => write!(f, "abf policy {id}"),
            Self::Attachment(id, name) => write!(f, "abf policy {id} on '{name}'"),
            Self::Nat(it) => it.fmt(f),
            Self::Line(text) => write!(f, "'{text}'"),
        }
    }
}
