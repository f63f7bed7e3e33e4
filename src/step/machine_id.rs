//! The machine-id, before the journal opens its directory by it.

use crate::act::mount;
use crate::facts::identity::{MachineId, has_place, machine_id_in, random_id};
use crate::facts::mount::is_mounted;
use crate::host::file;
use crate::host::paths::{IDENTITY, MACHINE_ID};
use crate::types::Root;
use std::io;

/// What a file that is no machine-id is called afterwards, beside the new one.
const SET_ASIDE: &str = ".machine-id.set-aside";

/// The persistent machine-id is the one in use; on the first boot one is created and kept, and so where the kept file holds
/// none: whatever else it holds is set aside.
///
/// Returns what was done, a line each; nothing when PID 1 already uses the persistent ID. An error where there is no place to
/// keep one.
pub fn up(root: &Root) -> io::Result<Vec<String>> {
    let kept = format!("{IDENTITY}/machine-id");
    let path = root.join(&kept);
    let mut done = Vec::new();
    let id = match machine_id_in(root, &kept) {
        MachineId::Valid(id) => id,
        MachineId::Misspelt(id) => {
            let _ = file::write(&path, format!("{id}\n").as_bytes(), 0o444)?;
            done.push(format!("{kept} is now written as systemd writes it: {id}"));
            id
        }
        other => {
            has_place(root).map_err(io::Error::other)?;
            if let MachineId::Invalid(why) = other {
                file::rename(&path, SET_ASIDE)?;
                done.push(format!(
                    "{kept} is not a valid machine-id ({why}): it is kept as {IDENTITY}/{SET_ASIDE}, and a new one is made"
                ));
            }
            let id = first_id(root)?;
            let _ = file::write(&path, format!("{id}\n").as_bytes(), 0o444)?;
            done.push(format!("made {kept}"));
            id
        }
    };
    if machine_id_in(root, MACHINE_ID) != MachineId::Valid(id) {
        let outcome = mount::bind(&path, &root.join(MACHINE_ID))?;
        done.extend(
            outcome
                .changed()
                .then(|| format!("bound {kept} over {MACHINE_ID}")),
        );
    }
    Ok(done)
}

/// The id that PID 1 made for this boot and mounted is as good as a new one, and the first journal is under it. One in
/// the image itself is not: every router of that image has it.
fn first_id(root: &Root) -> io::Result<String> {
    match machine_id_in(root, MACHINE_ID) {
        MachineId::Valid(transient) if is_mounted(&root.join(MACHINE_ID))? => Ok(transient),
        _ => random_id(),
    }
}
