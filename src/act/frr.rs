//! FRR takes over a changed configuration.

pub mod daemons;

use crate::host::process::{self, Ended, ProcessError};
use crate::host::vty::{self, VtyError};
use crate::host::vtysh::{self, VtyshError};
use crate::host::wait;
use crate::plan::frr::{PAUSE, is_forgotten, questions};
use crate::types::secret::cover;
use nix::sys::stat::{Mode, umask};
use std::time::{Duration, Instant};

const RELOAD: &str = "/usr/lib/frr/frr-reload.py";
/// frr-reload.py ends with `write`, which /etc/frr does not allow, unless it is given exactly this path.
const CONF: &str = "/etc/frr/frr.conf";

/// How often bgpd is asked whether it has forgotten a network.
const EVERY: Duration = Duration::from_millis(20);
/// How long it may take to answer.
const ANSWER: Duration = Duration::from_secs(4);

/// Why FRR was not given lines.
#[derive(Debug, thiserror::Error)]
pub enum GiveError {
    /// vtysh was not given them.
    #[error(transparent)]
    Vtysh(#[from] VtyshError),
    /// bgpd would die of those behind a `PAUSE`.
    #[error("bgpd has not forgotten what was taken away within {} s: '{question}'", deadline.as_secs())]
    Remembers {
        /// What it was asked.
        question: String,
        /// The time it was given.
        deadline: Duration,
    },
}

/// Lines are given to the daemons that know them, all at once but for a `PAUSE`. Returns FRR's complaints.
pub fn give(lines: &str, deadline: Duration) -> Result<Vec<String>, GiveError> {
    let mut said = Vec::new();
    for (number, part) in lines.split(&format!("{PAUSE}\n")).enumerate() {
        if number > 0 {
            await_forgotten(part, deadline)?;
        }
        said.extend(complaints(&vtysh::read_lines(&[], part, deadline)?));
    }
    Ok(said)
}

/// bgpd has forgotten the networks that it is about to be given.
fn await_forgotten(lines: &str, deadline: Duration) -> Result<(), GiveError> {
    let end = Instant::now() + deadline;
    for question in questions(lines) {
        let left = end.saturating_duration_since(Instant::now());
        let forgotten = wait::within(left, EVERY, || match vty::show("bgpd", &question, ANSWER) {
            Ok(answer) => is_forgotten(&answer).then_some(()),
            Err(VtyError::Late { .. }) => None,
            // Who does not run, or has no such table, has nothing to forget.
            Err(_) => Some(()),
        });
        if forgotten.is_none() {
            return Err(GiveError::Remembers { question, deadline });
        }
    }
    Ok(())
}

/// One command of vtysh, outside of the configuration. Returns FRR's complaints.
pub fn command(command: &str, deadline: Duration) -> Result<Vec<String>, ProcessError> {
    let said = vtysh::run(&["-c", command], deadline)?;
    let complaints = said.lines().filter(|line| is_complaint(line));
    Ok(complaints.map(str::to_owned).collect())
}

/// frr-reload.py makes what runs into frr.conf. Returns its complaints and FRR's; its exit status says little: 1 for changes
/// that it made in full, 0 for some that were refused.
///
/// It writes no log: at its usual place everybody could read the passwords of the lines it gave.
pub fn reload(deadline: Duration) -> Result<Vec<String>, ProcessError> {
    // Its temporary files, with all added lines, are nobody else's to read.
    let _ = umask(Mode::S_IRWXG | Mode::S_IRWXO);
    let arguments = ["--reload", "--stdout", "--log-level", "warning", CONF];
    let ended = process::run_to_end(RELOAD, &arguments, &[], "", deadline)?;
    Ok(complaints(&ended))
}

/// Lines in which FRR or the tool says that something was not done, secrets covered; each once.
fn complaints(ended: &Ended) -> Vec<String> {
    let mut complaints: Vec<String> = Vec::new();
    let lines = ended.output.lines().chain(ended.stderr.lines());
    for line in lines.map(without_stamp).filter(|line| is_complaint(line)) {
        let line = cover(line);
        if !complaints.contains(&line) {
            complaints.push(line);
        }
    }
    complaints
}

/// A line of the tool's log without time, level and colour.
fn without_stamp(line: &str) -> &str {
    line.rsplit("\u{1b}[0m: ").next().unwrap_or_default().trim()
}

fn is_complaint(line: &str) -> bool {
    let words = [
        "% ",
        "failed to",
        "Traceback",
        "does not exist",
        "cannot",
        "Must remove",
        "already",
    ];
    words.iter().any(|word| line.contains(word))
}

#[cfg(test)]
mod tests {
    use super::{is_complaint, without_stamp};

    #[test]
    fn a_complaint_is_told_from_chatter() {
        let stamped =
            "2026-11-28 19:35:30,119 \u{1b}[91m ERROR\u{1b}[0m: % Unknown command: no on-match goto 30";
        assert_eq!(without_stamp(stamped), "% Unknown command: no on-match goto 30");
        for line in [
            "% Configuration failed.",
            "line 89: % Unknown command[4]: ip ospf",
        ] {
            assert!(is_complaint(line), "{line}");
        }
        for line in [
            "[11618|zebra] done",
            "Error type: validation",
            "- route-map ODD deny 10",
        ] {
            assert!(!is_complaint(line), "{line}");
        }
    }
}
