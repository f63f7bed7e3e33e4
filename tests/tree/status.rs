//! `impctl status`, `nics`, `logs` and `metrics` as an operator types them, with a VPP that answers and one that does not.
#![allow(clippy::unwrap_used)]

use super::vpp::has_python;
use super::vpp::stand_in::{CORE, StandIn};
use crate::patience::Patience;
use imp::impctl::status::SCHEMA;
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

fn command(root: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_impctl"));
    command.arg("--root").arg(root).args(words);
    command
}

fn impctl(root: &Path, words: &[&str]) -> Output {
    command(root, words).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn status(root: &Path) -> Value {
    let output = impctl(root, &["status", "--format", "json"]);
    let value = serde_json::from_slice(&output.stdout).unwrap();
    let schema = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&value).map(|it| it.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    value
}

#[test]
fn a_vpp_says_how_it_is_and_what_it_lacks() {
    if !has_python() {
        return;
    }
    let vpp = StandIn::core();
    let root = vpp.root.path();
    let applied = vpp.apply("0123abcd", "set interface state external up");
    assert!(applied.status.success(), "{applied:?}");
    let report = status(root);
    let core = &report["vpp"][0];
    assert_eq!(
        (&core["name"], &core["configured"], &core["process"]),
        (&"core".into(), &true.into(), &vpp.pid().into())
    );
    let vitals = &core["vitals"];
    assert_eq!(vitals["heap"]["used"], 78_150_369);
    assert_eq!(vitals["buffers"][0]["total"], 16_384);
    assert_eq!(vitals["errors"][0]["reason"], "ip4 source lookup miss");
    assert_eq!(report["drift"], Value::Array(Vec::new()));
    assert_eq!(report["units"], Value::Null, "another root has no systemd to ask");

    // Somebody's hand in vppctl.
    vpp.ask("set interface state external down");
    let report = status(root);
    let drift = &report["drift"][0];
    assert_eq!(drift["about"], "vpp core");
    assert_eq!(drift["expected"], "'set interface state external up'");
    assert!(
        drift["observed"].as_str().unwrap().starts_with("does not have "),
        "{drift}"
    );
    assert_eq!(report["drift-count"], 1);
    let text = out(&impctl(root, &["status"]));
    assert!(text.contains("WRONG    vpp core  does not have "), "{text}");
}

#[test]
fn what_a_hand_added_to_a_vpp_is_drift_and_a_line_of_the_operators_is_not() {
    if !has_python() {
        return;
    }
    let drift = |vpp: &StandIn| -> Vec<String> {
        let report = status(vpp.root.path());
        let text = |it: &Value| it["observed"].as_str().unwrap().to_owned();
        report["drift"].as_array().unwrap().iter().map(text).collect()
    };
    let made = |what: &str| format!("has {what}, which no command of its configuration made");
    let vpp = StandIn::core();
    let applied = vpp.apply(
        "0123abcd",
        "lcp create external host-if external\nset interface state external up\nip route add 198.18.0.0/15 via drop\n\
         ip table add 7\nlcp lcp-sync on",
    );
    assert!(applied.status.success(), "{applied:?}");
    assert_eq!(drift(&vpp), Vec::<String>::new());
    for command in [
        "create sub-interfaces external 77",
        "lcp create external.77 host-if by-hand",
        "set interface ip address external 192.0.2.99/24",
        "set acl-plugin acl permit src 10.0.0.0/8 dst 0.0.0.0/0 tag by-hand",
        "ip route add 198.51.100.0/24 via drop",
    ] {
        assert_eq!(vpp.ask(command).status, 0, "{command}");
    }
    assert_eq!(
        drift(&vpp),
        [
            made("an interface 'external.77'"),
            made("192.0.2.99/24 on 'external'"),
            made("'external.77' paired with 'by-hand'"),
            made("an acl 'by-hand'")
        ],
        "routes of an instance with Linux sides are Linux's"
    );
    let vpp = StandIn::nat();
    let applied = vpp.apply(
        "0123abcd",
        "ip route add 10.0.0.0/8 via drop\ndet44 plugin enable\ndet44 add in 10.0.0.0/24 out 203.0.113.0/28",
    );
    assert!(applied.status.success(), "{applied:?}");
    assert_eq!(drift(&vpp), Vec::<String>::new());
    for command in [
        "ip route add 11.0.0.0/8 via drop",
        "det44 add in 11.0.0.0/24 out 203.0.113.16/28",
    ] {
        assert_eq!(vpp.ask(command).status, 0, "{command}");
    }
    assert_eq!(
        drift(&vpp),
        [
            made("det44 11.0.0.0/24 to 203.0.113.16/28"),
            made("a route for 11.0.0.0/8")
        ]
    );
}

/// A core with every plugin that lists something.
fn with_lists() -> StandIn {
    let plugins = [
        "lacp",
        "gre",
        "vxlan",
        "vrrp",
        "dhcp",
        "sflow",
        "flowprobe",
        "urpf",
    ];
    let plugins: String = plugins
        .map(|name| format!(" plugin {name}_plugin.so {{ enable }}"))
        .concat();
    let startup = CORE.replace(
        "plugin default { disable }",
        &format!("plugin default {{ disable }}{plugins}"),
    );
    StandIn::start("core", &startup, &[])
}

const MADE: &str = "set interface state external up\ncreate bond mode lacp load-balance l34 id 7\nset interface name BondEthernet7 trunk\nbond add trunk internal\n\
    set interface state internal up\ncreate gre tunnel src 192.0.2.1 dst 198.51.100.77 instance 3\nset interface name gre3 t1\n\
    set interface state t1 up\ncreate vxlan tunnel src 192.0.2.1 dst 198.51.100.78 vni 10 instance 4\ncreate bridge-domain 7\n\
    set interface l2 bridge vxlan_tunnel4 7 1\nset interface l2 bridge trunk 7\n\
    vrrp vr add external vr_id 10 priority 200 interval 100 198.51.100.254\nvrrp proto start external vr_id 10\n\
    policer add name GOLD type 1r2c rate kbps cir 100000 cb 125000 round closest conform-action transmit exceed-action drop violate-action drop\n\
    set dhcp proxy server 10.234.116.10 src-address 192.0.2.1\nsflow enable-disable external\n\
    flowprobe params record l3 active 10 passive 30\nflowprobe feature add-del external ip4 rx\n\
    set acl-plugin acl permit src 0.0.0.0/0 dst 0.0.0.0/0 tag acl-EDGE\nset acl-plugin interface external input acl 0";

#[test]
fn a_vpp_lists_what_it_switches_and_filters() {
    if !has_python() {
        return;
    }
    let vpp = with_lists();
    let applied = vpp.apply("0123abcd", MADE);
    assert!(applied.status.success(), "{applied:?}");
    let report = status(vpp.root.path());
    assert_eq!(report["drift"], Value::Array(Vec::new()));
    let vitals = &report["vpp"][0]["vitals"];
    let bond = &vitals["bonds"][0];
    assert_eq!((&bond["name"], &bond["mode"]), (&"trunk".into(), &"lacp".into()));
    assert_eq!(bond["members"][0]["lacp"]["state"], "COLLECTING_DISTRIBUTING");
    let domain = &vitals["bridge-domains"][0];
    assert_eq!((&domain["number"], &domain["bvi"]), (&7.into(), &Value::Null));
    assert_eq!(domain["members"], serde_json::json!(["vxlan_tunnel4", "trunk"]));
    let ends = |number: usize| {
        let tunnel = &vitals["tunnels"][number];
        (
            &tunnel["name"],
            &tunnel["kind"],
            &tunnel["destination"],
            &tunnel["up"],
        )
    };
    assert_eq!(
        ends(0),
        (&"t1".into(), &"gre".into(), &"198.51.100.77".into(), &true.into())
    );
    assert_eq!(
        ends(1),
        (
            &"vxlan_tunnel4".into(),
            &"vxlan".into(),
            &"198.51.100.78".into(),
            &false.into()
        )
    );
    assert_eq!(vitals["virtual-routers"][0]["interface"], "external");
    assert_eq!(vitals["acls"][0]["inward"][0], "external");
    assert_eq!(vitals["policers"][0]["dropped"]["packets"], 2);
    assert_eq!(vitals["relays"][0]["servers"][0], "10.234.116.10");
    assert_eq!(vitals["sflow"]["interfaces"][0], "external");
    assert_eq!(vitals["flows"][0], "external");

    let metrics = out(&impctl(vpp.root.path(), &["metrics"]));
    for line in [
        "imp_bond_active_members{instance=\"core\",bond=\"trunk\"} 1\n",
        "imp_bridge_members{instance=\"core\",bridge=\"7\"} 2\n",
        "imp_tunnel_up{instance=\"core\",tunnel=\"t1\",kind=\"gre\"} 1\n",
        "imp_vrrp_master{instance=\"core\",interface=\"external\",router=\"10\",family=\"ipv4\"} 1\n",
        "imp_policer_packets_total{instance=\"core\",policer=\"GOLD\",result=\"dropped\"} 2\n",
        "imp_sflow_samples_total{instance=\"core\",result=\"lost\"} 3\n",
    ] {
        assert!(metrics.contains(line), "{line}{metrics}");
    }
}

#[test]
fn what_a_hand_took_from_a_vpp_is_drift() {
    if !has_python() {
        return;
    }
    let vpp = with_lists();
    assert!(vpp.apply("0123abcd", MADE).status.success());
    for command in [
        "bond del internal",
        "set interface l3 vxlan_tunnel4",
        "policer del name GOLD",
        "set dhcp proxy del server 10.234.116.10 src-address 192.0.2.1",
        "sflow enable-disable external disable",
        "flowprobe feature add-del external ip4 rx disable",
    ] {
        assert_eq!(vpp.ask(command).status, 0, "{command}");
    }
    let report = status(vpp.root.path());
    let drift = report["drift"].as_array().unwrap();
    let observed: Vec<&str> = drift.iter().map(|it| it["observed"].as_str().unwrap()).collect();
    assert_eq!(
        observed,
        [
            "does not have a policer 'GOLD' of type 1r2c cir 100000 eir 0 cb 125000 eb 0 rate kbps round closest \
             conform transmit exceed drop violate drop",
            "does not have 'internal' in the bond 'trunk'",
            "does not have 'vxlan_tunnel4' in the bridge domain 7",
            "does not have a relay of DHCP to 10.234.116.10",
            "does not have samples of 'external'",
            "does not have reports of the flows of 'external'",
        ]
    );
}

#[test]
fn what_a_hand_changed_in_a_vpp_is_drift() {
    if !has_python() {
        return;
    }
    let vpp = with_lists();
    let more = "policer input name GOLD external\npolicer output name GOLD internal\nset urpf ip4 rx strict external\n\
                set urpf ip6 rx loose external";
    let applied = vpp.apply("0123abcd", &format!("{MADE}\n{more}"));
    assert!(applied.status.success(), "{applied:?}");
    let observed = || -> Vec<String> {
        let report = status(vpp.root.path());
        let drift = report["drift"].as_array().unwrap().iter();
        drift
            .map(|it| it["observed"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(observed(), Vec::<String>::new());
    for command in [
        "configure policer name GOLD type 1r2c rate kbps cir 200000 cb 125000 conform-action transmit",
        "policer input unapply name GOLD external",
        "set urpf ip4 rx loose external",
        "set urpf ip6 rx off external",
    ] {
        assert_eq!(vpp.ask(command).status, 0, "{command}");
    }
    let policer = |cir: u32| {
        format!(
            "a policer 'GOLD' of type 1r2c cir {cir} eir 0 cb 125000 eb 0 rate kbps round closest conform transmit \
             exceed drop violate drop"
        )
    };
    assert_eq!(
        observed(),
        [
            format!("does not have {}; instead it has {}", policer(100_000), policer(200_000)),
            "does not have a policer on the input of 'external'".to_owned(),
            "does not have strict uRPF of IPv4 on 'external'; instead it has loose uRPF of IPv4 on 'external'".to_owned(),
            "does not have loose uRPF of IPv6 on 'external'".to_owned(),
        ]
    );
}

#[test]
fn a_vpp_that_hangs_is_named_and_delays_nobody() {
    let root = tempfile::tempdir().unwrap();
    for folder in ["run/vpp", "run/imp/vpp"] {
        fs::create_dir_all(root.path().join(folder)).unwrap();
    }
    fs::write(root.path().join("run/imp/vpp/startup-core.conf"), "").unwrap();
    // It accepts connections, and never says anything.
    let _hung = UnixListener::bind(root.path().join("run/vpp/core-api.sock")).unwrap();
    let started = Instant::now();
    let report = status(root.path());
    assert!(started.elapsed() < Duration::from_secs(60));
    assert_eq!(report["unanswered"][0], "vpp core: no answer within 5 s");
    assert_eq!(report["vpp"][0]["vitals"], Value::Null);
}

#[test]
fn a_watch_in_a_pipe_prints_what_changed_and_ends_with_its_reader() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("run/imp")).unwrap();
    let mut child = command(root.path(), &["status", "--watch", "1", "--format", "json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut next = || -> Value {
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    };
    assert_eq!(next()["verdict"], Value::Null);
    let verdict = |generation: &str| {
        let text = format!(
            r#"{{"configuration": "accepted", "generation": "{generation}", "errors": 0, "warnings": 0, "problems": []}}"#
        );
        fs::write(root.path().join("run/imp/status.json"), text).unwrap();
    };
    verdict("4f6c1d0e9a2b");
    assert_eq!(next()["generation"]["id"], "4f6c1d0e9a2b");
    drop(lines);
    verdict("0a1b2c3d4e5f");
    let mut patience = Patience::new(20);
    while child.try_wait().unwrap().is_none() {
        assert!(patience.lasts(), "it goes on for nobody");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn metrics_are_written_whole() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("imp.prom");
    let printed = out(&impctl(root.path(), &["metrics"]));
    let written = impctl(root.path(), &["metrics", "--output", file.to_str().unwrap()]);
    assert_eq!(written.status.code(), Some(0), "{written:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), printed);
    assert!(
        printed.contains("\n# TYPE imp_pending_jobs gauge\nimp_pending_jobs 0\n"),
        "{printed}"
    );
    // Nothing was compared, and nothing has run: neither is a zero.
    assert!(
        !printed.contains("imp_drift") && !printed.contains("imp_findings"),
        "{printed}"
    );
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o644);
    assert_eq!(
        fs::read_dir(root.path()).unwrap().count(),
        1,
        "nothing is left beside it"
    );
    let nowhere = impctl(root.path(), &["metrics", "--output", "/nowhere/imp.prom"]);
    assert_eq!(nowhere.status.code(), Some(1));
}

/// What `journalctl` is started with; it ends with 3.
fn logs(words: &[&str]) -> (Option<i32>, String, String) {
    let root = tempfile::tempdir().unwrap();
    let program = root.path().join("journalctl");
    fs::write(&program, "#!/bin/sh\nprintf '%s ' \"$@\"\nexit 3\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_impctl"))
        .arg("logs")
        .args(words)
        .env("PATH", root.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    (output.status.code(), out(&output), said)
}

#[test]
fn logs_are_journalctls_with_its_exit_code() {
    let frr = "--boot --unit=frr.service --unit=frr-config.service ";
    assert_eq!(logs(&["frr"]), (Some(3), frr.to_owned(), String::new()));
    let core = "--boot --follow --unit=vpp-core.service --unit=vpp-core-config.service ";
    assert_eq!(logs(&["vpp", "core", "--follow"]).1, core);
    assert!(logs(&[]).1.contains("--unit=imp-* --unit=netns-* --unit=vpp-*"));
    for (words, said) in [
        (
            &["fr"][..],
            "unknown part 'fr'; did you mean 'frr'? All of them: all, config",
        ),
        (
            &["everything"],
            "unknown part 'everything'; there is: all, config",
        ),
        (&["frr", "core"], "unexpected argument 'core' after 'frr'"),
        (&["vpp", "core", "x"], "unexpected argument 'x'"),
    ] {
        let (code, printed, error) = logs(words);
        assert_eq!((code, printed.as_str()), (Some(64), ""), "{words:?}");
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn nics_are_those_of_the_running_machine() {
    let output = impctl(Path::new("/nowhere"), &["nics"]);
    assert_eq!(output.status.code(), Some(64));
    let output = Command::new(env!("CARGO_BIN_EXE_impctl"))
        .args(["nics", "--format", "json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let port = serde_json::json!({ "$ref": "#/$defs/port", "$defs": schema["$defs"] });
    let validator = jsonschema::validator_for(&port).unwrap();
    for port in found.as_array().unwrap() {
        assert!(validator.is_valid(port), "{port}");
    }
}

#[test]
fn how_often_is_a_number_of_seconds() {
    for words in [&["--watch=0"][..], &["--watch=x"], &["--watch", "x"]] {
        let output = impctl(Path::new("/nowhere"), &[&["status"], words].concat());
        assert_eq!(output.status.code(), Some(64), "{words:?}");
    }
}
