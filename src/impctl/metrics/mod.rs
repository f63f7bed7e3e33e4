//! `impctl metrics`: the state of this router for Prometheus.

mod dataplane;
mod exposition;
mod series;

pub use self::exposition::{Exposition, Kind as SeriesKind};
pub use self::series::exposition;

use super::out;
use super::status::Looker;
use crate::exit::{Failure, Kind};
use crate::host::file;
use crate::types::Root;
use std::path::Path;

/// Of what FRR and VPP run nothing is asked every minute where their files are longer, in bytes.
const LONGEST: u64 = 256 * 1024;

/// Prints the metrics, or writes them into a file in a directory that is there: readers see the old or the new one, never a
/// part.
pub fn run(root: &Root, output: Option<&Path>) -> Result<(), Failure> {
    let is_there = |path: &Path| {
        path.parent()
            .is_some_and(|folder| folder.as_os_str().is_empty() || folder.is_dir())
    };
    if let Some(path) = output.filter(|path| !is_there(path)) {
        let text = format!("{}: there is no such directory", path.display());
        return Err(Failure::new(Kind::Failed, text));
    }
    let text = exposition(&Looker::sparing(root, LONGEST).look()?).text();
    match output {
        None => out::print(&text),
        Some(path) => file::write(path, text.as_bytes(), 0o644)
            .map(|_| ())
            .map_err(|error| Failure::new(Kind::Failed, format!("{}: {error}", path.display()))),
    }
}
