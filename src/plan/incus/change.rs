//! Requests to Incus, as printable values.

use crate::facts::incus::{Network, Pool, Profile};
use serde_json::Value;
use std::fmt;
use std::path::PathBuf;

/// One change requested from Incus. Each is carried out completely or not at all.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The pool is created; with `dir`, in a directory that is created first.
    CreatePool {
        /// Its name.
        name: String,
        /// The directory of a `dir` pool.
        directory: Option<PathBuf>,
        /// The request.
        body: Value,
        /// `file:line` of its table.
        place: String,
    },
    /// The network is created.
    CreateNetwork {
        /// Its name.
        name: String,
        /// The request.
        body: Value,
        /// `file:line` of its table.
        place: String,
    },
    /// Our keys of the network are set; the others stay as they are.
    UpdateNetwork {
        /// As it was read. If it has changed since, it is read again instead of being overwritten.
        seen: Network,
        /// The request.
        body: Value,
        /// `file:line` of its table.
        place: String,
    },
    /// A network that was created here and is no longer used is deleted.
    DeleteNetwork {
        /// As it was read.
        seen: Network,
    },
    /// A half-created network of ours is deleted, with what it left in the kernel, which Incus would treat as foreign.
    ClearNetwork {
        /// As it was read.
        seen: Network,
        /// PIDs of the dnsmasq processes that serve its bridge.
        dnsmasq: Vec<i32>,
    },
    /// A half-created pool is deleted.
    DeletePool {
        /// As it was read.
        seen: Pool,
    },
    /// Our devices are set in the default profile; the others stay as they are.
    UpdateProfile {
        /// As it was read.
        seen: Profile,
        /// The request.
        body: Value,
    },
    /// A device of ours is removed from the default profile; the others stay as they are.
    RemoveDevice {
        /// As it was read.
        seen: Profile,
        /// The device.
        name: String,
    },
    /// The operator's own preseed is applied, and Incus records that it was.
    Preseed {
        /// The file, below the root.
        file: PathBuf,
        /// The SHA-256 of its text, in hexadecimal.
        digest: String,
        /// `file:line` of the key that names it.
        place: String,
    },
}

impl Change {
    /// The line of the document it comes from.
    pub fn place(&self) -> Option<&str> {
        match self {
            Self::CreatePool { place, .. }
            | Self::CreateNetwork { place, .. }
            | Self::UpdateNetwork { place, .. }
            | Self::Preseed { place, .. } => Some(place),
            Self::DeleteNetwork { .. }
            | Self::ClearNetwork { .. }
            | Self::DeletePool { .. }
            | Self::UpdateProfile { .. }
            | Self::RemoveDevice { .. } => None,
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |value: &Value| {
            let keys = value.as_object().into_iter().flatten();
            let texts: Vec<String> = keys.map(|(key, value)| format!("{key} = {value}")).collect();
            texts.join(", ")
        };
        match self {
            Self::CreatePool { name, body, .. } => write!(
                f,
                "create storage pool '{name}' ({} at {})",
                body["driver"].as_str().unwrap_or_default(),
                body["config"]["source"].as_str().unwrap_or_default()
            ),
            Self::CreateNetwork { name, .. } => write!(f, "create network '{name}'"),
            Self::UpdateNetwork { seen, body, .. } => {
                write!(f, "network '{}': set {}", seen.name, list(&body["config"]))
            }
            Self::DeleteNetwork { seen } => write!(f, "delete network '{}'", seen.name),
            Self::ClearNetwork { seen, .. } => write!(f, "delete the half-created network '{}'", seen.name),
            Self::DeletePool { seen } => write!(f, "delete the half-created storage pool '{}'", seen.name),
            Self::UpdateProfile { body, .. } => {
                write!(f, "profile 'default': set {}", list(&body["devices"]))
            }
            Self::RemoveDevice { seen, name } => {
                let keys = seen.devices.get(name).into_iter().flatten();
                let texts: Vec<String> = keys.map(|(key, value)| format!("{key} = {value}")).collect();
                write!(
                    f,
                    "profile 'default': remove device '{name}' ({})",
                    texts.join(", ")
                )
            }
            Self::Preseed { .. } => write!(f, "apply the preseed file"),
        }
    }
}
