//! The `[vpp.NAME]` headers of the configuration, for the generator: found by scanning, not by parsing.

use crate::host::paths::CONFIG;
use crate::types::{InstanceName, Root};
use nix::fcntl::OFlag;
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// How many bytes are scanned in all. PID 1 waits for generators; instances beyond this are started by `imp-config`.
const LIMIT: u64 = 64 << 20;
/// One read; small enough to stay in the processor's first-level cache (128 KiB cost a third more).
const CHUNK: usize = 32 << 10;

/// The instances that have a `[vpp.NAME]` header in a `*.toml` directly in `ROOT/persistent/config`.
///
/// Only a hint: a header inside a multi-line string counts, `vpp.NAME.key = …` does not. Files that cannot be read are
/// listed in the errors, as `path: reason`; a missing folder is not an error.
pub fn headers(root: &Root) -> (BTreeSet<InstanceName>, Vec<String>) {
    let folder = root.join(CONFIG);
    let mut found = BTreeSet::new();
    let mut errors = Vec::new();
    let mut budget = LIMIT;
    for path in toml_files(&folder) {
        let looked = open(&path).and_then(|file| scan(file.take(budget), &mut found));
        match looked {
            Ok(bytes) => budget = budget.saturating_sub(bytes),
            Err(error) => errors.push(format!("{}: {error}", path.display())),
        }
    }
    (found, errors)
}

fn toml_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect()
}

/// Opens a regular file; a FIFO of that name must not hold up the boot.
fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(OFlag::O_NONBLOCK.bits())
        .open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other("not a regular file"))
    }
}

/// Collects the instances of every header line; returns the number of bytes scanned.
pub fn scan(mut text: impl Read, found: &mut BTreeSet<InstanceName>) -> io::Result<u64> {
    let mut buffer = vec![0; CHUNK];
    let (mut kept, mut total) = (0, 0);
    loop {
        let read = match text.read(&mut buffer[kept..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        total += read as u64;
        let filled = kept + read;
        // Whole lines only, except at the end and in a line longer than the buffer, which is not a header.
        let end = match memchr::memrchr(b'\n', &buffer[..filled]) {
            Some(newline) if read > 0 => newline + 1,
            None if read > 0 && filled < CHUNK => 0,
            _ => filled,
        };
        collect(&buffer[..end], found);
        if read == 0 {
            return Ok(total);
        }
        buffer.copy_within(end..filled, 0);
        kept = filled - end;
    }
}

fn collect(lines: &[u8], found: &mut BTreeSet<InstanceName>) {
    for hit in memchr::memmem::find_iter(lines, "vpp") {
        let start = memchr::memrchr(b'\n', &lines[..hit]).map_or(0, |newline| newline + 1);
        let end = memchr::memchr(b'\n', &lines[hit..]).map_or(lines.len(), |newline| hit + newline);
        found.extend(header(&lines[start..end]));
    }
}

/// The instance of one `[vpp.NAME]` or `[vpp.NAME.…]` line, in any of TOML's spellings of it.
fn header(line: &[u8]) -> Option<InstanceName> {
    let line = std::str::from_utf8(line).ok()?.trim_start().strip_prefix('[')?;
    let (table, rest) = key(line)?;
    let (name, rest) = key(rest.strip_prefix('.')?)?;
    (table == "vpp" && rest.starts_with([']', '.'])).then(|| name.parse().ok())?
}

/// One key, bare or quoted, and what follows it; TOML ignores blanks around it.
fn key(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let (key, rest) = match text.chars().next()? {
        quote @ ('"' | '\'') => text[1..].split_once(quote)?,
        _ => text.split_at(text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-')?),
    };
    Some((key, rest.trim_start()))
}
