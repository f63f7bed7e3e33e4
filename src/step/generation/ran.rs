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
    /// The times of the kept generations without a gap, the latest first.
    ///
    /// From the first event on record, they are those of the record. Before it, a generation begins when it was kept; for one that
    /// came back later, the time is known only if it is the last good one.
    pub fn ran(&self) -> io::Result<Vec<Ran>> {
        let events = self.events();
        let at = |seconds: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let Some(first) = events.first().map(|event| at(event.at)) else {
            return self.kept_since(None);
        };
        let mut until = None;
        let mut ran = Vec::new();
        for event in events.into_iter().rev() {
            let since = at(event.at);
            ran.push(Ran {
                id: event.generation,
                since,
                until,
            });
            until = Some(since);
        }
        ran.retain(|it| self.folder(&it.id).is_dir());
        ran.extend(self.kept_since(Some(first))?);
        Ok(ran)
    }

    /// The same by the times of the folders, up to a moment.
    fn kept_since(&self, end: Option<SystemTime>) -> io::Result<Vec<Ran>> {
        let mut begun: Vec<(SystemTime, Id)> = Vec::new();
        for path in file::list_dirs_newest_first(&self.kept)? {
            let id = path.file_name().and_then(|name| name.to_str()?.parse().ok());
            if let Some(id) = id {
                begun.push((file::modified(&path)?, id));
            }
        }
        if let Some(last) = self.newest_first()?.into_iter().next()
            && begun.first().is_some_and(|(_, newest)| *newest != last)
        {
            begun.insert(0, (file::modified(&self.kept.join(super::ORDER))?, last));
        }
        begun.retain(|(since, _)| end.is_none_or(|end| *since < end));
        let mut until = end;
        let mut ran = Vec::new();
        for (since, id) in begun {
            ran.push(Ran { id, since, until });
            until = Some(since);
        }
        Ok(ran)
    }
}
