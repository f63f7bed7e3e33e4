//! What the systemd generator writes: links to overriding units, and the units of further VPP instances.

use crate::facts;
use crate::host::file::{self, Effect};
use crate::plan::unit::{self, Unit};
use crate::types::{InstanceName, Root};
use std::io;
use std::path::Path;

/// Units that override those of other packages: only `generator.early` wins over `/etc` and `/usr`.
const EARLY: &str = "usr/lib/imp/early";

/// Fills the generator directories. Returns one line for each problem; a problem does not keep the rest from being written.
pub fn run(root: &Root, normal: &Path, early: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    let mut note = |subject: &str, result: io::Result<Effect>| {
        if let Err(error) = result {
            problems.push(format!("{subject}: {error}"));
        }
    };
    note(EARLY, link_overrides(root, early));
    let (instances, unread) = facts::instance::headers(root);
    for name in &instances {
        note(
            &format!("units of instance '{name}'"),
            write_instance(normal, name),
        );
    }
    problems.extend(unread);
    problems
}

/// The early directory has a link to each overriding unit, and a copy of each mask (a link to `/dev/null`).
fn link_overrides(root: &Root, early: &Path) -> io::Result<Effect> {
    let mut outcome = Effect::Unchanged;
    for path in file::list(&root.join(EARLY))? {
        let name = path.file_name().unwrap_or_default();
        let target = path
            .read_link()
            .unwrap_or_else(|_| Path::new("/").join(EARLY).join(name));
        outcome = outcome.or(file::replace_symlink(&early.join(name), &target)?);
    }
    Ok(outcome)
}

/// The directory holds the units of an instance, wanted by `imp.target`. For core and nat nothing is written.
pub fn write_instance(dir: &Path, name: &InstanceName) -> io::Result<Effect> {
    let mut outcome = Effect::Unchanged;
    for Unit { name, text } in unit::of_instance(name) {
        let link = dir.join(unit::WANTS).join(&name);
        outcome = outcome
            .or(file::write(&dir.join(&name), text.as_bytes(), 0o644)?)
            .or(file::replace_symlink(&link, &Path::new("..").join(&name))?);
    }
    Ok(outcome)
}
