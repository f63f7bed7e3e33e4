//! Who is told that the configuration is another one, and who is left alone.
#![allow(clippy::unwrap_used)]

use imp::config::{File, Model, parse};
use imp::plan::frr::daemons::of_files;
use imp::plan::reload::{Change, Part, Who, Work, parts, restart_frr, vpp_jobs};
use imp::plan::vpp;
use imp::render::{self, Bindings};
use imp::types::{Job, Mode, Verb};
use std::collections::{BTreeMap, BTreeSet};

const BASE: &str = "config-version = 1\n[system]\nhostname = \"edge1\"\n[vpp.core]\nmain-core = 1\n\
    [loopbacks.lo0]\naddresses = [\"192.0.2.1/32\"]\n\
    [interfaces.wan]\nmatch = { pci = \"0000:65:00.0\" }\naddresses = [\"198.51.100.2/30\"]\n";
const FIREWALL: &str = "[firewall]\nallow = [{ service = \"ssh\", from = [\"172.16.0.0/24\"] }]\n";

fn model(text: &str) -> Model {
    let bytes = text.as_bytes().to_vec();
    let files = BTreeMap::from([("imp.toml".to_owned(), File { bytes, mode: 0o644 })]);
    let parsed = parse(&files);
    parsed.model.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics))
}

/// Every file with its text; lines that only say where something was written left out.
fn rendered(model: &Model) -> BTreeMap<String, String> {
    let files = render::everything(model, &Bindings::as_written(model))
        .unwrap()
        .files;
    let meaning = |text: &str| {
        text.lines()
            .filter(|line| !line.starts_with('#'))
            .collect::<Vec<_>>()
            .join("\n")
    };
    files
        .into_iter()
        .map(|file| (file.path, meaning(&file.text)))
        .collect()
}

const DAEMONS: &str = "run/imp/frr/daemons";

fn jobs_of(part: &Part) -> &[Job] {
    match &part.work {
        Work::Jobs(jobs) => jobs,
        Work::Commands => &[],
    }
}

/// A job; `*` behind one that systemd runs at once, `+` behind one that is waited for in systemd's order.
fn line(job: &Job) -> String {
    let mark = match job.mode {
        Mode::AtOnce => "*",
        Mode::Awaited => "+",
        Mode::Queued => "",
    };
    format!("{job}{mark}")
}

/// The parts between two documents, a line for each job; VPP's commands are decided on the machine.
fn told(before: Option<&str>, after: &str) -> Vec<String> {
    let (before, after) = (before.map(model), model(after));
    let (old, new) = (
        before.as_ref().map(rendered).unwrap_or_default(),
        rendered(&after),
    );
    let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changed: Vec<String> = paths
        .into_iter()
        .filter(|path| old.get(*path) != new.get(*path))
        .cloned()
        .collect();
    let is_vpp = |path: &&String| path.starts_with("run/imp/vpp/");
    let instance = |path: &String| {
        let name = path.rsplit_once(['-']).unwrap().1;
        name.split('.').next().unwrap().parse().unwrap()
    };
    let files: Vec<String> = changed.iter().filter(|path| !is_vpp(path)).cloned().collect();
    let change = Change {
        before: before.as_ref(),
        after: &after,
        files: &files,
        rendered: &new.keys().cloned().collect(),
        vpp: &changed
            .iter()
            .filter(is_vpp)
            .filter(|path| new.contains_key(*path))
            .map(instance)
            .collect(),
        frr_restarts: old
            .get(DAEMONS)
            .is_none_or(|old| of_files(old, &new[DAEMONS]).is_none()),
    };
    let lines = |part: &Part| match &part.work {
        Work::Commands => vec![part.to_string()],
        Work::Jobs(jobs) => jobs.iter().map(line).collect(),
    };
    parts(&change).iter().flat_map(lines).collect()
}

#[test]
fn a_reload_without_changes_does_nothing() {
    assert_eq!(told(Some(BASE), BASE), [""; 0]);
    assert_eq!(
        told(Some(BASE), &format!("# a comment moves every line\n{BASE}")),
        [""; 0]
    );
}

#[test]
fn a_route_is_for_frr_alone_and_its_answer_is_waited_for() {
    let after = format!("{BASE}[routes]\n\"10.99.0.0/16\" = {{ blackhole = true }}\n");
    assert_eq!(
        told(Some(BASE), &after),
        ["reload frr.service*", "start imp.target"]
    );
}

#[test]
fn another_daemon_is_started_by_a_reload() {
    let after = format!("{BASE}[bgp]\nasn = 64500\n");
    let reload = ["reload frr.service*", "start imp.target"];
    assert_eq!(told(Some(BASE), &after), reload);
    assert_eq!(told(Some(&after), BASE), reload);
}

#[test]
fn what_no_daemon_can_be_told_alone_restarts_frr() {
    let (before, after) = (model(BASE), model(&format!("{BASE}[bgp]\nasn = 64500\n")));
    let change = Change {
        before: Some(&before),
        after: &after,
        files: &[DAEMONS.to_owned()],
        rendered: &BTreeSet::new(),
        vpp: &BTreeSet::new(),
        frr_restarts: true,
    };
    let parts = parts(&change);
    assert_eq!(
        parts.iter().flat_map(jobs_of).map(line).collect::<Vec<_>>(),
        [
            "restart frr.service*",
            "rerun frr-config.service*",
            "start imp.target"
        ]
    );
}

#[test]
fn an_address_is_for_vpp_once_its_files_are_written() {
    let after = BASE.replace("198.51.100.2/30", "198.51.100.6/30");
    assert_eq!(
        told(Some(BASE), &after),
        [
            "reload netns-move-interfaces.service*",
            "start netns-move-interfaces.service*",
            "commands of VPP core",
            "start imp.target"
        ]
    );
}

#[test]
fn a_vrf_has_its_device_before_the_pairs_are_put_into_it() {
    let with = |name: &str, table: u32| {
        let base = BASE.replace(
            "[interfaces.wan]\n",
            &format!("[interfaces.wan]\nvrf = \"{name}\"\n"),
        );
        format!("{base}[vrfs.{name}]\ntable = {table}\n")
    };
    let nics = [
        "reload netns-move-interfaces.service*",
        "start netns-move-interfaces.service*",
    ];
    for (before, after) in [
        (BASE.to_owned(), with("CUST", 10)),
        (with("CUST", 10), with("CUST", 20)),
    ] {
        let told = told(Some(&before), &after);
        assert_eq!(told[..3], [&nics[..], &["commands of VPP core"]].concat());
    }
    // VPP knows the number alone, and the device that the pairs were in is gone.
    let renamed = told(Some(&with("CUST", 10)), &with("OTHER", 10));
    assert_eq!(
        renamed[..3],
        [&nics[..], &["reload vpp-core-config.service*"]].concat()
    );
}

#[test]
fn another_nic_moves_before_vpp_starts_again() {
    let after = BASE.replace("0000:65:00.0", "0000:65:00.1");
    let told = told(Some(BASE), &after);
    assert_eq!(
        told[..4],
        [
            "reload netns-move-interfaces.service*",
            "start netns-move-interfaces.service*",
            "restart vpp-core.service*",
            "rerun vpp-core-config.service*"
        ]
    );
    assert!(
        told.contains(&"reload systemd-networkd.service*".to_owned()),
        "it keeps its hands off another one"
    );
}

#[test]
fn rules_are_reloaded_and_gone_ones_are_stopped_before_anything_starts() {
    let with = format!("{BASE}{FIREWALL}");
    let other = with.replace("172.16.0.0/24", "172.16.1.0/24");
    assert_eq!(
        told(Some(&with), &other),
        [
            "reload imp-nftables.service*",
            "start imp-nftables.service*",
            "start imp.target"
        ]
    );
    assert_eq!(
        told(Some(&with), BASE),
        ["stop imp-nftables.service+", "start imp.target"]
    );
}

#[test]
fn another_management_nic_restarts_no_vpp() {
    let with = |mac: &str| format!("{BASE}[management]\nmatch = {{ mac = \"{mac}\" }}\ndhcp = true\n");
    let told = told(Some(&with("3c:ec:ef:00:00:01")), &with("3c:ec:ef:00:00:02"));
    assert!(
        told.contains(&"reload netns-move-interfaces.service*".to_owned()),
        "an interface that more than one NIC matches may be another one: {told:?}"
    );
    assert!(
        !told
            .iter()
            .any(|job| job.contains("vpp") || job.contains("watch")),
        "{told:?}"
    );
}

#[test]
fn an_instance_that_is_gone_is_stopped_and_a_new_one_is_started() {
    let with = format!("{BASE}[vpp.nat]\nmain-core = 2\n");
    assert_eq!(
        told(Some(&with), BASE),
        [
            "stop vpp-nat.service+",
            "reload netns-move-interfaces.service*",
            "start netns-move-interfaces.service*",
            "start imp.target"
        ]
    );
    assert_eq!(
        told(Some(BASE), &with),
        [
            "reload netns-move-interfaces.service*",
            "start netns-move-interfaces.service*",
            "start vpp-nat.service*",
            "rerun vpp-nat-config.service*",
            "start imp.target"
        ]
    );
}

#[test]
fn the_host_name_is_for_identity_and_frr() {
    let after = BASE.replace("edge1", "edge2");
    let told = told(Some(BASE), &after);
    for job in ["reload frr.service*", "restart imp-identity.service*"] {
        assert!(told.contains(&job.to_owned()), "{told:?}");
    }
    assert!(!told.iter().any(|job| job.contains("vpp")), "{told:?}");
}

#[test]
fn the_host_has_its_own_services() {
    let name = "hostname = \"edge1\"\n";
    let host = "ntp = [\"192.0.2.123\"]\nsyslog = [{ host = \"192.0.2.51\" }]\nbanner = \"No entry.\"\n";
    let after = BASE.replacen(name, &format!("{name}{host}"), 1);
    assert_eq!(
        told(Some(BASE), &after),
        [
            "restart imp-identity.service*",
            "restart systemd-timesyncd.service*",
            "restart chrony.service*",
            "restart rsyslog.service*",
            "start imp.target"
        ]
    );
    let host = "timezone = \"Europe/Berlin\"\n[prometheus]\nnode-exporter = \"192.0.2.9:9100\"\n";
    let after = BASE.replacen(name, &format!("{name}{host}"), 1);
    assert_eq!(
        told(Some(BASE), &after),
        [
            "restart imp-identity.service*",
            "restart prometheus-node-exporter.service*",
            "start imp.target"
        ]
    );
}

#[test]
fn another_namespace_restarts_everything_in_it() {
    let after = format!("{BASE}[dataplane]\nnamespace = \"other\"\n");
    let told = told(Some(BASE), &after);
    assert_eq!(told[0], "restart netns-dataplane.service");
    assert!(
        !told.iter().any(|job| job.contains("frr") || job.contains("vpp")),
        "{told:?}"
    );
}

#[test]
fn the_first_good_document_starts_everything() {
    let told = told(None, BASE);
    assert_eq!(told.last().unwrap(), "start imp.target");
}

/// Nothing ran that could be told of a difference: `imp.target` starts everything in systemd's own order.
#[test]
fn nobody_waits_for_vpp_where_nothing_ran() {
    let told = told(None, BASE);
    assert!(
        !told.iter().any(|job| job.contains("vpp") && job.ends_with('*')),
        "{told:?}"
    );
}

#[test]
fn core_comes_before_the_instances_that_hang_on_it() {
    let both = |address: &str| {
        format!("{BASE}[vpp.a]\nmain-core = 2\n").replace("192.0.2.1", address) + "poll-sleep-usec = 100\n"
    };
    let before = both("192.0.2.1").replace("poll-sleep-usec = 100", "poll-sleep-usec = 200");
    let told = told(Some(&before), &both("192.0.2.2"));
    let place = |name: &str| {
        told.iter()
            .position(|job| job == &format!("commands of VPP {name}"))
            .unwrap()
    };
    assert!(place("core") < place("a"), "{told:?}");
}

#[test]
fn a_difference_reloads_and_everything_else_restarts() {
    let core = "core".parse().unwrap();
    let jobs = |change: &vpp::Change| vpp_jobs(&core, change).iter().map(line).collect::<Vec<_>>();
    assert_eq!(jobs(&vpp::Change::None), [""; 0]);
    let live = vpp::Change::Live(vpp::Difference {
        steps: Vec::new(),
        impacts: Vec::new(),
    });
    assert_eq!(jobs(&live), ["reload vpp-core-config.service*"]);
    let restart = vpp::Change::Restart { why: "x".to_owned() };
    assert_eq!(
        jobs(&restart),
        ["restart vpp-core.service*", "rerun vpp-core-config.service*"]
    );
}

#[test]
fn frr_restarts_behind_core_whatever_it_was_to_do() {
    let part = |who: Who| Part {
        who,
        work: Work::Jobs(vec![Job::at_once(Verb::Reload, "frr.service")]),
    };
    let vpp = |name: &str| Who::Vpp(name.parse().unwrap());
    for with_frr in [true, false] {
        let mut all = vec![part(vpp("core")), part(vpp("nat"))];
        all.extend(with_frr.then(|| part(Who::Frr)));
        all.push(part(Who::Firewall));
        restart_frr(&mut all);
        let who: Vec<String> = all.iter().map(|part| part.who.to_string()).collect();
        assert_eq!(who, ["VPP core", "VPP nat", "FRR", "firewall"]);
        assert_eq!(
            all[2].to_string(),
            "restart frr.service, rerun frr-config.service"
        );
    }
}

#[test]
fn what_a_boot_does_restarts_what_is_reloaded() {
    let reload = Part {
        who: Who::Networkd,
        work: Work::Jobs(vec![Job::at_once(Verb::Reload, "systemd-networkd.service")]),
    };
    assert_eq!(
        reload.by_restart().to_string(),
        "restart systemd-networkd.service"
    );
    let commands = Part {
        who: Who::Vpp("nat".parse().unwrap()),
        work: Work::Commands,
    };
    assert_eq!(
        commands.by_restart().to_string(),
        "restart vpp-nat.service, rerun vpp-nat-config.service"
    );
}
