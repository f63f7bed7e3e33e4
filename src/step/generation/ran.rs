//! Which generation ran when.

use super::Store;
use crate::host::file;
use crate::types::generation::Id;
use std::io;
use std::time::{Duration, SystemTime};

/// A time in which one generation was the router's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// The generation.
    pub id: Id,
    /// Since when.
    pub since: SystemTime,
    /// Until when; `None` for the one that runs.
    pub until: Option<SystemTime>,
}

impl Store {
    /// What ran when, without a gap, the latest first: as the history says, and of the time before it begins as the kept
    /// folders say by their age.
    ///
    /// A generation of the history may not be kept any more. Of one that came back before the history began, only the first
    /// time is known.
    pub fn ran(&self) -> io::Result<Vec<Ran>> {
        let events = self.events().into_iter().rev();
        let moment = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let mut begun: Vec<(SystemTime, Id)> =
            events.map(|event| (moment(event.at), event.generation)).collect();
        let history = begun.last().map(|(since, _)| *since);
        for path in file::list_dirs_newest_first(&self.kept)? {
            let since = file::modified(&path)?;
            let id = path.file_name().and_then(|name| name.to_str()?.parse().ok());
            if let Some(id) = id
                && history.is_none_or(|history| since < history)
            {
                begun.push((since, id));
            }
        }
        let mut until = None;
        let mut ran = Vec::new();
        for (since, id) in begun {
            ran.push(Ran { id, since, until });
            until = Some(since);
        }
        Ok(ran)
    }
}
