//! What shutdown will make of the staged deployment, and what it made of the last one (ostree-finalize-staged.service).

use super::status::Deployment;
use crate::boot::trial::panic::{OnPanic, on_panic};
use crate::host::cmdline;
use crate::types::Root;
use std::fs;

/// ostree's own record, a GVariant: texts in it end in NUL.
const STAGED: &str = "run/ostree/staged-deployment";
/// While it is there, shutdown leaves the staged deployment alone, and it is gone with /run.
const LOCKED: &str = "run/ostree/staged-deployment-locked";
/// Why shutdown could not put it on top, in ostree's words. Removed by `ostree-boot-complete.service`.
const FAILED: &str = "boot/ostree/finalize-failure.stamp";
/// What became of a deployment that is on top, with its token still there.
pub const NOT_TAKEN: &str = "GRUB did not take its token: the reboot did not go through GRUB (kexec, soft reboot), or not through \
                             our lines in its custom.cfg";
/// Of those words, a line of a status holds so many characters.
const LONGEST: usize = 400;

/// Why the staged deployment would not be on top after a reboot, or would not come back from a panic.
pub fn problem(root: &Root, staged: &Deployment) -> Option<&'static str> {
    if staged.locked || root.join(LOCKED).exists() {
        return Some(
            "is locked against finalization, so shutdown would throw it away: 'bootc upgrade --from-downloaded' or 'ostree admin \
             lock-finalization --unlock' unlocks it",
        );
    }
    waits_in_a_panic(root).then_some(
        "has panic=0 among its kernel arguments, so a panic would wait for ever: 'ostree admin deploy --stage --karg=panic=10 \
         CHECKSUM' stages it with another value",
    )
}

/// Why ostree could not put the deployment on top when the machine was shut down.
pub fn failure(root: &Root) -> Option<String> {
    let bytes = fs::read(root.join(FAILED)).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let words = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty());
    let words: String = words
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(LONGEST)
        .collect();
    Some(format!("ostree could not finalize it at shutdown: {words}"))
}

/// A panic of the staged deployment waits for ever. One that brings no kernel arguments gets those that run.
fn waits_in_a_panic(root: &Root) -> bool {
    let bytes = fs::read(root.join(STAGED)).unwrap_or_default();
    let texts = bytes
        .split(|byte| *byte == 0)
        .filter_map(|text| std::str::from_utf8(text).ok());
    let own = texts
        .filter(|text| text.starts_with("panic="))
        .collect::<Vec<_>>()
        .join(" ");
    let line = match has_arguments(&bytes) {
        true => own,
        false => cmdline::text(root),
    };
    on_panic(&line) == OnPanic::Waits
}

fn has_arguments(bytes: &[u8]) -> bool {
    let key: &[u8] = b"kargs\0";
    bytes.windows(key.len()).any(|window| window == key)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn machine(staged: Option<&[u8]>) -> (tempfile::TempDir, Root) {
        let dir = tempfile::tempdir().unwrap();
        let root = Root::new(dir.path());
        for place in ["run/ostree", "proc", "boot/ostree"] {
            fs::create_dir_all(root.join(place)).unwrap();
        }
        fs::write(
            root.join("proc/cmdline"),
            "quiet panic=0 ostree=/ostree/boot.1/imp/x/0\n",
        )
        .unwrap();
        if let Some(bytes) = staged {
            fs::write(root.join(STAGED), bytes).unwrap();
        }
        (dir, root)
    }

    #[test]
    fn the_arguments_of_the_staged_deployment_decide() {
        let with = |arguments: &str| {
            let head = b"target\0\0imp\0kargs\0\0\0";
            [head, arguments.replace(' ', "\0").as_bytes(), b"\0\x0c\x12\x00as"].concat()
        };
        for (staged, waits) in [
            (Some(with("rw panic=0 quiet")), true),
            (Some(with("rw panic=0 panic=10")), false),
            (Some(with("rw quiet")), false),
            (Some(with("panic=-1")), false),
            (Some(b"target\0\0imp\0".to_vec()), true),
            (None, true),
        ] {
            let (_dir, root) = machine(staged.as_deref());
            assert_eq!(waits_in_a_panic(&root), waits, "{staged:?}");
        }
    }

    #[test]
    fn ostrees_words_are_one_line() {
        let (_dir, root) = machine(None);
        assert_eq!(failure(&root), None);
        fs::write(
            root.join(FAILED),
            "error: Installing kernel:\n\x1b[1m No space left on device\n",
        )
        .unwrap();
        assert_eq!(
            failure(&root).unwrap(),
            "ostree could not finalize it at shutdown: error: Installing kernel: [1m No space left on device"
        );
    }

    #[test]
    fn what_shutdown_would_leave_alone_is_refused() {
        let (_dir, root) = machine(None);
        let mut staged = Deployment::new("imp", &"c".repeat(64), 0).unwrap();
        assert!(problem(&root, &staged).unwrap().contains("panic=0"));
        fs::write(root.join("proc/cmdline"), "quiet").unwrap();
        assert_eq!(problem(&root, &staged), None);
        staged.locked = true;
        assert!(problem(&root, &staged).unwrap().contains("finalization"));
        staged.locked = false;
        fs::write(root.join(LOCKED), "").unwrap();
        assert!(problem(&root, &staged).unwrap().contains("--from-downloaded"));
    }
}
