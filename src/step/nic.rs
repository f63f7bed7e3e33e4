//! The NICs of the dataplane, and the links of its Incus bridges.

use super::apply::has_yet_to_change;
use super::{say_once, unreadable};
use crate::act::{Report, apply};
use crate::config::{Model, code};
use crate::exit::{Failure, Kind};
use crate::facts::{
    self,
    nic::{Nic, NicFacts},
};
use crate::host::bus::{self, JobResult};
use crate::host::netlink::Monitor;
use crate::host::paths::{BINDINGS, relative};
use crate::host::wait::pause;
use crate::plan::host::{self, HostFacts};
use crate::plan::nic::{self, Configured, Device, Finding, Wanted};
use crate::plan::{Notice, Plan, output};
use crate::render::{self, Bindings, Dataplane, Rendered};
use crate::types::{IfName, Job, Root, Verb};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long a boot looks for a better NIC than one that fits by half: drivers come up within this time of each other.
const SETTLE: Duration = Duration::from_secs(3);

/// How long a device that went away under the plan has to come back.
const AGAIN: Duration = Duration::from_millis(100);

/// The notices of the last start, so that the next one logs only new ones.
pub(super) const NOTICES: &str = "run/imp/nic-notices";

/// How long systemd may take to queue a job.
const QUEUED: Duration = Duration::from_secs(4);

/// A NIC that DPDK or a driver change hides sends no event: look at least this often.
const LOOK: Duration = Duration::from_secs(1);

/// The NICs and cores that the documents find on this machine, as far as that is known before `imp-nic` has looked: those on
/// record; as the documents say where there is no record, and those that what runs does not have yet. One that what runs has and
/// that is not on record is absent.
pub(super) fn expected(root: &Root, model: &Model, running: Option<&Model>) -> Result<Bindings, Failure> {
    let recorded = facts::bindings::read(&root.join(BINDINGS))
        .map_err(|error| Failure::new(Kind::Failed, format!("{BINDINGS}: {error}")))?;
    let written = Bindings::as_written(model);
    let mut bindings = match recorded {
        None => written,
        Some(mut recorded) => {
            let is_new = |name: &IfName| running.is_some_and(|it| it.nics().all(|(known, ..)| known != name));
            for (name, nic) in written.nics.into_iter().filter(|(name, _)| is_new(name)) {
                recorded.nics.entry(name).or_insert(nic);
            }
            recorded
        }
    };
    bindings.frr = facts::frr::machine(root);
    Ok(bindings)
}

/// Every NIC that is there within `nic-wait` is in the namespace, every bridge has its veth, and the Bindings and VPP's
/// files say what is there.
///
/// What is absent or refused is left out and logged with its code; the step then ends with 69 after everything else is done.
pub fn up(root: &Root, configured: &Configured) -> Result<(), Failure> {
    let (wanted, dataplane) = (Wanted::of(configured), &configured.dataplane);
    let found = await_nics(root, &wanted, configured.nic_wait.duration())?;
    let before = facts::bindings::read(&root.join(BINDINGS)).map_err(unreadable)?;
    let moved = nic::up(&wanted, &found).pending;
    let (facts, mut report) = take_nics(root, &wanted, found)?;
    let nics = nic::up(&wanted, &facts);
    let mut notices: Vec<String> = nics.notices.iter().map(Notice::to_string).collect();
    report.add(link_bridges(root, dataplane, &facts, &mut notices));
    let mut bindings = Bindings {
        nics: nics.bindings,
        cpus: facts::cpu::online(root),
        ..Bindings::default()
    };
    prepare_host(root, dataplane, &bindings, &mut notices);
    // After the modules are loaded: one of them makes VRFs.
    report.add(make_vrfs(root, dataplane, &facts, &mut notices));
    // After the modules are loaded: one of their parameters may do without an IOMMU.
    let vfio = leave_out_of_vfio(root, configured, &mut bindings, &facts.host);
    notices.extend(vfio.iter().map(Notice::to_string));
    let files =
        render::vpp(dataplane, &bindings).map_err(|error| Failure::from_error(Kind::Config, &error))?;
    report.add(write_files(root, &bindings, files.files)?);
    let degraded = !files.left_out.is_empty();
    notices.extend(files.left_out);
    say_once(root, NOTICES, &notices, degraded);
    report.result()?;
    if let Some(before) = before {
        let mut without = nic::unattached(&before, &bindings, &moved);
        // Restarted under the hands of whoever gives VPP the interfaces that a change brings, it would not answer him.
        if has_yet_to_change(root, "core") {
            without.retain(|name| before.nics.contains_key(*name));
        }
        attach(root, &without)?;
    }
    match degraded {
        false => Ok(()),
        true => Err(Failure::new(
            Kind::Missing,
            "the dataplane starts without the missing parts",
        )),
    }
}

/// A NIC that came, or came back, is taken like those of the boot: the unit that does that runs again, unless it has not run
/// yet or was stopped. Without such a NIC nothing happens.
pub fn arrived(root: &Root, configured: &Configured) -> Result<(), Failure> {
    let wanted = Wanted::of(configured);
    let facts = read(root, &wanted)?;
    let waiting = names_of(&nic::find(&wanted, &facts), |finding| {
        let Finding::Found { device, .. } = finding else {
            return false;
        };
        matches!(device, Device::Host(_))
    })
    .len();
    if waiting == 0 {
        return Ok(());
    }
    const UNIT: &str = "netns-move-interfaces.service";
    let states = bus::states(&[UNIT.to_owned()]).map_err(unreadable)?;
    let verb = match states.first().map(|state| state.active.as_str()) {
        Some("active") => Verb::Reload,
        // Some other NIC is still missing.
        Some("failed") => Verb::Start,
        _ => return Ok(()),
    };
    queue(Job::new(verb, UNIT))
}

/// VPP binds its NICs when it starts.
fn attach(root: &Root, names: &[&IfName]) -> Result<(), Failure> {
    if names.is_empty() || !root.is_machine() {
        return Ok(());
    }
    let names: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    tracing::warn!(
        "{}: {} came back, or came late, and VPP does not have the device: vpp-core is restarted",
        code::E0626,
        names.join(", ")
    );
    queue(Job::new(Verb::Restart, "vpp-core.service"))
}

fn queue(job: Job) -> Result<(), Failure> {
    let results = bus::run_jobs(std::slice::from_ref(&job), QUEUED).map_err(unreadable)?;
    match results.into_iter().next() {
        Some(result @ (JobResult::Failed(_) | JobResult::Late)) => {
            Err(Failure::new(Kind::Failed, format!("{job}: {result}")))
        }
        _ => Ok(()),
    }
}

/// Every NIC is back in the host namespace, as it was, and the veth pairs are gone.
pub fn down(root: &Root) -> Result<(), Failure> {
    // The one that is up, not the one a reload asks for.
    let Some(namespace) = &facts::netns::in_use(root) else {
        return Ok(());
    };
    let facts = facts::nic::read(root, namespace).map_err(unreadable)?;
    let mut report = apply(root, &nic::give_back(namespace, &facts));
    let facts = facts::nic::read(root, namespace).map_err(unreadable)?;
    let (plan, _) = nic::veths(&[], namespace, &facts);
    report.add(apply(root, &plan));
    let (plan, _) = nic::vrfs(&BTreeMap::new(), namespace, &facts);
    report.add(apply(root, &plan));
    report.add(apply(root, &nic::forget(&facts)));
    report.result()
}

/// Modules and hugepages, as far as this machine has them: what it lacks is in the log, and VPP says what it misses.
fn prepare_host(root: &Root, dataplane: &Dataplane, bindings: &Bindings, said: &mut Vec<String>) {
    let (plan, notices) = host_plan(root, dataplane, bindings);
    said.extend(notices.iter().map(Notice::to_string));
    apply(root, &plan);
}

pub(super) fn host_plan(root: &Root, dataplane: &Dataplane, bindings: &Bindings) -> (Plan, Vec<Notice>) {
    let modules = render::modules(dataplane, bindings);
    let facts = HostFacts {
        modules: facts::module::read(root, &modules),
        hugepages: facts::memory::hugepages(root),
    };
    host::up(&modules, render::hugepages(dataplane, bindings), &facts)
}

/// Leaves out the NICs that vfio-pci cannot take, and says why.
pub(super) fn leave_out_of_vfio(
    root: &Root,
    configured: &Configured,
    bindings: &mut Bindings,
    host: &[Nic],
) -> Vec<Notice> {
    if facts::iommu::is_done_without(root) {
        return Vec::new();
    }
    let functions = facts::iommu::read(root, bindings.nics.values().filter_map(|nic| nic.pci));
    let management = configured.management.as_ref();
    let management = management.and_then(|it| nic::named(it, host)?.pci);
    let refused = nic::vfio::refused(&configured.dataplane, bindings, &functions, management);
    let leave = |(name, notice)| {
        bindings.nics.remove(&name);
        notice
    };
    refused.into_iter().map(leave).collect()
}

/// The NICs when every wanted one is there or none that is missing can be waited for any longer.
fn await_nics(root: &Root, wanted: &Wanted<'_>, longest: Duration) -> Result<NicFacts, Failure> {
    let monitor = Monitor::open().map_err(unreadable)?;
    let started = Instant::now();
    let mut told = false;
    loop {
        let facts = read(root, wanted)?;
        let findings = nic::find(wanted, &facts);
        let missing: Vec<&IfName> = names_of(&findings, |finding| matches!(finding, Finding::Missing(_)));
        let doubtful = names_of(&findings, is_doubtful);
        let patience = match (missing.is_empty(), doubtful.is_empty()) {
            (true, true) => return Ok(facts),
            (true, false) => longest.min(SETTLE),
            (false, _) => longest,
        };
        let left = patience.saturating_sub(started.elapsed());
        if left.is_zero() {
            return Ok(facts);
        }
        if !told && !missing.is_empty() {
            let names: Vec<String> = missing.iter().map(|name| format!("'{name}'")).collect();
            tracing::info!("waiting up to {} s for {}", longest.as_secs(), names.join(", "));
            told = true;
        }
        monitor.wait(left.min(LOOK)).map_err(unreadable)?;
    }
}

/// Of pci and mac one fits a NIC that is not taken yet: the one that both fit, or the other fits, may still appear.
fn is_doubtful(finding: &Finding<'_>) -> bool {
    matches!(
        finding,
        Finding::Found {
            device: Device::Host(_),
            notice: Some(_),
        }
    )
}

fn names_of<'a>(
    findings: &'a BTreeMap<IfName, Finding<'_>>,
    is: impl Fn(&Finding<'_>) -> bool,
) -> Vec<&'a IfName> {
    findings
        .iter()
        .filter(|(_, finding)| is(finding))
        .map(|(name, _)| name)
        .collect()
}

/// Moves what is to be moved until nothing is left to do, and again when a device went away under the plan; then says how the
/// NICs are. They are read anew only where something was done.
fn take_nics(root: &Root, wanted: &Wanted<'_>, mut facts: NicFacts) -> Result<(NicFacts, Report), Failure> {
    let mut report = Report::default();
    for attempt in 0..3 {
        let plan = nic::up(wanted, &facts).plan;
        if plan.is_empty() {
            break;
        }
        let mut done = apply(root, &plan);
        let is_tried_again = attempt < 2 && done.failed.iter().all(|failed| failed.vanished);
        if is_tried_again {
            // A device that was released or renamed needs a moment.
            if !done.failed.is_empty() {
                pause(AGAIN);
            }
            done.failed.clear();
        }
        report.add(done);
        facts = read(root, wanted)?;
        if !is_tried_again {
            break;
        }
    }
    Ok((facts, report))
}

fn link_bridges(root: &Root, dataplane: &Dataplane, facts: &NicFacts, said: &mut Vec<String>) -> Report {
    let bridges: Vec<&IfName> = dataplane.bridges.keys().collect();
    let (plan, notices) = nic::veths(&bridges, &dataplane.namespace, facts);
    said.extend(notices.iter().map(Notice::to_string));
    apply(root, &plan)
}

fn make_vrfs(root: &Root, dataplane: &Dataplane, facts: &NicFacts, said: &mut Vec<String>) -> Report {
    let (plan, notices) = nic::vrfs(&dataplane.vrfs, &dataplane.namespace, facts);
    said.extend(notices.iter().map(Notice::to_string));
    apply(root, &plan)
}

/// The Bindings, VPP's files, and no file of an instance that is gone.
fn write_files(root: &Root, bindings: &Bindings, mut files: Vec<Rendered>) -> Result<Report, Failure> {
    let mut report = apply(root, &output::remove(&files, &facts::output::vpp(root)));
    files.push(Rendered {
        path: relative(BINDINGS).to_owned(),
        mode: 0o644,
        text: serde_json::to_string_pretty(bindings).map_err(unreadable)? + "\n",
    });
    report.add(apply(root, &output::write(files)));
    Ok(report)
}

fn read(root: &Root, wanted: &Wanted<'_>) -> Result<NicFacts, Failure> {
    facts::nic::read(root, wanted.namespace).map_err(unreadable)
}
