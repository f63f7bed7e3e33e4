//! The generation that runs, and the change that may go away again.

use super::report::{Running, Waiting};
use crate::host::clock;
use crate::step::apply::confirm::Confirm;
use crate::step::generation::Store;
use crate::types::Root;

/// Who applied the generation that runs, and when, as far as that is on record for whoever asks.
pub(super) fn running(root: &Root, id: &str) -> Running {
    let event = id.parse().ok().and_then(|id| Store::new(root).last_event(&id));
    let since = event.as_ref().map(|event| event.at);
    let by = event.map(|event| event.by).unwrap_or_default();
    Running {
        id: id.to_owned(),
        since,
        age_s: since.map(|since| clock::unix_seconds().saturating_sub(since)),
        author: by.author,
        message: by.message,
    }
}

/// The change that waits for its confirmation.
pub(super) fn waiting(root: &Root) -> Option<Waiting> {
    let confirm = Confirm::read(root).ok().flatten()?;
    Some(Waiting {
        instead: confirm.instead.to_string(),
        auto: confirm.auto,
        left_s: confirm.left(),
    })
}
