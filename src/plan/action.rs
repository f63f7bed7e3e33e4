//! Every change a plan can make to a machine, as one printable enum.

use crate::config::code::{self, Code};
use crate::types::{HostName, KernelName, NetnsName, PciAddress, SysctlName};
use serde::Serialize;
use std::fmt;
use std::path::PathBuf;

/// A network namespace: the host's, in which the program runs, or a pinned one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The host namespace.
    Host,
    /// The namespace pinned under this name in `/run/netns`.
    Namespace(NetnsName),
}

/// A network device in its namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// The namespace it is in.
    pub place: Place,
    /// Its name there.
    pub name: KernelName,
}

/// One change to the machine. Each is carried out completely or not at all, and a second time it changes nothing.
///
/// Paths are as the operator sees them; the executor prepends the root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub enum Action {
    /// Later mounts below the directory reach every mount namespace, as `ip netns` sets it up.
    ShareMount {
        /// The directory; created if missing.
        directory: PathBuf,
    },
    /// A plain file where a namespace should be pinned is removed.
    RemovePlaceholder {
        /// The namespace's name.
        name: NetnsName,
    },
    /// An empty namespace is pinned under the name.
    CreateNetns {
        /// The namespace's name.
        name: NetnsName,
    },
    /// The pin is removed; the namespace ends with the last process in it.
    RemoveNetns {
        /// The namespace's name.
        name: NetnsName,
    },
    /// A key below `/proc/sys/net` has the value. A kernel without the key has nothing to set.
    SetSysctl {
        /// The namespace it is set in.
        place: Place,
        /// With slashes: `net/ipv6/conf/all/keep_addr_on_down`.
        key: String,
        /// The text to write.
        value: String,
    },
    /// The module is loaded.
    LoadModule {
        /// Its name as `modprobe` takes it.
        name: String,
    },
    /// At least this many hugepages of 2 MB are reserved.
    ReserveHugepages {
        /// The count to write.
        count: u64,
    },
    /// The device is in another namespace, under a name that is free there.
    MoveNic {
        /// Where it is now.
        link: Link,
        /// Its index now: udev may rename it in the meantime.
        index: u32,
        /// The namespace it moves to.
        to: Place,
        /// Its name there.
        name: KernelName,
    },
    /// The PCI device is given back to the kernel's own driver.
    ReleaseDevice {
        /// Its address.
        pci: PciAddress,
    },
    /// The device is administratively up.
    SetUp {
        /// The device.
        link: Link,
    },
    /// The device accepts every frame, not only those addressed to it.
    SetPromiscuous {
        /// The device.
        link: Link,
    },
    /// The device is found by this name as well, unless another device is.
    AddAlternativeName {
        /// The device.
        link: Link,
        /// The name.
        name: KernelName,
    },
    /// The device is no longer found by this name, so that another can have it.
    DropAlternativeName {
        /// The device.
        link: Link,
        /// The name.
        name: KernelName,
    },
    /// A symbolic link points to the target.
    Link {
        /// The link.
        link: PathBuf,
        /// What it points to.
        target: PathBuf,
    },
    /// A veth pair joins the host and a namespace.
    CreateVeth {
        /// The end in the host namespace.
        host: KernelName,
        /// The end in the other one.
        peer: Link,
    },
    /// A VRF with the table exists.
    CreateVrf {
        /// Its device.
        link: Link,
        /// Its table.
        table: u32,
    },
    /// The device is a port of the bridge, both in the host.
    Enslave {
        /// The device.
        port: KernelName,
        /// The bridge.
        bridge: KernelName,
    },
    /// The device is deleted.
    DeleteLink {
        /// The device.
        link: Link,
    },
    /// The source is bind-mounted over the target. A missing target is an error: the root is read-only.
    BindMount {
        /// A file or a directory.
        source: PathBuf,
        /// Its placeholder, of the same kind.
        target: PathBuf,
    },
    /// Nothing is mounted over the placeholder any more.
    Unmount {
        /// The placeholder.
        target: PathBuf,
    },
    /// The directory exists; a new one gets the mode and owner of another.
    MakeDirectory {
        /// The directory.
        path: PathBuf,
        /// The directory whose mode and owner it gets.
        like: PathBuf,
    },
    /// An empty file exists to bind over; it and the directories created for it are private to the user.
    MakePlaceholder {
        /// Its path.
        path: PathBuf,
        /// Its owner.
        uid: u32,
        /// Its group.
        gid: u32,
    },
    /// The setting of the host's kernel has the value.
    SetKernel {
        /// Its name.
        name: SysctlName,
        /// The text to write.
        value: String,
    },
    /// The user's home directory exists; a new one is the user's alone.
    MakeHome {
        /// Its path.
        path: PathBuf,
        /// The number of the user and of the user's own group.
        uid: u32,
    },
    /// The kernel has the host name.
    SetHostname {
        /// The name.
        name: HostName,
    },
    /// A new ed25519 host key is at the path, its public half beside it.
    MakeHostKey {
        /// The private half.
        path: PathBuf,
    },
    /// What is at the path has another name in the same directory, in place of whatever had that before.
    SetAside {
        /// Its path.
        path: PathBuf,
        /// Its new name.
        name: String,
    },
    /// The file has the content. The content itself is not printed: it may hold secrets.
    WriteFile {
        /// Its path.
        path: PathBuf,
        /// Its permission bits.
        #[serde(serialize_with = "octal")]
        mode: u32,
        /// Its content.
        #[serde(skip)]
        bytes: Vec<u8>,
    },
    /// The file is removed.
    RemoveFile {
        /// Its path.
        path: PathBuf,
    },
}

/// Permission bits as four octal digits.
fn octal<S: serde::Serializer>(mode: &u32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{mode:04o}"))
}

impl Action {
    /// The code under which `impctl explain` describes a failure of this action.
    pub fn code(&self) -> Code {
        match self {
            Self::ShareMount { .. }
            | Self::RemovePlaceholder { .. }
            | Self::CreateNetns { .. }
            | Self::RemoveNetns { .. } => code::E0508,
            Self::MoveNic { .. } | Self::ReleaseDevice { .. } => code::E0507,
            Self::LoadModule { .. } => code::E0510,
            Self::ReserveHugepages { .. } => code::E0511,
            Self::SetSysctl { .. }
            | Self::SetUp { .. }
            | Self::SetPromiscuous { .. }
            | Self::AddAlternativeName { .. }
            | Self::DropAlternativeName { .. } => code::E0512,
            Self::CreateVeth { .. } | Self::DeleteLink { .. } => code::E0509,
            Self::CreateVrf { .. } => code::E0861,
            Self::Enslave { .. } => code::E0608,
            Self::BindMount { .. }
            | Self::Unmount { .. }
            | Self::MakeDirectory { .. }
            | Self::MakePlaceholder { .. } => code::E0513,
            Self::SetKernel { .. } => code::E0752,
            Self::MakeHome { .. } => code::E0757,
            Self::SetHostname { .. } => code::E0517,
            Self::MakeHostKey { .. } | Self::SetAside { .. } => code::E0516,
            Self::WriteFile { .. } | Self::RemoveFile { .. } | Self::Link { .. } => code::E0518,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host => f.write_str("the host"),
            Self::Namespace(name) => write!(f, "namespace '{name}'"),
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Host => write!(f, "'{}'", self.name),
            Place::Namespace(namespace) => write!(f, "'{}' in namespace '{namespace}'", self.name),
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ShareMount { directory } => write!(f, "share mounts below {}", directory.display()),
            Self::RemovePlaceholder { name } => write!(f, "remove the stale file of namespace '{name}'"),
            Self::CreateNetns { name } => write!(f, "create namespace '{name}'"),
            Self::RemoveNetns { name } => write!(f, "remove namespace '{name}'"),
            Self::SetSysctl { place, key, value } => write!(f, "set {key} = {value} in {place}"),
            Self::LoadModule { name } => write!(f, "load module {name}"),
            Self::ReserveHugepages { count } => write!(f, "reserve {count} hugepages"),
            Self::MoveNic { link, to, name, .. } => {
                write!(f, "move NIC {link} to {to}")?;
                if *name == link.name {
                    Ok(())
                } else {
                    write!(f, " as '{name}'")
                }
            }
            Self::ReleaseDevice { pci } => write!(f, "give PCI device {pci} back to its kernel driver"),
            Self::SetUp { link } => write!(f, "set {link} up"),
            Self::SetPromiscuous { link } => write!(f, "set {link} promiscuous"),
            Self::AddAlternativeName { link, name } => {
                write!(f, "add the alternative name '{name}' to {link}")
            }
            Self::DropAlternativeName { link, name } => {
                write!(f, "drop the alternative name '{name}' of {link}")
            }
            Self::CreateVeth { host, peer } => write!(f, "create veth '{host}' with its peer {peer}"),
            Self::CreateVrf { link, table } => write!(f, "create VRF {link} with table {table}"),
            Self::Enslave { port, bridge } => write!(f, "make '{port}' a port of bridge '{bridge}'"),
            Self::DeleteLink { link } => write!(f, "delete {link}"),
            Self::BindMount { source, target } => {
                write!(f, "bind {} over {}", source.display(), target.display())
            }
            Self::Unmount { target } => write!(f, "unmount {}", target.display()),
            Self::MakeDirectory { path, like } => {
                write!(f, "make directory {} like {}", path.display(), like.display())
            }
            Self::MakePlaceholder { path, uid, gid } => {
                write!(f, "make placeholder {} ({uid}:{gid})", path.display())
            }
            Self::SetKernel { name, value } => write!(f, "set {name} to {value}"),
            Self::MakeHome { path, uid } => write!(f, "make home {} ({uid}:{uid})", path.display()),
            Self::SetHostname { name } => write!(f, "set host name '{name}'"),
            Self::MakeHostKey { path } => write!(f, "make host key {}", path.display()),
            Self::SetAside { path, name } => write!(f, "set {} aside as {name}", path.display()),
            Self::WriteFile { path, mode, bytes } => {
                write!(f, "write {} ({mode:04o}, {} bytes)", path.display(), bytes.len())
            }
            Self::Link { link, target } => {
                write!(f, "link {} to {}", link.display(), target.display())
            }
            Self::RemoveFile { path } => write!(f, "remove {}", path.display()),
        }
    }
}
