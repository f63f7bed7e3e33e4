//! `impctl health` on a real router: healthy, and with each fault named.

use super::machine::Machine;
use super::network::EXTERNAL;
use super::peer::Peer;
use super::router::Router;
use crate::patience::Patience;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

/// The results, and whether they are those of a good boot.
fn health(machine: &Machine) -> (Vec<Value>, bool) {
    let (text, success) = machine.try_sh("impctl health --format json");
    let report: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(report["healthy"], success, "{text}");
    (report["outcomes"].as_array().unwrap().clone(), success)
}

fn named<'o>(outcomes: &'o [Value], name: &str) -> &'o Value {
    let found = outcomes.iter().find(|outcome| outcome["name"] == name);
    found.unwrap_or_else(|| panic!("no '{name}' in {outcomes:#?}"))
}

fn becomes_healthy(machine: &Machine) {
    machine.until("the router is healthy", 90, "impctl health");
}

/// Breaks the router repeatedly until a check reports it in these words: what was killed is restarted within seconds.
fn injured(machine: &Machine, injury: &str, words: &str) {
    let script = format!("{injury}; impctl health | tee /run/said | grep '^FAILED.*{words}'");
    machine.until(words, 60, &format!("{script} || {{ cat /run/said; false; }}"));
}

fn write_check(router: &Router, name: &str, body: &str) {
    let path = router.config("checks.d").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn health_names_what_is_wrong_and_nothing_else() {
    let Some(router) = Router::with_example("health_names_what_is_wrong_and_nothing_else") else {
        return;
    };
    router.edit(
        "required = [\"management\", \"nics\", \"vpp\", \"frr\"]",
        "required = [\"management\", \"ssh\", \"nics\", \"vpp\", \"frr\"]",
    );
    let machine = router.boot();
    becomes_healthy(&machine);
    // With the rights of its unit it reports the same.
    machine.until(
        "imp-boot finds it good",
        90,
        "grep -q '\"is\": \"good\"' /run/imp/boot.json",
    );
    everything_is_looked_at(&machine);
    neighbours_are_counted(&router, &machine);
    injured(&machine, "pkill -9 -x bgpd", "bgpd Down");
    becomes_healthy(&machine);
    // It does not delay a query to another daemon.
    injured(&machine, "pkill -STOP -x bgpd", "frr .*bgpd does not answer");
    machine.sh("pkill -CONT -x bgpd || true");
    becomes_healthy(&machine);
    vpp_is_missed(&machine);
    rules_are_missed(&machine);
    ssh_is_found_on_a_socket(&machine);
    a_nic_that_came_back_is_missed_and_taken(&machine);
    own_checks_count(&router, &machine);
}

/// Whoever starts nftables.service loads our rules again.
fn rules_are_missed(machine: &Machine) {
    machine.sh("nft flush ruleset");
    injured(machine, "true", "firewall .*systemctl restart imp-nftables");
    for verb in ["restart", "reload"] {
        machine.sh(&format!("systemctl {verb} nftables"));
        let loaded = "nft list chain inet imp input | grep 'policy drop'";
        machine.until("our rules are loaded again", 20, loaded);
        machine.sh("nft flush ruleset");
    }
    machine.sh("systemctl stop nftables && systemctl start nftables");
    becomes_healthy(machine);
}

/// Where sshd is started by systemd, its own configuration says nothing about the port.
fn ssh_is_found_on_a_socket(machine: &Machine) {
    let folder = "/run/systemd/system/ssh.socket.d";
    machine.sh(&format!(
        "mkdir -p {folder}; printf '[Socket]\\nListenStream=\\nListenStream=2222\\n' >{folder}/port.conf; \
         systemctl daemon-reload; systemctl stop ssh.service; systemctl start ssh.socket"
    ));
    machine.until(
        "ssh is found",
        30,
        "impctl health | grep '^passed *ssh .*SSH-2.0.*:2222'",
    );
    machine.sh(&format!(
        "systemctl stop ssh.socket; rm -r {folder}; systemctl daemon-reload; systemctl restart ssh.service"
    ));
    becomes_healthy(machine);
}

/// The kernel made it anew, in the host's namespace: VPP is on the one that is gone.
fn a_nic_that_came_back_is_missed_and_taken(machine: &Machine) {
    machine.sh("ip -n dataplane link delete eth1");
    machine.network.plug(EXTERNAL);
    injured(machine, "true", "nic external .*eth1 went away and came back");
    let vpp = "systemctl show -p MainPID --value vpp-core.service";
    let before = machine.sh(vpp);
    machine.sh("systemctl start imp-nic-again.service");
    machine.until("VPP is another", 30, &format!("[ $({vpp}) != {before} ]"));
    becomes_healthy(machine);
    // Nothing to do: nobody is disturbed.
    let after = machine.sh(vpp);
    machine.sh("systemctl start imp-nic-again.service");
    assert_eq!(machine.sh(vpp), after);
    // Under its name where it was, out of udev's sight.
    machine.sh(
        "ip -n dataplane link delete eth1 && ip -n dataplane link add eth1 address b4:96:91:00:00:10 type veth peer name eth1-peer \
         && ip -n dataplane link set eth1 up",
    );
    injured(
        machine,
        "true",
        "nic external .*VPP still has the one that is gone",
    );
    machine.sh("ip -n dataplane link delete eth1");
    machine.network.plug(EXTERNAL);
    machine.sh("systemctl start imp-nic-again.service");
    becomes_healthy(machine);
}

/// Every check has a result, and only the neighbours that were not started are reported missing.
fn everything_is_looked_at(machine: &Machine) {
    let (outcomes, _) = health(machine);
    for name in [
        "units",
        "other units",
        "kernel modules",
        "namespace",
        "management",
        "ssh",
        "firewall",
        "nic external",
        "nic internal",
        "vpp core",
        "vpp nat",
        "frr",
        "incus",
    ] {
        assert_eq!(named(&outcomes, name)["state"], "passed", "{name}: {outcomes:#?}");
    }
    assert_eq!(named(&outcomes, "zfs pools")["state"], "not-needed");
    let failed: Vec<&Value> = outcomes
        .iter()
        .filter(|it| it["state"] == "failed")
        .map(|it| &it["name"])
        .collect();
    assert_eq!(failed, ["bgp 198.51.100.1", "bgp 2001:db8:25::1"]);
    let management = named(&outcomes, "management")["observed"].as_str().unwrap();
    assert!(management.starts_with("eth0, 172.16.0.10"), "{management}");
    let ssh = named(&outcomes, "ssh")["observed"].as_str().unwrap();
    assert!(ssh.starts_with("SSH-2.0-OpenSSH"), "{ssh}");
}

fn neighbours_are_counted(router: &Router, machine: &Machine) {
    let _peer = Peer::start(router, machine);
    for line in [
        "bgp 198.51.100.1 .*Established, 1 ipv4Unicast prefixes",
        "bgp 2001:db8:25::1 .*Established, 0 ipv6Unicast prefixes",
    ] {
        let script =
            format!("impctl health | tee /run/said | grep '^passed *{line}' || {{ cat /run/said; false; }}");
        machine.until("the neighbour is seen", 60, &script);
    }
    let (outcomes, _) = health(machine);
    let neighbour = named(&outcomes, "bgp 2001:db8:25::1");
    assert_eq!(neighbour["observed"], "Established, 0 ipv6Unicast prefixes");
}

/// A VPP that died, and one that hangs: no other check waits for it.
fn vpp_is_missed(machine: &Machine) {
    let pid = "$(systemctl show -p MainPID --value vpp-nat.service)";
    injured(machine, &format!("kill -9 {pid}"), "vpp nat .*answer");
    becomes_healthy(machine);
    machine.sh(&format!("kill -STOP {pid}"));
    let mut soon = Patience::new(20);
    let (outcomes, good) = health(machine);
    assert!(!good && soon.lasts());
    assert_eq!(named(&outcomes, "vpp nat")["observed"], "no answer within 5 s");
    assert_eq!(named(&outcomes, "vpp core")["state"], "passed");
    machine.sh(&format!("kill -CONT {pid}"));
    becomes_healthy(machine);
}

fn own_checks_count(router: &Router, machine: &Machine) {
    write_check(router, "required/uplink", "echo 'no light'; exit 3");
    write_check(router, "required/outside-dns", "echo 'no answer'; exit 1");
    write_check(router, "wanted/hangs", "sleep 1000");
    let mut soon = Patience::new(25);
    let (outcomes, good) = health(machine);
    assert!(!good && soon.lasts());
    let uplink = named(&outcomes, "checks.d/required/uplink");
    assert_eq!(uplink["observed"], "exit code 3: no light");
    let hangs = named(&outcomes, "checks.d/wanted/hangs");
    assert_eq!(hangs["observed"], "it did not finish within 10 s and was killed");
    // The assessment of every five minutes may be at it just now, and has its own.
    machine.until("no check is left", 20, "! pgrep -x sleep");
    write_check(router, "required/uplink", "echo 'light'");
    fs::remove_file(router.config("checks.d/wanted/hangs")).unwrap();
    let (outcomes, good) = health(machine);
    assert!(good, "{outcomes:#?}");
    assert_eq!(
        named(&outcomes, "checks.d/required/outside-dns")["state"],
        "failed"
    );
    let check = machine.sh("impctl check");
    assert!(
        check.contains("/persistent/config: accepted") && !check.contains("checks.d"),
        "{check}"
    );
}
