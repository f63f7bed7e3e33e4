//! A copy of the image that runs, for a trial that goes back on purpose: a clone, so it takes no space and no time.

use crate::boot::loader::BackendError;
use crate::host::zfs::Pools;
use crate::types::{DatasetName, ImageName};

const ENDING: &str = "-drill";
const SNAPSHOT: &str = "imp-drill";
/// ZFSBootMenu's properties: a clone does not take along what is set on its origin.
const OF_THE_MENU: &str = "org.zfsbootmenu:";

/// The copy of the image; one that an earlier drill left is replaced.
pub fn copy(pools: &Pools, images: &DatasetName, image: &DatasetName) -> Result<ImageName, BackendError> {
    let problem = |problem: &str| BackendError::Image {
        image: image.image(),
        problem: problem.to_owned(),
    };
    if !pools.filesystems_below(image)?.is_empty() {
        return Err(problem(
            "has datasets of its own below it, which a copy would not have",
        ));
    }
    let copy: DatasetName = format!("{image}{ENDING}")
        .parse()
        .map_err(|_| problem("has a name too long for a copy"))?;
    let all = pools.filesystems_below(images)?;
    if all.iter().any(|filesystem| filesystem.name == copy) {
        remove(pools, &copy)?;
    } else {
        remove_snapshot(pools, image)?;
    }
    let mountpoint = all
        .iter()
        .find(|filesystem| filesystem.name == *image)
        .map_or("/", |filesystem| filesystem.mountpoint.as_str());
    let mut options = vec!["canmount=noauto".to_owned(), format!("mountpoint={mountpoint}")];
    for property in pools.local(image, OF_THE_MENU)? {
        options.push(format!("{}={}", property.name, property.value));
    }
    let snapshot = format!("{image}@{SNAPSHOT}");
    let _ = pools.zfs(&["snapshot", &snapshot])?;
    let mut words = vec!["clone"];
    for option in &options {
        words.extend(["-o", option]);
    }
    words.extend([snapshot.as_str(), copy.as_ref()]);
    let _ = pools.zfs(&words)?;
    Ok(copy.image())
}

/// The copy and its snapshot are gone. Nothing else is ever destroyed here: the name has the ending of a copy, and it is a clone
/// of that snapshot.
pub fn remove(pools: &Pools, copy: &DatasetName) -> Result<(), BackendError> {
    let of = copy.as_ref().strip_suffix(ENDING);
    let origin = pools.value(copy, "origin")?.map(|(value, _)| value);
    match of.map(|image| format!("{image}@{SNAPSHOT}")) {
        Some(snapshot) if origin.as_ref() == Some(&snapshot) => {
            if let Some(below) = pools.filesystems_below(copy)?.first() {
                return Err(BackendError::Image {
                    image: copy.image(),
                    problem: format!("is a copy made by a drill, but has '{}' below it", below.name),
                });
            }
            // Its own snapshots with it: others make one of every dataset each hour.
            let _ = pools.zfs(&["destroy", "-r", copy.as_ref()])?;
            let _ = pools.zfs(&["destroy", &snapshot])?;
            Ok(())
        }
        _ => Err(BackendError::Image {
            image: copy.image(),
            problem: "is not a copy made by a drill".to_owned(),
        }),
    }
}

/// Left behind when the clone could not be made.
fn remove_snapshot(pools: &Pools, image: &DatasetName) -> Result<(), BackendError> {
    let snapshot = format!("{image}@{SNAPSHOT}");
    let list = pools.zfs(&[
        "list",
        "-Hp",
        "-d",
        "1",
        "-t",
        "snapshot",
        "-o",
        "name",
        image.as_ref(),
    ])?;
    if list.lines().any(|name| name == snapshot) {
        let _ = pools.zfs(&["destroy", &snapshot])?;
    }
    Ok(())
}
