//! Puts the machine's identity in place: host key, files, directories, host name.

mod host;

use super::{input, say_once};
use crate::act::{Report, apply};
use crate::exit::{Failure, Kind};
use crate::facts::identity::{self as facts, BindState, FileFacts};
use crate::host::paths::{IDENTITY, RUN};
use crate::plan::identity::{self, Bind, HOST_KEY, SET_ASIDE, Wanted};
use crate::plan::{Action, Notice, Plan};
use crate::types::Root;
use std::collections::BTreeMap;
use std::path::Path;

/// The notices of the last start, so that the next one logs only new ones.
pub(super) const NOTICES: &str = "run/imp/identity-notices";

/// The machine has its identity as the running generation asks for, or as far as it is known without one. Where that cannot be
/// read, all is done that needs none, and the failure comes after it.
pub fn start(root: &Root) -> Result<(), Failure> {
    match input::read_if_any(root) {
        Ok(wanted) => up(root, wanted.as_ref()),
        Err(unreadable) => up(root, None).and(Err(unreadable)),
    }
}

/// Host key, directories, files and host name are in place, each independently: what fails is an error of its own. The
/// host key does not depend on the configuration; without one, the files with a known name are bound.
pub fn up(root: &Root, wanted: Option<&Wanted>) -> Result<(), Failure> {
    let (mut report, mut errors) = host_key(root);
    if let Some(wanted) = wanted {
        errors += bind(root, identity::directories(wanted), &mut report);
    }
    let rendered: Vec<&str> = ["hostname", "hosts", "resolv.conf", "issue"]
        .into_iter()
        .filter(|name| facts::exists(root, &Path::new(RUN).join(name)))
        .collect();
    let (mut files, user) = (facts::files(root), facts::first_user(root));
    let mut warnings = identity::warnings(wanted, &files, user.as_ref());
    warnings.extend(unusable_keys(root, &files));
    let held = facts::hostname_in(root, &Path::new(IDENTITY).join("hostname"));
    warnings.extend(identity::pass_over_hostname(&mut files, held.as_ref(), &rendered));
    errors += host::up(root, wanted, &mut report, &mut warnings);
    let texts: Vec<String> = warnings.iter().map(Notice::to_string).collect();
    say_once(root, NOTICES, &texts, false);
    let binds = identity::files(wanted, &files, user.as_ref(), &rendered);
    for name in ["resolv.conf", "issue"] {
        let (ours, placeholder) = (Path::new(RUN).join(name), Path::new("/etc").join(name));
        if binds.iter().all(|bind| bind.source != ours) && facts::is_bound_from(root, &ours, &placeholder) {
            report.add(apply(root, &identity::uncover(&placeholder)));
        }
    }
    let hostname = binds
        .iter()
        .find(|bind| bind.target == Path::new("/etc/hostname"))
        .cloned();
    errors += bind(root, binds, &mut report);
    if let Some(bind) = hostname {
        report.add(set_hostname(root, &bind));
    }
    match errors {
        0 => report.result(),
        // Each is in the log under its code.
        _ => Err(Failure::new(Kind::Failed, "")),
    }
}

/// There is a host key that sshd can load; an empty file is what a placeholder looks like: no key. Returns how many errors
/// were logged.
fn host_key(root: &Root) -> (Report, usize) {
    let key = facts::host_key(root, HOST_KEY);
    let mut plan = Plan::default();
    if let Some(Ok(())) = key {
        // What a run left that was killed after it.
        let left = identity::new_host_key(&Path::new(IDENTITY).join(HOST_KEY)).into_iter();
        let left = left.filter(|path| facts::exists(root, path));
        let actions = left.map(|path| Action::RemoveFile { path });
        plan.add("host key", actions.collect());
        return (apply(root, &plan), 0);
    }
    if let Err(why) = facts::has_place(root) {
        tracing::error!("no host key is made: {why}");
        return (Report::default(), 1);
    }
    plan.add("host key", identity::make_host_key(key.and_then(Result::err)));
    (apply(root, &plan), 0)
}

/// Keys that sshd cannot load, and one that was replaced for that reason.
fn unusable_keys(root: &Root, files: &BTreeMap<String, FileFacts>) -> Vec<Notice> {
    let keys = files.keys().filter(|name| identity::is_host_key(name));
    let unusable = keys.filter_map(|name| Some((name, facts::host_key(root, name)?.err()?)));
    let set_aside = facts::exists(root, &Path::new(IDENTITY).join(SET_ASIDE));
    unusable
        .map(|(name, why)| identity::unusable_key(name, why))
        .chain(set_aside.then(identity::replaced_key))
        .collect()
}

/// Returns how many binds cannot be made at all.
fn bind(root: &Root, binds: Vec<Bind>, report: &mut Report) -> usize {
    let states: Vec<(Bind, BindState)> = binds
        .into_iter()
        .map(|bind| {
            let state = facts::bind_state(root, &bind.source, &bind.target);
            (bind, state)
        })
        .collect();
    let (plan, errors) = identity::bind(&states);
    report.add(apply(root, &plan));
    said(&errors)
}

/// Returns how many there are.
fn said(errors: &[Notice]) -> usize {
    for error in errors {
        let Notice { code, .. } = error;
        tracing::error!(%code, "{error}");
    }
    errors.len()
}

/// PID 1 read the placeholder before any unit ran, so the kernel still has that name.
fn set_hostname(root: &Root, bind: &Bind) -> Report {
    let mut plan = Plan::default();
    match facts::hostname_in(root, &bind.source) {
        Some(name) if name.as_ref() != facts::hostname() => {
            plan.add("host name", vec![Action::SetHostname { name }])
        }
        Some(_) => {}
        None => tracing::warn!(
            "{} contains no valid host name; the kernel keeps '{}'",
            bind.source.display(),
            facts::hostname()
        ),
    }
    apply(root, &plan)
}
