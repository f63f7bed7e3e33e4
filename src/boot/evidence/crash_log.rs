//! What crashed kernels leave for a later boot: the records of pstore, and the logs that kdump saved.

use crate::host::stat::UntrustedTree;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

/// Where the firmware, or a piece of memory, keeps the last words of a kernel (pstore).
pub const PSTORE: &str = "sys/fs/pstore";
/// Where `systemd-pstore` moves them.
pub const ARCHIVE: &str = "var/lib/systemd/pstore";
/// Where kdump saves them: the crash kernel leaves nothing in pstore. One folder a crash.
pub const KDUMP: &str = "var/crash";
/// How deep these folders are.
const DEPTH: u32 = 3;
/// How many logs are looked at, and how much of each: its end, where the crash is.
const LOGS: usize = 256;
const LENGTH: u64 = 128 * 1024;
/// The ending of a record that the kernel could not decompress: another kernel wrote it.
const COMPRESSED: &str = ".enc.z";

/// A log, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrashLog {
    /// Where it was read.
    pub file: String,
    /// What it says.
    pub text: String,
    /// The same for the same bytes.
    digest: String,
}

impl CrashLog {
    /// Its name and its content: a store in memory uses its names again.
    pub fn trace(&self) -> String {
        format!("{} {}", self.file, self.digest)
    }

    /// The same, named as what is in the image that was tried.
    pub fn in_image(self) -> Self {
        let file = format!("{} in its image", self.file);
        Self { file, ..self }
    }

    /// Whether this kernel has it in a form that nobody can read.
    pub fn is_unreadable(&self) -> bool {
        self.file.ends_with(COMPRESSED)
    }

    /// Whether the kernel wrote it while it shut down in order, as it does where it is told to (`printk.always_kmsg_dump`).
    pub fn is_of_shutdown(&self) -> bool {
        let head = self.text.lines().next().unwrap_or_default();
        let reason = head.split('#').next().unwrap_or_default();
        head.contains('#') && ["Shutdown", "Restart", "Halt", "Poweroff"].contains(&reason)
    }
}

/// The logs below a folder of a tree, by name.
pub fn below(tree: &UntrustedTree, folder: &str) -> Vec<CrashLog> {
    let mut paths = Vec::new();
    collect(tree, folder, DEPTH, &mut paths);
    // systemd-pstore leaves the parts beside the whole.
    let whole: BTreeSet<String> = paths
        .iter()
        .filter_map(|path| path.strip_suffix("/dmesg.txt").map(str::to_owned))
        .collect();
    let is_part = |path: &String| {
        !path.ends_with("/dmesg.txt") && whole.iter().any(|whole| path.starts_with(&format!("{whole}/")))
    };
    let paths = paths.into_iter().filter(|path| !is_part(path)).take(LOGS);
    paths.filter_map(|path| read(tree, path)).collect()
}

fn read(tree: &UntrustedTree, file: String) -> Option<CrashLog> {
    let bytes = tree.read_end(&file, LENGTH).ok()?;
    let digest = Sha256::digest(&bytes);
    Some(CrashLog {
        text: String::from_utf8_lossy(&bytes).into_owned(),
        digest: digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect(),
        file,
    })
}

/// Every kernel log below a folder; those of kdump beside a dump of the whole memory.
fn collect(tree: &UntrustedTree, folder: &str, depth: u32, paths: &mut Vec<String>) {
    let mut names = tree.list(folder).unwrap_or_default();
    names.sort();
    for name in names {
        let path = format!("{folder}/{name}");
        if name.starts_with("dmesg") || name.starts_with("vmcore-dmesg") {
            paths.push(path.clone());
        }
        if depth > 0 {
            collect(tree, &path, depth - 1, paths);
        }
    }
}
