//! Asks everything that knows something, all at once, each with a deadline: whatever hangs is named, and delays nobody.

use super::drift;
use super::finding::findings;
use super::generation::{running, waiting};
use super::report::{Applied, BridgeState, Drift, Image, Instance, Report};
use crate::boot::record::BootRecord;
use crate::config::Model;
use crate::exit::{Failure, Kind};
use crate::facts::nic::{self, NicFacts};
use crate::facts::port::{self, Ports};
use crate::facts::status::Status;
use crate::facts::vitals::Vitals;
use crate::facts::vpp::{InstanceFacts, Record};
use crate::facts::{self, incus};
use crate::health::{self, frr};
use crate::host::bus::{self, UnitState};
use crate::host::question::Question;
use crate::host::vpp::Client;
use crate::host::{paths, privilege};
use crate::plan::Input as _;
use crate::plan::nic::{Configured, Port, Wanted, Where, ports};
use crate::render::bridge_numbers;
use crate::step;
use crate::step::apply::progress::Record as Progress;
use crate::types::{IfName, InstanceName, NetnsName, Root};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long one answer may take. On a router that is well, all take milliseconds.
const ANSWER: Duration = Duration::from_secs(5);
/// How long FRR and VPP may take to show what they run: seconds where that is much.
const SHOW: Duration = Duration::from_secs(9);
/// How often those that are asked again and again are asked what they run.
const SHOW_EVERY: Duration = Duration::from_secs(60);

/// Units every router has, in the order of a boot; those of VPP instances follow by name.
const UNITS: [&str; 8] = [
    "imp-config.service",
    "imp-identity.service",
    "imp-nftables.service",
    "netns-dataplane.service",
    "netns-move-interfaces.service",
    "frr.service",
    "frr-config.service",
    "incus-dataplane.service",
];

type Asked<T> = Option<Question<Result<T, String>>>;

/// Looks at a router, once or again and again.
#[derive(Debug)]
pub struct Looker<'r> {
    root: &'r Root,
    longest: u64,
    compared: Option<(Instant, Compared)>,
}

/// What FRR and VPP run, against what they should.
#[derive(Debug, Clone, Default)]
struct Compared {
    /// How many were asked.
    asked: usize,
    drift: Vec<Drift>,
    /// How many differences there are.
    count: usize,
    unanswered: Vec<String>,
}

impl<'r> Looker<'r> {
    /// Looks at this machine. Of another root nobody is asked but VPPs whose sockets are there.
    pub fn new(root: &'r Root) -> Self {
        Self {
            root,
            longest: u64::MAX,
            compared: None,
        }
    }

    /// The same, but FRR and VPP are not asked for what they run where that is written in a longer file, in bytes: FRR shows
    /// 250,000 lines in 3.6 s of CPU time.
    pub fn sparing(root: &'r Root, longest: u64) -> Self {
        Self {
            longest,
            ..Self::new(root)
        }
    }

    /// What there is now. Ends within ten seconds, whatever hangs. An error where the record of `imp-config` cannot be read.
    pub fn look(&mut self) -> Result<Report, Failure> {
        let root = self.root;
        let verdict = Status::read(root)
            .map_err(|error| Failure::new(Kind::Failed, format!("status.json: {error}")))?;
        let record = BootRecord::read(root).ok().flatten();
        let model = step::running_model(root).ok();
        let names = facts::output::instances(root);
        let mut report = Report {
            generation: verdict
                .as_ref()
                .and_then(|it| it.generation.as_deref())
                .map(|id| running(root, id)),
            confirm: waiting(root),
            apply: Progress::read(root).ok().flatten().map(|record| Applied {
                outcome: record.outcome,
                began: record.began,
                seconds: record.seconds,
            }),
            verdict,
            image: record.as_ref().map(|record| Image {
                name: record.loader.as_ref().map(|loader| loader.booted.clone()),
                class: record.class,
            }),
            boot: record.and_then(|record| record.verdict),
            notices: step::notices(root),
            pending: step::reload::pending(root)
                .iter()
                .map(ToString::to_string)
                .collect(),
            ..Report::default()
        };
        self.ask(&mut report, model.as_ref(), &names);
        report.findings = findings(&report);
        Ok(report)
    }

    /// All questions are under way before the first answer is waited for.
    fn ask(&mut self, report: &mut Report, model: Option<&Model>, names: &[InstanceName]) {
        let root = self.root;
        let machine = root.is_machine();
        let all = machine && privilege::is_root();
        let model_of_all = model.filter(|_| all);
        let units = machine.then(|| ask_units(names));
        let nics = model.filter(|_| machine).map(|model| ask_nics(root, model, all));
        let vitals: Vec<_> = names.iter().map(|name| ask_vitals(root, name)).collect();
        let bgp: Asked<_> = model_of_all.and_then(|model| {
            let release = facts::frr::release(root);
            model.instances_of_bgp().next()?;
            Some(Question::ask(ANSWER, move || frr::bgp_peers(release)))
        });
        let ospf: Asked<_> = model_of_all.and_then(|model| {
            let (four, six) = (model.ospf.is_some(), model.ospf6.is_some());
            (four || six).then(|| Question::ask(ANSWER, move || frr::ospf_neighbors(four, six)))
        });
        let isis: Asked<_> = model_of_all.and_then(|model| {
            model.isis.as_ref()?;
            Some(Question::ask(ANSWER, frr::isis_neighbors))
        });
        let routes: Asked<_> = model_of_all
            .filter(|_| root.join("run/frr/zebra.vty").exists())
            .map(|_| Question::ask(ANSWER, frr::routes));
        let bridges: Asked<_> = model_of_all
            .filter(|model| !model.incus.bridges.is_empty())
            .map(ask_bridges);
        let expected = model_of_all.map(health::Wanted::of);
        let checks: Vec<_> = expected.iter().flat_map(|wanted| checks(root, wanted)).collect();
        self.compare(names, all);

        let unanswered = &mut report.unanswered;
        report.units = settle(units, "systemd", unanswered);
        let seen = settle(nics, "NICs", unanswered);
        report.vpp = names
            .iter()
            .zip(vitals)
            .map(|(name, vitals)| instance(root, name, settle(vitals, &format!("vpp {name}"), unanswered)))
            .collect();
        if let Some(model) = model {
            name_bridges(model, &mut report.vpp);
        }
        report.nics = seen.map(|(facts, now)| {
            let configured = model.map(Configured::of);
            let wanted = configured.as_ref().map(Wanted::of);
            let mut ports = ports(wanted.as_ref(), &facts, &now);
            links_of_vpp(&mut ports, &report.vpp);
            ports
        });
        report.bgp = settle(bgp, "BGP", unanswered);
        report.ospf = settle(ospf, "OSPF", unanswered);
        report.isis = settle(isis, "IS-IS", unanswered);
        report.routes = settle(routes, "routes", unanswered);
        report.bridges = settle(bridges, "bridges", unanswered);
        if machine && !all {
            unanswered.push("only root can ask VPP, FRR and the dataplane's NICs".to_owned());
        }
        let outcomes = checks.into_iter().flat_map(health::Running::finish);
        report.drift = outcomes.filter_map(drift::of_check).collect();
        let compared = self.compared.as_ref().map(|(_, compared)| compared);
        let is_compared = expected.is_some() || compared.is_some_and(|it| it.asked > 0);
        report.drift_count =
            is_compared.then(|| report.drift.len() + compared.map_or(0, |compared| compared.count));
        if let Some(compared) = compared {
            report.drift.extend(compared.drift.iter().cloned());
            report.unanswered.extend(compared.unanswered.iter().cloned());
        }
    }

    /// What FRR and VPP run is compared with what they should, unless that was done a moment ago.
    fn compare(&mut self, names: &[InstanceName], frr_too: bool) {
        if self
            .compared
            .as_ref()
            .is_some_and(|(at, _)| at.elapsed() < SHOW_EVERY)
        {
            return;
        }
        let root = self.root;
        let is_short = |path: &std::path::Path| {
            let length = crate::host::stat::stat(path).map(|stat| stat.length);
            length.is_ok_and(|length| length <= self.longest)
        };
        let conf = root.join(paths::FRR_CONF);
        let frr: Asked<_> = (frr_too && is_short(&conf)).then(|| {
            let root = root.clone();
            Question::ask(SHOW, move || drift::of_frr(&root))
        });
        let vpps = names.iter().filter(|name| {
            InstanceFacts::read(root, name).is_as_wanted() && is_short(&Record::Commands.path(root, name))
        });
        let vpps: Vec<_> = vpps
            .map(|name| {
                let (root, name) = (root.clone(), name.clone());
                let about = format!("what vpp {name} runs");
                (
                    about,
                    Some(Question::ask(SHOW, move || drift::of_vpp(&root, &name))),
                )
            })
            .collect();
        let mut compared = Compared {
            asked: usize::from(frr.is_some()) + vpps.len(),
            ..Compared::default()
        };
        let all = [("what FRR runs".to_owned(), frr)].into_iter().chain(vpps);
        for (about, asked) in all {
            let found = settle(asked, &about, &mut compared.unanswered).unwrap_or_default();
            compared.count += found.len();
            compared.drift.extend(found.into_iter().take(Drift::SHOWN));
        }
        self.compared = Some((Instant::now(), compared));
    }
}

/// The answer; where there is none, a line that says why.
fn settle<T: Send + 'static>(asked: Asked<T>, about: &str, unanswered: &mut Vec<String>) -> Option<T> {
    let words = match asked?.answer() {
        Ok((Ok(answer), _)) => return Some(answer),
        Ok((Err(words), _)) => words,
        Err(error) => error.to_string(),
    };
    unanswered.push(format!("{about}: {words}"));
    None
}

pub(super) fn words(error: &dyn std::error::Error) -> String {
    Failure::from_error(Kind::Failed, error).to_string()
}

fn ask_units(instances: &[InstanceName]) -> Question<Result<Vec<UnitState>, String>> {
    let of_instance = |name: &InstanceName| {
        [
            format!("vpp-{name}.service"),
            format!("vpp-{name}-config.service"),
        ]
    };
    let names = UNITS.map(str::to_owned).into_iter();
    let names: Vec<String> = names.chain(instances.iter().flat_map(of_instance)).collect();
    Question::ask(ANSWER, move || bus::states(&names).map_err(|error| words(&error)))
}

fn ask_nics(root: &Root, model: &Model, all: bool) -> Question<Result<(NicFacts, Ports), String>> {
    let root = root.clone();
    let namespace = all.then(|| model.dataplane.namespace.clone());
    Question::ask(ANSWER, move || {
        look_nics(&root, namespace.as_ref()).map_err(|error| words(&error))
    })
}

/// The devices of the host, which everybody may see, and of a namespace.
fn look_nics(root: &Root, namespace: Option<&NetnsName>) -> Result<(NicFacts, Ports), facts::FactsError> {
    if let Some(namespace) = namespace {
        return Ok((nic::read(root, namespace)?, port::read(root, namespace)?));
    }
    let facts = NicFacts {
        host: nic::host(root)?,
        ..NicFacts::default()
    };
    let now = Ports {
        host: port::host()?,
        ..Ports::default()
    };
    Ok((facts, now))
}

/// A VPP is asked where its socket is.
fn ask_vitals(root: &Root, name: &InstanceName) -> Asked<Vitals> {
    let socket = root.join(paths::vpp_api(name.as_ref()));
    socket.exists().then(|| {
        Question::ask(ANSWER, move || {
            Client::connect(&socket, Duration::ZERO, None)
                .and_then(|mut client| Vitals::ask(&mut client))
                .map_err(|error| words(&error))
        })
    })
}

fn ask_bridges(model: &Model) -> Question<Result<BTreeMap<String, BridgeState>, String>> {
    let names: Vec<IfName> = model.incus.bridges.keys().cloned().collect();
    Question::ask(ANSWER, move || {
        let found = incus::bridges(&names).map_err(|error| words(&error))?;
        let states = found.iter().map(|(name, bridge)| (name.clone(), bridge.into()));
        Ok(states.collect())
    })
}

/// The health checks that look at what our steps left behind; the rest is asked for here, or is somebody else's.
fn checks<'w>(root: &Root, wanted: &'w health::Wanted) -> Vec<health::Running<'w>> {
    let mut checks = vec![health::dataplane::namespace(root, wanted)];
    checks.extend(health::dataplane::checks(root, wanted, None));
    checks.extend(health::management::check(root, wanted, None));
    checks.extend(health::firewall::check(wanted));
    checks.extend(health::incus::check(root, wanted));
    checks
}

fn instance(root: &Root, name: &InstanceName, vitals: Option<Vitals>) -> Instance {
    let facts = InstanceFacts::read(root, name);
    Instance {
        name: name.clone(),
        configured: facts.is_as_wanted(),
        process: facts.applied.as_ref().map(|applied| applied.process.pid),
        failed: facts.failed.map(|failed| failed.words),
        vitals,
    }
}

/// VPP knows bridge domains by numbers alone.
fn name_bridges(model: &Model, instances: &mut [Instance]) {
    let names = bridge_numbers(model);
    let vitals = instances.iter_mut().filter_map(|it| it.vitals.as_mut());
    for domain in vitals.flat_map(|vitals| &mut vitals.bridge_domains) {
        domain.name = names.get(&domain.number).map(ToString::to_string);
    }
}

/// Every port of this machine, or those of the host where only these are for whoever asks.
pub fn machine_ports(root: &Root, model: Option<&Model>, all: bool) -> Result<Vec<Port>, Failure> {
    let namespace = match model {
        Some(model) => Some(model.dataplane.namespace.clone()),
        // Before the first configuration is accepted: what its default is.
        None => "dataplane".parse().ok(),
    };
    let (facts, now) = look_nics(root, namespace.filter(|_| all).as_ref())
        .map_err(|error| Failure::from_error(Kind::Failed, &error))?;
    let configured = model.map(Configured::of);
    let wanted = configured.as_ref().map(Wanted::of);
    let mut ports = ports(wanted.as_ref(), &facts, &now);
    let names = match all {
        true => facts::output::instances(root),
        false => Vec::new(),
    };
    let asked: Vec<_> = names.iter().map(|name| ask_vitals(root, name)).collect();
    let instances: Vec<Instance> = names
        .iter()
        .zip(asked)
        // A VPP that does not answer says nothing about its links; `impctl status` says that it does not.
        .map(|(name, asked)| instance(root, name, settle(asked, "", &mut Vec::new())))
        .collect();
    links_of_vpp(&mut ports, &instances);
    Ok(ports)
}

/// The kernel knows nothing of a port that VPP drives itself.
fn links_of_vpp(ports: &mut [Port], instances: &[Instance]) {
    let links = instances.iter().filter_map(|it| it.vitals.as_ref());
    let links: Vec<_> = links.flat_map(|vitals| &vitals.links).collect();
    for port in ports.iter_mut().filter(|port| port.place == Where::Vpp) {
        if let Some(name) = port.claim.interface()
            && let Some(link) = links.iter().find(|link| link.name == name.as_ref())
        {
            port.carrier = Some(link.carrier);
            port.speed = link.speed;
        }
    }
}
