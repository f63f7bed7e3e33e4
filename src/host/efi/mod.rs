//! The firmware's variables, through efivarfs, and what they hold; and the programs it starts.
//!
//! A file of efivarfs is four bytes of attributes and the value, written by one write(2) or not at all. The kernel makes every
//! variable it does not know immutable, refuses to change attributes, and leaves an empty file where it refused to create one.
//!
//! A variable that was written and read back is in the store of the running firmware. That does not prove that the store
//! outlives a power cycle: a machine without a flash for it accepts everything and forgets it.

mod device_path;
mod load_option;
mod name;
mod number;
mod program;
mod utf16;

pub use device_path::DevicePath;
pub use load_option::{ACTIVE, LoadOption};
pub use name::VariableName;
pub use program::Program;
#[cfg(test)]
pub(crate) use program::tests::bytes as program_with_section;
pub use utf16::{decode, encode};

use crate::host::file::Effect;
use crate::types::Root;
use nix::sys::statvfs::{FsFlags, statvfs};
use rustix::fs::{IFlags, ioctl_getflags, ioctl_setflags};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::PathBuf;

const EFIVARFS: &str = "sys/firmware/efi/efivars";

/// How the names of the variables begin in which efi_pstore keeps what a kernel said when it crashed.
const CRASH: &[u8] = b"dump-";

/// Non-volatile, for boot services and for the running system. The kernel refuses to change what a variable has.
const ATTRIBUTES: [u8; 4] = [7, 0, 0, 0];

/// Why a variable could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum EfiError {
    /// This machine has no variables, or they cannot be written.
    #[error("{0}")]
    Unavailable(&'static str),
    /// A variable does not hold what it should.
    #[error("the variable {name} {problem}")]
    Malformed {
        /// Which.
        name: VariableName,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The firmware accepted the value but has another one.
    #[error("the variable {0} was written and does not read back")]
    NotKept(VariableName),
    /// The firmware has no room left for it.
    #[error("{}", full(name, *crashes))]
    Full {
        /// Which.
        name: VariableName,
        /// How many records of a crashed kernel are in the store: each takes about a kilobyte of its 32 to 256.
        crashes: usize,
    },
    /// Its file could not be read or written.
    #[error("{subject}")]
    File {
        /// Which.
        subject: String,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// The variables of this machine's firmware.
#[derive(Debug)]
pub struct Variables {
    dir: PathBuf,
}

impl Variables {
    /// The variables, or why there are none.
    pub fn of(root: &Root) -> Result<Self, EfiError> {
        let dir = root.join(EFIVARFS);
        // The directory exists on every UEFI machine and is empty until efivarfs is mounted: every firmware has variables.
        match fs::read_dir(&dir).map(|mut entries| entries.next().is_some()) {
            Ok(true) => Ok(Self { dir }),
            _ => Err(EfiError::Unavailable(
                "no efivarfs: the machine was not started by UEFI firmware, or it is not mounted",
            )),
        }
    }

    /// Checks that variables can be written at all. Called before a trial is armed.
    pub fn writable(&self) -> Result<(), EfiError> {
        let flags = statvfs(&self.dir)
            .map_err(|error| self.file_error(None, error.into()))?
            .flags();
        if flags.contains(FsFlags::ST_RDONLY) {
            return Err(read_only());
        }
        Ok(())
    }

    /// The variable's data. An empty file is what a refused creation leaves behind: such a variable does not exist.
    pub fn read(&self, name: &VariableName) -> Result<Option<Vec<u8>>, EfiError> {
        let bytes = match fs::read(self.path(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            bytes => bytes.map_err(|source| self.file_error(Some(name), source))?,
        };
        match bytes.split_first_chunk::<4>() {
            Some((_, data)) => Ok(Some(data.to_vec())),
            None if bytes.is_empty() => Ok(None),
            None => Err(EfiError::Malformed {
                name: *name,
                problem: "has no attributes",
            }),
        }
    }

    /// The variable holds exactly these bytes, read back. One that already does is not written: flash wears.
    pub fn write(&self, name: &VariableName, data: &[u8]) -> Result<Effect, EfiError> {
        let before = self.read(name)?;
        if before.as_deref() == Some(data) {
            return Ok(Effect::Unchanged);
        }
        self.writable()?;
        if let Err(source) = self.replace(name, data) {
            if before.is_none() {
                // The empty file of a refused creation; the first error is the one to report.
                let _ = fs::remove_file(self.path(name));
            }
            return Err(self.file_error(Some(name), source));
        }
        if self.read(name)?.as_deref() == Some(data) {
            Ok(Effect::Changed)
        } else {
            Err(EfiError::NotKept(*name))
        }
    }

    /// The variable does not exist.
    pub fn delete(&self, name: &VariableName) -> Result<Effect, EfiError> {
        let path = self.path(name);
        let deleted = match File::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Effect::Unchanged),
            file => file.and_then(|file| make_mutable(&file)),
        };
        deleted
            .and_then(|_| fs::remove_file(&path))
            .map_err(|source| self.file_error(Some(name), source))?;
        match self.read(name)? {
            None => Ok(Effect::Changed),
            Some(_) => Err(EfiError::NotKept(*name)),
        }
    }

    /// One write: the kernel gives each to the firmware as a whole value.
    fn replace(&self, name: &VariableName, data: &[u8]) -> io::Result<()> {
        let path = self.path(name);
        let old = match File::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            file => Some(make_mutable(&file?)?),
        };
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)?;
        let bytes = [&ATTRIBUTES, data].concat();
        let written = file.write(&bytes)?;
        if written != bytes.len() {
            return Err(io::Error::new(
                ErrorKind::WriteZero,
                format!("{written} of {} bytes were taken", bytes.len()),
            ));
        }
        // A plain file (a tree given with --root) keeps the tail of a longer value; efivarfs does not.
        if file.metadata()?.len() > bytes.len() as u64 {
            file.set_len(bytes.len() as u64)?;
        }
        if old.is_some_and(|flags| flags.contains(IFlags::IMMUTABLE)) {
            // It only guards against `rm -rf`; the value is written either way.
            let _ = ioctl_getflags(&file).map(|flags| ioctl_setflags(&file, flags | IFlags::IMMUTABLE));
        }
        Ok(())
    }

    /// How many variables hold a part of what a kernel said when it crashed (pstore).
    fn crashes(&self) -> usize {
        let entries = fs::read_dir(&self.dir).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name());
        names
            .filter(|name| name.as_encoded_bytes().starts_with(CRASH))
            .count()
    }

    fn path(&self, name: &VariableName) -> PathBuf {
        self.dir.join(name.to_string())
    }

    fn file_error(&self, name: Option<&VariableName>, source: io::Error) -> EfiError {
        match (source.kind(), name) {
            (ErrorKind::ReadOnlyFilesystem, _) => return read_only(),
            (ErrorKind::StorageFull, Some(name)) => {
                let crashes = self.crashes();
                return EfiError::Full { name: *name, crashes };
            }
            _ => {}
        }
        EfiError::File {
            subject: name.map_or_else(
                || self.dir.display().to_string(),
                |name| format!("the variable {name}"),
            ),
            source,
        }
    }
}

fn full(name: &VariableName, crashes: usize) -> String {
    let help = match crashes {
        0 => "'efibootmgr' shows entries that nobody needs, and 'efibootmgr --bootnum NUMBER --delete-bootnum' removes one".to_owned(),
        _ => format!(
            "{crashes} crash records of the kernel (dump-*) are in it, and 'rm /sys/fs/pstore/*' removes them when they were read"
        ),
    };
    format!(
        "the firmware's variable store is full and takes no {name}: {help}; some firmware gives the room back only after a reboot"
    )
}

fn read_only() -> EfiError {
    EfiError::Unavailable("efivarfs is mounted read-only")
}

/// The kernel makes every variable it does not know immutable, all of systemd's among them. Returns what the file had.
fn make_mutable(file: &File) -> io::Result<IFlags> {
    // A file system without flags has nothing to clear.
    let flags = ioctl_getflags(file).unwrap_or(IFlags::empty());
    if flags.contains(IFlags::IMMUTABLE) {
        ioctl_setflags(file, flags - IFlags::IMMUTABLE)?;
    }
    Ok(flags)
}

#[cfg(test)]
mod tests;
