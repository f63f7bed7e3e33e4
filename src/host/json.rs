//! Values kept as JSON files.

use super::file::{self, Effect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// Reads the value in a file; `None` when there is no file. The error does not name the file.
pub fn read<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    match file::again(|| fs::read(path)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        text => Ok(Some(serde_json::from_slice(&text?)?)),
    }
}

/// The file holds the value, indented, with this mode; written with [`file::write`].
pub fn write<T: Serialize + ?Sized>(path: &Path, value: &T, mode: u32) -> io::Result<Effect> {
    file::write(path, text(value)?.as_bytes(), mode)
}

/// The text [`write`] would write.
pub fn text<T: Serialize + ?Sized>(value: &T) -> io::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}
