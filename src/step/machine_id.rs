//! The machine-id, before the journal opens its directory by it.

use crate::act::mount;
use crate::facts::identity::{machine_id_in, random_id};
use crate::facts::mount::is_mounted;
use crate::host::file;
use crate::host::paths::{IDENTITY, MACHINE_ID};
use crate::types::Root;
use std::io;

/// The persistent machine-id is the one in use; on the first boot one is created and kept.
///
/// Returns what was done, a line each; nothing when PID 1 already uses the persistent ID. An invalid ID written by the
/// operator is an error and is not touched.
pub fn up(root: &Root) -> io::Result<Vec<String>> {
    let kept = format!("{IDENTITY}/machine-id");
    let path = root.join(&kept);
    let mut done = Vec::new();
    let id = match machine_id_in(root, &kept) {
        Some(id) => id,
        None if path.metadata().is_ok_and(|found| found.len() > 0) => {
            return Err(io::Error::other(format!(
                "{kept} is not a valid machine-id: expected 32 hexadecimal digits"
            )));
        }
        None => {
            let id = first_id(root)?;
            let outcome = file::write(&path, format!("{id}\n").as_bytes(), 0o444)?;
            done.extend(outcome.changed().then(|| format!("made {kept}")));
            id
        }
    };
    if machine_id_in(root, MACHINE_ID).as_deref() != Some(&id) {
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
    let transient = is_mounted(&root.join(MACHINE_ID))?
        .then(|| machine_id_in(root, MACHINE_ID))
        .flatten();
    transient.map_or_else(random_id, Ok)
}
