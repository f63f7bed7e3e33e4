//! Who is told that the configuration is another one, and who is left alone.
#![allow(clippy::unwrap_used)]

use imp::config::{File, Model, parse};
use imp::plan::reload::{Change, jobs};
use imp::render::{self, Bindings};
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

/// The jobs between two documents, `*` behind those that are waited for.
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
    };
    let line = |job: &imp::types::Job| format!("{job}{}", if job.awaited { "*" } else { "" });
    jobs(&change).iter().map(line).collect()
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
fn other_daemons_restart_frr() {
    let after = format!("{BASE}[bgp]\nasn = 64500\n");
    assert_eq!(
        told(Some(BASE), &after),
        ["restart frr.service*", "start imp.target"]
    );
}

#[test]
fn an_address_is_for_vpp_which_takes_frr_with_it() {
    let after = BASE.replace("198.51.100.2/30", "198.51.100.6/30");
    assert_eq!(
        told(Some(BASE), &after),
        [
            "reload netns-move-interfaces.service",
            "restart vpp-core.service",
            "rerun imp-config-watch.service",
            "start imp.target"
        ]
    );
}

#[test]
fn another_nic_moves_before_vpp_starts_again() {
    let after = BASE.replace("0000:65:00.0", "0000:65:00.1");
    let told = told(Some(BASE), &after);
    assert_eq!(
        told[..2],
        ["reload netns-move-interfaces.service", "restart vpp-core.service"]
    );
    assert!(
        told.contains(&"reload systemd-networkd.service".to_owned()),
        "it keeps its hands off another one"
    );
}

#[test]
fn rules_are_reloaded_and_gone_ones_are_stopped_before_anything_starts() {
    let with = format!("{BASE}{FIREWALL}");
    let other = with.replace("172.16.0.0/24", "172.16.1.0/24");
    assert_eq!(
        told(Some(&with), &other),
        ["reload imp-nftables.service", "start imp.target"]
    );
    assert_eq!(
        told(Some(&with), BASE),
        ["stop imp-nftables.service*", "start imp.target"]
    );
}

#[test]
fn another_management_nic_restarts_no_vpp() {
    let with = |mac: &str| format!("{BASE}[management]\nmatch = {{ mac = \"{mac}\" }}\ndhcp = true\n");
    let told = told(Some(&with("3c:ec:ef:00:00:01")), &with("3c:ec:ef:00:00:02"));
    assert!(
        told.contains(&"reload netns-move-interfaces.service".to_owned()),
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
fn an_instance_that_is_gone_is_stopped_and_a_new_one_comes_with_the_target() {
    let with = format!("{BASE}[vpp.nat]\nmain-core = 2\n");
    assert_eq!(
        told(Some(&with), BASE),
        [
            "stop vpp-nat.service*",
            "reload netns-move-interfaces.service",
            "start imp.target"
        ]
    );
    assert_eq!(
        told(Some(BASE), &with),
        [
            "reload netns-move-interfaces.service",
            "restart vpp-nat.service",
            "rerun imp-config-watch.service",
            "start imp.target"
        ]
    );
}

#[test]
fn the_host_name_is_for_identity_and_frr() {
    let after = BASE.replace("edge1", "edge2");
    let told = told(Some(BASE), &after);
    for job in ["reload frr.service*", "restart imp-identity.service"] {
        assert!(told.contains(&job.to_owned()), "{told:?}");
    }
    assert!(!told.iter().any(|job| job.contains("vpp")), "{told:?}");
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
