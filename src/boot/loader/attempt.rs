//! The traces of boot loaders that any program can see. They say less than the loaders' stores, but can be read when those
//! cannot. `units/unclassified` uses the same, where none of our programs can be started.

use super::{ostree, systemd_boot, zfs};
use crate::facts;
use crate::host::efi::Variables;
use crate::types::Root;

/// Whether this boot was started as the one attempt of an image: by a script of ours, by GRUB with the token of
/// a deployment, by systemd-boot on request, or by an entry of ours in the firmware. Where nothing can be read it was not.
pub fn is_this_boot(root: &Root) -> bool {
    let by_firmware = |variables: Variables| {
        systemd_boot::counted_on_request(&variables) || zfs::started_by_firmware(&variables)
    };
    facts::boot::trial(root).is_some()
        || ostree::took_token(root)
        || Variables::of(root).is_ok_and(by_firmware)
}
