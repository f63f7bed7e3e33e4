//! Two lines above the console login and at every login, as long as there is something to say about this boot.

use super::units::cut;
use crate::boot::ledger;
use crate::boot::record::{BootRecord, Verdict};
use crate::boot::trial::classify::Class;
use crate::boot::trial::ledger::Ended;
use crate::host::file::{self, Effect};
use crate::types::{ImageName, Root};
use std::io;

/// Shown above the login of a console. agetty looks there only where there is no `/etc/issue`, so the package has a link in
/// `/etc/issue.d` (seen with util-linux 2.38).
const ISSUE: &str = "run/issue.d/30-imp.issue";
/// Shown at every login (pam_motd(8)).
const MOTD: &str = "run/motd.d/30-imp";

/// Two lines about this boot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The situation.
    pub what: String,
    /// What to do about it, or what happens automatically.
    pub then: String,
}

impl Announcement {
    /// The lines about a boot; `None` for a steady and healthy one. `last` is how the newest trial ended.
    pub fn of(record: &BootRecord, last: Option<&Ended>) -> Option<Self> {
        let named = |image: Option<&ImageName>, otherwise: &str| {
            image.map_or_else(|| otherwise.to_owned(), ToString::to_string)
        };
        let loader = record.loader.as_ref();
        let booted = named(loader.map(|loader| &loader.booted), "an unknown image");
        let default = loader.map_or_else(|| "the default".to_owned(), |loader| loader.default.to_string());
        let tried = named(last.map(|last| &last.image), "an image");
        let reason = || last.map_or(String::new(), |last| format!(": {}", last.reason));
        let announcement = |what: String, then: String| Some(Self { what, then });
        match (record.class, &record.verdict) {
            (_, Some(Verdict::Alarm(reason))) => announcement(
                format!("{booted} is not healthy: {reason}"),
                "A blessed image is never rebooted for that. `impctl health` shows the checks.".to_owned(),
            ),
            (Class::Trial, Some(Verdict::Good)) => None,
            (Class::Trial, Some(Verdict::GivenUp(reason))) => announcement(
                format!("the trial of {booted} is over: {reason}"),
                format!("The machine restarts into {default}; run `impctl why` there to see what happened."),
            ),
            (Class::Trial, _) => announcement(
                format!("{booted} is on trial until it is found healthy"),
                format!("Any reset returns to {default}. `impctl boot status` shows the progress."),
            ),
            (Class::FailedEarly, _) => announcement(
                format!("the trial of {tried} failed{}", reason()),
                format!("{default} is running. `impctl why` shows what happened."),
            ),
            (Class::NotAttempted, _) => announcement(
                format!("{tried} was armed but never started"),
                format!("{default} is running. `impctl boot arm --explain` shows what this machine can do."),
            ),
            (Class::Manual, _) => announcement(
                format!("{booted} was started by hand; power-on starts {default}"),
                format!("Nothing happens automatically. `impctl boot bless` makes {booted} the default."),
            ),
            (Class::SoftReboot, _) => announcement(
                format!("{booted} runs after a soft reboot; power-on starts {default}"),
                "That is no boot of its own: nothing is blessed or tried before the next one.".to_owned(),
            ),
            (Class::Steady | Class::BlessedUnrecorded, _) => None,
        }
    }
}

/// Shows the lines at the console and at every login, and removes them when there is nothing to say.
pub fn announce(root: &Root, record: &BootRecord) {
    let (ledger, _) = ledger::read(root);
    let announcement = Announcement::of(record, ledger.past.first());
    if let Err(error) = show(root, announcement.as_ref()) {
        tracing::warn!("cannot write the messages for console and login: {error}");
    }
}

fn show(root: &Root, announcement: Option<&Announcement>) -> io::Result<Effect> {
    let (issue, motd) = (root.join(ISSUE), root.join(MOTD));
    let Some(Announcement { what, then }) = announcement else {
        return Ok(file::remove(&issue)?.or(file::remove(&motd)?));
    };
    // What a check observed may be anything; agetty has escapes of its own.
    let plain = |line: &str| cut(&line.replace(|c: char| c.is_control(), " "));
    let text = format!(
        "\n*** imp: {}.\n*** {}\n\n",
        plain(what.trim_end_matches('.')),
        plain(then)
    );
    let shown = file::write(&motd, text.as_bytes(), 0o644)?;
    Ok(file::write(&issue, text.replace('\\', "\\\\").as_bytes(), 0o644)?.or(shown))
}
