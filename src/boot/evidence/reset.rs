//! Why the machine restarted: what a watchdog and the crashed kernel left for the next boot.

use super::crash_log::{ARCHIVE, CrashLog, KDUMP, PSTORE, below};
use super::traces::Traces;
use super::units::cut;
use crate::facts::watchdog::{self, Watchdog};
use crate::host::file;
use crate::host::stat::UntrustedTree;
use crate::types::Root;
use serde::{Deserialize, Serialize};

/// How many lines from the first sign of a crash on are kept.
const LINES: usize = 40;
/// How many crashes are kept.
const CRASHES: usize = 3;
/// The beginnings of a crash in a kernel's log.
const SIGNS: [&str; 7] = [
    "Kernel panic - ",
    "BUG: ",
    "Oops: ",
    "kernel BUG at ",
    "general protection fault",
    "Unable to handle kernel",
    "Internal error: ",
];
/// The last line of all in a panic.
const PANIC: &str = "Kernel panic - not syncing: ";

/// What is known about a reset. There is no cause after a power cut, the reset button, or a hang that nothing recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Reset {
    /// What watchdogs say, a line each.
    pub watchdogs: Vec<String>,
    /// What the kernel said when it crashed.
    pub crashes: Vec<Crash>,
    /// Files with what a kernel said, in a form that this one cannot read.
    pub unreadable: Vec<String>,
    /// What looks like a cause and was there before the trial began: it says nothing about it.
    pub known_before: Vec<String>,
}

/// A kernel that crashed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Crash {
    /// Where it was read.
    pub file: String,
    /// In the kernel's words: why it panicked, or the first line of the oops.
    pub title: String,
    /// From the first sign of it on.
    pub lines: Vec<String>,
}

impl Reset {
    /// What ended the boot before this one, as far as the clock can be believed for what `systemd-pstore` has moved.
    pub fn read(root: &Root) -> Self {
        let Ok(tree) = UntrustedTree::open(root.path()) else {
            return Self::default();
        };
        let mut logs = below(&tree, PSTORE);
        // What was moved in an earlier boot is an earlier crash. A clock that was set back meanwhile says too much.
        if let Some(since) = booted(root) {
            let moved = below(&tree, ARCHIVE).into_iter();
            logs.extend(
                moved.filter(|log| tree.stat(&log.file).is_ok_and(|found| found.changed_at >= since)),
            );
        }
        Self::of(logs, causes(&watchdog::read(root)))
    }

    /// What ended a trial: what is here, or in its image, and was not there before it. No clock has a part in it. Called before
    /// `systemd-pstore` runs.
    ///
    /// Without a record of what was there before, kdump's logs say nothing: nobody ever removes one.
    pub fn of_trial(root: &Root, before: Option<&Traces>, in_image: Vec<CrashLog>) -> Self {
        let mut logs = Vec::new();
        if let Ok(tree) = UntrustedTree::open(root.path()) {
            logs.extend(below(&tree, PSTORE));
            logs.extend(before.iter().flat_map(|_| below(&tree, KDUMP)));
        }
        logs.extend(before.iter().flat_map(|_| &in_image).cloned());
        let is_known = |trace: &str| before.is_some_and(|before| before.has(trace));
        let (known, new): (Vec<_>, Vec<_>) = logs.into_iter().partition(|log| is_known(&log.trace()));
        let (mut known_before, watchdogs): (Vec<_>, Vec<_>) = causes(&watchdog::read(root))
            .into_iter()
            .partition(|line| is_known(line));
        let mut files: Vec<String> = known.into_iter().map(|log| log.file).collect();
        files.dedup();
        files.truncate(LINES);
        known_before.extend(files);
        Self {
            known_before,
            ..Self::of(new, watchdogs)
        }
    }

    /// Whether anything is known that ends a boot.
    pub fn has_cause(&self) -> bool {
        !self.watchdogs.is_empty() || !self.crashes.is_empty()
    }

    fn of(logs: Vec<CrashLog>, watchdogs: Vec<String>) -> Self {
        let logs = logs.into_iter().filter(|log| !log.is_of_shutdown());
        let (unreadable, logs): (Vec<_>, Vec<_>) = logs.partition(CrashLog::is_unreadable);
        let mut crashes: Vec<Crash> = grouped(logs).iter().filter_map(crash).collect();
        // The panic ends it; an oops may have been long before.
        crashes.sort_by_key(|crash| !crash.is_panic());
        // Seen here and in the image: the same one.
        crashes.dedup_by(|one, other| one.lines == other.lines);
        crashes.truncate(CRASHES);
        let mut unreadable: Vec<String> = unreadable.into_iter().map(|log| log.file).collect();
        unreadable.truncate(CRASHES);
        Self {
            watchdogs,
            crashes,
            unreadable,
            known_before: Vec::new(),
        }
    }
}

impl Crash {
    /// Whether it was the end; an oops need not be.
    pub fn is_panic(&self) -> bool {
        self.lines.iter().any(|line| line.contains(PANIC))
    }

    /// The kernel's words, and what they mean where they say it badly.
    pub fn message(&self) -> String {
        let meaning = match self.title.as_str() {
            title if title.starts_with("Attempted to kill init") => " (PID 1, /sbin/init, ended)",
            title if title.starts_with("No working init") => " (there is no /sbin/init that runs)",
            title if title.starts_with("VFS: Unable to mount root") => " (no initramfs, or a broken one)",
            _ => "",
        };
        format!("{}{meaning}", self.title)
    }
}

/// What watchdogs say of the last reset, a line each: the bits of `linux/watchdog.h` that name a cause.
pub fn causes(watchdogs: &[Watchdog]) -> Vec<String> {
    const CAUSES: [(u32, &str); 7] = [
        (0x20, "reset the machine"),
        (0x01, "reset the machine: it was too hot"),
        (0x02, "reset the machine: a fan failed"),
        (0x04, "reset the machine: external relay 1"),
        (0x08, "reset the machine: external relay 2"),
        (0x10, "saw too little power"),
        (0x40, "saw too much power"),
    ];
    let mut lines = Vec::new();
    for Watchdog {
        name,
        identity,
        last_reset,
        ..
    } in watchdogs
    {
        let said = CAUSES.iter().filter(|(bit, _)| last_reset & bit != 0);
        lines.extend(said.map(|(_, cause)| format!("{name} ({identity}) {cause}")));
    }
    lines
}

/// When this boot began, by the wall clock as it is now, as the files' own times are.
fn booted(root: &Root) -> Option<i64> {
    let stat = file::read_text(&root.join("proc/stat")).ok()??;
    stat.lines()
        .find_map(|line| line.strip_prefix("btime ")?.trim().parse().ok())
}

/// The parts of one log joined, the oldest first. Each begins with a line like `Panic#2 Part3`; part 1 is the newest.
fn grouped(logs: Vec<CrashLog>) -> Vec<Joined> {
    let mut parts: Vec<(String, u32, CrashLog)> = logs
        .into_iter()
        .map(|log| {
            let head = log.text.lines().next().unwrap_or_default();
            let numbered = head.split_once(" Part").filter(|_| is_part(head));
            let (name, part) = numbered.unwrap_or((&log.file, ""));
            (name.to_owned(), part.trim().parse().unwrap_or(0), log)
        })
        .collect();
    parts.sort_by(|one, other| one.0.cmp(&other.0).then(other.1.cmp(&one.1)));
    let mut joined: Vec<(String, Joined)> = Vec::new();
    for (name, _, CrashLog { file, text, .. }) in parts {
        match joined.last_mut() {
            Some((same, joined)) if *same == name => joined.text += &text,
            _ => joined.push((name, Joined { file, text })),
        }
    }
    joined.into_iter().map(|(_, joined)| joined).collect()
}

/// The parts of one log.
struct Joined {
    /// The file of the first.
    file: String,
    text: String,
}

fn crash(record: &Joined) -> Option<Crash> {
    let lines: Vec<&str> = record.text.lines().map(bare).collect();
    let first = lines
        .iter()
        .position(|line| SIGNS.iter().any(|sign| line.contains(sign)))?;
    let panic = lines.iter().find_map(|line| Some(line.split_once(PANIC)?.1));
    let kept = lines[first..].iter().filter(|line| !is_part(line));
    Some(Crash {
        file: record.file.clone(),
        title: cut(panic.unwrap_or_else(|| timeless(lines[first])).trim()),
        lines: kept.take(LINES).map(|line| cut(line)).collect(),
    })
}

fn is_part(line: &str) -> bool {
    line.split_once(" Part")
        .is_some_and(|(log, _)| log.contains('#') && !log.contains(' '))
}

/// A line without the kernel's time.
fn timeless(line: &str) -> &str {
    match line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
        Some((_, rest)) => rest,
        None => line,
    }
}

/// A line of the kernel without its priority.
fn bare(line: &str) -> &str {
    match line.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        Some((level, rest)) if level.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => line,
    }
}
