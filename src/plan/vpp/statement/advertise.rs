//! Router advertisements: whether an interface sends them, how often, for how long they hold, and their prefixes.

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

pub(super) fn read(words: &[&str]) -> Option<Statement> {
    let (interface, lifetime, interval) = match *words {
        ["ip6", "nd", name, "no", "ra-suppress"] => (name, None, None),
        ["ip6", "nd", name, "ra-lifetime", seconds] => (name, Some(seconds.parse().ok()?), None),
        ["ip6", "nd", name, "ra-interval", longest, shortest] => {
            (name, None, Some((longest.parse().ok()?, shortest.parse().ok()?)))
        }
        ["ip6", "nd", name, "prefix", prefix, ref rest @ ..] => {
            return Some(Statement::Prefix(Prefix {
                interface: name.to_owned(),
                prefix: prefix.parse::<IpNet>().ok()?.trunc(),
                words: rest.join(" "),
            }));
        }
        _ => return None,
    };
    Some(Statement::Advertisements(Advertisements {
        interface: interface.to_owned(),
        lifetime,
        interval,
    }))
}

/// What one line changes.
enum Timer {
    Lifetime(Option<u32>),
    Interval(Option<(u32, u32)>),
}

impl Advertisements {
    /// What holds after a further line about the same interface.
    pub(in crate::plan::vpp) fn and(&self, later: &Self) -> Self {
        Self {
            interface: self.interface.clone(),
            lifetime: later.lifetime.or(self.lifetime),
            interval: later.interval.or(self.interval),
        }
    }

    pub(super) fn make(&self) -> Vec<Move> {
        let bare = self.bare();
        let begin = Move::plain(
            format!("ip6 nd {} no ra-suppress", self.interface),
            None,
            Some(Statement::Advertisements(bare.clone())),
        );
        std::iter::once(begin).chain(bare.turn_into(self)).collect()
    }

    /// The timers first: every line about them starts the sending again.
    pub(super) fn take_back(&self) -> Vec<Move> {
        let bare = self.bare();
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
        let lifetime = (self.lifetime != after.lifetime).then_some(Timer::Lifetime(after.lifetime));
        let interval = (self.interval != after.interval).then_some(Timer::Interval(after.interval));
        let grows = after.lifetime.unwrap_or(LIFETIME) >= self.lifetime.unwrap_or(LIFETIME);
        let timers = match grows {
            true => [lifetime, interval],
            false => [interval, lifetime],
        };
        let mut now = self.clone();
        let mut moves = Vec::new();
        for timer in timers.into_iter().flatten() {
            let before = Statement::Advertisements(now.clone());
            let text = now.set(&timer);
            moves.push(Move::plain(
                text,
                Some(before),
                Some(Statement::Advertisements(now.clone())),
            ));
        }
        moves
    }

    fn set(&mut self, timer: &Timer) -> String {
        let name = &self.interface;
        match *timer {
            Timer::Lifetime(lifetime) => {
                let before = std::mem::replace(&mut self.lifetime, lifetime);
                match lifetime {
                    Some(seconds) => format!("ip6 nd {name} ra-lifetime {seconds}"),
                    None => format!("ip6 nd {name} no ra-lifetime {}", before.unwrap_or(LIFETIME)),
                }
            }
            Timer::Interval(interval) => {
                let before = std::mem::replace(&mut self.interval, interval);
                // Taking back needs two numbers; which does not matter.
                let (no, (longest, shortest)) = match interval {
                    Some(interval) => ("", interval),
                    None => ("no ", before.unwrap_or_default()),
                };
                format!("ip6 nd {name} {no}ra-interval {longest} {shortest}")
            }
        }
    }

    pub(super) fn facts(&self) -> Option<Fact> {
        let (longest, shortest) = self.interval?;
        Some(Fact::Interval(self.interface.clone(), longest, shortest))
    }

    fn bare(&self) -> Self {
        Self {
            interface: self.interface.clone(),
            lifetime: None,
            interval: None,
        }
    }
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
