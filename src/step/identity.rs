//! Puts the machine's identity in place: host key, files, directories, host name.

use super::say_once;
use crate::act::{Report, apply};
use crate::config::Model;
use crate::exit::{Failure, Kind};
use crate::facts::identity::{self as facts, BindState};
use crate::host::paths::{IDENTITY, RUN};
use crate::plan::identity::{self, Bind, HOST_KEY};
use crate::plan::{Action, Notice, Plan};
use crate::types::Root;
use std::path::Path;

/// The notices of the last start, so that the next one logs only new ones.
pub(super) const NOTICES: &str = "run/imp/identity-notices";

/// Host key, directories, files and host name are in place, each independently: what fails is an error of its own. The
/// host key does not depend on the configuration; without a Model, the files with a known name are bound.
pub fn up(root: &Root, model: Option<&Model>) -> Result<(), Failure> {
    let mut report = make_host_key(root);
    let mut errors = 0;
    if let Some(model) = model {
        errors += bind(root, identity::directories(model), &mut report);
    }
    let (files, user) = (facts::files(root), facts::first_user(root));
    let warnings = identity::warnings(model, &files, user.as_ref());
    let texts: Vec<String> = warnings.iter().map(Notice::to_string).collect();
    say_once(root, NOTICES, &texts, false);
    let rendered: Vec<&str> = ["hostname", "hosts", "resolv.conf"]
        .into_iter()
        .filter(|name| facts::exists(root, &Path::new(RUN).join(name)))
        .collect();
    let binds = identity::files(model, &files, user.as_ref(), &rendered);
    let (ours, resolv_conf) = (Path::new(RUN).join("resolv.conf"), Path::new("/etc/resolv.conf"));
    if binds.iter().all(|bind| bind.source != ours) && facts::is_bound_from(root, &ours, resolv_conf) {
        report.add(apply(root, &identity::uncover(resolv_conf)));
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

/// An empty file is what a placeholder looks like: no key.
fn make_host_key(root: &Root) -> Report {
    let mut plan = Plan::default();
    if facts::files(root).get(HOST_KEY).is_none_or(|key| key.size == 0) {
        let path = Path::new(IDENTITY).join(HOST_KEY);
        plan.add("host key", vec![Action::MakeHostKey { path }]);
    }
    apply(root, &plan)
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
    for error in &errors {
        let Notice { code, .. } = error;
        tracing::error!(%code, "{error}");
    }
    report.add(apply(root, &plan));
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
