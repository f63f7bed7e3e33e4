//! What `impctl status`, `nics` and `metrics` make of what was seen.
#![allow(clippy::unwrap_used)]

mod metrics;
mod nics;

use super::health::parse_bgp;
use imp::boot::record::Verdict;
use imp::boot::trial::classify::Class;
use imp::facts::status::{Judgement, Status};
use imp::facts::vitals::{
    AclState, Amount, BondMember, BondState, BufferPool, DomainState, ErrorCount, HardwareLink, Heap,
    InterfaceCount, Lacp, PolicerState, RelayState, SflowState, TunnelState, Vitals,
};
use imp::facts::vrrp::VirtualRouter;
use imp::health::frr::{parse_isis, parse_ospf, parse_ospf6, parse_routes};
use imp::host::bus::UnitState;
use imp::impctl::status::{
    Applied, BridgeState, Drift, Image, Instance, Report, Running, SCHEMA, Waiting, Weight, findings, text,
};
use imp::step::apply::progress::Outcome;

const BGP: [&str; 2] = [include_str!("bgp-8.4.json"), include_str!("bgp-10.3.json")];
const OSPF: [&str; 2] = [include_str!("ospf-8.4.json"), include_str!("ospf-10.3.json")];
const ISIS: &str = include_str!("isis.json");
const OSPF6: [&str; 2] = [include_str!("ospf6-8.4.json"), include_str!("ospf6-10.3.json")];
const ROUTES4: [&str; 2] = [include_str!("route4-8.4.json"), include_str!("route4-10.3.json")];
const ROUTES6: [&str; 2] = [include_str!("route6-8.4.json"), include_str!("route6-10.3.json")];

fn unit(name: &str, active: &str, sub: &str) -> UnitState {
    UnitState {
        name: name.to_owned(),
        load: "loaded".to_owned(),
        active: active.to_owned(),
        sub: sub.to_owned(),
    }
}

/// A router that is well, as FRR of this release (0 is 8.4.4, 1 is 10.3) and VPP describe it; nothing is missing in it.
fn router(release: usize) -> Report {
    let mut ospf = parse_ospf(OSPF[release]).unwrap();
    ospf.extend(parse_ospf6(OSPF6[release]).unwrap());
    let mut routes = parse_routes(4, ROUTES4[release]).unwrap();
    routes.extend(parse_routes(6, ROUTES6[release]).unwrap());
    let mut bgp = parse_bgp(BGP[release]).unwrap();
    bgp.retain(|address, _| address != "10.9.0.77");
    let mut report = Report {
        drift_count: Some(0),
        verdict: Some(Status {
            configuration: Judgement::Accepted,
            generation: Some("4f6c1d0e9a2b".to_owned()),
            errors: 0,
            warnings: 0,
            problems: Vec::new(),
        }),
        generation: Some(Running {
            id: "4f6c1d0e9a2b".to_owned(),
            since: Some(1_795_906_475),
            age_s: Some(3 * 3600 + 120),
            author: Some("alice".to_owned()),
            message: Some("ticket 4711".to_owned()),
        }),
        apply: Some(Applied {
            outcome: Some(Outcome::Done),
            began: 1_795_906_475,
            seconds: 0.25,
        }),
        image: Some(Image {
            name: Some("tank/ROOT/b".parse().unwrap()),
            class: Class::Steady,
        }),
        boot: Some(Verdict::Good),
        units: Some(vec![
            unit("imp-config.service", "active", "exited"),
            unit("frr.service", "active", "running"),
        ]),
        nics: Some(nics::machine()),
        vpp: vec![Instance {
            name: "core".parse().unwrap(),
            configured: true,
            process: Some(812),
            failed: None,
            vitals: Some(vitals()),
        }],
        bgp: Some(bgp),
        ospf: Some(ospf),
        isis: Some(parse_isis(ISIS).unwrap()),
        routes: Some(routes),
        bridges: Some(
            [(
                "incusbr0".to_owned(),
                BridgeState {
                    exists: true,
                    joined: true,
                    served: true,
                },
            )]
            .into(),
        ),
        ..Report::default()
    };
    report.findings = findings(&report);
    report
}

fn vitals() -> Vitals {
    Vitals {
        workers: 2,
        heap: Some(Heap {
            total: 1 << 30,
            used: 78_152_466,
        }),
        buffers: vec![BufferPool {
            name: "default-numa-0".to_owned(),
            total: 16_800,
            used: 24,
        }],
        errors: vec![ErrorCount {
            node: "ip4-local".to_owned(),
            reason: "ip4 source \"lookup\" miss".to_owned(),
            severity: "error".to_owned(),
            count: 7,
        }],
        interfaces: vec![InterfaceCount {
            name: "external".to_owned(),
            up: true,
            counters: [("rx packets".to_owned(), 5), ("drops".to_owned(), 3)].into(),
        }],
        links: vec![HardwareLink {
            name: "external".to_owned(),
            carrier: true,
            speed: Some(25_000),
        }],
        bonds: vec![BondState {
            name: "core".to_owned(),
            mode: "lacp".to_owned(),
            members: vec![member("eth0"), member("eth1")],
        }],
        bridge_domains: vec![DomainState {
            number: 7,
            name: Some("cust".to_owned()),
            members: ["cust", "external.10", "t1"].map(str::to_owned).into(),
            bvi: Some("cust".to_owned()),
            learned: 3,
        }],
        tunnels: vec![TunnelState {
            name: "t1".to_owned(),
            kind: "vxlan".to_owned(),
            source: "192.0.2.1".to_owned(),
            destination: "198.51.100.77".to_owned(),
            vni: Some(10),
            up: true,
            established: None,
        }],
        virtual_routers: vec![VirtualRouter {
            interface: "external".to_owned(),
            id: 10,
            ipv6: false,
            state: "Backup".to_owned(),
            priority: 100,
            addresses: vec!["198.51.100.254".to_owned()],
        }],
        acls: vec![AclState {
            name: "EDGE".to_owned(),
            rules: 7,
            inward: vec!["external".to_owned()],
            outward: Vec::new(),
        }],
        policers: vec![PolicerState {
            name: "GOLD".to_owned(),
            passed: Amount {
                packets: 10,
                bytes: 900,
            },
            dropped: Amount {
                packets: 3,
                bytes: 180,
            },
        }],
        relays: vec![RelayState {
            ipv6: false,
            table: 0,
            source: "100.64.0.1".to_owned(),
            servers: vec!["10.234.116.10".to_owned()],
        }],
        sflow: Some(SflowState {
            interfaces: vec!["external".to_owned()],
            sent: 12,
            dropped: 3,
        }),
        flows: vec!["external".to_owned()],
    }
}

fn member(name: &str) -> BondMember {
    BondMember {
        name: name.to_owned(),
        active: true,
        lacp: Some(Lacp {
            receive: "CURRENT".to_owned(),
            state: "COLLECTING_DISTRIBUTING".to_owned(),
            partner: None,
        }),
    }
}

#[test]
fn sessions_and_routes_are_counted_as_both_releases_show_them() {
    for release in [0, 1] {
        let peers = parse_bgp(BGP[release]).unwrap();
        let peer = &peers["10.9.0.2"];
        assert_eq!((peer.prefixes["ipv4Unicast"], peer.sent["ipv4Unicast"]), (2, 4));
        assert_eq!(peer.established_s, Some(24), "{peer:?}");
        let six = &peers["2001:db8:9::2"];
        assert_eq!((six.prefixes["ipv6Unicast"], six.sent["ipv6Unicast"]), (1, 2));
        assert_eq!(peers["10.9.0.77"].established_s, None);
        assert_eq!(peers["10.9.0.78"].state, "Idle (Admin)");
        let routes = parse_routes(4, ROUTES4[release]).unwrap();
        let of = |origin: &str| {
            routes
                .iter()
                .find(|it| it.origin == origin)
                .map(|it| (it.rib, it.fib))
        };
        assert_eq!(
            [of("static"), of("ebgp"), of("ospf"), of("ibgp")],
            [Some((2, 2)), Some((2, 2)), Some((1, 0)), None]
        );
        let neighbors = &parse_ospf(OSPF[release]).unwrap();
        assert_eq!(
            (neighbors.len(), neighbors[0].interface.as_str()),
            (1, "external")
        );
    }
    assert!(parse_routes(4, "{}").unwrap().is_empty());
}

#[test]
fn a_router_that_is_well_has_no_findings_and_every_section() {
    for release in [0, 1] {
        let report = router(release);
        assert_eq!(report.findings, []);
        let text = text(&report, false);
        let expected = "the configuration is accepted and runs as generation 4f6c1d0e9a2b\n\
            applied 3 h 2 min ago by alice: ticket 4711\n\
            tank/ROOT/b runs: a steady boot, good\n\
            units\n  imp-config.service  active (exited)\n  frr.service         active (running)\n\
            nics\n";
        assert!(text.starts_with(expected), "{text}");
        for line in [
            "vpp\n  core  process 812, configured  2 workers  heap 74.5 MiB of 1.0 GiB  buffers 24 of 16800  3 drops  7 errors\n",
            "vrrp\n  external  10 IPv4  Backup  priority 100  198.51.100.254\n",
            "  10.9.0.2       Established   for 24 s  received 2 ipv4          sent 4 ipv4\n",
            "incus\n  incusbr0  joined to VPP  DHCP and DNS served\n",
        ] {
            assert!(text.contains(line), "{line}{text}");
        }
        assert!(text.contains("  IPv4  ") && text.contains(", ebgp 2\n"), "{text}");
        assert!(!text.contains('\u{1b}'));
    }
}

#[test]
fn what_is_wrong_comes_first_and_is_red() {
    let mut report = router(0);
    report
        .units
        .as_mut()
        .unwrap()
        .push(unit("incus-dataplane.service", "failed", "failed"));
    report.bgp = Some(parse_bgp(BGP[0]).unwrap());
    report.vpp[0].configured = false;
    report.vpp[0].failed = Some("imp.toml:56: vpp refused 'x': y".to_owned());
    let vitals = report.vpp[0].vitals.as_mut().unwrap();
    vitals.buffers[0].used = 16_000;
    report.unanswered = vec!["BGP: no answer within 5 s".to_owned()];
    report.drift = vec![Drift {
        about: "frr, router bgp 64500".to_owned(),
        expected: "'no bgp ebgp-requires-policy' (frr.conf:9)".to_owned(),
        observed: "nothing".to_owned(),
        weight: Weight::Wrong,
    }];
    report.drift_count = Some(3);
    report.findings = findings(&report);
    let expected = "\
        WRONG    incus-dataplane.service  failed (failed); 'journalctl -b -u incus-dataplane.service' says why\n\
        WRONG    vpp core                 imp.toml:56: vpp refused 'x': y\n\
        WRONG    frr, router bgp 64500    nothing; expected 'no bgp ebgp-requires-policy' (frr.conf:9)\n\
        WRONG    drift                    2 more differences\n\
        warning  vpp core                 16000 of 16800 buffers of default-numa-0 are in use; 'buffers-per-numa' in [vpp.NAME] makes more\n\
        warning  bgp 10.9.0.77            Connect\n\
        warning  no answer                BGP: no answer within 5 s\n";
    let plain = text(&report, false);
    let (_, after) = plain.split_once("good\n").unwrap();
    assert!(after.starts_with(expected), "{after}");
    assert!(report.is_wrong());
    let painted = text(&report, true);
    assert_eq!(painted.matches("\u{1b}[1;31mWRONG").count(), 4);
    assert_eq!(painted.matches("\u{1b}[1;33mwarning").count(), 3);
}

#[test]
fn a_change_that_waits_says_for_how_long_and_what_else() {
    let mut report = router(0);
    report.confirm = Some(Waiting {
        instead: "0a1b2c3d4e5f".to_owned(),
        auto: false,
        left_s: 243,
    });
    report.findings = findings(&report);
    assert!(!report.is_wrong());
    let text = text(&report, false);
    assert!(
        text.contains("by alice: ticket 4711; 4 min 3 s left to confirm it\n"),
        "{text}"
    );
    let line = "warning  confirm  the change is taken back unless 'impctl confirm' follows; then 0a1b2c3d4e5f runs again\n";
    assert!(text.contains(line), "{text}");
    let later = Report {
        confirm: report
            .confirm
            .clone()
            .map(|waiting| Waiting { left_s: 1, ..waiting }),
        ..report.clone()
    };
    assert_eq!(report.gist(), later.gist());
}

#[test]
fn a_bond_without_all_of_its_members_is_told() {
    let mut report = router(0);
    assert!(text(&report, false).contains("bonds\n  core  lacp  2 of 2 members active  eth0, eth1\n"));
    let mut with = |inactive: &[usize]| {
        let bond = &mut report.vpp[0].vitals.as_mut().unwrap().bonds[0];
        for index in inactive {
            bond.members[*index].active = false;
            bond.members[*index].lacp.as_mut().unwrap().state = "DETACHED".to_owned();
        }
        let found = findings(&report);
        let of_bond = found.into_iter().find(|it| it.about == "bond core");
        of_bond.map(|it| (it.weight, it.text))
    };
    assert_eq!(with(&[]), None);
    assert_eq!(
        with(&[1]),
        Some((Weight::Warning, "1 of 2 members are active, not eth1".to_owned()))
    );
    assert_eq!(
        with(&[0]),
        Some((Weight::Wrong, "no member is active".to_owned()))
    );
    let shown = text(&report, false);
    assert!(
        shown.contains("  not eth0 (DETACHED), not eth1 (DETACHED)\n"),
        "{shown}"
    );
}

#[test]
fn what_a_vpp_switches_and_filters_has_a_line_each() {
    let shown = text(&router(0), false);
    for lines in [
        "bridges\n  cust  external.10, t1  router cust  3 addresses learned\n",
        "tunnels\n  t1  vxlan 10  192.0.2.1 to 198.51.100.77  up\n",
        "vrrp\n  external  10 IPv4  Backup  priority 100  198.51.100.254\n",
        "acls\n  EDGE  7 rules  in on external\n",
        "policers\n  GOLD  10 packets passed  3 dropped\n",
        "dhcp relays\n  IPv4  from 100.64.0.1  to 10.234.116.10\n",
        "sflow\n  external  12 samples  3 lost\n",
        "ipfix\n  external\n",
    ] {
        assert!(shown.contains(lines), "{lines}{shown}");
    }
}

#[test]
fn a_peer_that_does_not_answer_is_told() {
    let mut report = router(0);
    let told = |report: &Report| findings(report).iter().any(|it| it.about == "tunnel t1");
    for (established, is_told, state) in [
        (Some(true), false, "established"),
        (Some(false), true, "up, no answer"),
    ] {
        report.vpp[0].vitals.as_mut().unwrap().tunnels[0].established = established;
        assert_eq!(told(&report), is_told);
        assert!(text(&report, false).contains(&format!("198.51.100.77  {state}\n")));
    }
}

#[test]
fn a_virtual_router_that_takes_no_part_is_told() {
    let mut report = router(0);
    let told = |report: &Report| findings(report).iter().any(|it| it.about == "vrrp external 10");
    assert!(!told(&report));
    report.vpp[0].vitals.as_mut().unwrap().virtual_routers[0].state = "Interface Down".to_owned();
    assert!(told(&report));
}

#[test]
fn only_times_and_counters_change_without_being_shown_again() {
    let (before, mut after) = (router(0), router(0));
    let vitals = after.vpp[0].vitals.as_mut().unwrap();
    vitals.errors[0].count += 1;
    vitals.bridge_domains[0].learned += 1;
    vitals.policers[0].dropped.packets += 1;
    vitals.sflow.as_mut().unwrap().sent += 1;
    for peer in after.bgp.as_mut().unwrap().values_mut() {
        peer.established_s = peer.established_s.map(|seconds| seconds + 2);
    }
    assert_eq!(before.gist(), after.gist());
    after.nics.as_mut().unwrap()[0].carrier = Some(false);
    assert_ne!(before.gist(), after.gist());
    let mut after = router(0);
    after.vpp[0].vitals.as_mut().unwrap().virtual_routers[0].state = "Master".to_owned();
    assert_ne!(before.gist(), after.gist());
}

#[test]
fn its_json_is_what_the_schema_says() {
    let schema = serde_json::from_str(SCHEMA).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut wrong = router(0);
    wrong.confirm = Some(Waiting {
        instead: "0a1b2c3d4e5f".to_owned(),
        auto: true,
        left_s: 0,
    });
    wrong.apply.as_mut().unwrap().outcome = None;
    wrong.boot = Some(Verdict::Alarm("frr".to_owned()));
    wrong.drift = vec![Drift {
        about: "frr".to_owned(),
        expected: "a".to_owned(),
        observed: "b".to_owned(),
        weight: Weight::Warning,
    }];
    wrong.findings = findings(&wrong);
    for report in [router(0), router(1), wrong, Report::default()] {
        let value = serde_json::to_value(&report).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|it| it.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    let mut value = serde_json::to_value(router(0)).unwrap();
    value["new"] = 1.into();
    assert!(!validator.is_valid(&value), "a key that the schema does not have");
}
