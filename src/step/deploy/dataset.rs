//! One image as a dataset: what is there under its name, and what a deploy makes of it (zfs-receive(8), zfsprops(7)).

use crate::boot::trial::panic;
use crate::host::zfs::{Pools, ZfsError};
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

/// What has a name on a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatasetState {
    /// Nothing.
    Missing,
    /// What a deploy left that was cut before it was through.
    Unfinished,
    /// A receive that can be resumed, of somebody else (`zfs receive -s`).
    Resumable,
    /// A whole dataset, with the guids of its snapshots.
    Whole(Vec<u64>),
}

/// What has the name of an image.
pub fn state(pools: &Pools, image: &ImageName) -> Result<DatasetState, ZfsError> {
    let properties = ["get", "-Hp", "-o", "property,value,source"];
    let wanted = "receive_resume_token,org.imp:deploy";
    let asked = pools.zfs_within(&[&properties[..], &[wanted, image.as_ref()]].concat(), DEADLINE);
    let listing = match asked {
        Err(error) if error.is_missing() => return Ok(DatasetState::Missing),
        listing => listing?,
    };
    match incomplete(&listing) {
        Some(state) => Ok(state),
        None => {
            let list = ["list", "-Hp", "-t", "snapshot", "-d", "1", "-o", "guid"];
            let guids = pools.zfs_within(&[&list[..], &[image.as_ref()]].concat(), DEADLINE)?;
            let guids = guids.lines().filter_map(|line| line.trim().parse().ok());
            Ok(DatasetState::Whole(guids.collect()))
        }
    }
}

/// What the two properties say; `None` for a dataset that is whole. Our mark counts only where it is set itself: a parent's
/// would speak for every image.
fn incomplete(listing: &str) -> Option<DatasetState> {
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
        Some(DatasetState::Unfinished)
    } else if has("receive_resume_token") {
        Some(DatasetState::Resumable)
    } else {
        None
    }
}

/// Bytes that are free for children of the parent of this image.
pub fn free(pools: &Pools, image: &ImageName) -> Result<u64, ZfsError> {
    let parent = image
        .as_ref()
        .rsplit_once('/')
        .map_or(image.as_ref(), |(parent, _)| parent);
    let available = pools.zfs_within(&["get", "-Hp", "-o", "value", "available", parent], DEADLINE)?;
    Ok(available.trim().parse().unwrap_or(u64::MAX))
}

/// The kernel's command line for the image is that of the one that runs, and a panic resets the machine. Durable.
///
/// Where the one that runs has none of its own, `booted_with` is what it was started with (`/proc/cmdline`).
pub fn take_command_line(
    pools: &Pools,
    image: &ImageName,
    running: &ImageName,
    booted_with: &str,
) -> Result<(), ZfsError> {
    let own = pools.zfs_within(
        &["get", "-H", "-o", "value", COMMAND_LINE, running.as_ref()],
        DEADLINE,
    )?;
    let line = match own.trim() {
        "-" | "" => panic::with_reset(&portable(booted_with)),
        own => panic::with_reset(own),
    };
    pools
        .zfs_within(
            &["set", &format!("{COMMAND_LINE}={line}"), image.as_ref()],
            DEADLINE,
        )
        .map(drop)
}

/// Without the words that the boot chain adds for one image (zfsbootmenu(7)).
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

/// The deploy is through with the image.
pub fn finish(pools: &Pools, image: &ImageName) -> Result<(), ZfsError> {
    pools
        .zfs_within(&["inherit", MARK, image.as_ref()], DEADLINE)
        .map(drop)
}

/// An unfinished image is gone. A dataset that is not marked as unfinished is left alone. A missing dataset is not an error: the
/// kernel removes a failed receive by itself.
pub fn destroy_unfinished(pools: &Pools, image: &ImageName) -> Result<(), ZfsError> {
    match state(pools, image)? {
        DatasetState::Unfinished => pools
            .zfs_within(&["destroy", "-r", image.as_ref()], DESTROY)
            .map(drop),
        DatasetState::Missing | DatasetState::Resumable | DatasetState::Whole(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_cut_deploy_left_is_told_from_everything_else() {
        let whole = "receive_resume_token\t-\t-\norg.imp:deploy\t-\t-\n";
        assert_eq!(incomplete(whole), None);
        let ours = "receive_resume_token\t-\t-\norg.imp:deploy\tunfinished\tlocal\n";
        assert_eq!(incomplete(ours), Some(DatasetState::Unfinished));
        let of_the_parent = "receive_resume_token\t-\t-\norg.imp:deploy\tunfinished\tinherited from tank\n";
        assert_eq!(incomplete(of_the_parent), None);
        let resumable = "receive_resume_token\t1-abc\t-\norg.imp:deploy\t-\t-\n";
        assert_eq!(incomplete(resumable), Some(DatasetState::Resumable));
    }

    #[test]
    fn words_of_one_image_do_not_go_to_another() {
        let booted = "BOOT_IMAGE=/boot/vmlinuz root=zfs:tank/ROOT/a spl_hostid=0x1 console=ttyS0 quiet";
        assert_eq!(portable(booted), "console=ttyS0 quiet");
    }
}
