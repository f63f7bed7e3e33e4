//! One image as a dataset: what is there under its name, and what a deploy makes of it (zfs-receive(8), zfsprops(7)).

use crate::act::process::{self, ProcessError};
use crate::types::ImageName;
use std::time::Duration;

/// Local to a dataset while a deploy is not through with it; a deploy that was cut is known by it.
pub const UNFINISHED: &str = "org.imp:deploy=unfinished";
const MARK: &str = "org.imp:deploy";
const COMMAND_LINE: &str = "org.zfsbootmenu:commandline";

/// A property is read or written in a transaction group; a pool under load takes seconds for one.
const DEADLINE: Duration = Duration::from_secs(60);
/// Files of a whole image are freed.
const DESTROY: Duration = Duration::from_secs(300);

/// What stands under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum There {
    /// Nothing.
    Nothing,
    /// What a deploy left that was cut before it was through.
    Unfinished,
    /// A receive that can be resumed, of somebody else (`zfs receive -s`).
    Resumable,
    /// A whole dataset, with the guids of its snapshots.
    Whole(Vec<u64>),
}

/// What stands under the name of an image.
pub fn look(image: &ImageName) -> Result<There, ProcessError> {
    let properties = ["get", "-Hp", "-o", "property,value,source"];
    let wanted = "receive_resume_token,org.imp:deploy";
    let asked = zfs(&[&properties[..], &[wanted, image.as_ref()]].concat(), DEADLINE);
    let listing = match asked {
        // zfs(8) has one exit code for every error.
        Err(ProcessError::Ended { words, .. }) if words.contains("dataset does not exist") => {
            return Ok(There::Nothing);
        }
        listing => listing?,
    };
    match state(&listing) {
        Some(there) => Ok(there),
        None => {
            let list = ["list", "-Hp", "-t", "snapshot", "-d", "1", "-o", "guid"];
            let guids = zfs(&[&list[..], &[image.as_ref()]].concat(), DEADLINE)?;
            Ok(There::Whole(
                guids
                    .lines()
                    .filter_map(|line| line.trim().parse().ok())
                    .collect(),
            ))
        }
    }
}

/// What the two properties say; `None` for a dataset that is whole. Our mark counts only where it is set itself: a parent's
/// would speak for every image.
fn state(listing: &str) -> Option<There> {
    let has = |property: &str| {
        listing.lines().any(|line| {
            let mut fields = line.split('\t');
            fields.next() == Some(property)
                && fields.next().is_some_and(|value| value != "-")
                && fields
                    .next()
                    .is_some_and(|source| ["local", "-"].contains(&source))
        })
    };
    if has(MARK) {
        Some(There::Unfinished)
    } else if has("receive_resume_token") {
        Some(There::Resumable)
    } else {
        None
    }
}

/// Bytes that are free for children of the parent of this image.
pub fn free(image: &ImageName) -> Result<u64, ProcessError> {
    let parent = image
        .as_ref()
        .rsplit_once('/')
        .map_or(image.as_ref(), |(parent, _)| parent);
    let available = zfs(&["get", "-Hp", "-o", "value", "available", parent], DEADLINE)?;
    Ok(available.trim().parse().unwrap_or(u64::MAX))
}

/// The kernel's command line for the image is that of the one that runs, and a panic resets the machine. Durable.
///
/// Where the one that runs has none of its own, `booted_with` is what it was started with (`/proc/cmdline`).
pub fn take_command_line(
    image: &ImageName,
    running: &ImageName,
    booted_with: &str,
) -> Result<(), ProcessError> {
    let own = zfs(
        &["get", "-H", "-o", "value", COMMAND_LINE, running.as_ref()],
        DEADLINE,
    )?;
    let line = match own.trim() {
        "-" | "" => command_line(&portable(booted_with)),
        own => command_line(own),
    };
    zfs(
        &["set", &format!("{COMMAND_LINE}={line}"), image.as_ref()],
        DEADLINE,
    )
    .map(drop)
}

/// Without the words the boot chain adds by itself for one image (zfsbootmenu(7)).
fn portable(booted_with: &str) -> String {
    let added = [
        "root=",
        "BOOT_IMAGE=",
        "initrd=",
        "spl_hostid=",
        "spl.spl_hostid=",
        "zbm.",
        "imp.",
    ];
    let words = booted_with.split_whitespace();
    let kept: Vec<&str> = words
        .filter(|word| !added.iter().any(|start| word.starts_with(start)))
        .collect();
    kept.join(" ")
}

/// With `panic=10`, unless a panic resets the machine anyway: a kernel that waits for ever comes back to nothing.
fn command_line(words: &str) -> String {
    let resets = |word: &str| word.strip_prefix("panic=").is_some_and(|after| after != "0");
    let mut kept: Vec<&str> = words
        .split_whitespace()
        .filter(|word| *word != "panic=0")
        .collect();
    if !kept.iter().any(|word| resets(word)) {
        kept.push("panic=10");
    }
    kept.join(" ")
}

/// The deploy is through with the image.
pub fn finish(image: &ImageName) -> Result<(), ProcessError> {
    zfs(&["inherit", MARK, image.as_ref()], DEADLINE).map(drop)
}

/// Nothing of an unfinished image is left. What is not marked as unfinished is not touched, and that nothing is there is no
/// error: the kernel clears a receive that failed by itself.
pub fn destroy_unfinished(image: &ImageName) -> Result<(), ProcessError> {
    match look(image)? {
        There::Unfinished => zfs(&["destroy", "-r", image.as_ref()], DESTROY).map(drop),
        There::Nothing | There::Resumable | There::Whole(_) => Ok(()),
    }
}

fn zfs(arguments: &[&str], deadline: Duration) -> Result<String, ProcessError> {
    process::run("zfs", arguments, deadline)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_cut_deploy_left_is_told_from_everything_else() {
        let whole = "receive_resume_token\t-\t-\norg.imp:deploy\t-\t-\n";
        assert_eq!(state(whole), None);
        let ours = "receive_resume_token\t-\t-\norg.imp:deploy\tunfinished\tlocal\n";
        assert_eq!(state(ours), Some(There::Unfinished));
        let of_the_parent = "receive_resume_token\t-\t-\norg.imp:deploy\tunfinished\tinherited from tank\n";
        assert_eq!(state(of_the_parent), None);
        let resumable = "receive_resume_token\t1-abc\t-\norg.imp:deploy\t-\t-\n";
        assert_eq!(state(resumable), Some(There::Resumable));
    }

    #[test]
    fn a_panic_of_the_new_image_resets_the_machine() {
        assert_eq!(command_line("quiet"), "quiet panic=10");
        assert_eq!(command_line("panic=5 quiet"), "panic=5 quiet");
        assert_eq!(command_line("panic=0 quiet"), "quiet panic=10");
        assert_eq!(command_line("panic=-1"), "panic=-1");
        assert_eq!(command_line(""), "panic=10");
    }

    #[test]
    fn words_of_one_image_do_not_go_to_another() {
        let booted = "BOOT_IMAGE=/boot/vmlinuz root=zfs:tank/ROOT/a spl_hostid=0x1 console=ttyS0 quiet";
        assert_eq!(portable(booted), "console=ttyS0 quiet");
    }
}
