//! The configuration folder on disk: the one part of `config` that touches `std::fs`.

use super::source::{File, Files};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The largest file that is read: far above a full BGP table as a prefix-list, far below this machine's memory.
const LARGEST: u64 = 64 << 20;

/// A folder such as `/persistent/config`, or a kept generation.
///
/// Symbolic links are followed as long as they stay inside the folder: what lies outside it would be missing from
/// the backup an operator makes of it, so such a link is refused. The folder itself may be a link. Only regular
/// files are read (a pipe would block the boot), and none above 64 MiB. Everything that was read is remembered.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    read: RefCell<BTreeMap<String, File>>,
}

impl Folder {
    /// The folder at a path. Nothing is read yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            read: RefCell::default(),
        }
    }

    /// Every file read since the last call, by its path below the folder: what a generation holds.
    pub fn read_files(&self) -> BTreeMap<String, File> {
        self.read.take()
    }

    /// The file's real path, when it lies inside the folder.
    fn resolve(&self, path: &str) -> io::Result<PathBuf> {
        let root = fs::canonicalize(&self.path)?;
        let real = fs::canonicalize(root.join(path))?;
        if real.starts_with(&root) {
            return Ok(real);
        }
        let message = format!("leads to {}, outside the configuration folder", real.display());
        Err(io::Error::new(io::ErrorKind::InvalidInput, message))
    }
}

impl Files for Folder {
    /// Hidden files (editors' leftovers) are not listed.
    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let entries = match again(|| fs::read_dir(self.path.join(folder))) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.starts_with('.') && !is_folder(&entry.path()) {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn read(&self, path: &str) -> io::Result<File> {
        let file = again(|| read_regular(&self.resolve(path)?))?;
        self.read.borrow_mut().insert(path.to_owned(), file.clone());
        Ok(file)
    }
}

/// A dangling link is not a folder: it is listed, so that reading it reports what is wrong.
fn is_folder(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// Reads once more, twice at most, where that failed in a way that may pass: a router must not come up with the wrong
/// configuration, or with none, for one failed read.
fn again<T>(read: impl Fn() -> io::Result<T>) -> io::Result<T> {
    use io::ErrorKind::{InvalidInput, NotADirectory, NotFound, PermissionDenied};
    let stays =
        |error: &io::Error| [InvalidInput, NotADirectory, NotFound, PermissionDenied].contains(&error.kind());
    let settled = |read: &io::Result<T>| read.as_ref().err().is_none_or(stays);
    let mut first = (0..2).map(|_| read()).filter(settled);
    first.next().unwrap_or_else(&read)
}

fn read_regular(path: &Path) -> io::Result<File> {
    let invalid = |message: &str| io::Error::new(io::ErrorKind::InvalidInput, message);
    if !fs::metadata(path)?.is_file() {
        return Err(invalid("is not a regular file"));
    }
    let file = fs::File::open(path)?;
    let metadata = file.metadata()?;
    let mut bytes = Vec::with_capacity(metadata.len().min(LARGEST) as usize);
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(invalid("is larger than 64 MiB"));
    }
    Ok(File {
        bytes,
        mode: metadata.permissions().mode() & 0o7777,
    })
}
