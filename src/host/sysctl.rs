//! Keys below `/proc/sys`, in the namespace of the calling thread.

use super::file::Effect;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The value of a key written with slashes (`net/ipv4/ip_forward`); `None` on a kernel without the key.
pub fn get(key: &str) -> io::Result<Option<String>> {
    match fs::read_to_string(path(key)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        text => Ok(Some(text?.trim().to_owned())),
    }
}

/// The key has the value; a kernel without the key has nothing to set.
pub fn set(key: &str, value: &str) -> io::Result<Effect> {
    match get(key) {
        Ok(None) => Ok(Effect::Unchanged),
        Ok(Some(found)) if found == value => Ok(Effect::Unchanged),
        Ok(Some(_)) | Err(_) => {
            fs::write(path(key), value)?;
            Ok(Effect::Changed)
        }
    }
}

fn path(key: &str) -> PathBuf {
    Path::new("/proc/sys").join(key)
}
