//! What a machine said about itself: `bindings.json`.

use crate::host::json;
use crate::render::Bindings;
use std::io;
use std::path::Path;

/// The bindings in a file; `None` when there is none. An error says what is wrong with it, not which file it is.
pub fn read(path: &Path) -> io::Result<Option<Bindings>> {
    json::read(path)
}
