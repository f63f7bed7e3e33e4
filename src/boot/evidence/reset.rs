//! Why the machine restarted: what a watchdog and the crashed kernel left for the next boot.

use super::units::cut;
use crate::host::file;
use crate::host::stat::stat;
use crate::types::Root;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What a crashed kernel wrote (pstore). `systemd-pstore` moves it from the first to the second.
const PSTORE: [&str; 2] = ["sys/fs/pstore", "var/lib/systemd/pstore"];
const WATCHDOGS: &str = "sys/class/watchdog";
/// How many records of a crash are read, and how much of each.
const RECORDS: usize = 64;
const RECORD: u64 = 128 * 1024;
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

/// What is known about a reset. Both are empty after a power cut, the reset button, or a hang that nothing recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Reset {
    /// What watchdogs say, a line each.
    pub watchdogs: Vec<String>,
    /// What the kernel said when it crashed.
    pub crashes: Vec<Crash>,
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
        Self::of(root, &PSTORE)
    }

    /// What ended the boot before this one and nobody has moved yet: no clock has a part in it. All there is before
    /// `systemd-pstore` runs.
    pub fn unmoved(root: &Root) -> Self {
        Self::of(root, &PSTORE[..1])
    }

    fn of(root: &Root, folders: &[&str]) -> Self {
        let records = folders.iter().flat_map(|folder| records(root, folder));
        let mut crashes: Vec<Crash> = grouped(records.collect()).iter().filter_map(crash).collect();
        // The panic ends it; an oops may have been long before.
        crashes.sort_by_key(|crash| !crash.is_panic());
        crashes.truncate(CRASHES);
        Self {
            watchdogs: watchdogs(root),
            crashes,
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

/// The bits of `linux/watchdog.h` that name a cause.
fn watchdogs(root: &Root) -> Vec<String> {
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
    for path in sorted(&root.join(WATCHDOGS)) {
        let of = |file: &str| {
            let text = file::read_text(&path.join(file)).ok().flatten();
            text.unwrap_or_default().trim().to_owned()
        };
        let bits: u32 = of("bootstatus").parse().unwrap_or(0);
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        for (_, cause) in CAUSES.iter().filter(|(bit, _)| bits & bit != 0) {
            lines.push(format!("{name} ({}) {cause}", of("identity")));
        }
    }
    lines
}

/// One record of pstore: a part of a log.
struct PstoreRecord {
    file: String,
    text: String,
}

/// The records below a folder that belong to the last crash.
fn records(root: &Root, folder: &str) -> Vec<PstoreRecord> {
    let since = if folder == PSTORE[0] { None } else { booted(root) };
    let mut files = Vec::new();
    collect(&root.join(folder), 3, &mut files);
    // What was moved in an earlier boot is an earlier crash. A clock that was set back meanwhile says too much.
    files.retain(|path| {
        let changed = || stat(path).map_or(0, |found| found.changed_at);
        folder == PSTORE[0] || since.is_some_and(|since| changed() >= since)
    });
    // systemd-pstore leaves the parts beside the whole.
    let whole: Vec<PathBuf> = files
        .iter()
        .filter(|path| path.ends_with("dmesg.txt"))
        .cloned()
        .collect();
    files.retain(|path| whole.is_empty() || whole.contains(path));
    files.truncate(RECORDS);
    let record = |path: PathBuf| {
        let bytes = file::read_start(&path, RECORD).ok()?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let file = path
            .strip_prefix(root.path())
            .unwrap_or(&path)
            .display()
            .to_string();
        Some(PstoreRecord { file, text })
    };
    files.into_iter().filter_map(record).collect()
}

/// When this boot began, by the wall clock as it is now, as the files' own times are.
fn booted(root: &Root) -> Option<i64> {
    let stat = file::read_text(&root.join("proc/stat")).ok()??;
    stat.lines()
        .find_map(|line| line.strip_prefix("btime ")?.trim().parse().ok())
}

/// Every `dmesg*` below a folder.
fn collect(folder: &Path, depth: u32, files: &mut Vec<PathBuf>) {
    for path in sorted(folder) {
        if path.is_dir() && depth > 0 {
            collect(&path, depth - 1, files);
        } else if path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"dmesg"))
        {
            files.push(path);
        }
    }
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths = file::list(folder).unwrap_or_default();
    paths.sort();
    paths
}

/// The parts of one log joined, the oldest first. Each begins with a line like `Panic#2 Part3`; part 1 is the newest.
fn grouped(records: Vec<PstoreRecord>) -> Vec<PstoreRecord> {
    let mut parts: Vec<(String, u32, PstoreRecord)> = records
        .into_iter()
        .map(|record| {
            let head = record.text.lines().next().unwrap_or_default();
            let (log, part) = head.split_once(" Part").unwrap_or((&record.file, ""));
            (log.to_owned(), part.trim().parse().unwrap_or(0), record)
        })
        .collect();
    parts.sort_by(|one, other| one.0.cmp(&other.0).then(other.1.cmp(&one.1)));
    let mut logs: Vec<(String, PstoreRecord)> = Vec::new();
    for (log, _, record) in parts {
        match logs.last_mut() {
            Some((same, joined)) if *same == log => joined.text += &record.text,
            _ => logs.push((log, record)),
        }
    }
    logs.into_iter().map(|(_, record)| record).collect()
}

fn crash(record: &PstoreRecord) -> Option<Crash> {
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
