//! What VPP's objects are told apart by comes from their names: one more changes no other's.
#![allow(clippy::unwrap_used)]

use imp::config::{File, Model, parse};
use imp::render::{self, Bindings, Dataplane};
use imp::types::id;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const BASE: &str = "config-version = 1\n[system]\nhostname = \"edge1\"\n[vpp.core]\n[vpp.mid]\n\
    [loopbacks.lo5]\naddresses = [\"192.0.2.5/32\"]\n\
    [interfaces.lan]\nmatch = { pci = \"0000:65:00.0\" }\naddresses = [\"10.0.0.1/24\"]\n\
    [incus.bridges.mid]\naddress = \"10.1.0.1/24\"\ngateway = \"10.1.0.2\"\n\
    [nat.mid]\ninstance = \"mid\"\nmode = \"det44\"\nfrom = [\"lan\"]\n\
    mappings = [{ inside = \"10.0.0.0/24\", outside = \"203.0.113.0/28\" }]\n";
/// Names before and after those of `BASE`, of each kind.
const MORE: &str = "[vpp.a]\n[vpp.z]\n[loopbacks.la]\naddresses = [\"192.0.2.1/32\"]\n\
    [loopbacks.lz]\naddresses = [\"192.0.2.9/32\"]\n\
    [incus.bridges.ba]\naddress = \"10.2.0.1/24\"\ngateway = \"10.2.0.2\"\n\
    [incus.bridges.bz]\naddress = \"10.3.0.1/24\"\ngateway = \"10.3.0.2\"\n\
    [nat.a]\ninstance = \"a\"\nmode = \"nat44-ed\"\nfrom = [\"lan\"]\ninside = [\"10.2.0.0/24\"]\n\
    pool = \"203.0.113.32-203.0.113.33\"\n\
    [nat.z]\ninstance = \"z\"\nmode = \"nat64\"\npool = \"203.0.113.34-203.0.113.35\"\n";

fn model(text: &str) -> Model {
    let bytes = text.as_bytes().to_vec();
    let files = BTreeMap::from([("imp.toml".to_owned(), File { bytes, mode: 0o644 })]);
    let parsed = parse(&files);
    parsed.model.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics))
}

/// The commands of an instance, without markers and places.
fn commands(text: &str, instance: &str) -> Vec<String> {
    let model = model(text);
    let files = render::vpp(&Dataplane::of(&model), &Bindings::as_written(&model))
        .unwrap()
        .files;
    let path = format!("run/imp/vpp/commands-{instance}.txt");
    let file = files.iter().find(|file| file.path == path).unwrap();
    let lines = file.text.lines();
    let acts = lines.filter(|line| !line.starts_with('#') && !line.starts_with("vpplog"));
    acts.map(str::to_owned).collect()
}

#[test]
fn one_more_name_renumbers_nothing() {
    let more = format!("{BASE}{MORE}");
    assert_eq!(
        commands(BASE, "mid"),
        commands(&more, "mid"),
        "another module restarts it"
    );
    let after: BTreeSet<String> = commands(&more, "core").into_iter().collect();
    // An ACL's index is its place in the order of creation, and VPP's to give.
    let is_ours = |line: &String| !line.starts_with("set acl-plugin") && !line.starts_with("abf policy add");
    let lost: Vec<String> = commands(BASE, "core")
        .into_iter()
        .filter(is_ours)
        .filter(|line| !after.contains(line))
        .collect();
    assert_eq!(lost, Vec::<String>::new());
}

#[test]
fn a_link_keeps_away_from_what_the_operator_uses() {
    let of = |text: &str| model(text).nats.values().next().unwrap().links();
    let links = of(BASE);
    let address = format!(
        "{}/30",
        std::net::Ipv4Addr::from_bits(links.network().to_bits() + 1)
    );
    let taken = BASE.replace("\"10.0.0.1/24\"", &format!("\"10.0.0.1/24\", \"{address}\""));
    assert_ne!(of(&taken), links, "the links of a tunnel's /30 are its own");
}

proptest! {
    #[test]
    fn numbers_are_different_and_in_range(names in prop::collection::btree_set("[a-z]{1,4}", 0..40), range in 40_u32..60) {
        let numbers = id::numbers(names.iter().map(String::as_str), range, |_| true);
        let different: BTreeSet<u32> = numbers.iter().copied().collect();
        prop_assert_eq!(different.len(), names.len());
        prop_assert!(numbers.iter().all(|number| *number < range));
    }
}

#[test]
fn numbers_beyond_the_range_are_for_vpp_to_refuse() {
    assert_eq!(id::numbers(["a", "b", "c"], 1, |_| true), [0, 1, 2]);
    assert_eq!(id::numbers(["a"], 4, |number| number == 3), [3]);
}
