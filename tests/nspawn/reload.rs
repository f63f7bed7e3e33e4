//! An edited file is applied while the router runs: what goes back, and what leaves no trace.

use super::example::assert_all_active;
use super::machine::Machine;
use super::router::Router;

fn reload(machine: &Machine) {
    machine.sh("systemctl reload imp-config");
    machine.settle();
    assert_all_active(machine);
}

#[test]
fn a_new_address_reaches_vpp_linux_and_the_firewall_stays() {
    let Some(router) = Router::with_example("a_new_address_reaches_vpp_linux_and_the_firewall_stays") else {
        return;
    };
    // A change that confirms itself would wait for the hold time of a neighbour otherwise, three minutes.
    router.edit("[apply]\n", "[apply]\nconfirm-timeout = \"80s\"\n");
    let machine = router.boot();
    machine.settle();
    let rules = machine.sh("nft list ruleset");
    let nat = machine.property("vpp-nat.service", "MainPID");
    router.edit("\"100.64.0.1/22\", ", "\"100.64.0.2/22\", ");
    reload(&machine);
    machine.until(
        "Linux has it",
        10,
        "ip -n dataplane address show internal.30 | grep -q 100.64.0.2/22",
    );
    machine.sh("vppctl -s /run/vpp/core-cli.sock show interface address | grep -q 100.64.0.2/22");
    assert_eq!(machine.property("vpp-nat.service", "MainPID"), nat);
    assert_eq!(machine.sh("nft list ruleset"), rules);

    // A change that nobody confirms goes away by itself, whatever became of whoever made it.
    let route = "ip -n dataplane route show | grep -q '^blackhole 10.99.0.0/16'";
    router.edit(
        "[routes]\n",
        "[routes]\n\"10.99.0.0/16\" = { blackhole = true }\n",
    );
    let said = machine.sh("impctl apply --confirm 20s -m 'ticket 4711'");
    assert!(
        said.contains("FRR") && said.contains("'impctl confirm' keeps it"),
        "{said}"
    );
    machine.sh(route);
    let history = machine.sh("impctl history");
    assert!(
        history.contains("ticket 4711") && history.contains("not confirmed"),
        "{history}"
    );
    machine.until("it goes back", 60, &format!("! {route}"));
    let said = "impctl status | grep -q 'nobody confirmed them (within 20 s)'";
    machine.until("it says why", 30, said);
    confirms_itself_and_is_rolled_back(&router, &machine);
    a_power_cut_before_the_confirmation_goes_back(&router, machine);
}

/// Nobody is left to wait for the confirmation: the boot itself goes back, and says so.
fn a_power_cut_before_the_confirmation_goes_back(router: &Router, machine: Machine) {
    let route = "ip -n dataplane route show | grep -q '^blackhole 10.97.0.0/16'";
    router.edit(
        "[routes]\n",
        "[routes]\n\"10.97.0.0/16\" = { blackhole = true }\n",
    );
    machine.sh("impctl apply --confirm 10m");
    machine.sh(route);
    drop(machine);
    let machine = router.boot();
    let status = machine.try_sh("impctl status").0;
    assert!(
        status.contains("nobody confirmed them (the router was booted before)"),
        "{status}"
    );
    machine.sh(&format!(
        "! {route} && grep -q 10.97 /persistent/config/imp.toml && [ ! -e /persistent/data/imp/confirm.json ]"
    ));
    assert_eq!(machine.state("imp-config-verdict.service"), "failed");
    assert_eq!(machine.state("frr.service"), "active");
}

/// All that worked before works again, so nobody has to say so; and an operator wants it away all the same.
fn confirms_itself_and_is_rolled_back(router: &Router, machine: &Machine) {
    let route = "ip -n dataplane route show | grep -q '^blackhole 10.98.0.0/16'";
    router.edit("\"10.99.0.0/16\"", "\"10.98.0.0/16\"");
    machine.sh("impctl apply --confirm auto -m 'ticket 4712'");
    machine.sh(route);
    let confirmed = "impctl history | grep 'ticket 4712' | grep -v 'not confirmed'";
    machine.until("it confirms itself", 90, confirmed);
    machine.sh(&format!("{route} && impctl rollback"));
    machine.sh(&format!(
        "! {route} && ! grep -q 10.98 /persistent/config/imp.toml"
    ));
    machine.settle();
    assert_all_active(machine);
}

#[test]
fn a_firewall_that_is_dropped_leaves_no_rule() {
    let Some(router) = Router::with_example("a_firewall_that_is_dropped_leaves_no_rule") else {
        return;
    };
    let machine = router.boot();
    machine.settle();
    assert!(machine.sh("nft list ruleset").contains("tcp dport 22"));
    let text = std::fs::read_to_string(router.config("imp.toml")).unwrap();
    let (before, rest) = text.split_once("[firewall]").unwrap();
    let (_, after) = rest.split_once("[dataplane]").unwrap();
    router.write_config("imp.toml", &format!("{before}[dataplane]{after}"));
    machine.sh("systemctl reload imp-config");
    machine.settle();
    // Incus has its own table.
    let tables = machine.sh("nft list tables");
    assert!(!tables.lines().any(|table| table == "table inet imp"), "{tables}");
    assert_eq!(machine.sh("systemctl --failed --no-legend --plain"), "");
}

/// VPP dies of a line that passes all our checks: what ran before runs again by itself. And a package that goes leaves
/// nothing running.
#[test]
fn a_line_that_kills_vpp_goes_back_and_a_removal_stops_everything() {
    let Some(router) = Router::with_example("a_line_that_kills_vpp_goes_back_and_a_removal_stops_everything")
    else {
        return;
    };
    let line = "set interface ip address internal.30 100.64.0.2/22";
    router.write_image("etc/vpp-stand-in.env", &format!("VPP_STAND_IN_DIE={line}\n"));
    router.write_image("usr/lib/prerm", include_str!("../../units/debian/prerm"));
    let machine = router.boot();
    assert_all_active(&machine);
    let boot = machine.sh("cat /proc/sys/kernel/random/boot_id");
    router.edit("\"100.64.0.1/22\", ", "\"100.64.0.2/22\", ");
    // It ends when the way back has: what ran before runs again then.
    machine.sh("! systemctl reload imp-config");
    machine.until(
        "the address of before is there again",
        90,
        "impctl status | grep -q 'held back until they are changed: applying them failed (VPP core: imp.toml:' && \
         ip -n dataplane address show internal.30 | grep -q 100.64.0.1/22",
    );
    machine.settle();
    let why = machine.try_sh("impctl why").0;
    assert!(
        why.contains(&format!("lost the connection to vpp at '{line}'")),
        "{why}"
    );
    assert_eq!(machine.state("vpp-core-config.service"), "active");
    assert_eq!(machine.state("frr.service"), "active");
    assert_eq!(machine.state("imp-config-verdict.service"), "failed");
    assert_eq!(machine.sh("cat /proc/sys/kernel/random/boot_id"), boot);

    machine.sh("sh /usr/lib/prerm remove");
    let running = "systemctl list-units --no-legend --plain --state=active,activating 'imp-*' 'vpp-*' frr.service 'netns-*'";
    assert_eq!(machine.sh(running), "");
    assert_eq!(machine.sh("ls /run/netns"), "");
    assert_eq!(machine.state("ssh.service"), "active");
    machine.sh("ip -br link show | grep -q b4:96:91:00:00:11");
}
