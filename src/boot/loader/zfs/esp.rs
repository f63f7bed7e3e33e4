//! The EFI system partition that an entry of the firmware names, among those that are mounted: a machine with two disks often
//! has two, and what lies on them differs.

use crate::facts::mount::{Mount, mounts_of};
use crate::host::efi::DevicePath;
use crate::types::Root;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

const PARTITIONS: &str = "dev/disk/by-partuuid";
const BLOCK: &str = "sys/class/block";

/// Where it is mounted; `None` where it is not, or does not belong to this machine.
pub fn mounted(root: &Root, path: &DevicePath) -> Option<PathBuf> {
    let mounts = mounts_of(root).ok()?;
    let partitions: Vec<&Mount> = mounts.iter().filter(|mount| mount.kind == "vfat").collect();
    let found = if root.join(PARTITIONS).is_dir() {
        let devices = devices(root, &path.partition()?)?;
        partitions
            .into_iter()
            .find(|mount| devices.contains(&name(root, &mount.device)))
    } else {
        // Nothing says which device a GUID is: only one is it without doubt.
        partitions.first().copied().filter(|_| partitions.len() == 1)
    };
    found.map(|mount| root.join(&mount.target))
}

/// The device of a partition, and those that mirror it with another one (md with its metadata at the end).
fn devices(root: &Root, partition: &str) -> Option<Vec<OsString>> {
    let link = fs::read_link(root.join(PARTITIONS).join(partition)).ok()?;
    let device = link.file_name()?.to_owned();
    let holders = fs::read_dir(root.join(BLOCK).join(&device).join("holders"));
    let holders = holders
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name());
    Some(holders.chain([device.clone()]).collect())
}

/// The kernel's name of a device, which may be mounted by one of its links.
fn name(root: &Root, device: &str) -> OsString {
    let path = root.join(device);
    let found = path.canonicalize().unwrap_or(path);
    found.file_name().unwrap_or(OsStr::new("")).to_owned()
}

/// A file of it, named as the firmware names it: `\EFI\zbm\zbm.efi`.
pub fn file(partition: &Path, named: &str) -> PathBuf {
    partition.join(named.replace('\\', "/").trim_start_matches('/'))
}
