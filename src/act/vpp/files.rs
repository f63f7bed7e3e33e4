//! Where an instance's files are, and the records among them.

use super::error::ApplyError;
use crate::facts::vpp::{Applied, Changing, Record, Wanted};
use crate::host::file;
use crate::host::{json, paths};
use crate::plan::vpp::{self, Script};
use crate::types::{InstanceName, Root};
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};

/// An instance, and where its files are.
#[derive(Debug, Clone)]
pub struct Files {
    /// The instance.
    pub instance: InstanceName,
    /// The commands, as rendered.
    pub commands: PathBuf,
    /// The startup configuration that VPP was started with.
    pub startup: PathBuf,
    /// The record of what was applied, written last.
    pub applied: PathBuf,
    /// The record of what was begun, written first: VPP's log is a ring and may have lost it.
    pub begun: PathBuf,
    /// The record of a change in place that has not ended.
    pub changing: PathBuf,
    /// The folder of the configuration that runs.
    pub running: PathBuf,
    /// That of the configurations which are kept.
    pub kept: PathBuf,
}

impl Files {
    /// Those of an instance.
    pub fn of(root: &Root, instance: &InstanceName) -> Self {
        let path = |record: Record| record.path(root, instance);
        Self {
            instance: instance.clone(),
            commands: path(Record::Commands),
            startup: path(Record::Startup),
            applied: path(Record::Applied),
            begun: path(Record::Begun),
            changing: path(Record::Changing),
            running: root.join(paths::GENERATION),
            kept: root.join(paths::GENERATIONS),
        }
    }

    /// What the instance is to have.
    pub(super) fn wanted(&self) -> Result<(Wanted, Script), ApplyError> {
        let text = |path: &Path| {
            std::fs::read_to_string(path).map_err(|source| ApplyError::Read {
                path: path.to_owned(),
                source,
            })
        };
        let wanted = Wanted {
            startup: text(&self.startup)?,
            commands: text(&self.commands)?,
        };
        match vpp::parse(&wanted.commands) {
            Ok(script) => Ok((wanted, script)),
            Err(source) => Err(ApplyError::Script {
                path: self.commands.clone(),
                source,
            }),
        }
    }

    /// What is on record as applied; none if there is no record.
    pub(super) fn applied(&self) -> Option<Applied> {
        Applied::load(&self.applied)
    }

    /// The change that has not ended, if one has begun.
    pub(super) fn changing(&self) -> Option<Changing> {
        Changing::load(&self.changing)
    }

    /// The name of the commands file, for a command that has no origin in the TOML.
    pub(super) fn fallback(&self) -> String {
        let name = self.commands.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

/// The record is in its file.
pub(super) fn save<T: Serialize>(record: &T, path: &Path) -> Result<(), ApplyError> {
    recorded(path, json::write(path, record, 0o644).map(|_| ()))
}

/// The record is gone.
pub(super) fn forget(path: &Path) -> Result<(), ApplyError> {
    recorded(path, file::remove(path).map(|_| ()))
}

pub(super) fn recorded<T>(path: &Path, result: io::Result<T>) -> Result<T, ApplyError> {
    result.map_err(|source| ApplyError::Record {
        path: path.to_owned(),
        source,
    })
}
