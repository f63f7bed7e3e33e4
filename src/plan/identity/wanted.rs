//! What the documents ask of `imp-identity`.

use crate::config::Model;
use crate::plan::Input;
use crate::plan::service::Service;
use crate::types::{RelPath, SysctlName, SysctlValue, Target, TimeZone, UserName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What `[[bind]]`, `[[identity.bind]]`, `[management]`, `[system]` and `[users]` ask of `imp-identity`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Wanted {
    /// `[[bind]]`: directories below `/persistent/data`.
    pub directories: Vec<Directory>,
    /// `[[identity.bind]]`: files beside those with a known name, by their path in the identity folder.
    pub files: Vec<(RelPath, Target)>,
    /// Whether there is a management NIC, of which systemd-resolved learns.
    pub has_management: bool,
    /// `[system] timezone`.
    pub timezone: Option<TimeZone>,
    /// `[system.sysctl]`.
    pub sysctl: BTreeMap<SysctlName, SysctlValue>,
    /// `[users]`.
    pub users: Vec<Login>,
    /// What of the image the documents use.
    pub services: Vec<Service>,
}

/// One `[[bind]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    /// `file:line` of its table.
    pub place: String,
    /// Below `/persistent/data`.
    pub source: RelPath,
    /// The directory in the image.
    pub target: Target,
}

/// One of `[users]`, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Its name.
    pub name: UserName,
    /// Its number, and that of its own group.
    pub uid: u32,
    /// The groups of the image it is in.
    pub groups: Vec<UserName>,
}

impl Input for Wanted {
    const STEP: &'static str = "identity";

    fn of(model: &Model) -> Self {
        let directories = model.binds.iter().map(|bind| Directory {
            place: model.place(bind.at),
            source: bind.source.clone(),
            target: bind.target.clone(),
        });
        let files = model.identity.binds.iter();
        let users = model.users.iter().map(|(name, user)| Login {
            name: name.clone(),
            uid: user.uid,
            groups: user.groups.clone(),
        });
        Self {
            directories: directories.collect(),
            files: files
                .map(|bind| (bind.source.clone(), bind.target.clone()))
                .collect(),
            has_management: model.management.is_some(),
            timezone: model.system.timezone.clone(),
            sysctl: model.system.sysctl.clone(),
            users: users.collect(),
            services: Service::used_by(model),
        }
    }
}
