//! Virtual routers.

use super::{Family, Move, Statement, Subject, Way};
use crate::plan::vpp::Fact;
use crate::plan::vpp::routers::Settings;

/// Something of a virtual router of VRRP.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Vrrp {
    /// The router.
    Router {
        /// Which.
        router: Vrid,
        /// Its settings and addresses, as the command has them.
        words: String,
        /// Who it tells in place of everybody on the link, as the command has it; nothing: everybody.
        peers: String,
    },
    /// An interface that it watches.
    Tracks {
        /// Which router.
        router: Vrid,
        /// The interface.
        interface: String,
        /// How much its priority falls while that one is down.
        priority: u32,
    },
    /// It takes part in the election.
    Runs(Vrid),
}

/// Which virtual router.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Vrid {
    /// Its interface.
    pub interface: String,
    /// Its number there.
    pub id: u32,
    /// Its protocol.
    pub family: Family,
}

pub(super) fn read(words: &[&str]) -> Option<Vrrp> {
    Some(match *words {
        ["vrrp", "vr", "add", name, "vr_id", id, ref rest @ ..] => Vrrp::Router {
            router: vrid(name, id, rest)?,
            words: rest.join(" "),
            peers: String::new(),
        },
        ["vrrp", "peers", name, "vr_id", id, ref rest @ ..] => Vrrp::Router {
            router: vrid(name, id, rest)?,
            words: String::new(),
            peers: rest.strip_prefix(&["ipv6"]).unwrap_or(rest).join(" "),
        },
        [
            "vrrp",
            "vr",
            "track-if",
            "add",
            name,
            "vr_id",
            id,
            ref rest @ ..,
            "track-index",
            tracked,
            "priority",
            priority,
        ] => Vrrp::Tracks {
            router: vrid(name, id, rest)?,
            interface: tracked.to_owned(),
            priority: priority.parse().ok()?,
        },
        ["vrrp", "proto", "start", name, "vr_id", id, ref rest @ ..] => Vrrp::Runs(vrid(name, id, rest)?),
        _ => return None,
    })
}

fn vrid(interface: &str, id: &str, rest: &[&str]) -> Option<Vrid> {
    Some(Vrid {
        interface: interface.to_owned(),
        id: id.parse().ok()?,
        family: match rest.contains(&"ipv6") {
            true => Family::V6,
            false => Family::V4,
        },
    })
}

impl Vrrp {
    pub(super) fn subject(&self) -> Subject {
        match self {
            Self::Router { router, .. } => Subject::Vrrp(router.clone()),
            Self::Tracks {
                router, interface, ..
            } => Subject::VrrpTracks(router.clone(), interface.clone()),
            Self::Runs(router) => Subject::VrrpRuns(router.clone()),
        }
    }

    /// What is left behind when its interface goes can no longer be named: all of it needs the interface.
    pub(super) fn needs(&self) -> Vec<Subject> {
        match self {
            // One that accepts puts its addresses on the interface, and on its Linux side.
            Self::Router { router, .. } => vec![
                Subject::Interface(router.interface.clone()),
                Subject::Pair(router.interface.clone()),
            ],
            Self::Tracks {
                router, interface, ..
            } => vec![
                Subject::Vrrp(router.clone()),
                Subject::Interface(interface.clone()),
            ],
            Self::Runs(router) => vec![Subject::Vrrp(router.clone())],
        }
    }

    /// The interface of a router.
    pub(super) fn interface(&self) -> Option<&str> {
        match self {
            Self::Router { router, .. } => Some(&router.interface),
            Self::Tracks { .. } | Self::Runs(_) => None,
        }
    }

    /// The same with what a later line about it says: whom it tells is a line of its own.
    pub(in crate::plan::vpp) fn and(self, later: Self) -> Self {
        match (self, later) {
            (
                Self::Router { router, words, .. },
                Self::Router {
                    words: more, peers, ..
                },
            ) if more.is_empty() => Self::Router { router, words, peers },
            (_, later) => later,
        }
    }

    pub(super) fn make(&self) -> Vec<Move> {
        let this = Statement::Vrrp(self.clone());
        match self {
            Self::Router { router, words, peers } => {
                let alone = Statement::Vrrp(Self::Router {
                    router: router.clone(),
                    words: words.clone(),
                    peers: String::new(),
                });
                let text = format!("vrrp vr add {} vr_id {} {words}", router.interface, router.id);
                let mut moves = vec![Move::plain(text, None, Some(alone.clone()))];
                if !peers.is_empty() {
                    let text = format!("vrrp peers {} {peers}", router.words());
                    moves.push(Move::plain(text, Some(alone), Some(this)));
                }
                moves
            }
            Self::Tracks { .. } => vec![Move::plain(self.tracks("add"), None, Some(this))],
            Self::Runs(router) => {
                let text = format!("vrrp proto start {}", router.words());
                vec![Move::plain(text, None, Some(this))]
            }
        }
    }

    pub(super) fn take_back(&self) -> Way {
        let text = match self {
            Self::Router { router, .. } => format!("vrrp vr del {}", router.words()),
            Self::Tracks { .. } => self.tracks("del"),
            Self::Runs(router) => format!("vrrp proto stop {}", router.words()),
        };
        Way::one(text, Some(&Statement::Vrrp(self.clone())), None)
    }

    /// VPP keeps what it tracks as it is when it is told otherwise, without a word.
    pub(super) fn facts(&self) -> Option<Fact> {
        match self {
            Self::Router { router, words, peers } => {
                let words = Settings::of_command(words, peers).words();
                Some(Fact::Router(
                    router.interface.clone(),
                    router.id,
                    router.is_v6(),
                    words,
                ))
            }
            Self::Tracks {
                router,
                interface,
                priority,
            } => Some(Fact::Tracks(
                router.interface.clone(),
                router.id,
                router.is_v6(),
                interface.clone(),
                *priority,
            )),
            Self::Runs(_) => None,
        }
    }

    fn tracks(&self, verb: &str) -> String {
        match self {
            Self::Tracks {
                router,
                interface,
                priority,
            } => format!(
                "vrrp vr track-if {verb} {} track-index {interface} priority {priority}",
                router.words()
            ),
            Self::Router { .. } | Self::Runs(_) => String::new(),
        }
    }
}

impl Vrid {
    fn is_v6(&self) -> bool {
        self.family == Family::V6
    }

    fn words(&self) -> String {
        let family = match self.family {
            Family::V4 => "",
            Family::V6 => " ipv6",
        };
        format!("{} vr_id {}{family}", self.interface, self.id)
    }
}
