//! Why an instance does not have its configuration.

use crate::config::code::{E0530, E0860};
use crate::exit::{Failure, Kind};
use crate::host::vpp::ClientError;
use crate::plan::vpp::ScriptError;
use std::io;
use std::path::PathBuf;

/// Why an instance does not have its configuration.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The commands file cannot be read.
    #[error("'{}'", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is not a valid commands file.
    #[error("'{}'", path.display())]
    Script {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: ScriptError,
    },
    /// VPP refused a command.
    #[error("{origin}: vpp refused '{command}': {words}")]
    Refused {
        /// `FILE:LINE` of the TOML, or the commands file.
        origin: String,
        /// The command.
        command: String,
        /// VPP's own words.
        words: String,
    },
    /// The connection ended or failed at a command.
    #[error("{origin}: lost the connection to vpp at '{command}'")]
    Lost {
        /// `FILE:LINE` of the TOML, or the commands file.
        origin: String,
        /// The command.
        command: String,
        /// Why.
        #[source]
        source: ClientError,
    },
    /// A device has the name of a pair: VPP would take it over.
    #[error(
        "{}: {origin}: the namespace already has a device '{device}', which vpp would take over",
        E0530
    )]
    Adopts {
        /// `FILE:LINE` of the TOML, or the commands file.
        origin: String,
        /// The command.
        command: String,
        /// The device.
        device: String,
    },
    /// The kernel's side of an interface is not in its VRF: it would be routed with the main table.
    #[error(
        "{}: {origin}: '{device}' cannot be put into the VRF of table {table}: {words}",
        E0860
    )]
    NotInVrf {
        /// `FILE:LINE` of the TOML, or the commands file.
        origin: String,
        /// The device.
        device: String,
        /// The table.
        table: u32,
        /// Why.
        words: String,
    },
    /// VPP accepted commands without doing what they say.
    #[error("vpp accepted {} commands without applying them", .0.len())]
    Differs(Vec<Difference>),
    /// VPP already has a configuration, or part of one; commands cannot be applied twice.
    #[error("vpp '{instance}' already has {what}: restart vpp-{instance}.service")]
    Occupied {
        /// The instance.
        instance: String,
        /// What it already has.
        what: String,
    },
    /// VPP does not get there in place.
    #[error("vpp '{instance}' needs a restart: {why}")]
    NeedsRestart {
        /// The instance.
        instance: String,
        /// Why.
        why: String,
    },
    /// A change in place failed, and was taken back or could not be.
    #[error("{}; {then}", .failed.words())]
    NotChanged {
        /// What failed.
        failed: Box<ApplyError>,
        /// What runs now.
        then: String,
    },
    /// VPP did not answer.
    #[error("vpp '{instance}'")]
    Client {
        /// The instance.
        instance: String,
        /// Why.
        #[source]
        source: ClientError,
    },
    /// The record of what was applied cannot be written.
    #[error("write '{}'", path.display())]
    Record {
        /// The record.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// A command VPP accepted without doing what it says. Prints as one line for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{origin}: vpp accepted '{command}' but {what}")]
pub struct Difference {
    /// `FILE:LINE` of the TOML, or the commands file.
    pub origin: String,
    /// The command.
    pub command: String,
    pub(super) what: String,
}

impl ApplyError {
    /// The error and all its sources in one line; of a read-back each difference.
    pub fn words(&self) -> String {
        match self {
            Self::Differs(differences) => {
                let lines = differences.iter().map(ToString::to_string);
                lines.collect::<Vec<_>>().join("; ")
            }
            _ => Failure::from_error(Kind::Failed, self).to_string(),
        }
    }
}
