//! Keys below `/proc/sys`, in the namespace of the calling thread.

use super::file::Effect;
use super::paths::SYSCTL;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// The value of a key written with slashes (`net/ipv4/ip_forward`); `None` on a kernel without the key.
pub fn get(key: &str) -> io::Result<Option<String>> {
    get_below(Path::new(SYSCTL), key)
}

/// The same of a machine whose `/proc/sys` is there.
pub fn get_below(folder: &Path, key: &str) -> io::Result<Option<String>> {
    match fs::read_to_string(folder.join(key)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        text => Ok(Some(text?.trim().to_owned())),
    }
}

/// The key has the value; a kernel without the key has nothing to set.
pub fn set(key: &str, value: &str) -> io::Result<Effect> {
    set_below(Path::new(SYSCTL), key, value)
}

/// The same on a machine whose `/proc/sys` is there.
pub fn set_below(folder: &Path, key: &str, value: &str) -> io::Result<Effect> {
    match get_below(folder, key) {
        Ok(None) => Ok(Effect::Unchanged),
        Ok(Some(found)) if found == value => Ok(Effect::Unchanged),
        Ok(Some(_)) | Err(_) => {
            fs::write(folder.join(key), value)?;
            Ok(Effect::Changed)
        }
    }
}
