//! VPP dies; what depends on it recovers by itself.

use super::example::{assert_all_active, routes};
use super::machine::assert_same;
use super::router::Router;

#[test]
fn a_killed_vpp_is_configured_again_and_frr_has_its_routes() {
    let Some(router) = Router::with_example("a_killed_vpp_is_configured_again_and_frr_has_its_routes") else {
        return;
    };
    let machine = router.boot();
    let wanted = routes(&machine);
    for instance in ["core", "nat"] {
        let before = machine.property(&format!("vpp-{instance}.service"), "MainPID");
        let applied = machine.property(
            &format!("vpp-{instance}-config.service"),
            "ActiveEnterTimestampMonotonic",
        );
        machine.sh(&format!("kill -9 {before}"));
        machine.until(
            "the commands ran again",
            60,
            &format!(
                "[ $(systemctl show -p ActiveState --value vpp-{instance}-config) = active ] && \
                 [ $(systemctl show -p ActiveEnterTimestampMonotonic --value vpp-{instance}-config) != {applied} ]"
            ),
        );
        machine.settle();
        assert_ne!(
            machine.property(&format!("vpp-{instance}.service"), "MainPID"),
            before
        );
        assert_all_active(&machine);
    }
    assert_same(&routes(&machine), &wanted, "routes after VPP came back");
    let bridge = machine.sh("ip -n dataplane -br link show incusbr0-vpp");
    assert!(bridge.contains("UP"), "{bridge}");
}

/// VPP refuses a line that passes all our checks: it is reported, FRR announces nothing, management is up.
#[test]
fn a_command_that_vpp_refuses_is_named_and_frr_stays_down() {
    let Some(router) = Router::with_example("a_command_that_vpp_refuses_is_named_and_frr_stays_down") else {
        return;
    };
    router.edit(
        "[vpp.core]\n",
        "[vpp.core]\nextra-commands-file = \"extra.txt\"\n",
    );
    router.write_config("extra.txt", "set interface state nosuch up\n");
    let machine = router.boot();
    assert_eq!(machine.state("vpp-core.service"), "active");
    assert_eq!(machine.state("vpp-core-config.service"), "failed");
    assert_eq!(machine.state("frr.service"), "inactive");
    assert_eq!(machine.state("ssh.service"), "active");
    let said = machine.journal("-u vpp-core-config.service");
    for part in ["imp.toml:", "set interface state nosuch up", "unknown interface"] {
        assert!(said.contains(part), "no '{part}' in\n{said}");
    }
    router.write_config("extra.txt", "set interface state external up\n");
    machine.sh("systemctl reload imp-config");
    machine.settle();
    assert_all_active(&machine);
}

#[test]
fn without_a_vpp_the_unit_fails_once_and_ssh_is_up() {
    let Some(router) = Router::with_example("without_a_vpp_the_unit_fails_once_and_ssh_is_up") else {
        return;
    };
    router.write_image("usr/bin/vpp", "not executable\n");
    let machine = router.boot();
    assert_eq!(machine.state("vpp-core.service"), "failed");
    assert_eq!(machine.property("vpp-core.service", "NRestarts"), "0");
    assert_eq!(machine.state("frr.service"), "inactive");
    assert_eq!(machine.state("ssh.service"), "active");
}
