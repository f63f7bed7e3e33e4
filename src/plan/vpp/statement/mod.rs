//! What one line of a commands file declares.

/// One thing a VPP has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Statement {
    /// A line of a kind that is not known here.
    Line(String),
}
