//! The machine's identity: the identity folder, the first user, the host name, and which bind mounts are in place.

use super::mount;
use crate::host::file;
use crate::host::paths::CONFIG;
use crate::host::paths::{IDENTITY, PASSWD};
use crate::host::sysctl;
use crate::types::ssh_key::{NoPrivateKey, is_private_key};
use crate::types::{HostName, Root};
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// More than any spelling of a machine-id needs.
const LONGEST_ID: u64 = 4096;
/// Four times an RSA key of 16384 bits.
const LONGEST_KEY: u64 = 64 * 1024;

/// A file of the identity folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileFacts {
    /// Its length in bytes.
    pub size: u64,
    /// Its permission bits.
    pub mode: u32,
    /// Its owner.
    pub uid: u32,
}

/// A regular user of the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its name.
    pub name: String,
    /// Its number.
    pub uid: u32,
    /// Its group's number.
    pub gid: u32,
    /// Its home directory.
    pub home: PathBuf,
}

/// The state of a bind mount: of its source and of the placeholder it belongs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindState {
    /// The source is visible at the placeholder.
    Bound,
    /// The placeholder itself, or something else mounted over it, is visible.
    Free,
    /// The source is missing.
    NoSource,
    /// The placeholder is missing.
    NoPlaceholder,
    /// The placeholder is a symbolic link, over which nothing can be bound.
    Link,
    /// The placeholder is a symbolic link to a file that systemd-resolved writes.
    LinkToResolved,
    /// One is a directory, the other is not.
    KindsDiffer,
}

/// The visible regular files of the identity folder, by name.
pub fn files(root: &Root) -> BTreeMap<String, FileFacts> {
    let Ok(entries) = fs::read_dir(root.join(IDENTITY)) else {
        return BTreeMap::new();
    };
    let fact = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        let metadata = fs::metadata(entry.path()).ok().filter(fs::Metadata::is_file)?;
        let facts = FileFacts {
            size: metadata.len(),
            mode: metadata.mode() & 0o7777,
            uid: metadata.uid(),
        };
        (!name.starts_with('.')).then_some((name, facts))
    };
    entries.filter_map(|entry| fact(entry.ok()?)).collect()
}

/// The regular user with the lowest UID, 1000 to 59999 as Debian hands them out (adduser.conf(5)).
pub fn first_user(root: &Root) -> Option<User> {
    let text = fs::read_to_string(root.join(PASSWD)).ok()?;
    text.lines()
        .filter_map(parse_user)
        .filter(|user| (1000..60_000).contains(&user.uid))
        .min_by_key(|user| user.uid)
}

fn parse_user(line: &str) -> Option<User> {
    let fields: Vec<&str> = line.split(':').collect();
    let [name, _, uid, gid, _, home, ..] = fields.as_slice() else {
        return None;
    };
    Some(User {
        name: (*name).to_owned(),
        uid: uid.parse().ok()?,
        gid: gid.parse().ok()?,
        home: Path::new(home).is_absolute().then(|| home.into())?,
    })
}

/// The current state of a bind mount; both paths are below the root.
pub fn bind_state(root: &Root, source: &Path, target: &Path) -> BindState {
    let (source, target) = (root.join(source), root.join(target));
    let (Ok(from), to) = (fs::metadata(&source), fs::symlink_metadata(&target)) else {
        return BindState::NoSource;
    };
    match to {
        Err(_) => BindState::NoPlaceholder,
        Ok(to) if to.is_symlink() && leads_to_resolved(&target) => BindState::LinkToResolved,
        Ok(to) if to.is_symlink() => BindState::Link,
        Ok(to) if to.is_dir() != from.is_dir() => BindState::KindsDiffer,
        Ok(_) if mount::is_same(&source, &target) => BindState::Bound,
        Ok(_) => BindState::Free,
    }
}

/// Its two files are in `/run/systemd/resolve`, and one in the package leads to the stub as well.
fn leads_to_resolved(link: &Path) -> bool {
    let file = fs::read_link(link).unwrap_or_default();
    file.parent()
        .is_some_and(|folder| folder.ends_with("systemd/resolve"))
        || file.ends_with("lib/systemd/resolv.conf")
}

/// Whether a file below the root is one that a step rendered and bound there; it may be removed by now.
pub fn is_bound_from(root: &Root, source: &Path, target: &Path) -> bool {
    let Ok(Some(bound)) = mount::source_at(&root.join(target)) else {
        return false;
    };
    let below_run = |path: &Path| path.strip_prefix("/run").map(Path::to_owned).ok();
    below_run(source).is_some_and(|path| bound.ends_with(path))
}

/// Whether anything exists at the path.
pub fn exists(root: &Root, path: &Path) -> bool {
    fs::symlink_metadata(root.join(path)).is_ok()
}

/// The host name in a file, if it is valid.
pub fn hostname_in(root: &Root, path: &Path) -> Option<HostName> {
    file::read_text(&root.join(path)).ok()??.trim().parse().ok()
}

/// The host name the kernel has now.
pub fn hostname() -> String {
    nix::unistd::gethostname()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// What a file of the machine-id says (machine-id(5)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MachineId {
    /// 32 lower-case hexadecimal digits, not all zero.
    Valid(String),
    /// The same id in other letters: upper case, or with the hyphens of a UUID.
    Misspelt(String),
    /// Nothing: the file is missing or empty, or says `uninitialized` as an image builder writes it.
    Unset,
    /// What is no machine-id, and why.
    Invalid(String),
}

/// What the file says. A pipe is not waited for.
pub fn machine_id_in(root: &Root, path: &str) -> MachineId {
    match file::read_start(&root.join(path), LONGEST_ID) {
        Ok(bytes) => machine_id(&bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => MachineId::Unset,
        Err(error) => MachineId::Invalid(error.to_string()),
    }
}

fn machine_id(bytes: &[u8]) -> MachineId {
    let written = String::from_utf8_lossy(bytes);
    let written = written.trim();
    let id = written.to_ascii_lowercase();
    let id = match id.len() {
        36 => id.replace('-', ""),
        _ => id,
    };
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if id.is_empty() || id == "uninitialized" {
        MachineId::Unset
    } else if id.len() != 32 || !id.bytes().all(hex) || id.bytes().all(|b| b == b'0') {
        MachineId::Invalid("expected 32 hexadecimal digits".to_owned())
    } else if id == written {
        MachineId::Valid(id)
    } else {
        MachineId::Misspelt(id)
    }
}

/// Whether an identity may be made in the configuration folder, or why not. What is written into the empty directory that
/// a mount belongs on is in the image, and hidden as soon as the mount is there.
pub fn has_place(root: &Root) -> Result<(), String> {
    let folder = root.join(CONFIG);
    if mount::is_missing(root, CONFIG) {
        return Err(format!("what belongs on {CONFIG} is not mounted"));
    }
    let is_visible = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default();
        !name.as_encoded_bytes().starts_with(b".")
    };
    let is_persistent = |folder: &Path| mount::are_on_two_filesystems(folder, root.path());
    match file::list(&folder) {
        // A partition that is there, and still empty: the first boot.
        Err(error) if error.kind() == ErrorKind::NotFound && folder.parent().is_some_and(is_persistent) => {
            Ok(())
        }
        Err(error) => Err(format!("{CONFIG}: {error}: what belongs there is not mounted")),
        Ok(found) if !found.iter().any(is_visible) && !is_persistent(&folder) => Err(format!(
            "{CONFIG} is an empty directory of the image: what belongs there is not mounted"
        )),
        Ok(_) => Ok(()),
    }
}

/// Whether sshd can load a file of the identity folder as a host key; `None` when there is none, or an empty one.
pub fn host_key(root: &Root, name: &str) -> Option<Result<(), NoPrivateKey>> {
    match file::read_start(&root.join(IDENTITY).join(name), LONGEST_KEY) {
        Ok(bytes) if bytes.is_empty() => None,
        Ok(bytes) => Some(is_private_key(&bytes)),
        Err(error) if error.kind() == ErrorKind::InvalidInput => Some(Err(NoPrivateKey::Other)),
        Err(_) => None,
    }
}

/// 32 random hexadecimal digits.
pub fn random_id() -> std::io::Result<String> {
    let uuid = sysctl::get("kernel/random/uuid")?;
    let uuid = uuid.ok_or_else(|| std::io::Error::other("the kernel has no kernel/random/uuid"))?;
    Ok(uuid.replace('-', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_known_in_every_spelling() {
        let id = "0123456789abcdef0123456789abcdef";
        let valid = MachineId::Valid(id.to_owned());
        let misspelt = MachineId::Misspelt(id.to_owned());
        for (text, expected) in [
            (id.to_owned(), &valid),
            (format!("{id}\n"), &valid),
            (id.to_uppercase(), &misspelt),
            (format!("{id}\r\n").to_uppercase(), &misspelt),
            ("01234567-89ab-cdef-0123-456789ABCDEF\n".to_owned(), &misspelt),
            (String::new(), &MachineId::Unset),
            ("\n".to_owned(), &MachineId::Unset),
            ("uninitialized\n".to_owned(), &MachineId::Unset),
        ] {
            assert_eq!(machine_id(text.as_bytes()), *expected, "{text:?}");
        }
        let cut = &id[1..];
        let longer = format!("{id}0");
        for text in [
            "\0".repeat(33).as_str(),
            "my router",
            cut,
            &longer,
            &"0".repeat(32),
        ] {
            let said = machine_id(text.as_bytes());
            assert!(matches!(said, MachineId::Invalid(_)), "{text:?}: {said:?}");
        }
    }
}
