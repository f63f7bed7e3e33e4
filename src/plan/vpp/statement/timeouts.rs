//! How long a NAT keeps a session that is idle.

use super::{Move, Statement};
use std::fmt;

/// The timeouts of a plugin, in seconds; `None`: VPP's default.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Timeouts {
    /// Whose.
    pub of: Plugin,
    seconds: [Option<u32>; 4],
}

/// The plugins whose timeouts a command sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Plugin {
    /// det44.
    Det44,
    /// nat44-ed.
    Nat44,
}

/// VPP's defaults in seconds: UDP, TCP established and transitory, ICMP.
const DEFAULTS: [u32; 4] = [300, 7440, 240, 60];

impl Plugin {
    /// The words of the command, and what it calls each timeout.
    fn command(self) -> (&'static str, [&'static str; 4]) {
        match self {
            Self::Det44 => (
                "set det44 timeouts",
                ["udp", "tcp established", "tcp transitory", "icmp"],
            ),
            Self::Nat44 => (
                "set nat timeout",
                ["udp", "tcp-established", "tcp-transitory", "icmp"],
            ),
        }
    }
}

impl fmt::Display for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Det44 => "det44",
            Self::Nat44 => "nat44-ed",
        })
    }
}

pub(super) fn read(words: &[&str]) -> Option<Timeouts> {
    let (of, mut rest) = match words {
        ["set", "det44", "timeouts", rest @ ..] => (Plugin::Det44, rest),
        ["set", "nat", "timeout", rest @ ..] => (Plugin::Nat44, rest),
        _ => return None,
    };
    let mut timeouts = Timeouts::default_of(of);
    let names = of.command().1.map(|name| name.split(' ').collect::<Vec<_>>());
    while !rest.is_empty() {
        let place = names.iter().position(|name| rest.starts_with(name))?;
        let (value, behind) = rest.get(names[place].len()..)?.split_first()?;
        timeouts.seconds[place] = Some(value.parse().ok()?);
        rest = behind;
    }
    (timeouts != Timeouts::default_of(of)).then_some(timeouts)
}

impl Timeouts {
    fn default_of(of: Plugin) -> Self {
        Self {
            of,
            seconds: [None; 4],
        }
    }

    /// What holds after a further line.
    pub(in crate::plan::vpp) fn and(&self, later: &Self) -> Self {
        let mut both = later.clone();
        for (value, earlier) in both.seconds.iter_mut().zip(self.seconds) {
            *value = value.or(earlier);
        }
        both
    }

    pub(super) fn make(&self) -> Vec<Move> {
        Self::default_of(self.of).change(self, None, Some(self))
    }

    pub(super) fn take_back(&self) -> Vec<Move> {
        self.change(&Self::default_of(self.of), Some(self), None)
    }

    pub(super) fn turn_into(&self, after: &Self) -> Vec<Move> {
        self.change(after, Some(self), Some(after))
    }

    /// One line for all that differ: VPP leaves alone what it does not name.
    fn change(&self, after: &Self, gone: Option<&Self>, made: Option<&Self>) -> Vec<Move> {
        let (command, names) = self.of.command();
        let mut text = command.to_owned();
        let values = self.seconds.iter().zip(after.seconds).zip(DEFAULTS);
        for (name, ((before, after), default)) in names.iter().zip(values) {
            if *before != after {
                text = format!("{text} {name} {}", after.unwrap_or(default));
            }
        }
        let statement = |it: Option<&Self>| it.map(|it| Statement::Timeouts(it.clone()));
        vec![Move::plain(text, statement(gone), statement(made))]
    }
}
