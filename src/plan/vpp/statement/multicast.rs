//! What becomes of multicast, whichever interface it comes in by.

use super::{Family, Subject};
use crate::plan::vpp::Fact;
use ipnet::IpNet;
use std::fmt;

/// Half of what becomes of multicast to some groups. The entry that has both is made and goes with the first half.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Multicast {
    /// The table of the interfaces it comes in by.
    pub table: u32,
    /// The groups.
    pub groups: IpNet,
    /// Which half.
    pub half: Half,
}

/// What VPP is told of multicast in two commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Half {
    /// Every interface may bring it (`AA`).
    FromAll,
    /// It is for this router (`via local Forward`).
    ForUs,
}

impl Multicast {
    /// `[table N] GROUPS AA` or `[table N] GROUPS via local Forward`. Of others each interface has its own.
    pub(super) fn read(words: &[&str]) -> Option<Self> {
        let (table, words) = match *words {
            ["table", id, ref rest @ ..] => (id.parse().ok()?, rest),
            ref all => (0, all),
        };
        let (groups, half) = match *words {
            [groups, "AA"] => (groups, Half::FromAll),
            [groups, "via", "local", "Forward"] => (groups, Half::ForUs),
            _ => return None,
        };
        Some(Self {
            table,
            groups: groups.parse().ok()?,
            half,
        })
    }

    pub(super) fn needs(self) -> Subject {
        match self.half {
            Half::FromAll => Subject::Table(Family::of(self.groups), self.table),
            Half::ForUs => Subject::Multicast(Self {
                half: Half::FromAll,
                ..self
            }),
        }
    }

    pub(super) fn delete(self) -> String {
        match self.half {
            Half::FromAll => format!("ip mroute del {}", self.entry()),
            Half::ForUs => format!("ip mroute del {self}"),
        }
    }

    /// The `show` command whose answer tells.
    pub(in crate::plan::vpp) fn question(self) -> String {
        format!("show {} mfib {}", Family::of(self.groups).word(), self.entry())
    }

    fn entry(self) -> String {
        match self.table {
            0 => self.groups.to_string(),
            table => format!("table {table} {}", self.groups),
        }
    }
}

/// What commands made of the entry for these groups: VPP shows it with a block for each source, of which `src:CLI` is theirs.
pub(in crate::plan::vpp) fn shown(table: u32, groups: IpNet, answer: &str) -> Vec<Fact> {
    // Without a table in the question VPP shows every table, the main one first.
    let mut lines = answer.lines().skip(1);
    let found = lines.next().unwrap_or_default();
    if !found.starts_with(&format!("(*, {groups}):")) {
        return Vec::new();
    }
    let lines = lines.map(str::trim).take_while(|line| *line != "Interfaces:");
    let mut block = lines.skip_while(|line| !line.starts_with("src:CLI "));
    let flags = block.next().unwrap_or_default();
    let is_for_us = block
        .take_while(|line| !line.starts_with("src:"))
        .any(|line| line.contains("cfg-flags:local"));
    let halves = [
        (Half::FromAll, flags.contains("Accept-all-itf")),
        (Half::ForUs, is_for_us),
    ];
    let halves = halves.into_iter().filter(|(_, is_there)| *is_there);
    let fact = |(half, _)| Fact::Multicast(Multicast { table, groups, half });
    halves.map(fact).collect()
}

/// As commands call it.
impl fmt::Display for Multicast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let half = match self.half {
            Half::FromAll => "AA",
            Half::ForUs => "via local Forward",
        };
        write!(f, "{} {half}", self.entry())
    }
}
