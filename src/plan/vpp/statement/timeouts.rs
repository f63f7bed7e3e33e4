//! How long det44 keeps a session that is idle.

use super::{Move, Statement};

/// The timeouts of det44, in seconds; `None`: VPP's default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Timeouts([Option<u32>; 4]);

/// What each is called, and VPP's default in seconds.
const ALL: [(&[&str], u32); 4] = [
    (&["udp"], 300),
    (&["tcp", "established"], 7440),
    (&["tcp", "transitory"], 240),
    (&["icmp"], 60),
];

pub(super) fn read(words: &[&str]) -> Option<Timeouts> {
    let ["set", "det44", "timeouts", rest @ ..] = words else {
        return None;
    };
    let (mut timeouts, mut rest) = (Timeouts::default(), rest);
    while !rest.is_empty() {
        let place = ALL.iter().position(|(name, _)| rest.starts_with(name))?;
        let (value, behind) = rest.get(ALL[place].0.len()..)?.split_first()?;
        timeouts.0[place] = Some(value.parse().ok()?);
        rest = behind;
    }
    (timeouts != Timeouts::default()).then_some(timeouts)
}

impl Timeouts {
    /// What holds after a further line.
    pub(in crate::plan::vpp) fn and(&self, later: &Self) -> Self {
        let mut both = later.clone();
        for (value, earlier) in both.0.iter_mut().zip(self.0) {
            *value = value.or(earlier);
        }
        both
    }

    pub(super) fn make(&self) -> Vec<Move> {
        Self::default().change(self, None, Some(self))
    }

    pub(super) fn take_back(&self) -> Vec<Move> {
        self.change(&Self::default(), Some(self), None)
    }

    pub(super) fn turn_into(&self, after: &Self) -> Vec<Move> {
        self.change(after, Some(self), Some(after))
    }

    /// One line for all that differ: VPP leaves alone what it does not name.
    fn change(&self, after: &Self, gone: Option<&Self>, made: Option<&Self>) -> Vec<Move> {
        let mut text = "set det44 timeouts".to_owned();
        for ((name, default), (before, after)) in ALL.iter().zip(self.0.iter().zip(after.0)) {
            if *before != after {
                text = format!("{text} {} {}", name.join(" "), after.unwrap_or(*default));
            }
        }
        let statement = |it: Option<&Self>| it.map(|it| Statement::Timeouts(it.clone()));
        vec![Move::plain(text, statement(gone), statement(made))]
    }
}
