//! The EFI system partition the machine was started from: the entries the boot loader finds there, and our note of a trial.

use super::name::EntryName;
use super::order::Entry;
use super::uki::{self, value};
use crate::boot::loader::BackendError;
use crate::boot::trial::classify::Attempt;
use crate::host::efi::{VariableName, Variables, decode};
use crate::types::{ImageName, Root};
use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
use nix::sys::statvfs::{FsFlags, statvfs};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Where it is mounted, in the order bootctl(1) looks.
const PLACES: [&str; 3] = ["efi", "boot", "boot/efi"];
const KERNELS: &str = "EFI/Linux";
const ENTRIES: &str = "loader/entries";
const SETTINGS: &str = "loader/loader.conf";
const TRIAL: &str = "EFI/imp/trial";

/// The mounted partition.
#[derive(Debug)]
pub struct Esp {
    dir: PathBuf,
}

impl Esp {
    /// The partition, where it is mounted. On the machine itself it is the very one the boot loader was read from.
    pub fn of(root: &Root, variables: &Variables) -> Result<Self, BackendError> {
        let name = VariableName::LoaderDevicePartUuid;
        let partition = variables
            .read(&name)?
            .and_then(|bytes| decode(&bytes))
            .ok_or_else(|| incapable("the boot loader does not say which partition it was read from"))?
            .to_ascii_lowercase();
        let device = if root.is_machine() {
            let link = root.join("dev/disk/by-partuuid").join(&partition);
            Some(fs::metadata(&link).map_err(file(&link))?.rdev())
        } else {
            None
        };
        PLACES
            .iter()
            .map(|place| root.join(place))
            // Looking inside mounts it where it is mounted on access.
            .filter(|dir| dir.join("EFI").is_dir())
            .find(|dir| {
                device.is_none_or(|device| fs::metadata(dir).is_ok_and(|found| found.dev() == device))
            })
            .map(|dir| Self { dir })
            .ok_or_else(|| {
                incapable(format!(
                    "the ESP the machine was started from (partition {partition}) is not mounted on /efi, /boot or /boot/efi"
                ))
            })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// It can be written.
    pub fn writable(&self) -> Result<(), BackendError> {
        let flags = statvfs(&self.dir)
            .map_err(|error| file(&self.dir)(error.into()))?
            .flags();
        if flags.contains(FsFlags::ST_RDONLY) {
            return Err(incapable(format!(
                "the ESP on {} is mounted read-only",
                self.dir.display()
            )));
        }
        Ok(())
    }

    /// The file of an entry.
    pub fn kernel_path(&self, name: &EntryName) -> PathBuf {
        self.dir.join(KERNELS).join(name.to_string())
    }

    /// Whether there is such a file, named as the firmware names it: `\EFI\Linux\imp_2+0-1.efi`.
    pub fn holds(&self, path: &str) -> bool {
        let path = path.replace('\\', "/");
        self.dir.join(path.trim_start_matches('/')).is_file()
    }

    /// The unified kernels, in no order.
    pub fn kernels(&self) -> Result<Vec<EntryName>, BackendError> {
        self.names(KERNELS, ".efi")
    }

    /// The one file of an image. Two files that differ in the counter only are an error: whichever is blessed, the other one is in
    /// its way (systemd#33504).
    pub fn kernel(&self, image: &ImageName) -> Result<EntryName, BackendError> {
        let refuse = |problem: String| BackendError::Image {
            image: image.clone(),
            problem,
        };
        let mut found = self.kernels()?;
        found.retain(|name| name.image().eq_ignore_ascii_case(image.as_ref()));
        match found.as_slice() {
            [] => Err(refuse(format!("is not in {}/{KERNELS}", self.dir.display()))),
            [_] => Ok(found.swap_remove(0)),
            [one, other, ..] => Err(refuse(format!(
                "exists twice, as {one} and {other}: remove one of them"
            ))),
        }
    }

    /// What the boot loader finds, in its own order.
    pub fn entries(&self) -> Result<Vec<Entry>, BackendError> {
        let mut entries = Vec::new();
        for name in self.kernels()? {
            // The boot loader skips files that are not images, too.
            if let Ok(os_release) = uki::os_release(&self.kernel_path(&name)) {
                entries.push(Entry {
                    sort_key: value(&os_release, &["IMAGE_ID", "ID"]),
                    machine_id: None,
                    version: value(
                        &os_release,
                        &["IMAGE_VERSION", "VERSION", "VERSION_ID", "BUILD_ID"],
                    ),
                    name,
                });
            }
        }
        for name in self.names(ENTRIES, ".conf")? {
            let path = self.dir.join(ENTRIES).join(name.to_string());
            // In whatever encoding its title is: one entry that is not ours must not hide the others.
            let text = read(&path)?.unwrap_or_default();
            entries.push(Entry {
                sort_key: setting(&text, "sort-key"),
                machine_id: setting(&text, "machine-id"),
                version: setting(&text, "version"),
                name,
            });
        }
        entries.sort_by(Entry::compare);
        Ok(entries)
    }

    /// A value of the boot loader's own settings.
    pub fn setting(&self, key: &str) -> Result<Option<String>, BackendError> {
        Ok(read(&self.dir.join(SETTINGS))?.and_then(|text| setting(&text, key)))
    }

    /// The entry's file has another name, durably. One that has that name already is not overwritten.
    pub fn rename(&self, from: &EntryName, to: &EntryName) -> Result<(), BackendError> {
        if from == to {
            return Ok(());
        }
        let (old, new) = (self.kernel_path(from), self.kernel_path(to));
        renameat2(AT_FDCWD, &old, AT_FDCWD, &new, RenameFlags::RENAME_NOREPLACE)
            .map_err(|error| file(&new)(error.into()))?;
        self.sync()
    }

    /// A copy of an entry's file, durable before it has its name. The boot loader does not see it until then.
    pub fn copy(&self, from: &EntryName, to: &EntryName) -> Result<(), BackendError> {
        let temp = self.dir.join(KERNELS).join(".imp-copy");
        let copied = File::open(self.kernel_path(from)).and_then(|mut source| {
            let mut target = File::create(&temp)?;
            io::copy(&mut source, &mut target)?;
            target.sync_all()?;
            fs::rename(&temp, self.kernel_path(to))
        });
        if copied.is_err() {
            // A full ESP stays no fuller than it was; the first error is the one to report.
            let _ = fs::remove_file(&temp);
        }
        copied.map_err(file(&self.kernel_path(to)))?;
        self.sync()
    }

    /// The entry's file is gone.
    pub fn remove(&self, name: &EntryName) -> Result<(), BackendError> {
        let path = self.kernel_path(name);
        fs::remove_file(&path).map_err(file(&path))?;
        self.sync()
    }

    /// The trial that left its note here. A torn note counts as none: the file names and the variables say what boots.
    pub fn trial(&self) -> Result<Option<Attempt>, BackendError> {
        let text = read(&self.dir.join(TRIAL))?.unwrap_or_default();
        Ok(text.trim_end().split_once(' ').and_then(|(trial, image)| {
            Some(Attempt {
                trial: trial.parse().ok()?,
                image: image.parse().ok()?,
            })
        }))
    }

    /// The note says which trial is under way.
    pub fn set_trial(&self, attempt: &Attempt) -> Result<(), BackendError> {
        if self.trial()?.as_ref() == Some(attempt) {
            return Ok(());
        }
        let path = self.dir.join(TRIAL);
        let temp = path.with_extension("new");
        // No chmod: FAT has no permissions, and refuses some.
        let write = || {
            fs::create_dir_all(self.dir.join("EFI/imp"))?;
            let mut target = File::create(&temp)?;
            writeln!(target, "{} {}", attempt.trial, attempt.image)?;
            target.sync_all()?;
            fs::rename(&temp, &path)
        };
        write().map_err(file(&path))?;
        self.sync()?;
        if self.trial()?.as_ref() == Some(attempt) {
            Ok(())
        } else {
            Err(BackendError::NotRead(path.display().to_string()))
        }
    }

    /// No trial is under way.
    pub fn remove_trial(&self) -> Result<(), BackendError> {
        let path = self.dir.join(TRIAL);
        match fs::remove_file(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(file(&path)).and_then(|()| self.sync()),
        }
    }

    /// What was changed survives a power cut. FAT's directories are written with the whole file system, and the disk's own
    /// cache only with a file: syncfs(2) on FAT asks the disk for nothing.
    fn sync(&self) -> Result<(), BackendError> {
        let synced = File::open(&self.dir).and_then(|dir| {
            nix::unistd::syncfs(&dir)?;
            dir.sync_all()
        });
        synced.map_err(file(&self.dir))
    }

    fn names(&self, dir: &str, suffix: &str) -> Result<Vec<EntryName>, BackendError> {
        let dir = self.dir.join(dir);
        let entries = match fs::read_dir(&dir) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(file(&dir))?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(file(&dir))?;
            let (is_file, entry) = (entry.path().is_file(), entry.file_name());
            // What the boot loader passes over as well.
            let seen = entry
                .to_str()
                .filter(|_| is_file)
                .filter(|name| !name.starts_with('.') && !name.starts_with("auto-"))
                .and_then(EntryName::parse)
                .filter(|name| name.has_suffix(suffix));
            names.extend(seen);
        }
        Ok(names)
    }
}

/// `key value`, the last one.
fn setting(text: &str, key: &str) -> Option<String> {
    text.lines()
        .filter_map(|line| line.trim().split_once(char::is_whitespace))
        .filter(|(found, _)| *found == key)
        .map(|(_, value)| value.trim().to_owned())
        .next_back()
}

fn read(path: &Path) -> Result<Option<String>, BackendError> {
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        bytes => Ok(Some(
            String::from_utf8_lossy(&bytes.map_err(file(path))?).into_owned(),
        )),
    }
}

fn incapable(reason: impl Into<String>) -> BackendError {
    BackendError::Incapable(reason.into())
}

fn file(path: &Path) -> impl Fn(io::Error) -> BackendError + use<> {
    let path = path.display().to_string();
    move |source| BackendError::File {
        subject: path.clone(),
        source,
    }
}
