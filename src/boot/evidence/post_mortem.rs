//! The evidence of a trial that could not speak for itself: composed by the boot after it.

use super::marks::Marks;
use super::{Ending, Evidence, Reset, store, units};
use crate::boot::classify::{Attempt, Class};
use crate::facts::mount;
use crate::types::{Root, TrialId};
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use std::fs::File;
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long it may take; the boot it runs in waits for it.
const LIMIT: Duration = Duration::from_secs(10);
/// What an initramfs or a unit mounts something on: an image without it does not come up.
const MOUNT_POINTS: [&str; 3] = ["persistent", "persistent/config", "persistent/data"];

/// What became of a trial whose token is gone while the default runs. What it wrote itself, before it was reset, is worth
/// more than anything found later; else marks, the crashed kernel's words, watchdogs, a journal that outlived it, and its
/// image, if its files can be seen at `image_at`.
///
/// It is on disk, too. Ends within 10 s. Before `systemd-pstore`, or what that one moved in this boot.
pub fn post_mortem(root: &Root, attempt: &Attempt, image_at: Option<&Path>) -> Evidence {
    let (sender, receiver) = mpsc::channel();
    let (owned, image_at) = ((root.clone(), attempt.clone()), image_at.map(Path::to_owned));
    thread::spawn(move || {
        let (root, attempt) = owned;
        let evidence = compose(&root, &attempt, image_at.as_deref());
        let written = store::write(&root, &evidence);
        // Nobody listens any more after the deadline.
        let _ = sender.send((evidence, written));
    });
    match receiver.recv_timeout(LIMIT) {
        Ok((evidence, Ok(_))) => evidence,
        Ok((evidence, Err(error))) => {
            tracing::error!("evidence: {error}");
            evidence
        }
        Err(_) => {
            tracing::error!("evidence was not found within {} s", LIMIT.as_secs());
            of(attempt)
        }
    }
}

fn of(attempt: &Attempt) -> Evidence {
    Evidence {
        image: Some(attempt.image.clone()),
        class: Some(Class::Trial),
        trial: Some(attempt.trial.clone()),
        ending: Ending::Died,
        ..Evidence::default()
    }
}

fn compose(root: &Root, attempt: &Attempt, image_at: Option<&Path>) -> Evidence {
    if let Some(own) = own_words(root, &attempt.trial, image_at) {
        return own;
    }
    let mut evidence = Evidence {
        reset: Reset::read(root),
        findings: image_at.map(findings).unwrap_or_default(),
        ..of(attempt)
    };
    let marks = Marks::read(root);
    if let Some(marks) = marks.of_trial(&attempt.trial) {
        evidence.boot = Some(marks.boot.clone());
        evidence.marks.clone_from(&marks.marks);
        if root.is_machine() {
            // No journal that outlives a boot is the usual case, and no loss worth naming.
            evidence.journal = units::log_of_boot(marks.boot.as_ref()).unwrap_or_default();
        }
    }
    evidence
}

/// What the trial wrote: where it belongs, or in its own image when the shared storage was not mounted.
fn own_words(root: &Root, trial: &TrialId, image_at: Option<&Path>) -> Option<Evidence> {
    let in_image = || store::of_trial(&Root::new(image_at?), trial);
    let own = store::of_trial(root, trial).or_else(in_image)?;
    Some(Evidence {
        trial: Some(trial.clone()),
        ..own
    })
}

/// What keeps an image from coming up, as far as its files show it.
fn findings(image_at: &Path) -> Vec<String> {
    let Ok(image) = File::open(image_at) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    match open_within(&image, "sbin/init").map(|file| file.metadata()) {
        Err(error) => findings.push(format!("/sbin/init cannot be opened: {error}")),
        Ok(Ok(found)) if found.len() == 0 => findings.push("/sbin/init is empty".to_owned()),
        Ok(Ok(found)) if found.permissions().mode() & 0o111 == 0 => {
            findings.push("/sbin/init is not executable".to_owned());
        }
        _ => {}
    }
    // Only what is mounted here, on an image that came up, must be there.
    let needed = MOUNT_POINTS
        .iter()
        .filter(|path| mount::is_mounted(&Path::new("/").join(path)).unwrap_or(false));
    for path in needed {
        if open_within(&image, path).is_err() {
            findings.push(format!(
                "the directory /{path} is missing, and something is mounted on it"
            ));
        }
    }
    findings
}

/// A file of an image; its links are followed as they are once it runs, never out of it.
fn open_within(image: &File, path: &str) -> nix::Result<File> {
    let how = OpenHow::new()
        .flags(OFlag::O_RDONLY | OFlag::O_CLOEXEC)
        .resolve(ResolveFlag::RESOLVE_IN_ROOT);
    openat2(image.as_fd(), path, how).map(File::from)
}
