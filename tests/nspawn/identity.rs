//! Per-machine files over the placeholders of a read-only root, the same at every boot.

use super::router::Router;

const WHO: &str = "cat /etc/machine-id /etc/hostname; uname -n; ssh-keyscan -t ed25519 127.0.0.1 2>/dev/null; \
                   journalctl -b -o cat --output-fields=_MACHINE_ID -n1 -o export | grep ^_MACHINE_ID";

#[test]
fn identity_is_over_its_placeholders_and_the_same_on_the_second_boot() {
    let Some(router) =
        Router::with_example("identity_is_over_its_placeholders_and_the_same_on_the_second_boot")
    else {
        return;
    };
    let machine = router.boot();
    let first = machine.sh(WHO);
    assert!(
        first.contains("edge1") && first.contains("ssh-ed25519 "),
        "{first}"
    );
    assert!(!first.contains("placeholder"), "{first}");
    machine.sh("grep -q 192.0.2.53 /etc/resolv.conf && grep -q edge1 /etc/hosts");
    machine.sh("[ -s /etc/ssh/ssh_ca.pub ]");
    let id = machine.sh("cat /etc/machine-id");
    assert!(
        first.contains(&format!("_MACHINE_ID={id}")),
        "the journal has another machine-id\n{first}"
    );
    assert!(!machine.journal("").is_empty());
    let root = machine.sh("findmnt -no OPTIONS /");
    assert!(root.split(',').any(|option| option == "ro"), "{root}");
    machine.power_off();

    let machine = router.boot();
    assert_eq!(machine.sh(WHO), first);
    machine.power_off();
}
