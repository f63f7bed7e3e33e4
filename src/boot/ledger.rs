//! The ledger on disk: `/persistent/data/imp/boot/ledger.json`, and the version before it beside it as `ledger.prev`.

use super::trial::ledger::Ledger;
use crate::host::file::{self, Effect};
use crate::host::{json, privilege};
use crate::types::Root;
use std::io::{self, ErrorKind};

const LEDGER: &str = "persistent/data/imp/boot/ledger.json";
const PREVIOUS: &str = "persistent/data/imp/boot/ledger.prev";

/// The ledger, or the version before it if it is torn, or an empty one if both are; in the last two cases with a sentence
/// about it. Never an error: a boot goes on without.
pub fn read(root: &Root) -> (Ledger, Option<String>) {
    let torn = match json::read(&root.join(LEDGER)) {
        Ok(Some(ledger)) => return (ledger, None),
        Ok(None) => None,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            let text =
                format!("{LEDGER}: {error}; only root sees which images were tried, and how that ended");
            return (Ledger::default(), Some(text));
        }
        Err(error) => Some(format!("{LEDGER}: {error}")),
    };
    match (json::read(&root.join(PREVIOUS)), torn) {
        (Ok(None), None) => (Ledger::default(), None),
        (Ok(Some(previous)), torn) => {
            let what = torn.unwrap_or_else(|| format!("{LEDGER} is missing"));
            (previous, Some(format!("{what}; using the previous version")))
        }
        (Ok(None), Some(torn)) => (Ledger::default(), Some(format!("{torn}; it starts anew"))),
        (Err(error), torn) => {
            let what = torn.unwrap_or_else(|| format!("{PREVIOUS}: {error}"));
            (Ledger::default(), Some(format!("{what}; it starts anew")))
        }
    }
}

/// The caller may write the ledger: without that he changes nothing about which image boots.
pub fn may_be_written(root: &Root) -> io::Result<()> {
    privilege::may_write(&root.join(LEDGER))
}

/// The caller may read the ledger, or there is none. [`read`] treats one that may not be read as an empty one.
pub fn may_be_read(root: &Root) -> io::Result<()> {
    match json::read::<Ledger>(&root.join(LEDGER)) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(error),
        _ => Ok(()),
    }
}

/// The ledger is on disk, the version before it beside it.
pub fn write(root: &Root, ledger: &Ledger) -> io::Result<Effect> {
    let path = root.join(LEDGER);
    if let Some(folder) = path.parent() {
        file::create_dir(folder, 0o700)?;
    }
    match file::read_text(&path) {
        Ok(Some(before)) if before == json::text(ledger)? => return Ok(Effect::Unchanged),
        // A torn one is not worth keeping.
        Ok(Some(before)) if serde_json::from_str::<Ledger>(&before).is_ok() => {
            let _ = file::write(&root.join(PREVIOUS), before.as_bytes(), 0o600)?;
        }
        _ => {}
    }
    json::write(&path, ledger, 0o600)
}
