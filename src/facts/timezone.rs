//! Which time zone the machine shows, and whether that is ours.

use super::identity::{BindState, bind_state};
use super::mount;
use crate::host::file;
use crate::host::paths::{LOCALTIME, TIMEZONE, ZONES};
use crate::types::{Root, TimeZone};
use std::path::{Path, PathBuf};

/// What a plan needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ZoneFacts {
    /// Whether a zone of the documents is recorded.
    pub is_recorded: bool,
    /// Whether it is what is mounted over `/etc/localtime`.
    pub is_ours: bool,
    /// The state of the wanted one.
    pub wanted: Option<BindState>,
}

/// The file of a zone.
pub fn file_of(zone: &TimeZone) -> PathBuf {
    Path::new(ZONES).join(zone.as_ref())
}

/// The state of the machine, for a wanted zone.
pub fn facts(root: &Root, wanted: Option<&TimeZone>) -> ZoneFacts {
    let recorded = file::read_text(&root.join(TIMEZONE)).ok().flatten();
    let place = root.join(LOCALTIME);
    let recorded: Option<TimeZone> = recorded.and_then(|text| text.trim().parse().ok());
    let is_mounted = mount::is_mounted(&place).unwrap_or(false);
    ZoneFacts {
        is_recorded: recorded.is_some(),
        is_ours: is_mounted
            && recorded.is_some_and(|zone| mount::is_same(&root.join(file_of(&zone)), &place)),
        wanted: wanted.map(|zone| bind_state(root, &file_of(zone), Path::new(LOCALTIME))),
    }
}
