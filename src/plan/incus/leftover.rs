//! What an incusd that was killed while it made a pool left where the pool was to be.

use super::Change;

/// What Incus makes below the source of a zfs pool, and nothing an operator had there.
const DATASETS: &str = "buckets containers custom deleted images virtual-machines";

/// What may be in the way of a pool that Incus refuses to make, and the command that clears it; nothing of it is done.
///
/// Incus forgets a pool that was never whole and leaves what it had made for it, so it refuses to make the pool anew for
/// ever (6.0.4: `storagePoolDelete` asks no driver for a `Pending` one). Only a directory can be seen to hold nothing.
/// The words are those of `Create` in `internal/server/storage/drivers/driver_{zfs,lvm,btrfs}.go`, and of mkfs.btrfs.
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
