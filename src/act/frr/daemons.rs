//! FRR's own scripts start and stop single daemons.

use crate::host::process::{self, ProcessError};
use std::time::Duration;

/// Starts and stops one daemon, watchfrr too, with the options of the daemons file.
const ONE: &str = "/usr/lib/frr/watchfrr.sh";
/// Starts a watchfrr that looks after the daemons of the file. It leaves alone those that run, starts the others, and has each
/// of these load its part of frr.conf.
const ALL: &str = "/usr/lib/frr/frrinit.sh";

/// Ends a daemon and waits for its end. watchfrr ends alone: the daemons run on.
pub fn stop(daemon: &str, deadline: Duration) -> Result<(), ProcessError> {
    process::run(ONE, &["stop", daemon], deadline).map(drop)
}

/// Starts watchfrr, with what it has to know of systemd, while none runs.
pub fn watch(for_systemd: &[(&str, &str)], deadline: Duration) -> Result<(), ProcessError> {
    process::run_with(ALL, &["start"], for_systemd, "", deadline).map(drop)
}
