//! Which boot technology a machine has, from what runs: the file system of `/`, the loader's own variables.

use super::Backend;
use super::none::NoBackend;
use super::ostree::Ostree;
use super::systemd_boot::SystemdBoot;
use super::zfs::{self, Zfs};
use crate::types::Root;

/// The backend of this machine. What is not recognised is [`NoBackend`], with what was looked for.
pub fn of_machine(root: &Root) -> Box<dyn Backend> {
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
    })
}
