//! A machine with only our package.

use super::router::Router;

/// Factory state: an empty partition. SSH answers, and management requests an address by DHCP.
#[test]
fn an_empty_persistent_partition_boots_to_ssh() {
    let Some(router) = Router::new("an_empty_persistent_partition_boots_to_ssh") else {
        return;
    };
    std::fs::remove_dir_all(router.persistent().join("config")).unwrap();
    std::fs::remove_dir_all(router.persistent().join("data")).unwrap();
    let machine = router.boot();
    let journal = machine.journal("");
    assert!(!journal.contains("ordering cycle"), "{journal}");
    assert_eq!(machine.state("imp.target"), "active");
    assert_eq!(machine.state("ssh.service"), "active");
    assert_eq!(machine.state("imp-config-verdict.service"), "failed");
    for unit in ["netns-dataplane.service", "vpp-core.service", "frr.service"] {
        assert_eq!(
            machine.state(unit),
            "inactive",
            "{unit}: nothing says what to route"
        );
    }
    assert!(machine.sh("cat /run/systemd/network/*.network").contains("DHCP="));
    let id = machine.sh("cat /etc/machine-id");
    machine.power_off();
    assert_eq!(router.boot().sh("cat /etc/machine-id"), id, "made once and kept");
}
