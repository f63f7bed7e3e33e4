//! The evidence of a trial that could not speak for itself: composed by the boot after it.

use super::marks::Marks;
use super::{CrashLog, Ending, Evidence, Reset, Traces, crash_log, store, units};
use crate::boot::trial::classify::{Attempt, Class};
use crate::facts::mount;
use crate::host::stat::UntrustedTree;
use crate::host::wait;
use crate::types::{Root, TrialId};
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

/// How long it may take; the boot it runs in waits for it.
const LIMIT: Duration = Duration::from_secs(10);
/// What an initramfs or a unit mounts something on: an image without it does not come up.
const MOUNT_POINTS: [&str; 3] = ["persistent", "persistent/config", "persistent/data"];

/// Programs without which no trial reaches a verdict.
const PROGRAMS: [&str; 2] = ["sbin/init", "usr/lib/imp/imp-boot"];

/// What the files of a failed image show from outside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// What keeps the image from coming up.
    pub findings: Vec<String>,
    /// What its boot wrote into it, because the shared storage was not mounted.
    pub own: Option<Box<Evidence>>,
    /// What kdump saved in it.
    pub logs: Vec<CrashLog>,
}

/// Looks at the files of an image that was tried.
pub fn inspect(image_at: &Path, trial: &TrialId) -> Seen {
    let Ok(image) = UntrustedTree::open(image_at) else {
        return Seen::default();
    };
    Seen {
        findings: findings(&image),
        own: store::in_image(&image, trial).map(Box::new),
        logs: crash_log::below(&image, crash_log::KDUMP)
            .into_iter()
            .map(CrashLog::in_image)
            .collect(),
    }
}

/// What became of a trial whose token is gone while the default runs. What it wrote itself, before it was reset, is worth
/// more than anything found later; else marks, the crashed kernel's words, watchdogs, a journal that outlived it, and what
/// was seen in its image. What it wrote when it went on with another configuration is not how it ended: both are told.
///
/// It is on disk, too. Ends within 10 s. Called before `systemd-pstore` runs.
pub fn post_mortem(root: &Root, attempt: &Attempt, seen: Seen) -> Evidence {
    let owned = (root.clone(), attempt.clone());
    let composed = wait::at_most(LIMIT, move || {
        let (root, attempt) = owned;
        let evidence = compose(&root, &attempt, seen);
        let written = store::write(&root, &evidence);
        (evidence, written)
    });
    match composed {
        Some((evidence, Ok(_))) => evidence,
        Some((evidence, Err(error))) => {
            tracing::error!("evidence: {error}");
            evidence
        }
        None => {
            tracing::error!("collecting evidence took longer than {} s", LIMIT.as_secs());
            of(attempt, Evidence::default())
        }
    }
}

/// A trial that ended without a word, after what it had said before.
fn of(attempt: &Attempt, said: Evidence) -> Evidence {
    Evidence {
        image: Some(attempt.image.clone()),
        class: Some(Class::Trial),
        trial: Some(attempt.trial.clone()),
        ending: Ending::Died,
        ..said
    }
}

fn compose(root: &Root, attempt: &Attempt, seen: Seen) -> Evidence {
    let said = match own_words(root, &attempt.trial, seen.own) {
        Some(own) if own.ending != Ending::OtherConfig => return own,
        unfinished => unfinished.unwrap_or_default(),
    };
    let mut evidence = Evidence {
        // It condemns an image: nothing that a clock decides, nothing that was there before.
        reset: Reset::of_trial(root, Traces::of(root, &attempt.trial).as_ref(), seen.logs),
        findings: seen.findings,
        ..of(attempt, said)
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
fn own_words(root: &Root, trial: &TrialId, in_image: Option<Box<Evidence>>) -> Option<Evidence> {
    let own = store::of_trial(root, trial).or(in_image.map(|own| *own))?;
    Some(Evidence {
        trial: Some(trial.clone()),
        ..own
    })
}

/// What keeps an image from coming up, as far as its files show it.
fn findings(image: &UntrustedTree) -> Vec<String> {
    let mut findings = Vec::new();
    for path in PROGRAMS {
        match image.stat(path) {
            Err(error) => findings.push(format!("/{path} cannot be opened: {error}")),
            Ok(found) if found.length == 0 => findings.push(format!("/{path} is empty")),
            Ok(found) if found.mode & 0o111 == 0 => {
                findings.push(format!("/{path} is not executable"));
            }
            Ok(_) => {}
        }
    }
    for path in needed(|path| mount::is_on_another_filesystem(&Path::new("/").join(path))) {
        let missing = [ErrorKind::NotFound, ErrorKind::NotADirectory];
        if image
            .stat(path)
            .is_err_and(|error| missing.contains(&error.kind()))
        {
            findings.push(format!(
                "the directory /{path} is missing, and something is mounted on it"
            ));
        }
    }
    findings
}

/// The directories an image must have: those that something is mounted on here, on an image that came up. What is below such
/// a mount is not the image's.
fn needed(is_mounted: impl Fn(&str) -> bool) -> Vec<&'static str> {
    match MOUNT_POINTS.split_first() {
        Some((whole, _)) if is_mounted(whole) => vec![whole],
        Some((_, parts)) => parts.iter().copied().filter(|path| is_mounted(path)).collect(),
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_a_mount_is_not_the_images() {
        assert_eq!(needed(|_| true), ["persistent"]);
        assert_eq!(needed(|path| path == "persistent/config"), ["persistent/config"]);
        assert!(needed(|_| false).is_empty());
    }
}
