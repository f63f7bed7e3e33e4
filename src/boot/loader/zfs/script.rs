//! The token taken by our script, before a pool is used and in a process of its own: as a hook of ZFSBootMenu, or in the
//! initramfs of the image that is the default. It takes the token, loads the image's kernel and starts it (kexec); whatever
//! goes wrong, the boot goes on to the default. `bootfs` never moves.

use super::token::{TAKEN_BY, TokenMark, TokenState};
use crate::boot::loader::{BackendError, reboot};
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
/// Left by the script in the initramfs, at each boot: then it is in it, with all it needs. What it could not do is in it.
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
    reboot::reaches_firmware(root).map_err(|error| error.to_string())?;
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
    reboot::nothing_is_in_its_place(root).map_err(|error| error.to_string())?;
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

/// Why no script took a token, as far as that is known: in its own words where it left them, else from what kept it from it.
pub fn remark(root: &Root, pools: &Pools, mark: &TokenMark) -> Option<String> {
    if mark.state != Some(TokenState::Armed) {
        return None;
    }
    let words = words(root);
    if !words.is_empty() {
        return Some(format!(
            "the script in the initramfs did not take its token: {words}"
        ));
    }
    if let Err(reason) = pool_takes_writes(pools, &mark.image) {
        return Some(format!("no script took its token: {reason}"));
    }
    Some(
        "no script took its token: none ran, somebody was in ZFSBootMenu's menu, or the pool could not be imported for writing, \
         as with features that ZFSBootMenu does not know ('zpool upgrade' turns such on, a newer ZFSBootMenu knows them)"
            .to_owned(),
    )
}

/// Why the script of the initramfs that this boot came through did not start an image whose token it had taken: it went on to the
/// default at once.
pub fn not_started(root: &Root, mark: &TokenMark) -> Option<String> {
    let words = words(root);
    let is_known = mark.state == Some(TokenState::Consumed) && words.contains(" could not be started");
    is_known.then(|| format!("the script in the initramfs could not start it: {words}"))
}

/// What the script of the initramfs said in this boot.
fn words(root: &Root) -> String {
    let words = fs::read_to_string(root.join(MARK)).unwrap_or_default();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
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
