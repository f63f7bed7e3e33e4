//! Whether `/` is still what this boot began with: a soft reboot (systemd-soft-reboot.service(8)) changes it, and keeps the
//! kernel, its boot id and `/run`. Not every boot loader's word for what runs changes with it.

use crate::facts::mount::mounts_of;
use crate::host::file;
use crate::types::Root;
use std::io;
use std::path::Path;

const NOTE: &str = "run/imp/root";

/// What `/` is now is on record for this boot. No boot fails because it is not: an error is logged.
pub fn note(root: &Root) {
    let noted = top(root).and_then(|top| match top {
        Some(top) => file::write(&root.join(NOTE), top.as_bytes(), 0o644).map(drop),
        None => Ok(()),
    });
    if let Err(error) = noted {
        tracing::warn!("a soft reboot would not be noticed: {error}");
    }
}

/// Whether `/` is something else than what is on record. Where nothing is known it is not.
pub fn happened(root: &Root) -> bool {
    let noted = file::read_text(&root.join(NOTE)).ok().flatten();
    let now = top(root).ok().flatten();
    noted.is_some() && now.is_some() && noted != now
}

/// What is mounted there, and what of it.
fn top(root: &Root) -> io::Result<Option<String>> {
    let top = mounts_of(root)?
        .into_iter()
        .rfind(|mount| mount.target == Path::new("/"));
    Ok(top.map(|mount| format!("{} {} {}\n", mount.kind, mount.device, mount.source.display())))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn another_root_in_the_same_boot_is_noticed_once() {
        let dir = tempfile::tempdir().unwrap();
        let root = Root::new(dir.path());
        let mounts = |device: &str| {
            let line = format!("25 1 254:1 / / ro - erofs {device} ro\n");
            file::create_dir(&root.join("proc/self"), 0o755).unwrap();
            let _ = file::write(&root.join("proc/self/mountinfo"), line.as_bytes(), 0o644).unwrap();
        };
        file::create_dir(&root.join("run/imp"), 0o755).unwrap();
        mounts("/dev/vda2");
        assert!(!happened(&root), "nothing is on record");
        note(&root);
        assert!(!happened(&root));
        mounts("/dev/vda3");
        assert!(happened(&root));
        note(&root);
        assert!(!happened(&root));
    }
}
