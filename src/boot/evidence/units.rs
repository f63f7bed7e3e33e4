//! The unit that failed first, and what had not ended. Asked through `systemctl`, which reaches PID 1 also in emergency
//! mode, where there is no bus.

use crate::host::process;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

/// How long systemctl or journalctl may take.
const ANSWER: Duration = Duration::from_secs(4);
/// How many of the unit's log lines are kept.
const LINES: usize = 50;
/// Longer ones are cut.
const WIDTH: usize = 400;
/// How many unfinished jobs are worth naming.
const JOBS: usize = 10;
const PROPERTIES: &str = "--property=Id,ActiveState,SubState,Result,NRestarts,ExecMainCode,ExecMainStatus,\
    InactiveEnterTimestampMonotonic,StateChangeTimestampMonotonic";

/// A unit that failed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct FailedUnit {
    /// Which.
    pub name: String,
    /// systemd's word for how: `exit-code`, `signal`, `timeout`, `core-dump`.
    pub result: String,
    /// How its process ended: `exited with status 1`, `killed by signal 9`; empty for one without.
    pub exit: String,
    /// When: milliseconds since the kernel started.
    pub at_ms: u64,
    /// Its last lines in the journal, the oldest first.
    pub log: Vec<String>,
}

impl FailedUnit {
    /// What to tell, without its name: `failed (exit-code): exited with status 1`.
    pub fn how(&self) -> String {
        let mut text = format!("failed ({})", self.result);
        if !self.exit.is_empty() {
            let _ = write!(text, ": {}", self.exit);
        }
        text
    }
}

/// Units that did not come up though they did not fail themselves: only the journal knows of them, as a device that never
/// came is inactive, and so is a mount that waited for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TimedOutJobs {
    /// Units whose job timed out, and when, in microseconds since the kernel started.
    late: BTreeMap<String, u64>,
    /// Units not started because a dependency failed, in the order of time.
    pub dependents: Vec<String>,
}

/// What PID 1 says of this boot's jobs (systemd.journal-fields(7)).
pub fn timed_out_jobs() -> Result<TimedOutJobs, process::ProcessError> {
    let words = [
        "--boot",
        "--output=json",
        "--output-fields=UNIT,JOB_RESULT",
        "_PID=1",
        "JOB_RESULT=timeout",
        "JOB_RESULT=dependency",
    ];
    Ok(read_timed_out_jobs(&run("journalctl", &words)?))
}

/// The unit that failed first and has not recovered since, preferably a likely one; `None` when no unit failed. Its log is not
/// filled in.
pub fn first_failed(
    timed_out_jobs: &TimedOutJobs,
    is_likely: fn(&str) -> bool,
) -> Result<Option<FailedUnit>, process::ProcessError> {
    let late = &timed_out_jobs.late;
    let listed = run(
        "systemctl",
        &[
            "list-units",
            "--all",
            "--state=failed,activating",
            "--plain",
            "--full",
            "--no-legend",
        ],
    )?;
    let mut names: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    names.extend(late.keys().map(String::as_str));
    if names.is_empty() {
        return Ok(None);
    }
    let mut words = vec!["show", PROPERTIES, "--"];
    words.extend(&names);
    Ok(first(&run("systemctl", &words)?, late, is_likely))
}

/// What systemd still works on: `start nginx.service`.
pub fn unfinished() -> Result<Vec<String>, process::ProcessError> {
    let jobs = run("systemctl", &["list-jobs", "--plain", "--full", "--no-legend"])?;
    let running = jobs
        .lines()
        .filter_map(|line| match *line.split_whitespace().collect::<Vec<_>>() {
            [_, unit, verb, "running"] => Some(format!("{verb} {unit}")),
            _ => None,
        });
    Ok(running.take(JOBS).collect())
}

/// A unit's last lines of this boot, the oldest first.
pub fn log(unit: &str) -> Result<Vec<String>, process::ProcessError> {
    journal(&["--boot", &format!("--unit={unit}")])
}

/// The last lines of another boot; an error when no journal outlived it.
pub fn log_of_boot(boot: &str) -> Result<Vec<String>, process::ProcessError> {
    // Its ids have no dashes.
    journal(&[&format!("--boot={}", boot.replace('-', ""))])
}

fn journal(words: &[&str]) -> Result<Vec<String>, process::ProcessError> {
    let lines = format!("--lines={LINES}");
    let mut all = vec!["--output=short-monotonic", "--no-hostname", "--quiet", &lines];
    all.extend(words);
    Ok(run("journalctl", &all)?.lines().map(cut).collect())
}

fn run(program: &str, words: &[&str]) -> Result<String, process::ProcessError> {
    process::run(program, words, ANSWER)
}

/// A line of bounded width.
pub(super) fn cut(line: &str) -> String {
    match line.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

fn read_timed_out_jobs(lines: &str) -> TimedOutJobs {
    #[derive(Deserialize)]
    struct Line {
        #[serde(rename = "UNIT")]
        unit: String,
        #[serde(rename = "JOB_RESULT")]
        result: String,
        #[serde(rename = "__MONOTONIC_TIMESTAMP")]
        at: String,
    }
    let mut found = TimedOutJobs::default();
    for line in lines
        .lines()
        .filter_map(|line| serde_json::from_str::<Line>(line).ok())
    {
        if line.result == "timeout" {
            let at = line.at.parse().unwrap_or(0);
            found.late.entry(line.unit).or_insert(at);
        } else if found.dependents.len() < JOBS && !found.dependents.contains(&line.unit) {
            found.dependents.push(line.unit);
        }
    }
    found
}

/// Whether PID 1 goes to emergency mode for such a unit: for what `local-fs.target` needs (systemd.special(7)), and hardly
/// for anything else.
pub fn leads_to_emergency(unit: &str) -> bool {
    let kinds = [".mount", ".device", ".swap"];
    kinds.iter().any(|kind| unit.ends_with(kind)) || unit.starts_with("systemd-fsck")
}

/// The first one by time of those that `systemctl show` described and that are not well; a likely one before all others.
fn first(shown: &str, late: &BTreeMap<String, u64>, is_likely: fn(&str) -> bool) -> Option<FailedUnit> {
    let units = shown.split("\n\n").map(|block| {
        block
            .lines()
            .filter_map(|line| line.split_once('='))
            .collect::<BTreeMap<_, _>>()
    });
    let failed = units.filter_map(|unit| {
        let of = |key: &str| unit.get(key).copied().unwrap_or_default();
        let when = |key: &str| of(key).parse().ok().filter(|time: &u64| *time > 0);
        let name = of("Id");
        let waited = late.get(name).copied();
        // Between two starts of a unit that falls each time there is a third one, with nothing wrong in it yet.
        let starts = of("ActiveState") == "activating" && of("SubState") != "auto-restart";
        let starts_first = starts && matches!(of("NRestarts"), "" | "0") && waited.is_none();
        if name.is_empty() || of("ActiveState") == "active" || starts_first {
            return None;
        }
        let at = waited
            .or(when("InactiveEnterTimestampMonotonic"))
            .or(when("StateChangeTimestampMonotonic"))?;
        Some(FailedUnit {
            name: name.to_owned(),
            result: match of("Result") {
                "" | "success" if waited.is_some() => "timeout".to_owned(),
                "" | "success" if starts => format!("restarted {} times", of("NRestarts")),
                other => other.to_owned(),
            },
            exit: exit(of("ExecMainCode"), of("ExecMainStatus")),
            at_ms: at / 1000,
            log: Vec::new(),
        })
    });
    failed.min_by_key(|unit| (is_messenger(&unit.name), !is_likely(&unit.name), unit.at_ms))
}

/// Units of ours that are red because something else is wrong.
fn is_messenger(unit: &str) -> bool {
    unit == "imp-config-verdict.service" || unit.starts_with("imp-boot-")
}

/// The codes of waitid(2), as systemd hands them on.
fn exit(code: &str, status: &str) -> String {
    match code {
        "1" => format!("exited with status {status}"),
        "2" => format!("killed by signal {status}"),
        "3" => format!("dumped core on signal {status}"),
        _ => String::new(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const SHOWN: &str = "\
Id=imp-config-verdict.service\nActiveState=failed\nSubState=failed\nResult=exit-code\nExecMainCode=1\nExecMainStatus=78\nInactiveEnterTimestampMonotonic=2000000\n
Id=late.service\nActiveState=failed\nSubState=failed\nResult=signal\nExecMainCode=2\nExecMainStatus=11\nInactiveEnterTimestampMonotonic=9000000\n
Id=first.service\nActiveState=activating\nSubState=auto-restart\nResult=exit-code\nExecMainCode=1\nExecMainStatus=3\nInactiveEnterTimestampMonotonic=0\nStateChangeTimestampMonotonic=8000000";

    #[test]
    fn the_first_by_time_that_is_no_messenger() {
        let unit = first(SHOWN, &BTreeMap::new(), |_| true).unwrap();
        assert_eq!(unit.name, "first.service");
        assert_eq!(unit.how(), "failed (exit-code): exited with status 3");
        assert_eq!(unit.at_ms, 8000);
    }

    #[test]
    fn a_unit_that_falls_again_and_again_is_found_while_it_starts() {
        let starts = |restarts: u32| {
            let shown = format!(
                "Id=vpp-core.service\nActiveState=activating\nSubState=start-post\nResult=success\nNRestarts={restarts}\n\
                 StateChangeTimestampMonotonic=8000000"
            );
            first(&shown, &BTreeMap::new(), |_| true).map(|unit| unit.how())
        };
        assert_eq!(starts(0), None, "it only starts");
        assert_eq!(starts(7).as_deref(), Some("failed (restarted 7 times)"));
    }

    #[test]
    fn a_messenger_where_nobody_else_is_red() {
        let unit = first(SHOWN.split("\n\n").next().unwrap(), &BTreeMap::new(), |_| true).unwrap();
        assert_eq!(unit.name, "imp-config-verdict.service");
    }

    #[test]
    fn a_device_that_never_came_was_waited_for() {
        let TimedOutJobs { late, dependents } = read_timed_out_jobs(
            "{\"UNIT\":\"dev-vdz.device\",\"JOB_RESULT\":\"timeout\",\"__MONOTONIC_TIMESTAMP\":\"95000000\"}\nno json\n\
             {\"UNIT\":\"srv.mount\",\"JOB_RESULT\":\"dependency\",\"__MONOTONIC_TIMESTAMP\":\"95000100\"}\n",
        );
        assert_eq!(dependents, ["srv.mount"]);
        let unit = first(
            "Id=dev-vdz.device\nActiveState=inactive\nSubState=dead\nStateChangeTimestampMonotonic=0\n",
            &late,
            |_| true,
        )
        .unwrap();
        assert_eq!(
            (unit.name.as_str(), unit.how().as_str()),
            ("dev-vdz.device", "failed (timeout)")
        );
        assert_eq!(unit.at_ms, 95_000);
    }

    #[test]
    fn emergency_mode_is_for_a_mount_and_not_for_what_failed_before_it() {
        let shown = "\
Id=systemd-modules-load.service\nActiveState=failed\nResult=exit-code\nInactiveEnterTimestampMonotonic=1000000\n
Id=srv.mount\nActiveState=failed\nResult=exit-code\nInactiveEnterTimestampMonotonic=9500000\n
Id=systemd-fsck@dev-vdb.service\nActiveState=failed\nResult=exit-code\nInactiveEnterTimestampMonotonic=9000000\n";
        let named = |shown| {
            let unit = first(shown, &BTreeMap::new(), leads_to_emergency);
            unit.unwrap().name
        };
        assert_eq!(named(shown), "systemd-fsck@dev-vdb.service");
        // Any other unit, where none of these failed.
        assert_eq!(
            named(shown.split("\n\n").next().unwrap()),
            "systemd-modules-load.service"
        );
    }

    #[test]
    fn what_is_well_again_did_not_fail() {
        let late = BTreeMap::from([("a.service".to_owned(), 1)]);
        assert_eq!(
            first(
                "Id=a.service\nActiveState=active\nResult=success\n",
                &late,
                |_| true
            ),
            None
        );
    }
}
