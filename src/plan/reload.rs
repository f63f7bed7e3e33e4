//! Which units to reload or restart when the configuration changes.

use super::back::restarted;
use crate::config::{Attach, Model, NicMatch};
use crate::host::paths::{NFTABLES, RESOLV_CONF, relative};
use crate::types::{IfName, InstanceName, Job, Verb};
use std::collections::BTreeSet;

/// What a reload changed, as far as it decides which units are reloaded or restarted.
#[derive(Debug)]
pub struct Change<'a> {
    /// The configuration that was running; `None` if there was none.
    pub before: Option<&'a Model>,
    /// The configuration to run.
    pub after: &'a Model,
    /// Paths of the rendered files that were added, changed or removed.
    pub files: &'a [String],
    /// Paths of all rendered files.
    pub rendered: &'a BTreeSet<String>,
    /// The instances whose new files differ in meaning from those VPP runs.
    pub vpp: &'a BTreeSet<InstanceName>,
}

/// The jobs in the order they are queued; none if nothing changed.
pub fn jobs(change: &Change<'_>) -> Vec<Job> {
    let mut jobs = dataplane(change);
    let frr_restarts = jobs
        .iter()
        .any(|job| job.unit == "vpp-core.service" || job.unit == "netns-dataplane.service");
    if !frr_restarts {
        jobs.extend(frr(change));
    }
    jobs.extend(nftables(change));
    let mut queue = |needed: bool, verb, unit: &str| jobs.extend(needed.then(|| Job::new(verb, unit)));
    let identity =
        change.is_new("run/imp/host") || change.is_new(relative(RESOLV_CONF)) || change.binds_differ();
    queue(
        change.is_new("run/systemd/network/"),
        Verb::Reload,
        "systemd-networkd.service",
    );
    queue(identity, Verb::Restart, "imp-identity.service");
    queue(
        change.is_new("run/imp/incus/") || change.preseed_differs(),
        Verb::Restart,
        "incus-dataplane.service",
    );
    let restarts = restarted(&jobs, change.after.instances.keys());
    if change.before.is_some() && !restarts.is_empty() {
        jobs.push(Job::new(Verb::Rerun, "imp-config-watch.service"));
    }
    if change.before.is_none() || !jobs.is_empty() {
        // Starts what was skipped or failed because of the old configuration.
        jobs.push(Job::new(Verb::Start, "imp.target"));
    }
    jobs
}

/// VPP and its NICs. `imp-nic` writes VPP's files and removes those of instances that no longer exist, so it runs before
/// any instance starts again.
fn dataplane(change: &Change<'_>) -> Vec<Job> {
    if change.namespace_differs() {
        // Everything in the namespace requires it and restarts with it.
        return vec![Job::new(Verb::Restart, "netns-dataplane.service")];
    }
    let mut jobs = Vec::new();
    for name in change.instances_gone() {
        jobs.push(Job::awaited(Verb::Stop, format!("vpp-{name}.service")));
    }
    let nics = change.nics_differ();
    if !nics && !change.management_differs() && change.vpp.is_empty() && jobs.is_empty() {
        return jobs;
    }
    jobs.push(Job::new(Verb::Reload, "netns-move-interfaces.service"));
    for name in change.after.instances.keys() {
        let is_core = name.as_ref() == "core";
        if change.vpp.contains(name) || (nics && is_core) {
            jobs.push(Job::new(Verb::Restart, format!("vpp-{name}.service")));
        }
        if change.has_unit(name) && change.is_started(name) {
            jobs.push(Job::new(Verb::Start, format!("vpp-{name}.service")));
        }
    }
    jobs
}

/// FRR is reloaded, or restarted if its set of daemons changed. A restart of VPP core restarts it anyway.
fn frr(change: &Change<'_>) -> Option<Job> {
    let verb = match change {
        _ if change.is_new("run/imp/frr/daemons") => Verb::Restart,
        _ if change.is_new("run/imp/frr/") => Verb::Reload,
        _ => return None,
    };
    // FRR is not ordered after imp-config, so waiting for its job cannot deadlock.
    Some(Job::awaited(verb, "frr.service"))
}

fn nftables(change: &Change<'_>) -> Option<Job> {
    let rules = relative(NFTABLES);
    let unit = "imp-nftables.service";
    let job = match change.rendered.contains(rules) {
        true => Job::new(Verb::Reload, unit),
        false => Job::awaited(Verb::Stop, unit),
    };
    change.is_new(rules).then_some(job)
}

impl Change<'_> {
    fn is_new(&self, prefix: &str) -> bool {
        self.files.iter().any(|path| path.starts_with(prefix))
    }

    fn instances_gone(&self) -> impl Iterator<Item = &InstanceName> {
        let before = self.before.into_iter().flat_map(|model| model.instances.keys());
        before.filter(|name| !self.after.instances.contains_key(*name))
    }

    /// Whether the instance's unit file is one that we write.
    fn has_unit(&self, name: &InstanceName) -> bool {
        self.rendered
            .contains(&format!("run/systemd/system/vpp-{name}.service"))
    }

    fn is_started(&self, name: &InstanceName) -> bool {
        self.before
            .is_none_or(|before| !before.instances.contains_key(name))
    }

    fn namespace_differs(&self) -> bool {
        self.before
            .is_some_and(|before| before.dataplane.namespace != self.after.dataplane.namespace)
    }

    fn nics_differ(&self) -> bool {
        self.before.is_none_or(|before| nics(before) != nics(self.after))
    }

    /// Whether another NIC may be the one that stays: only of interfaces that match more than one NIC is it one that VPP has.
    fn management_differs(&self) -> bool {
        let management = |model: &Model| model.management.as_ref().map(|it| it.matches.clone());
        self.before
            .is_some_and(|before| management(before) != management(self.after))
    }

    fn preseed_differs(&self) -> bool {
        let text = |model: &Model| model.incus.preseed.as_ref().map(|preseed| preseed.text.clone());
        self.before.is_none_or(|before| text(before) != text(self.after))
    }

    fn binds_differ(&self) -> bool {
        self.before
            .is_none_or(|before| binds(before) != binds(self.after))
    }
}

/// Everything that decides which device moves where.
#[derive(PartialEq)]
struct Nics<'m> {
    interfaces: Vec<(&'m IfName, &'m NicMatch, Option<Attach>)>,
    bridges: Vec<&'m IfName>,
}

fn nics(model: &Model) -> Nics<'_> {
    let interfaces = model.interfaces.iter();
    Nics {
        interfaces: interfaces
            .map(|(name, nic)| (name, &nic.matches, nic.attach))
            .collect(),
        bridges: model.incus.bridges.keys().collect(),
    }
}

fn binds(model: &Model) -> Vec<(String, String)> {
    let files = model
        .identity
        .binds
        .iter()
        .map(|bind| (bind.source.to_string(), bind.target.to_string()));
    let directories = model
        .binds
        .iter()
        .map(|bind| (bind.source.to_string(), bind.target.to_string()));
    files.chain(directories).collect()
}
