//! What an incusd that was killed while creating a pool left behind at the pool's source.

use super::Change;

/// The datasets Incus creates below the source of a zfs pool, and nothing of the operator's.
const DATASETS: &str = "buckets containers custom deleted images virtual-machines";

/// What may be blocking a pool that Incus refuses to create, and the command that clears it. Nothing is removed here.
///
/// Incus forgets a half-created pool but leaves behind what it created for it, and so refuses to create the pool again
/// (6.0.4: for a `Pending` pool, `storagePoolDelete` does not call the driver). Only a directory can be seen to be empty.
/// The refusals are those of `Create` in `internal/server/storage/drivers/driver_{zfs,lvm,btrfs}.go`, and of mkfs.btrfs.
pub fn leftover(change: &Change, words: &str) -> Option<String> {
    let Change::CreatePool { name, body, .. } = change else {
        return None;
    };
    let source = body["config"]["source"].as_str()?;
    let is = |driver: &str, refusal: &str| body["driver"] == driver && words.contains(refusal);
    let (left, look, clear) = if is("zfs", "isn't empty") {
        let clear = format!("for it in {DATASETS}; do zfs destroy -r {source}/$it; done");
        ("datasets", format!("zfs list -r {source}"), clear)
    } else if is("lvm", "olume group already exists") {
        (
            "a volume group",
            format!("lvs {name}"),
            format!("vgremove {name}"),
        )
    } else if is("lvm", "is already used by Incus") {
        let clear = format!("vgchange --deltag incus_pool {source}");
        ("its tag", format!("lvs {source}"), clear)
    } else if is("btrfs", "existing filesystem") {
        (
            "a file system",
            format!("blkid {source}"),
            format!("wipefs -a {source}"),
        )
    } else {
        return None;
    };
    Some(format!(
        "an incusd that was killed while creating the pool leaves {left} behind: check with '{look}', and if nothing in it \
         is needed remove it with '{clear}'"
    ))
}
