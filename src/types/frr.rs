//! The releases of FRR that are told apart.

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
