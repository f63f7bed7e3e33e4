//! The host itself: settings of its kernel, its time zone, its users.

use super::said;
use crate::act::{Report, apply};
use crate::config::User;
use crate::facts;
use crate::plan::identity::{Login, Wanted};
use crate::plan::{Action, Notice, service, sysctl, timezone, user};
use crate::types::{Root, SysctlName, SysctlValue, TimeZone};
use std::collections::BTreeMap;

/// All of it is as the documents say; without a configuration, as it is. What the image lacks is a warning; returns how many
/// errors were logged.
pub(super) fn up(
    root: &Root,
    wanted: Option<&Wanted>,
    report: &mut Report,
    warnings: &mut Vec<Notice>,
) -> usize {
    let Some(wanted) = wanted else { return 0 };
    // Elsewhere than on a machine, nothing is installed.
    if root.is_machine() {
        let services = wanted.services.iter();
        let missing = services.filter(|it| !facts::service::is_installed(root, it.files()));
        warnings.extend(missing.map(|it: &service::Service| it.missing()));
    }
    kernel(root, &wanted.sysctl, report)
        + zone(root, wanted.timezone.as_ref(), report)
        + users(root, &wanted.users, report)
}

fn kernel(root: &Root, wanted: &BTreeMap<SysctlName, SysctlValue>, report: &mut Report) -> usize {
    let Some(facts) = facts::sysctl::facts(root, wanted) else {
        return 0;
    };
    let (plan, errors) = sysctl::change(wanted, &facts);
    report.add(apply(root, &plan));
    said(&errors)
}

fn zone(root: &Root, wanted: Option<&TimeZone>, report: &mut Report) -> usize {
    let facts = facts::timezone::facts(root, wanted);
    let (plan, error) = timezone::change(wanted, &facts);
    report.add(apply(root, &plan));
    said(error.as_slice())
}

fn users(root: &Root, wanted: &[Login], report: &mut Report) -> usize {
    let homes: Vec<String> = wanted.iter().map(|user| User::home(&user.name)).collect();
    let (mut plan, errors) = user::change(wanted, &facts::user::facts(root, &homes));
    // A rehearsal is in a user namespace, which has no numbers but root's.
    plan.retain(|action| root.is_machine() || !matches!(action, Action::MakeHome { .. }));
    report.add(apply(root, &plan));
    said(&errors)
}
