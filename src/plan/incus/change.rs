//! What Incus is asked for, as values that print.

use crate::facts::incus::{Network, Pool, Profile};
use serde_json::Value;
use std::fmt;
use std::path::PathBuf;

/// One change Incus is asked for. Each is done whole or not at all.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The pool is made; with `dir`, in a directory that is made first.
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
    /// The network is made.
    CreateNetwork {
        /// Its name.
        name: String,
        /// The request.
        body: Value,
        /// `file:line` of its table.
        place: String,
    },
    /// Our keys of the network are as wanted, the others as they were.
    UpdateNetwork {
        /// As it was read; another state is not changed but read again.
        seen: Network,
        /// The request.
        body: Value,
        /// `file:line` of its table.
        place: String,
    },
    /// A network that was made here and nobody uses is gone.
    DeleteNetwork {
        /// As it was read.
        seen: Network,
    },
    /// A network of ours that was never whole is gone, and what it left in the kernel: Incus would find that foreign.
    ClearNetwork {
        /// As it was read.
        seen: Network,
        /// What serves its bridge.
        dnsmasq: Vec<i32>,
    },
    /// A pool that was never whole is gone.
    DeletePool {
        /// As it was read.
        seen: Pool,
    },
    /// The default profile has our devices, the others as they were.
    UpdateProfile {
        /// As it was read.
        seen: Profile,
        /// The request.
        body: Value,
    },
    /// The default profile is without a device of ours, the others as they were.
    RemoveDevice {
        /// As it was read.
        seen: Profile,
        /// The device.
        name: String,
    },
    /// The operator's own preseed is handed over, and Incus remembers that it was.
    Preseed {
        /// Its text.
        text: String,
        /// What stands for the text.
        digest: String,
        /// `file:line` where it is named.
        place: String,
    },
}

impl Change {
    /// Which line of the document it is about.
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
            Self::ClearNetwork { seen, .. } => write!(f, "delete the half-made network '{}'", seen.name),
            Self::DeletePool { seen } => write!(f, "delete the half-made storage pool '{}'", seen.name),
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
            Self::Preseed { .. } => write!(f, "hand over the preseed file"),
        }
    }
}
