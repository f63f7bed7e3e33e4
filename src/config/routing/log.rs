//! `[frr] log`: what FRR's daemons tell the journal.

use super::extra::of_extra;
use super::raw::FrrRaw;
use crate::config::check::Checking;
use crate::config::code::E0372;
use crate::config::diag::Diagnostic;
use crate::config::keys::Field;

/// From which severity on a message is logged; in syslog's order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)] // FRR's own words
pub enum LogLevel {
    Emergencies,
    Alerts,
    Critical,
    Errors,
    Warnings,
    Notifications,
    #[default]
    Informational,
    Debugging,
}

impl LogLevel {
    /// FRR's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Emergencies => "emergencies",
            Self::Alerts => "alerts",
            Self::Critical => "critical",
            Self::Errors => "errors",
            Self::Warnings => "warnings",
            Self::Notifications => "notifications",
            Self::Informational => "informational",
            Self::Debugging => "debugging",
        }
    }
}

/// The level; `None` where a line of `extra-file` says it. FRR of its own logs nothing at all.
pub(in crate::config) fn log(field: &Field<FrrRaw>, cx: &mut Checking<'_>) -> Option<LogLevel> {
    let Some(raw) = field.get() else {
        return Some(LogLevel::default());
    };
    let written = raw.log.located();
    let Some(line) = of_extra(raw, &["log", "syslog"]) else {
        return Some(written.map_or_else(LogLevel::default, |it| *it.value));
    };
    if let Some(level) = written {
        cx.report(
            Diagnostic::error(E0372, line, "the level of the log is said twice")
                .also(level.span, "and here")
                .hint("remove the line, or `log`"),
        );
    }
    None
}
