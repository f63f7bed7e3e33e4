//! The releases of FRR that are told apart, and the modules it loads.

use std::fmt;

/// A release of FRR: they differ in what they accept, in what they print, and in what is slow.
///
/// Releases between the two count as the older one until they have mgmtd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum FrrRelease {
    /// Without mgmtd, as in Debian 12; what is assumed where there is no FRR to look at.
    #[default]
    V8,
    /// With mgmtd, as in Debian 13.
    V10,
}

impl fmt::Display for FrrRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V8 => "FRR 8.4",
            Self::V10 => "FRR 10.3",
        })
    }
}

/// A module bgpd loads with `-M`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BgpModule {
    /// Route origin validation; without it FRR 8 loses everything behind an `rpki` block.
    Rpki,
    /// The BGP Monitoring Protocol.
    Bmp,
}

impl BgpModule {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::Rpki, Self::Bmp];

    /// The word behind `-M`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rpki => "rpki",
            Self::Bmp => "bmp",
        }
    }

    /// Debian's package that has it.
    pub fn package(self) -> &'static str {
        match self {
            Self::Rpki => "frr-rpki-rtrlib",
            Self::Bmp => "frr",
        }
    }
}
