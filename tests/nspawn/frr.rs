//! FRR loads frr.conf whole or somebody says so; a reload is done once; a watchfrr that was ended comes back.

use super::machine::Machine;
use super::peer::Peer;
use super::router::Router;
use std::fmt::Write as _;
use std::fs;

/// Succeeds while the session is up; prints how often it was established and dropped.
const ESTABLISHED: &str = r#"said=$(vtysh -c 'show bgp neighbors 198.51.100.1 json')
grep -q '"bgpState":"Established"' <<<"$said" && grep -oE '"connections(Established|Dropped)":[0-9]+' <<<"$said""#;

/// A list that FRR 8.4 loads in about 25 s as one, and a map that uses it and stands behind it.
fn with_long_list(router: &Router) {
    let mut members = String::new();
    for n in 0..2000 {
        let _ = writeln!(members, "10.{}.{}.0/24", 20 + n / 256, n % 256);
    }
    fs::create_dir_all(router.config("lists")).unwrap();
    router.write_config("lists/long.txt", &members);
    router.edit(
        "[prefix-lists]\n",
        "[prefix-lists]\nLONG = { file = \"lists/long.txt\" }\n",
    );
    router.edit(
        "[[route-maps.TRANSIT-IN]]\naction = \"permit\"\n",
        "[[route-maps.TRANSIT-IN]]\naction = \"permit\"\nmatch  = { prefix-list = \"LONG\" }\n\n\
         [[route-maps.TRANSIT-IN]]\naction = \"permit\"\n",
    );
}

/// `entry` of a route-map that FRR takes apart without a word and without a status: `on-match` in a deny entry.
fn with_refused_line(router: &Router) {
    fs::create_dir_all(router.config("extra")).unwrap();
    router.write_config("extra/frr.conf", "route-map ODD deny 10\n on-match next\n");
    router.edit("[apply]\n", "[frr]\nextra-file = \"extra/frr.conf\"\n\n[apply]\n");
}

/// The reloads that frr.service carried out.
fn reloads(machine: &Machine) -> usize {
    machine
        .journal("-u frr.service")
        .matches("Reloaded frr.service")
        .count()
}

#[test]
fn frr_runs_all_of_frr_conf_or_says_what_it_does_not() {
    let Some(router) = Router::with_example("frr_runs_all_of_frr_conf_or_says_what_it_does_not") else {
        return;
    };
    with_long_list(&router);
    let machine = router.boot();
    a_long_list_is_loaded_whole(&machine);
    let _peer = Peer::start(&router, &machine);
    let established = machine.until("the session is Established", 60, ESTABLISHED);
    a_reload_is_done_once(&router, &machine);
    a_line_that_frr_refuses_goes_back_and_says_so(&router, &machine);
    assert_eq!(machine.sh(ESTABLISHED), established, "the session was reset");
    passwords_are_in_no_log(&machine);
    a_watchfrr_that_was_ended_comes_back(&machine);
    machine.power_off();
}

fn a_long_list_is_loaded_whole(machine: &Machine) {
    assert_eq!(
        machine.state("frr-config.service"),
        "active",
        "{}",
        machine.journal("-u frr-config -u frr")
    );
    let running = machine.sh("vtysh -c 'show running-config'");
    let members = running
        .lines()
        .filter(|line| line.starts_with("ip prefix-list LONG"))
        .count();
    assert_eq!(members, 2000);
    assert!(running.contains("route-map TRANSIT-IN"), "{running}");
}

fn a_reload_is_done_once(router: &Router, machine: &Machine) {
    router.edit(
        "[routes]\n",
        "[routes]\n\"10.99.0.0/16\" = { blackhole = true }\n",
    );
    machine.sh("systemctl reload imp-config");
    machine.sh("ip -n dataplane route show | grep -q '^blackhole 10.99.0.0/16'");
    let before = reloads(machine);
    router.edit("[routes]\n", "# a comment\n[routes]\n");
    machine.sh("systemctl reload imp-config; systemctl reload imp-config; test ! -e /run/imp/pending.json");
    assert_eq!(reloads(machine), before, "a job that was done is done again");
    machine.sh("systemctl reload frr");
    let said = machine.journal("-u frr.service");
    assert!(said.contains("FRR runs this frr.conf already"), "{said}");
}

fn a_line_that_frr_refuses_goes_back_and_says_so(router: &Router, machine: &Machine) {
    with_refused_line(router);
    // The way back needs no confirmation.
    let (said, applied) = machine.try_sh("impctl apply --confirm 10m");
    assert!(
        !applied && said.contains("which ran before, runs again"),
        "{said}"
    );
    machine.sh("[ ! -e /persistent/data/imp/confirm.json ]");
    machine.settle();
    // What ran before runs again, and the documents are held back.
    assert_eq!(machine.state("frr-config.service"), "active");
    assert_eq!(machine.state("frr.service"), "active");
    assert_eq!(machine.state("imp-config-verdict.service"), "failed");
    let difference = "E0519: frr.conf:";
    let (status, good) = machine.try_sh("impctl status");
    assert!(
        !good
            && status.contains("held back")
            && status.contains(difference)
            && status.contains("route-map ODD"),
        "{status}"
    );
    let said = machine.journal("-u imp-config.service");
    assert!(
        said.contains("reload frr.service: failed") && said.contains(difference),
        "{said}"
    );
    router.edit("[frr]\nextra-file = \"extra/frr.conf\"\n\n[apply]\n", "[apply]\n");
    machine.sh("systemctl reload imp-config");
    machine.settle();
    assert_eq!(machine.state("frr-config.service"), "active");
    let (status, _) = machine.try_sh("impctl status");
    assert!(!status.contains(difference), "{status}");
}

fn passwords_are_in_no_log(machine: &Machine) {
    let secret = machine.sh("cat /persistent/config/secrets/bgp-transit-a");
    let (found, _) = machine.try_sh(&format!(
        "journalctl -b | grep -F '{secret}'; grep -rF '{secret}' /var/log"
    ));
    assert_eq!(found, "");
}

fn a_watchfrr_that_was_ended_comes_back(machine: &Machine) {
    let before = machine.property("frr.service", "MainPID");
    machine.sh("kill -TERM $(cat /run/frr/watchfrr.pid)");
    machine.until(
        "FRR is back and has its configuration",
        60,
        &format!(
            "[ \"$(systemctl show -p MainPID --value frr)\" != {before} ] && [ \"$(systemctl is-active frr frr-config | sort -u)\" = active ] \
             && vtysh -c 'show running-config' | grep -q 'route-map TRANSIT-IN'"
        ),
    );
}
