//! What `imp-nic` recorded about the machine: `bindings.json`.

use crate::host::json;
use crate::render::Bindings;
use std::io;
use std::path::Path;

/// The bindings in a file; `None` if the file does not exist. The error does not name the file.
pub fn read(path: &Path) -> io::Result<Option<Bindings>> {
    json::read(path)
}
