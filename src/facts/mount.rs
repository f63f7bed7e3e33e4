//! What is mounted where, from `/proc/self/mountinfo` (proc_pid_mountinfo(5)).

use crate::host::file;
use crate::types::Root;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Where systemd finds mount units, those that its generators wrote of fstab and of ZFS among them.
const UNITS: [&str; 4] = [
    "etc/systemd/system",
    "run/systemd/system",
    "run/systemd/generator",
    "usr/lib/systemd/system",
];

/// One mount of this process's mount namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// What is mounted, as a path in its own filesystem; for a namespace its kind and number.
    pub source: PathBuf,
    /// Where it is mounted.
    pub target: PathBuf,
    /// Whether what is mounted there was renamed over or removed since (`//deleted`).
    pub stale: bool,
    /// Whether mounts below it reach other mount namespaces.
    pub shared: bool,
    /// The kind of filesystem: `ext4`, `zfs`, `vfat`.
    pub kind: String,
    /// What the filesystem is on: a device, a dataset.
    pub device: String,
}

/// Every mount, in order: a later one covers an earlier one at the same place.
pub fn mounts() -> io::Result<Vec<Mount>> {
    mounts_of(&Root::new("/"))
}

/// The same for the machine at a root.
pub fn mounts_of(root: &Root) -> io::Result<Vec<Mount>> {
    let text = file::again(|| fs::read(root.join("proc/self/mountinfo")))?;
    Ok(text.split(|byte| *byte == b'\n').filter_map(parse).collect())
}

/// Whether the directory is itself a mount, and shared.
pub fn is_shared(directory: &Path) -> io::Result<bool> {
    Ok(top(directory)?.is_some_and(|mount| mount.shared))
}

/// Whether something is mounted exactly there.
pub fn is_mounted(target: &Path) -> io::Result<bool> {
    Ok(top(target)?.is_some())
}

/// Whether something belongs on the directory, or on one above it, and is not there: `/etc/fstab` or a mount unit names it, and
/// nothing is mounted.
pub fn is_missing(root: &Root, directory: &str) -> bool {
    let fstab = file::read_text(&root.join("etc/fstab")).ok().flatten();
    let fstab = fstab.unwrap_or_default();
    let awaited = |place: &Path| {
        let place = place.to_string_lossy();
        let in_fstab = fstab.lines().any(|line| {
            let mut fields = line.split_whitespace();
            !line.trim_start().starts_with('#') && fields.nth(1) == Some(&place)
        });
        let unit = format!("{}.mount", place.trim_start_matches('/').replace('/', "-"));
        in_fstab || UNITS.iter().any(|folder| root.join(folder).join(&unit).exists())
    };
    let places = Path::new(directory).ancestors();
    places
        .filter(|place| place.parent().is_some() && awaited(place))
        .any(|place| !is_mounted(&root.join(place)).unwrap_or(false))
}

/// Whether the path is on another filesystem than the root. Unlike the list of mounts, that looks the same from a sandbox,
/// where a writable directory is mounted on itself.
pub fn is_on_another_filesystem(path: &Path) -> bool {
    are_on_two_filesystems(path, Path::new("/"))
}

/// Whether both are there and on two filesystems.
pub fn are_on_two_filesystems(one: &Path, other: &Path) -> bool {
    let device = |path: &Path| fs::metadata(path).map(|found| found.dev());
    matches!((device(one), device(other)), (Ok(one), Ok(other)) if one != other)
}

/// What is mounted exactly there, as a path in its own filesystem, even if it was removed since.
pub fn source_at(target: &Path) -> io::Result<Option<PathBuf>> {
    let source = |mount: Mount| {
        let text = mount.source.to_string_lossy().into_owned();
        text.trim_end_matches("//deleted").into()
    };
    Ok(top(target)?.map(source))
}

/// Whether the topmost mount there shows a file that no longer has a name.
pub fn is_stale(target: &Path) -> io::Result<bool> {
    Ok(top(target)?.is_some_and(|mount| mount.stale))
}

/// Whether both paths are the same file or directory, which tells a working bind mount from one
/// whose source was renamed away (`//deleted` in mountinfo).
pub fn is_same(source: &Path, target: &Path) -> bool {
    let identity = |path: &Path| fs::metadata(path).map(|found| (found.dev(), found.ino()));
    matches!((identity(source), identity(target)), (Ok(one), Ok(other)) if one == other)
}

fn top(target: &Path) -> io::Result<Option<Mount>> {
    let Ok(target) = target.canonicalize() else {
        return Ok(None);
    };
    Ok(mounts()?.into_iter().rfind(|mount| mount.target == target))
}

/// `36 35 98:0 /root /target rw,noatime shared:1 - ext4 /dev/root rw`: the optional fields end at the hyphen.
fn parse(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|byte| *byte == b' ');
    let source = unescape(fields.nth(3)?);
    let target = unescape(fields.next()?);
    let shared = fields
        .by_ref()
        .skip(1)
        .take_while(|field| *field != b"-")
        .filter(|field| field.starts_with(b"shared:"))
        .count()
        > 0;
    let mut text = || String::from_utf8_lossy(&unescape(fields.next().unwrap_or_default())).into_owned();
    let (kind, device) = (text(), text());
    Some(Mount {
        stale: source.ends_with(b"//deleted"),
        source: OsString::from_vec(source).into(),
        target: OsString::from_vec(target).into(),
        shared,
        kind,
        device,
    })
}

/// Blanks, tabs, newlines and backslashes are written as three octal digits.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, tail)) = rest.split_first() {
        let octal = tail.get(..3).filter(|_| *first == b'\\').and_then(|digits| {
            digits.iter().try_fold(0_u32, |value, digit| {
                (b'0'..=b'7')
                    .contains(digit)
                    .then(|| value * 8 + u32::from(digit - b'0'))
            })
        });
        match octal.and_then(|value| u8::try_from(value).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[3..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_shared_and_escaped_mounts() {
        let mount =
            parse(b"36 35 98:0 / /run/a\\040b rw,nosuid shared:12 master:3 - tmpfs tmpfs rw").unwrap();
        assert_eq!(mount.target, Path::new("/run/a b"));
        assert!(mount.shared);
        assert_eq!((mount.kind.as_str(), mount.device.as_str()), ("tmpfs", "tmpfs"));
        let zfs = parse(b"25 1 0:22 / / rw,relatime - zfs tank/ROOT/a rw,xattr").unwrap();
        assert_eq!((zfs.kind.as_str(), zfs.device.as_str()), ("zfs", "tank/ROOT/a"));
        assert!(!parse(b"36 35 98:0 / /run rw - tmpfs shared:x rw").unwrap().shared);
        assert_eq!(unescape(b"a\\b\\1349"), b"a\\b\\9");
        assert!(parse(b"").is_none());
    }
}
