//! Who has something to do when the configuration changes, and in which order.

mod who;

use crate::config::{Attach, Model, NicMatch};
use crate::host::paths::{
    FRR_DAEMONS, FRR_EXPORTER, HSFLOWD, NFTABLES, NODE_EXPORTER, RSYSLOG, SNMPD_CONF, TIMESYNCD, USERDB,
    relative,
};
use crate::plan::output::is_bound;
use crate::plan::vpp;
use crate::types::{IfName, InstanceName, Job, Verb, VrfName};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use who::Who;

/// What a part has to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    /// These jobs, one after another.
    Jobs(Vec<Job>),
    /// What leads a VPP from its commands to those in its file: decided once that is written.
    Commands,
}

/// A part with its work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Who.
    pub who: Who,
    /// What.
    pub work: Work,
}

impl Part {
    fn new(who: Who, jobs: impl Into<Vec<Job>>) -> Self {
        Self {
            who,
            work: Work::Jobs(jobs.into()),
        }
    }

    /// The same part as a boot does it: whatever can be restarted is, instead of changed in place.
    pub fn by_restart(self) -> Self {
        let jobs = match (&self.who, &self.work) {
            (Who::Vpp(name), _) => restart(name),
            (Who::Frr, _) => frr_restart(),
            (_, Work::Jobs(jobs)) => jobs
                .iter()
                .map(|job| match job.verb {
                    Verb::Reload => Job {
                        verb: Verb::Restart,
                        ..job.clone()
                    },
                    _ => job.clone(),
                })
                .collect(),
            (_, Work::Commands) => Vec::new(),
        };
        Self::new(self.who, jobs)
    }

    /// Whether it restarts this VPP instance, or may do so.
    pub fn may_restart(&self, name: &InstanceName) -> bool {
        match &self.who {
            Who::Namespace => true,
            Who::Vpp(own) => own == name,
            _ => false,
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.work {
            Work::Commands => write!(f, "commands of {}", self.who),
            Work::Jobs(jobs) => {
                let jobs: Vec<String> = jobs.iter().map(ToString::to_string).collect();
                f.write_str(&jobs.join(", "))
            }
        }
    }
}

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
    /// Whether FRR's daemons file says what only a restart of all of FRR gives.
    pub frr_restarts: bool,
}

/// The parts in the order they come; none if nothing changed.
///
/// Where something ran before, each part's end is waited for, and the jobs are for one unit alone: while `imp-config` reloads,
/// systemd holds back every other job of a unit that is ordered after it. Where nothing ran, there is nobody to be told of a
/// difference, and `imp.target` starts everything in its own order.
pub fn parts(change: &Change<'_>) -> Vec<Part> {
    let mut parts = dataplane(change);
    let frr_restarts = parts.iter().any(|part| part.who == Who::Namespace);
    if !frr_restarts {
        parts.extend(frr(change));
    }
    parts.extend(firewall(change));
    let one = |needed: bool, who, job| needed.then(|| Part::new(who, [job]));
    parts.extend(one(
        change.is_new("run/systemd/network/"),
        Who::Networkd,
        Job::at_once(Verb::Reload, "systemd-networkd.service"),
    ));
    parts.extend(one(
        change.files.iter().any(|path| is_bound(path))
            || change.is_new(relative(USERDB))
            || change.binds_differ()
            || change.host_differs(),
        Who::Identity,
        change.job(Verb::Restart, "imp-identity.service"),
    ));
    let clock = ["systemd-timesyncd.service", "chrony.service"];
    parts.extend(change.services(TIMESYNCD, Who::Clock, &clock));
    parts.extend(change.services(RSYSLOG, Who::Log, &["rsyslog.service"]));
    parts.extend(change.services(SNMPD_CONF, Who::Snmp, &["snmpd.service"]));
    // One that does not run yet is started by imp.target.
    parts.extend(change.services(HSFLOWD, Who::Sflow, &["hsflowd.service"]));
    for (file, unit) in [
        (NODE_EXPORTER, "prometheus-node-exporter.service"),
        (FRR_EXPORTER, "prometheus-frr-exporter.service"),
    ] {
        parts.extend(change.services(file, Who::Exporter, &[unit]));
    }
    parts.extend(one(
        change.is_new("run/imp/incus/") || change.preseed_differs(),
        Who::Incus,
        change.job(Verb::Restart, "incus-dataplane.service"),
    ));
    if change.before.is_none() || !parts.is_empty() {
        parts.push(Part::new(Who::Rest, [Job::new(Verb::Start, "imp.target")]));
    }
    parts
}

/// VPP and its NICs. `imp-nic` writes VPP's files and removes those of instances that no longer exist, so it runs before
/// any instance changes.
fn dataplane(change: &Change<'_>) -> Vec<Part> {
    if change.namespace_differs() {
        // Everything in the namespace requires it and restarts with it: in systemd's own order, after this reload.
        let job = Job::new(Verb::Restart, "netns-dataplane.service");
        return vec![Part::new(Who::Namespace, [job])];
    }
    let mut parts = Vec::new();
    for name in change.instances_gone() {
        let job = Job::awaited(Verb::Stop, format!("vpp-{name}.service"));
        parts.push(Part::new(Who::Vpp(name.clone()), [job]));
    }
    let nics = change.nics_differ();
    if !nics && !change.management_differs() && change.vpp.is_empty() && parts.is_empty() {
        return parts;
    }
    let nic = "netns-move-interfaces.service";
    let jobs = match change.before {
        // Where a NIC was missing it has failed.
        Some(_) => reload_or_start(nic),
        None => vec![Job::new(Verb::Reload, nic)],
    };
    parts.push(Part::new(Who::Nics, jobs));
    let is_core = |name: &&InstanceName| name.as_ref() == "core";
    let names = change.after.instances.keys();
    // The others hang on core's memifs.
    let (core, others): (Vec<_>, Vec<_>) = names.partition(is_core);
    for name in core.into_iter().chain(others) {
        parts.extend(instance(change, name, nics && name.as_ref() == "core"));
    }
    parts
}

/// An instance whose commands, or whose NICs, are others.
fn instance(change: &Change<'_>, name: &InstanceName, nics: bool) -> Option<Part> {
    if change.before.is_none() {
        let restart = Job::new(Verb::Restart, format!("vpp-{name}.service"));
        return Some(Part::new(Who::Vpp(name.clone()), [restart]));
    }
    let work = if change.is_started(name) {
        Work::Jobs(vec![
            Job::at_once(Verb::Start, format!("vpp-{name}.service")),
            commands(Verb::Rerun, name),
        ])
    } else if nics && change.nic_is_another() {
        // Its name is the same, so no command tells: VPP holds the device of before.
        Work::Jobs(restart(name))
    } else if nics && !change.vpp.contains(name) && change.vrfs_differ() {
        // The devices of its pairs were in VRFs that have been made again: no command tells.
        Work::Jobs(vec![commands(Verb::Reload, name)])
    } else if nics || change.vpp.contains(name) {
        Work::Commands
    } else {
        return None;
    };
    Some(Part {
        who: Who::Vpp(name.clone()),
        work,
    })
}

/// The jobs that lead a VPP from its commands to those in its file.
pub fn vpp_jobs(name: &InstanceName, change: &vpp::Change) -> Vec<Job> {
    match change {
        vpp::Change::None => Vec::new(),
        vpp::Change::Live(_) => vec![commands(Verb::Reload, name)],
        vpp::Change::Restart { .. } => restart(name),
    }
}

fn commands(verb: Verb, name: &InstanceName) -> Job {
    Job::at_once(verb, format!("vpp-{name}-config.service"))
}

fn restart(name: &InstanceName) -> Vec<Job> {
    let unit = format!("vpp-{name}.service");
    vec![Job::at_once(Verb::Restart, unit), commands(Verb::Rerun, name)]
}

/// The unit reads its files anew; one that does not run is started.
fn reload_or_start(unit: &str) -> Vec<Job> {
    vec![Job::at_once(Verb::Reload, unit), Job::at_once(Verb::Start, unit)]
}

fn frr_restart() -> Vec<Job> {
    vec![
        Job::at_once(Verb::Restart, "frr.service"),
        Job::at_once(Verb::Rerun, "frr-config.service"),
    ]
}

/// VPP core restarts, and takes the devices that FRR works with along: FRR restarts behind every VPP instance.
pub fn restart_frr(parts: &mut Vec<Part>) {
    parts.retain(|part| part.who != Who::Frr);
    let behind = parts
        .iter()
        .rposition(|part| matches!(part.who, Who::Vpp(_)))
        .map_or(0, |last| last + 1);
    parts.insert(behind, Part::new(Who::Frr, frr_restart()));
}

/// FRR is reloaded, which starts and stops single daemons; it is restarted for what these cannot be given alone.
fn frr(change: &Change<'_>) -> Option<Part> {
    let jobs = match change {
        _ if change.frr_restarts && change.is_new(relative(FRR_DAEMONS)) => frr_restart(),
        _ if change.is_new("run/imp/frr/") => vec![Job::at_once(Verb::Reload, "frr.service")],
        _ => return None,
    };
    Some(Part::new(Who::Frr, jobs))
}

fn firewall(change: &Change<'_>) -> Option<Part> {
    let rules = relative(NFTABLES);
    let unit = "imp-nftables.service";
    let jobs = match change.rendered.contains(rules) {
        // There may have been no rules before; where there were, they stay until the new ones replace them.
        true => reload_or_start(unit),
        false => vec![Job::awaited(Verb::Stop, unit)],
    };
    change.is_new(rules).then(|| Part::new(Who::Firewall, jobs))
}

impl Change<'_> {
    fn is_new(&self, prefix: &str) -> bool {
        self.files.iter().any(|path| path.starts_with(prefix))
    }

    fn instances_gone(&self) -> impl Iterator<Item = &InstanceName> {
        let before = self.before.into_iter().flat_map(|model| model.instances.keys());
        before.filter(|name| !self.after.instances.contains_key(*name))
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

    fn vrfs_differ(&self) -> bool {
        self.before
            .is_none_or(|before| before.vrf_tables() != self.after.vrf_tables())
    }

    /// Whether another NIC may be the one that stays: only of interfaces that match more than one NIC is it one that VPP has.
    fn management_differs(&self) -> bool {
        let management = |model: &Model| model.management.as_ref().map(|it| it.matches.clone());
        self.before
            .is_some_and(|before| management(before) != management(self.after))
    }

    /// Whether an interface of before and after is another device, or attached in another way.
    fn nic_is_another(&self) -> bool {
        let before = self.before.into_iter().flat_map(|model| model.nics());
        let before: BTreeMap<_, _> = before.map(|(name, _, nic)| (name, nic)).collect();
        let mut kept = self.after.nics().filter_map(|(name, _, nic)| {
            let old = before.get(name)?;
            Some((&old.matches, old.attach) != (&nic.matches, nic.attach))
        });
        kept.any(|differs| differs)
    }

    /// Those of these services that run and read the file are restarted: they read it when they start.
    fn services(&self, file: &str, who: Who, services: &[&str]) -> Option<Part> {
        let jobs = services.iter().map(|unit| self.job(Verb::Restart, unit));
        self.is_new(relative(file))
            .then(|| Part::new(who, jobs.collect::<Vec<_>>()))
    }

    /// A job that runs at once where something ran before; else in systemd's order.
    fn job(&self, verb: Verb, unit: &str) -> Job {
        match self.before {
            Some(_) => Job::at_once(verb, unit),
            None => Job::new(verb, unit),
        }
    }

    fn preseed_differs(&self) -> bool {
        let text = |model: &Model| model.incus.preseed.as_ref().map(|preseed| preseed.text.clone());
        self.before.is_none_or(|before| text(before) != text(self.after))
    }

    /// Whether the kernel's settings or the time zone are others.
    fn host_differs(&self) -> bool {
        let host = |model: &Model| (model.system.timezone.clone(), model.system.sysctl.clone());
        self.before.is_none_or(|before| host(before) != host(self.after))
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
    vrfs: BTreeSet<(&'m VrfName, u32)>,
}

fn nics(model: &Model) -> Nics<'_> {
    Nics {
        interfaces: model
            .nics()
            .map(|(name, _, nic)| (name, &nic.matches, nic.attach))
            .collect(),
        bridges: model.incus.bridges.keys().collect(),
        vrfs: model.vrf_tables(),
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
