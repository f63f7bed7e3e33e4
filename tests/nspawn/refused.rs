//! A wrong file never takes the router down.

use super::example::assert_all_active;
use super::machine::assert_same;
use super::router::Router;

const WRONG: &str = "[interfaces.external.vlan.25]";

#[test]
fn a_refused_file_boots_the_last_good_generation_and_says_so() {
    let Some(router) = Router::with_example("a_refused_file_boots_the_last_good_generation_and_says_so")
    else {
        return;
    };
    let machine = router.boot();
    assert_all_active(&machine);
    let good = machine.sh("cat /etc/frr/frr.conf");
    machine.power_off();

    router.edit(WRONG, "[interfaces.external.vlan.5000]");
    let machine = router.boot();
    assert_eq!(
        machine.sh("systemctl --failed --no-legend --plain | cut -d' ' -f1"),
        "imp-config-verdict.service"
    );
    assert_eq!(machine.state("imp-config.service"), "active");
    for unit in [
        "vpp-core-config.service",
        "vpp-nat-config.service",
        "frr.service",
        "ssh.service",
    ] {
        assert_eq!(machine.state(unit), "active", "{unit}");
    }
    assert_eq!(machine.sh("cat /etc/frr/frr.conf"), good);
    let verdict = machine.journal("-u imp-config-verdict.service");
    for part in ["error[E", "imp.toml:", "5000", "^"] {
        assert!(verdict.contains(part), "no '{part}' in\n{verdict}");
    }
    let said = machine.journal("-u imp-config.service");
    assert!(said.contains("last good generation"), "{said}");
}

#[test]
fn a_refused_file_on_the_first_boot_leaves_ssh_up() {
    let Some(router) = Router::with_example("a_refused_file_on_the_first_boot_leaves_ssh_up") else {
        return;
    };
    router.edit(WRONG, "[interfaces.external.vlan.5000");
    let machine = router.boot();
    assert_eq!(machine.state("ssh.service"), "active");
    machine.sh("timeout 5 bash -c 'exec 3<>/dev/tcp/127.0.0.1/22; head -n1 <&3' | grep -q ^SSH-2.0");
    assert_eq!(machine.state("imp-config-verdict.service"), "failed");
    for unit in ["netns-dataplane.service", "vpp-core.service", "frr.service"] {
        assert_eq!(machine.state(unit), "inactive", "{unit}");
    }
    let networks = machine.sh("cat /run/systemd/network/*.network");
    assert!(networks.contains("DHCP="), "management by DHCP:\n{networks}");
}

#[test]
fn a_refused_reload_changes_nothing() {
    let Some(router) = Router::with_example("a_refused_reload_changes_nothing") else {
        return;
    };
    let machine = router.boot();
    let running = "systemctl show -p MainPID --value vpp-core vpp-nat frr; cd /run/imp; find . -type f ! -name 'verdict*' ! -name status.json ! -name boot.json ! -name apply.json ! -name lock | sort | xargs sha256sum";
    let before = machine.sh(running);
    router.edit(WRONG, "[interfaces.external.vlan.5000]");
    let (_, reloaded) = machine.try_sh("systemctl reload imp-config");
    assert!(!reloaded, "a reload that did nothing looks like one");
    let said = machine.journal("-u imp-config.service");
    for part in ["error[E", "imp.toml:", "5000", "^"] {
        assert!(said.contains(part), "no '{part}' in\n{said}");
    }
    assert_same(&machine.sh(running), &before, "after a refused reload");
    assert_eq!(machine.state("imp-config.service"), "active");

    router.edit("[interfaces.external.vlan.5000]", WRONG);
    machine.sh("systemctl reload imp-config");
    machine.settle();
    assert_all_active(&machine);
    assert_same(
        &machine.sh(running),
        &before,
        "the same file again changes nothing",
    );
}

#[test]
fn a_bad_line_in_frr_conf_leaves_frr_running() {
    let Some(router) = Router::with_example("a_bad_line_in_frr_conf_leaves_frr_running") else {
        return;
    };
    let machine = router.boot();
    let daemons = machine.sh("pidof watchfrr zebra bgpd");
    machine.sh("echo 'bogus line' >> /run/imp/frr/frr.conf");
    let (_, reloaded) = machine.try_sh("systemctl reload frr");
    assert!(!reloaded);
    assert_eq!(machine.state("frr.service"), "active");
    assert_eq!(machine.sh("pidof watchfrr zebra bgpd"), daemons);
    let said = machine.journal("-u frr.service");
    assert!(
        said.contains("Unknown command") && said.contains("bogus line"),
        "{said}"
    );
}

#[test]
fn a_corrected_file_brings_up_everything_without_a_reboot() {
    let Some(router) = Router::with_example("a_corrected_file_brings_up_everything_without_a_reboot") else {
        return;
    };
    router.edit(WRONG, "[interfaces.external.vlan.5000]");
    let machine = router.boot();
    machine.settle();
    assert_eq!(machine.state("vpp-core.service"), "inactive");
    router.edit("[interfaces.external.vlan.5000]", WRONG);
    machine.sh("systemctl reload imp-config");
    machine.settle();
    assert_all_active(&machine);
    machine.sh("[ ! -e /run/motd.d/imp ] && [ ! -e /run/systemd/network/90-imp-dhcp.network ]");
}
