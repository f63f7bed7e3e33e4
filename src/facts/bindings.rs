//! What a machine said about itself: `bindings.json`.

use crate::render::Bindings;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// Where `imp-nic` leaves them, below the root.
pub const PATH: &str = "run/imp/bindings.json";

/// The bindings in a file; `None` when there is none. An error says what is wrong with it, not which file it is.
pub fn read(path: &Path) -> io::Result<Option<Bindings>> {
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        text => Ok(Some(serde_json::from_slice(&text?)?)),
    }
}
