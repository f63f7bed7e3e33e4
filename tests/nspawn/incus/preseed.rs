//! The operator's own preseed, applied by the unit in its sandbox.

use super::*;

const GOOD: &str = "config:\n  images.auto_update_interval: \"0\"\n\
    networks:\n- name: incusbr0\n  type: bridge\n  config:\n    ipv4.nat: \"true\"\n    dns.domain: lan\n\
    profiles:\n- name: lab\n  description: of the preseed\n  config:\n    limits.memory: 256MiB\n";

fn with(file: &str) -> String {
    format!("[incus]\npreseed-file = \"incus/{file}.yaml\"\n{LEAST}")
}

fn write_preseed(router: &Router, file: &str, text: &str) {
    std::fs::create_dir_all(router.config("incus")).unwrap();
    router.write_config(&format!("incus/{file}.yaml"), text);
}

#[test]
fn a_preseed_file_is_applied_once() {
    let Some(router) = router("a_preseed_file_is_applied_once", &with("good")) else {
        return;
    };
    write_preseed(&router, "good", GOOD);
    let machine = router.boot();
    is_whole(&machine);
    assert!(query(&machine, "/1.0/profiles/lab").contains("256MiB"));
    assert!(query(&machine, "/1.0").contains("images.auto_update_interval"));
    let network = query(&machine, "/1.0/networks/incusbr0");
    assert!(
        network.contains("\"ipv4.nat\": \"false\"") && network.contains("\"dns.domain\": \"lan\""),
        "our keys are ours: {network}"
    );
    // What an operator changes afterwards stays.
    machine.sh(&format!(
        "{CLIENT} incus profile set lab limits.memory=512MiB; incus config set user.note=mine"
    ));
    machine.power_off();

    let machine = router.boot();
    is_whole(&machine);
    let journal = machine.journal(&format!("-u {UNIT}"));
    assert!(!journal.contains("preseed"), "{journal}");
    nothing_is_written(&machine, "second boot with a preseed file");
    assert!(query(&machine, "/1.0/profiles/lab").contains("512MiB"));

    write_preseed(&router, "good", &GOOD.replace("256MiB", "128MiB"));
    reload(&machine);
    step_is_up(&machine);
    assert!(query(&machine, "/1.0/profiles/lab").contains("128MiB"));
    assert!(query(&machine, "/1.0").contains("\"user.note\": \"mine\""));
    machine.power_off();
}

#[test]
fn a_refused_preseed_file_fails_with_its_line_and_the_bridge_is_up() {
    let Some(router) = router(
        "a_refused_preseed_file_fails_with_its_line_and_the_bridge_is_up",
        &with("bad"),
    ) else {
        return;
    };
    for (text, words) in [
        ("nonsense: 1\n", "field nonsense not found"),
        (
            "networks:\n- name: incusbr0\n  type: bridge\n  config:\n    ipv4.natt: \"true\"\n",
            "Invalid option for network \"incusbr0\" option \"ipv4.natt\"",
        ),
    ] {
        write_preseed(&router, "bad", text);
        let machine = router.boot();
        let journal = step_is_red(&machine);
        assert!(
            journal.contains("E0602: imp.toml:12: apply the preseed file: ") && journal.contains(words),
            "{journal}"
        );
        bridge_is_whole(&machine, "incusbr0", "10.234.116.1/24");
        machine.sh(&format!("test -e {MARKER}"));
        assert_eq!(machine.state("vpp-core-config.service"), "active");
        write_preseed(&router, "bad", GOOD);
        reload(&machine);
        is_whole(&machine);
        assert!(query(&machine, "/1.0/profiles/lab").contains("256MiB"));
        machine.power_off();
        std::fs::remove_dir_all(router.persistent().join("data/incus")).unwrap();
        std::fs::remove_dir_all(router.persistent().join("data/incus-pool")).unwrap();
        std::fs::remove_file(router.persistent().join(&MARKER["/persistent/".len()..])).unwrap();
    }
}
