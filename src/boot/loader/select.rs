//! Which boot technology a machine has, from what runs: the file system of `/`, the loader's own variables.

use super::Backend;
use super::none::NoBackend;
use super::ostree::Ostree;
use super::systemd_boot::SystemdBoot;
use super::zfs::{self, Zfs};
use crate::facts::mount::mounts_of;
use crate::types::Root;
use std::io::ErrorKind;

/// The backend of this machine. What is not recognised is [`NoBackend`], with what was looked for.
pub fn of_machine(root: &Root) -> Box<dyn Backend> {
    // Without it no backend recognises its own machine, and another one would speak for it.
    if let Err(error) = mounts_of(root)
        && error.kind() != ErrorKind::NotFound
    {
        return Box::new(NoBackend {
            reason: format!("/proc/self/mountinfo cannot be read: {error}"),
            is_known: false,
        });
    }
    // Each backend recognises its own machines, best known first.
    if let Some(zfs) = Zfs::of(root) {
        return Box::new(zfs);
    }
    if let Some(ostree) = Ostree::of(root) {
        return Box::new(ostree);
    }
    // Last: systemd-boot may start what has its own way to change images, too.
    if let Some(systemd_boot) = SystemdBoot::of(root) {
        return Box::new(systemd_boot);
    }
    Box::new(NoBackend {
        reason: zfs::unfit(root).unwrap_or_else(|| {
            "/ is neither a ZFS dataset nor an ostree deployment, and systemd-boot did not start this machine"
                .to_owned()
        }),
        is_known: true,
    })
}
