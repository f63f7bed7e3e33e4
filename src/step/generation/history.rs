//! Which generation ran from when on, who applied it and why.

use super::Store;
use crate::host::file::Effect;
use crate::host::{clock, json};
use crate::types::generation::Id;
use serde::{Deserialize, Serialize};
use std::io;

const HISTORY: &str = "history.json";
/// How many events are kept at most. A generation that is applied again is one more event.
const MOST: usize = 2_000;

/// Who wanted a change, and whether it stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct By {
    /// The login; `None` where nobody is known: a boot, or `systemctl reload`.
    pub author: Option<String>,
    /// What the author says about it.
    pub message: Option<String>,
    /// Whether it stays without being confirmed, or was confirmed.
    pub confirmed: bool,
}

impl Default for By {
    /// Nobody is known, and nothing is waited for.
    fn default() -> Self {
        Self {
            author: None,
            message: None,
            confirmed: true,
        }
    }
}

/// From this moment on a generation ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Event {
    /// Which.
    pub generation: Id,
    /// Seconds since 1970.
    pub at: u64,
    /// Who wanted it.
    #[serde(flatten)]
    pub by: By,
}

impl Store {
    /// What ran from when on, the oldest first. A record that is missing or cannot be read is empty.
    pub fn events(&self) -> Vec<Event> {
        let read = json::read(&self.kept.join(HISTORY));
        read.inspect_err(|error| tracing::warn!("{HISTORY}: {error}; starting a new one"))
            .ok()
            .flatten()
            .unwrap_or_default()
    }

    /// From now on this generation runs. Nothing is added where it was the last one to do so.
    pub fn note(&self, generation: &Id, by: &By) -> io::Result<Effect> {
        let mut events = self.events();
        if events.last().is_some_and(|last| last.generation == *generation) {
            return Ok(Effect::Unchanged);
        }
        events.push(Event {
            generation: generation.clone(),
            at: clock::unix_seconds(),
            by: by.clone(),
        });
        let many = events.len().saturating_sub(MOST);
        json::write(&self.kept.join(HISTORY), &events[many..], 0o600)
    }

    /// The generation that runs was confirmed.
    pub fn note_confirmed(&self, generation: &Id) -> io::Result<Effect> {
        let mut events = self.events();
        let of_it = events
            .iter_mut()
            .rev()
            .find(|event| event.generation == *generation);
        let Some(event) = of_it else {
            return Ok(Effect::Unchanged);
        };
        event.by.confirmed = true;
        json::write(&self.kept.join(HISTORY), &events, 0o600)
    }

    /// The last event of a generation: when it began to run, and who wanted that.
    pub fn last_event(&self, generation: &Id) -> Option<Event> {
        let mut events = self.events();
        events.retain(|event| event.generation == *generation);
        events.pop()
    }
}
