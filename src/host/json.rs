//! Values kept as JSON files.

use super::file::{self, Effect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{self, ErrorKind};
use std::path::Path;

/// Reads the value in a file; `None` when there is no file. The error does not name the file.
pub fn read<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    match file::again(|| file::read_bytes(path)) {
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_for_a_pipe() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("ledger.json");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        for error in [
            read::<u32>(&pipe).unwrap_err(),
            file::read_text(&pipe).unwrap_err(),
            read::<u32>(dir.path()).unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        }
        assert_eq!(read::<u32>(&dir.path().join("none")).unwrap(), None);
    }
}
