//! The time zone: the image's file of it, bound over `/etc/localtime`.

use super::{Action, Notice, Plan};
use crate::config::code;
use crate::facts::identity::BindState;
use crate::facts::timezone::{ZoneFacts, file_of};
use crate::host::paths::{LOCALTIME, TIMEZONE, ZONES};
use crate::types::TimeZone;
use std::path::PathBuf;

/// The zone is the wanted one, or the image's without one. Where that cannot be, it is the image's, and the notice says why.
///
/// Debian's `/etc/localtime` is a symbolic link. What is bound over it hides the link, not the file the link leads to.
pub fn change(wanted: Option<&TimeZone>, facts: &ZoneFacts) -> (Plan, Option<Notice>) {
    let mut plan = Plan::default();
    let refused = wanted
        .zip(facts.wanted)
        .and_then(|(zone, state)| obstacle(zone, state));
    let zone = wanted.filter(|_| refused.is_none());
    if zone.is_some() && facts.wanted == Some(BindState::Bound) {
        return (plan, refused);
    }
    let target = PathBuf::from(LOCALTIME);
    let mut actions = Vec::new();
    if facts.is_ours {
        actions.push(Action::Unmount {
            target: target.clone(),
        });
    }
    match zone {
        Some(zone) => {
            // The record comes first: it is how the next change knows the bind for ours.
            actions.push(Action::WriteFile {
                path: TIMEZONE.into(),
                mode: 0o644,
                bytes: format!("{zone}\n").into_bytes(),
            });
            let source = file_of(zone);
            actions.push(Action::BindMount { source, target });
        }
        None if facts.is_recorded => actions.push(Action::RemoveFile {
            path: TIMEZONE.into(),
        }),
        None => {}
    }
    plan.add("time zone", actions);
    (plan, refused)
}

fn obstacle(zone: &TimeZone, state: BindState) -> Option<Notice> {
    match state {
        BindState::NoSource => Some(Notice::new(
            code::E0750,
            format!(
                "time zone '{zone}': there is no {ZONES}/{zone} in this image; 'timedatectl list-timezones' lists those it has"
            ),
        )),
        BindState::NoPlaceholder => Some(Notice::new(
            code::E0513,
            format!(
                "time zone '{zone}': {LOCALTIME} is missing in the image: it must contain a file or a link to bind over"
            ),
        )),
        _ => None,
    }
}
