//! The token taken by our script, before a pool is used and in a process of its own: as a hook of ZFSBootMenu, or in the
//! initramfs of the image that is the default. It takes the token, loads the image's kernel and starts it (kexec); whatever
//! goes wrong, the boot goes on to the default. `bootfs` never moves.

use super::kexec;
use super::token::TAKEN_BY;
use crate::boot::loader::BackendError;
use crate::facts::mount::mounts_of;
use crate::host::zfs::Pools;
use crate::types::{DatasetName, Root};
use std::fs;
use std::path::{Path, PathBuf};

/// The script as the package brings it.
const OURS: &str = "usr/share/imp/zfsbootmenu/early-setup.d/50-imp-trial";
/// Its place below whatever directory ZFSBootMenu takes hooks from.
const PLACE: &str = "early-setup.d/50-imp-trial";
/// Where the hooks of an image of ZFSBootMenu built on this machine come from (generate-zbm(5)).
const BUILD: &str = "etc/zfsbootmenu/hooks";
/// Left by the script in the initramfs, at each boot: then it is in it, with all it needs.
const MARK: &str = "run/initramfs/imp-trial";
/// How deep a directory of hooks lies in an EFI system partition, at most.
const DEPTH: usize = 5;

/// The loader writes to the pool only if it is whole, and only if it may.
fn pool_takes_writes(pools: &Pools, dataset: &DatasetName) -> Result<(), String> {
    let pool = dataset.pool();
    match pools.health(pool) {
        Ok(health) if health == "ONLINE" && pools.is_read_only_for_the_menu(pool) => Err(format!(
            "org.zfsbootmenu:readonly of the pool '{pool}' forbids it"
        )),
        Ok(health) if health == "ONLINE" => Ok(()),
        Ok(health) => Err(format!(
            "the pool '{pool}' is {health}: before its boot nothing writes to it"
        )),
        Err(error) => Err(error.to_string()),
    }
}

/// Our hook is where ZFSBootMenu takes hooks from, or was seen at work.
pub fn hook_proof(root: &Root, pools: &Pools, images: &DatasetName) -> Result<String, String> {
    kexec::stays_out_of_reboots(root).map_err(|error| error.to_string())?;
    pool_takes_writes(pools, images)?;
    if taken_by(pools, images).as_deref() == Some("zbm-hook") {
        return Ok("the hook took the token of an earlier trial".to_owned());
    }
    let ours = fs::read(root.join(OURS)).map_err(|error| format!("/{OURS}: {error}"))?;
    let Some(found) = hook_file(root) else {
        return Err(format!(
            "the hook is on no mounted EFI system partition: copy /{OURS} below the directory that zbm.hookroot names"
        ));
    };
    let shown = found.display();
    match fs::read(&found) {
        Ok(bytes) if bytes == ours => Ok(format!(
            "the hook is {shown}; 'impctl boot drill' proves that ZFSBootMenu runs it"
        )),
        Ok(_) => Err(format!(
            "{shown} is another version of the hook: copy /{OURS} again"
        )),
        Err(error) => Err(format!("{shown}: {error}")),
    }
}

/// The initramfs that this boot came through has our script and kexec.
pub fn initramfs_proof(root: &Root, pools: &Pools, images: &DatasetName) -> Result<String, String> {
    pool_takes_writes(pools, images)?;
    if root.join(MARK).exists() {
        Ok("the initramfs of this boot has the script".to_owned())
    } else {
        Err(
            "the initramfs of this boot has no such script: install kexec-tools and run 'update-initramfs -u'"
                .to_owned(),
        )
    }
}

fn taken_by(pools: &Pools, images: &DatasetName) -> Option<String> {
    let local = pools.local(images, TAKEN_BY).ok()?;
    local
        .into_iter()
        .find(|property| property.dataset == *images)
        .map(|property| property.value)
}

fn hook_file(root: &Root) -> Option<PathBuf> {
    let mounts = mounts_of(root).unwrap_or_default();
    let partitions = mounts.into_iter().filter(|mount| mount.kind == "vfat");
    let built = root.join(BUILD).join(PLACE);
    partitions
        .map(|mount| root.join(mount.target))
        .find_map(|partition| below(&partition, DEPTH))
        .or_else(|| built.exists().then_some(built))
}

fn below(dir: &Path, depth: usize) -> Option<PathBuf> {
    let here = dir.join(PLACE);
    if here.exists() {
        return Some(here);
    }
    let deeper = depth.checked_sub(1)?;
    let entries = fs::read_dir(dir).ok()?.flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .find_map(|path| below(&path, deeper))
}

/// Nothing asks for a passphrase while a script starts an image.
pub fn refuse_encrypted(pools: &Pools, image: &DatasetName) -> Result<(), BackendError> {
    match pools.value(image, "encryption")? {
        Some((cipher, _)) if cipher != "off" => Err(BackendError::Image {
            image: image.image(),
            problem: format!("is encrypted ({cipher}): only the firmware's BootNext can try it"),
        }),
        _ => Ok(()),
    }
}
