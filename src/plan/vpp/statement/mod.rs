//! What the lines of a commands file declare: each kind with what it needs, how it is made, changed and taken back.

mod advertise;
mod export;
mod exporter;
mod feature;
mod filter;
mod guard;
mod interface;
mod known;
mod multicast;
mod nat;
mod peer;
mod setting;
mod steer;
mod subject;
mod table;
mod timeouts;
mod tunnel;
mod vrrp;

pub(super) use known::Known;
pub(super) use nat::pool;
pub(super) use setting::parent;
pub(super) use steer::{acl_of, makes_an_acl, paths};

pub use advertise::{Advertisements, Prefix};
pub use export::{Export, Exported};
pub use exporter::Exporter;
pub use feature::{Family, Feature};
pub use filter::Filter;
pub(super) use filter::acls_named;
pub use guard::Guard;
pub use interface::{Interface, Make, Outer, Socket};
pub use multicast::Multicast;
pub(super) use multicast::shown as shown_multicast;
pub use nat::Nat;
pub use peer::Peer;
pub use setting::{Setting, Value};
pub use steer::{Acl, Attachment, Hop, Policy, Route};
pub use timeouts::{Plugin, Timeouts};
pub use vrrp::{Vrid, Vrrp};

use super::Fact;
use super::doubt::Sign;
use super::step::Line;
use crate::types::WireguardKey;
use ipnet::IpNet;
use std::net::IpAddr;

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
    /// An interface that filters by an ACL.
    Filter(Filter),
    /// Where records of flows and sessions are sent.
    Exporter(Exporter),
    /// Something of a NAT plugin.
    Nat(Nat),
    /// How long a NAT keeps idle sessions.
    Timeouts(Timeouts),
    /// Something that stands on interfaces, or that they stand on.
    Feature(Feature),
    /// What an interface does with packets before they are routed.
    Guard(Guard),
    /// Something that is exported, or how.
    Export(Export),
    /// Something of a virtual router.
    Vrrp(Vrrp),
    /// A peer of WireGuard.
    Peer(Peer),
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
    /// The hardware address an interface was given.
    Mac(String),
    /// How an interface's packets are noticed.
    RxMode(String),
    /// Whether an interface is up.
    Up(String),
    /// Whether an interface speaks IPv6 without an address of it.
    Ipv6(String),
    /// Whether an interface speaks none, whatever its Linux side has.
    Silent(String),
    /// An address on an interface.
    Address(String, IpNet),
    /// The router advertisements of an interface.
    Advertisements(String),
    /// A prefix in them.
    Prefix(String, IpNet),
    /// A path of a route in a table.
    Route(u32, IpNet, Hop),
    /// The ACL of a tag.
    Acl(String),
    /// The ABF policy of an id.
    Policy(u32),
    /// A policy on an interface.
    Attachment(u32, String),
    /// An ACL on a side of an interface.
    Filter(Filter),
    /// Where records of flows and sessions are sent.
    Exporter,
    /// Something of a NAT plugin.
    Nat(Nat),
    /// The timeouts of a NAT plugin.
    Timeouts(Plugin),
    /// Which bond an interface belongs to.
    Member(String),
    /// The bridge domain of a number.
    BridgeDomain(u32),
    /// Where an interface switches to.
    Switched(String),
    /// What an interface does with the tags of frames that it switches.
    Tags(String),
    /// Where an interface is copied to.
    Mirror(String),
    /// The policer of a name.
    Policer(String),
    /// The policer of a side of an interface.
    Policed(String, String),
    /// A virtual router.
    Vrrp(Vrid),
    /// Whether it takes part.
    VrrpRuns(Vrid),
    /// An interface that it watches.
    VrrpTracks(Vrid, String),
    /// A neighbour on an interface.
    Neighbour(String, IpAddr),
    /// Whether sources are checked on an interface.
    Urpf(Family, String),
    /// The largest segments through an interface.
    Mss(String),
    /// A server of the relay of DHCP in a table.
    Relay(Family, u32, IpAddr),
    /// Half of what becomes of multicast.
    Multicast(Multicast),
    /// A table of routes.
    Table(Family, u32),
    /// The table of an interface.
    TableOf(Family, String),
    /// What is exported.
    Export(Exported),
    /// The peer of WireGuard with a key.
    Peer(WireguardKey),
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

/// How VPP is asked whether it has something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Evidence {
    /// It need not be asked: the line sets a value, and setting another takes it back.
    Value,
    /// What the answer shows if it has it.
    Shows {
        /// The `show` command.
        question: String,
        /// What to look for.
        sign: Sign,
    },
    /// What the answer shows if it does not have it.
    Hides {
        /// The `show` command.
        question: String,
        /// What to look for.
        sign: Sign,
    },
    /// No answer tells.
    Unknown,
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

impl Evidence {
    fn shows(question: String, sign: Sign) -> Self {
        Self::Shows { question, sign }
    }

    /// This fact.
    fn fact(fact: Fact) -> Self {
        Self::shows(fact.question(), Sign::Fact(fact))
    }

    /// The absence of this fact.
    fn no_fact(fact: Fact) -> Self {
        Self::Hides {
            question: fact.question(),
            sign: Sign::Fact(fact),
        }
    }

    /// Any fact about the subject of this one.
    fn subject(fact: &Fact) -> Self {
        Self::shows(fact.question(), Sign::Subject(fact.subject()))
    }

    /// A line that begins with these words.
    fn listed(question: &str, words: &[&str]) -> Self {
        let words = words.iter().map(|word| (*word).to_owned());
        Self::shows(question.to_owned(), Sign::Words(words.collect()))
    }
}
