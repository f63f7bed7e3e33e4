//! FRR's daemons and neighbours, now and before the reboot.

use super::{about, assert_failed, model, named, parse_bgp};
use imp::boot::trial::outcome::{CheckOutcome, CheckState, Scope, healthy};
use imp::health::frr::{
    BgpPeer, BgpPeers, OspfNeighbor, parse_bfd_down, parse_instances, parse_ospf, parse_ospf6, parse_watchfrr,
};
use imp::health::routing::{Daemons, Running, judge_adjacent, judge_bgp, judge_daemons, wanted_daemons};
use imp::health::{Baseline, BgpWanted};
use imp::plan::frr::differences;
use imp::types::{FrrRelease, Root};

const UP: &str = include_str!("watchfrr-up.txt");
const BGPD_DOWN: &str = include_str!("watchfrr-bgpd-down.txt");
const BGP_UP: &str = include_str!("bgp-up.json");
const BGP_GONE: &str = include_str!("bgp-peer-gone.json");
const BGP_VRFS: [&str; 2] = [
    include_str!("bgp-vrfs-8.4.json"),
    include_str!("bgp-vrfs-10.3.json"),
];
const OSPF: &str = include_str!("ospf-full.json");
const OSPF6: &str = include_str!("ospf6-full.json");

fn bgp(now: &BgpPeers, before: Option<&BgpPeers>) -> Vec<CheckOutcome> {
    let model = model();
    let about = about("bgp", Scope::ControlPlane);
    judge_bgp(&about, &BgpWanted::of(&model).unwrap(), Ok(now.clone()), before)
}

fn daemons(said: Result<&str, &str>, silent: &[&str]) -> CheckOutcome {
    seen(said, silent, Ok(Running::Loaded(Vec::new())))
}

fn seen(said: Result<&str, &str>, silent: &[&str], running: Result<Running, String>) -> CheckOutcome {
    let file = "# comment\nbgpd=yes\nospfd=no\nvtysh_enable=yes\nbgpd_options=\"-A ::1\"\n";
    let seen = Daemons {
        wanted: wanted_daemons(file, FrrRelease::V8),
        states: said.map(parse_watchfrr).map_err(str::to_owned),
        silent: silent.iter().map(ToString::to_string).collect(),
        running,
    };
    judge_daemons(&about("frr", Scope::ControlPlane), &seen)
}

#[test]
fn a_dead_daemon_is_named_whatever_the_unit_says() {
    let up = daemons(Ok(UP), &[]);
    assert_eq!(
        (up.state, up.expected.as_str()),
        (CheckState::Passed, "bgpd, staticd, zebra Up, and frr.conf runs")
    );
    assert_failed(&daemons(Ok(BGPD_DOWN), &["bgpd"]), "bgpd Down");
    assert_failed(&daemons(Ok(UP), &["bgpd"]), "bgpd does not answer");
    let other = UP.replace("  bgpd  ", "  bmpd  ");
    assert_failed(&daemons(Ok(&other), &[]), "bgpd is not watched");
    let words = "'vtysh' exited with status 1: Exiting: failed to connect to any daemons.";
    assert_failed(&daemons(Err(words), &[]), words);
    assert_failed(
        &daemons(Ok(""), &[]),
        "bgpd is not watched, staticd is not watched, zebra is not watched",
    );
}

#[test]
fn daemons_that_are_up_are_not_enough() {
    let conf = "router bgp 64500\nexit\n! extra-file of [frr]\nip nht resolve-via-default\n";
    let found = |running: &str| seen(Ok(UP), &[], Ok(Running::Loaded(differences(conf, running))));
    let version = "frr version 8.4.4\n";
    let both =
        "frr.conf:1 'router bgp 64500' does not run; frr.conf:4 'ip nht resolve-via-default' does not run";
    assert_failed(&found(version), both);
    let extra = found(&format!("{version}router bgp 64500\nexit\n"));
    assert_eq!(extra.state, CheckState::Passed);
    assert_eq!(
        extra.observed,
        "frr.conf:4 'ip nht resolve-via-default' does not run"
    );
    assert_failed(
        &seen(Ok(UP), &[], Ok(Running::Loading)),
        "frr.conf is still being loaded",
    );
    assert_failed(&seen(Ok(UP), &[], Err("no answer".to_owned())), "no answer");
    assert!(wanted_daemons("bgpd=yes\n", FrrRelease::V10).contains("mgmtd"));
}

#[test]
fn watchfrr_lists_daemons_between_its_settings() {
    let found = parse_watchfrr(BGPD_DOWN);
    assert_eq!(found.len(), 6);
    assert_eq!(found["bgpd"], "Down");
    assert_eq!(found["zebra"], "Up");
}

#[test]
fn bgp_is_read_from_frrs_own_json() {
    let peers = parse_bgp(BGP_UP).unwrap();
    assert_eq!(peers["10.9.0.2"].prefixes["ipv4Unicast"], 2);
    assert_eq!(peers["2001:db8:9::2"].prefixes["ipv6Unicast"], 1);
    assert_eq!(peers["10.9.0.78"].state, "Idle (Admin)");
    assert_eq!(parse_bgp("{}").unwrap(), BgpPeers::new());
    assert_eq!(parse_bgp("{\"warning\":\"no BGP\"}").unwrap(), BgpPeers::new());
    assert!(parse_bgp("% BGP instance not found").is_err());
}

#[test]
fn neighbours_of_vrfs_are_told_from_those_of_the_main_table() {
    for said in BGP_VRFS {
        let peers = parse_instances(said).unwrap();
        let known: Vec<(&str, Option<&str>)> = peers
            .iter()
            .map(|(name, peer)| (name.as_str(), peer.vrf.as_deref()))
            .collect();
        assert_eq!(known, [("192.0.2.5", None), ("192.0.2.9 in CUST", Some("CUST"))]);
        assert_eq!(peers["192.0.2.9 in CUST"].state, "Idle");
    }
    assert_eq!(parse_instances("{}").unwrap(), BgpPeers::new());
    assert_eq!(
        parse_instances("{\"warning\":\"no BGP\"}").unwrap(),
        BgpPeers::new()
    );
}

#[test]
fn a_neighbour_in_a_vrf_is_needed_like_any_other() {
    let document = "config-version = 1\n[system]\nhostname = \"r\"\n[vpp.core]\n[interfaces.a]\nmatch = { pci = \"0000:65:00.0\" }\n\
        addresses = [\"192.0.2.10/24\"]\nvrf = \"CUST\"\n[vrfs.CUST]\ntable = 10\n[vrfs.CUST.bgp]\nasn = 64501\nrouter-id = \"192.0.2.1\"\n\
        [vrfs.CUST.bgp.neighbors.\"192.0.2.9\"]\nremote-as = 64501\n";
    let wanted = BgpWanted::of(&crate::pure::config::model(document)).unwrap();
    let about = about("bgp", Scope::ControlPlane);
    let now = parse_instances(BGP_VRFS[0]).unwrap();
    let outcomes = judge_bgp(&about, &wanted, Ok(now), None);
    assert_failed(named(&outcomes, "bgp 192.0.2.9 in CUST"), "Idle");
}

#[test]
fn a_neighbour_without_bfd_is_known_by_bfdd() {
    let said = r#"[{"multihop":false,"peer":"192.0.2.9","vrf":"default","status":"down","id":1},
        {"multihop":false,"peer":"192.0.2.9","vrf":"CUST","status":"down","id":3},
        {"multihop":false,"peer":"192.0.2.8","vrf":"default","status":"up","id":2}]"#;
    assert_eq!(parse_bfd_down(said), ["192.0.2.9", "192.0.2.9 in CUST"]);
    assert_eq!(parse_bfd_down("% no such thing"), [""; 0]);
}

#[test]
fn without_a_baseline_every_configured_neighbour_is_needed() {
    let outcomes = bgp(&parse_bgp(BGP_UP).unwrap(), None);
    let up = named(&outcomes, "bgp 10.9.0.2");
    assert_eq!(
        (up.state, up.observed.as_str()),
        (CheckState::Passed, "Established, 2 ipv4Unicast prefixes")
    );
    assert_failed(named(&outcomes, "bgp 10.9.0.77"), "Active");
    assert_eq!(named(&outcomes, "bgp 10.9.0.78").state, CheckState::NotNeeded);
    assert!(!healthy(&outcomes));
    let outcomes = bgp(&BgpPeers::new(), None);
    assert_failed(named(&outcomes, "bgp 10.9.0.2"), "unknown to FRR");
}

#[test]
fn what_was_down_before_the_reboot_is_not_needed() {
    let before = parse_bgp(BGP_UP).unwrap();
    let outcomes = bgp(&before, Some(&before));
    assert!(healthy(&outcomes), "{outcomes:#?}");
    let down = named(&outcomes, "bgp 10.9.0.77");
    assert_eq!(
        (down.state, down.observed.as_str()),
        (CheckState::NotNeeded, "Active; Active before the reboot")
    );
    let outcomes = bgp(&parse_bgp(BGP_GONE).unwrap(), Some(&before));
    assert_eq!(
        named(&outcomes, "bgp 10.9.0.2").sentence(),
        "bgp 10.9.0.2: expected Established, at least 1 ipv4Unicast prefixes (2 before), observed Active"
    );
    assert!(!healthy(&outcomes));
}

#[test]
fn half_of_the_prefixes_must_be_back() {
    let peer = |state: &str, count| BgpPeer {
        state: state.to_owned(),
        prefixes: [("ipv4Unicast".to_owned(), count)].into(),
        ..BgpPeer::default()
    };
    let peers = |peer: BgpPeer| BgpPeers::from([("10.9.0.2".to_owned(), peer)]);
    let state = |now, before| {
        let outcomes = bgp(&peers(now), Some(&peers(before)));
        named(&outcomes, "bgp 10.9.0.2").state
    };
    let up = |count| peer("Established", count);
    assert_eq!(state(up(500), up(1000)), CheckState::Passed);
    assert_eq!(state(up(499), up(1000)), CheckState::Failed);
    assert_eq!(state(up(0), up(1)), CheckState::Failed);
    assert_eq!(state(up(0), up(0)), CheckState::Passed);
    // What it received while it was down says nothing.
    assert_eq!(state(up(0), peer("Active", 0)), CheckState::Passed);
}

#[test]
fn ospf_neighbours_are_those_that_were_adjacent() {
    let about = about("ospf", Scope::ControlPlane);
    let mut before = parse_ospf(OSPF).unwrap();
    before.extend(parse_ospf6(OSPF6).unwrap());
    assert_eq!(before[0].interface, "va");
    assert_eq!(
        (before[0].state.as_str(), before[1].state.as_str()),
        ("Full/DR", "Full")
    );
    let now = vec![before[0].clone()];
    let outcomes = judge_adjacent(&about, Ok(now.clone()), Some(&before));
    assert_eq!(outcomes[0].state, CheckState::Passed);
    assert_failed(&outcomes[1], "gone");
    before[1].state = "Init".to_owned();
    let outcomes = judge_adjacent(&about, Ok(now.clone()), Some(&before));
    assert_eq!(outcomes[1].observed, "gone; Init before the reboot");
    assert!(healthy(&outcomes));
    let forming = OspfNeighbor {
        state: "ExStart/DR".to_owned(),
        ..now[0].clone()
    };
    assert_failed(&judge_adjacent(&about, Ok(vec![forming]), None)[0], "ExStart/DR");
    assert_eq!(
        judge_adjacent(&about, Ok(parse_ospf("{}").unwrap()), None)[0].state,
        CheckState::NotNeeded
    );
    let other = OspfNeighbor {
        state: "2-Way/DROther".to_owned(),
        ..now[0].clone()
    };
    assert_eq!(
        judge_adjacent(&about, Ok(vec![other]), Some(&now))[0].state,
        CheckState::Passed
    );
}

#[test]
fn a_baseline_outlives_a_reboot_and_a_torn_one_is_ignored() {
    let dir = tempfile::tempdir().unwrap();
    let root = Root::new(dir.path());
    std::fs::create_dir_all(root.join("persistent/data")).unwrap();
    assert_eq!(Baseline::read(&root), None);
    let baseline = Baseline {
        bgp: Some(parse_bgp(BGP_UP).unwrap()),
        ospf: Some(parse_ospf(OSPF).unwrap()),
        isis: Some(Vec::new()),
        carrier: [("wan".to_owned(), true)].into(),
    };
    baseline.write(&root).unwrap();
    assert_eq!(Baseline::read(&root), Some(baseline));
    let path = dir.path().join("persistent/data/imp/boot/baseline.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, &text[..text.len() / 2]).unwrap();
    assert_eq!(Baseline::read(&root), None);
    // What a later version adds must not make the baseline unreadable.
    std::fs::write(&path, "{\"carrier\":{\"wan\":false},\"weather\":\"fine\"}").unwrap();
    assert!(Baseline::read(&root).is_some());
}
