//! How jobs of systemd end.

use std::fmt;

/// The result of one job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobResult {
    /// It is queued; its end is not awaited.
    Queued,
    /// The unit is in the requested state.
    Done,
    /// systemd reported it as done without doing anything: a condition of the unit is not met, or one that does not run was to
    /// be restarted or reloaded.
    Skipped,
    /// It failed, in systemd's words.
    Failed(String),
    /// systemd took it, and it had not finished by the deadline. It continues on its own.
    Late,
    /// systemd did not take it: the unit is masked, unknown or cannot do this. In systemd's words.
    Refused(String),
    /// systemd had not been told of it by the deadline.
    Untold,
}

impl JobResult {
    /// Whether systemd has the job, or had it: it is not to be given it again.
    pub fn is_taken(&self) -> bool {
        !matches!(self, Self::Refused(_) | Self::Untold)
    }
}

impl fmt::Display for JobResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Queued => f.write_str("queued"),
            Self::Done => f.write_str("done"),
            Self::Skipped => f.write_str("skipped: it does not run, or a condition is not met"),
            Self::Failed(why) => write!(f, "failed: {why}"),
            Self::Late => f.write_str("did not finish in time"),
            Self::Refused(why) => write!(f, "failed: {why}"),
            Self::Untold => f.write_str("systemd was not told in time"),
        }
    }
}
