//! Router advertisements: whether an interface sends them, how often, for how long they hold, their flags and their prefixes.

use super::{Move, Statement};
use crate::plan::vpp::Fact;
use ipnet::IpNet;

/// An interface sends router advertisements.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Advertisements {
    /// The interface.
    pub interface: String,
    /// For how many seconds the router is one; `None`: VPP's default.
    pub lifetime: Option<u32>,
    /// The longest and the shortest time between two, in seconds; `None`: VPP's default.
    pub interval: Option<(u32, u32)>,
    /// Whether hosts get their addresses by DHCPv6.
    pub managed: bool,
    /// Whether hosts get other settings by DHCPv6.
    pub other: bool,
}

/// A prefix in an interface's advertisements.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Prefix {
    /// The interface.
    pub interface: String,
    /// The prefix.
    pub prefix: IpNet,
    /// How long it is valid, and flags, as VPP takes them.
    pub words: String,
}

/// VPP's own lifetime, in seconds.
const LIFETIME: u32 = 600;

/// The words of VPP for hosts that get their addresses by DHCPv6.
const MANAGED: &str = "ra-managed-config-flag";
/// Those for hosts that get other settings by DHCPv6.
const OTHER: &str = "ra-other-config-flag";

pub(super) fn read(words: &[&str]) -> Option<Statement> {
    let ["ip6", "nd", name, ref rest @ ..] = *words else {
        return None;
    };
    let mut said = Advertisements::of(name);
    match *rest {
        ["no", "ra-suppress"] => {}
        ["ra-lifetime", seconds] => said.lifetime = Some(seconds.parse().ok()?),
        ["ra-interval", longest, shortest] => {
            said.interval = Some((longest.parse().ok()?, shortest.parse().ok()?));
        }
        [MANAGED] => said.managed = true,
        [OTHER] => said.other = true,
        ["prefix", prefix, ref rest @ ..] => {
            return Some(Statement::Prefix(Prefix {
                interface: name.to_owned(),
                prefix: prefix.parse::<IpNet>().ok()?.trunc(),
                words: rest.join(" "),
            }));
        }
        _ => return None,
    }
    Some(Statement::Advertisements(said))
}

/// What one line changes.
enum Change {
    Lifetime(Option<u32>),
    Interval(Option<(u32, u32)>),
    Managed(bool),
    Other(bool),
}

impl Advertisements {
    /// Those that say no more than that they are sent.
    fn of(interface: &str) -> Self {
        Self {
            interface: interface.to_owned(),
            lifetime: None,
            interval: None,
            managed: false,
            other: false,
        }
    }

    /// What holds after a further line about the same interface.
    pub(in crate::plan::vpp) fn and(&self, later: &Self) -> Self {
        Self {
            interface: self.interface.clone(),
            lifetime: later.lifetime.or(self.lifetime),
            interval: later.interval.or(self.interval),
            managed: later.managed || self.managed,
            other: later.other || self.other,
        }
    }

    pub(super) fn make(&self) -> Vec<Move> {
        let bare = Self::of(&self.interface);
        let begin = Move::plain(
            format!("ip6 nd {} no ra-suppress", self.interface),
            None,
            Some(Statement::Advertisements(bare.clone())),
        );
        std::iter::once(begin).chain(bare.turn_into(self)).collect()
    }

    /// The timers first: every line about them starts the sending again.
    pub(super) fn take_back(&self) -> Vec<Move> {
        let bare = Self::of(&self.interface);
        let mut moves = self.turn_into(&bare);
        moves.push(Move::plain(
            format!("ip6 nd {} ra-suppress", self.interface),
            Some(Statement::Advertisements(bare)),
            None,
        ));
        moves
    }

    /// The interval stays below the lifetime all the time: VPP ignores a line without a word where it would not.
    pub(super) fn turn_into(&self, after: &Self) -> Vec<Move> {
        let lifetime = (self.lifetime != after.lifetime).then_some(Change::Lifetime(after.lifetime));
        let interval = (self.interval != after.interval).then_some(Change::Interval(after.interval));
        // What is no router at all may say so as rarely as it likes.
        let reach = |it: &Self| match it.lifetime.unwrap_or(LIFETIME) {
            0 => u32::MAX,
            seconds => seconds,
        };
        let timers = match reach(after) >= reach(self) {
            true => [lifetime, interval],
            false => [interval, lifetime],
        };
        let flags = [
            (self.managed != after.managed).then_some(Change::Managed(after.managed)),
            (self.other != after.other).then_some(Change::Other(after.other)),
        ];
        let mut now = self.clone();
        let mut moves = Vec::new();
        for change in timers.into_iter().chain(flags).flatten() {
            let before = Statement::Advertisements(now.clone());
            let text = now.set(&change);
            moves.push(Move::plain(
                text,
                Some(before),
                Some(Statement::Advertisements(now.clone())),
            ));
        }
        moves
    }

    fn set(&mut self, change: &Change) -> String {
        let name = &self.interface;
        match *change {
            Change::Lifetime(lifetime) => {
                let before = std::mem::replace(&mut self.lifetime, lifetime);
                match lifetime {
                    Some(seconds) => format!("ip6 nd {name} ra-lifetime {seconds}"),
                    None => format!("ip6 nd {name} no ra-lifetime {}", before.unwrap_or(LIFETIME)),
                }
            }
            Change::Interval(interval) => {
                let before = std::mem::replace(&mut self.interval, interval);
                // Taking back needs two numbers; which does not matter.
                let (no, (longest, shortest)) = match interval {
                    Some(interval) => ("", interval),
                    None => ("no ", before.unwrap_or_default()),
                };
                format!("ip6 nd {name} {no}ra-interval {longest} {shortest}")
            }
            Change::Managed(managed) => {
                self.managed = managed;
                flag(name, MANAGED, managed)
            }
            Change::Other(other) => {
                self.other = other;
                flag(name, OTHER, other)
            }
        }
    }

    pub(super) fn facts(&self) -> Vec<Fact> {
        let name = || self.interface.clone();
        let interval = self
            .interval
            .map(|(longest, shortest)| Fact::Interval(name(), longest, shortest));
        let lifetime = self.lifetime.map(|seconds| Fact::Lifetime(name(), seconds));
        interval.into_iter().chain(lifetime).collect()
    }
}

fn flag(name: &str, word: &str, is_set: bool) -> String {
    let no = if is_set { "" } else { "no " };
    format!("ip6 nd {name} {no}{word}")
}

impl Prefix {
    pub(super) fn line(&self) -> String {
        let words = &self.words;
        let space = if words.is_empty() { "" } else { " " };
        format!("ip6 nd {} prefix {}{space}{words}", self.interface, self.prefix)
    }

    pub(super) fn delete(&self) -> String {
        format!("ip6 nd {} no prefix {}", self.interface, self.prefix)
    }

    pub(super) fn facts(&self) -> Fact {
        Fact::Prefix(self.interface.clone(), self.prefix)
    }
}
