//! The steps as systemd starts them.

use super::*;

/// A running generation for the veths of [`machine`], with a wait of one second.
fn generation(root: &Root, external: &str) {
    let folder = root.join("run/imp/generation");
    fs::create_dir_all(&folder).unwrap();
    let text = format!(
        r#"config-version = 1
[system]
hostname = "edge1"
[dataplane]
nic-wait = "1s"
[vpp.core]
[management]
match = {{ name = "mgmt" }}
dhcp = true
[interfaces.external]
match = {external}
attach = "af-packet"
[interfaces.internal]
match = {{ mac = "02:00:00:00:00:02" }}
attach = "af-packet"
[incus.bridges.incusbr0]
address = "10.234.116.1/24"
gateway = "10.234.116.5"
"#
    );
    fs::write(folder.join("imp.toml"), text).unwrap();
    imp::step::input::renew(root).unwrap();
}

/// Runs a step; returns its exit code and what it said.
fn step(binary: &str, verb: &str, root: &Root) -> (i32, String) {
    let output = std::process::Command::new(binary)
        .args([verb, "--root"])
        .arg(root.path())
        .output()
        .unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

const NETNS: &str = env!("CARGO_BIN_EXE_imp-netns");
const NIC: &str = env!("CARGO_BIN_EXE_imp-nic");

#[test]
fn the_step_takes_everything_once_and_gives_it_back() {
    sandbox::run(
        "nic::step::the_step_takes_everything_once_and_gives_it_back",
        |root| {
            generation(root, r#"{ mac = "02:00:00:00:00:01" }"#);
            assert_eq!(step(NETNS, "up", root).0, 0);
            assert_eq!(
                step(NETNS, "up", root),
                (0, String::new()),
                "the second start says nothing"
            );
            machine(root);
            let (code, said) = step(NIC, "up", root);
            assert_eq!(code, 0, "{said}");
            assert!(
                said.contains("interface 'external': move NIC 'n0' to namespace 'dataplane'"),
                "{said}"
            );
            let bindings = fs::read_to_string(root.join("run/imp/bindings.json")).unwrap();
            assert!(bindings.contains(r#""device": "n1""#), "{bindings}");
            let (code, said) = step(NIC, "up", root);
            assert_eq!(
                (code, said.as_str()),
                (0, ""),
                "the second start changes nothing and says nothing"
            );

            assert_eq!(step(NIC, "down", root).0, 0);
            assert_eq!(step(NIC, "down", root), (0, String::new()));
            let facts = read(root, &dataplane()).unwrap();
            assert!(facts.namespace.is_empty(), "{:?}", facts.namespace);
            assert!(facts.host.iter().all(|nic| nic.name.as_ref() != "incusbr0-dp"));
            assert_eq!(step(NETNS, "down", root).0, 0);
        },
    );
}

#[test]
fn a_late_nic_is_waited_for() {
    sandbox::run("nic::step::a_late_nic_is_waited_for", |root| {
        generation(root, r#"{ mac = "02:00:00:00:00:09" }"#);
        let document = root.join("run/imp/generation/imp.toml");
        let patient = fs::read_to_string(&document)
            .unwrap()
            .replace("\"1s\"", "\"60s\"");
        fs::write(document, patient).unwrap();
        imp::step::input::renew(root).unwrap();
        machine(root);
        let late = std::thread::spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(400));
            ip("link add late address 02:00:00:00:00:09 type veth peer name late-peer");
        });
        let mut soon = Patience::new(30);
        let (code, said) = step(NIC, "up", root);
        late.join().unwrap();
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("waiting up to 60 s for 'external'"), "{said}");
        assert!(soon.lasts(), "seen when it came, not at the end");
    });
}

#[test]
fn a_half_matching_nic_is_not_taken_before_a_better_one_had_time_to_appear() {
    sandbox::run(
        "nic::step::a_half_matching_nic_is_not_taken_before_a_better_one_had_time_to_appear",
        |root| {
            generation(root, r#"{ pci = "0000:65:00.0", mac = "02:00:00:00:00:09" }"#);
            machine(root);
            let on_the_bus = |name: &str, mac: &str, pci: &str| {
                let device = root.join(format!("sys/devices/pci0000:64/{pci}"));
                fs::create_dir_all(&device).unwrap();
                let class = root.join("sys/class/net").join(name);
                fs::create_dir_all(&class).unwrap();
                fs::write(class.join("address"), mac).unwrap();
                std::os::unix::fs::symlink(&device, class.join("device")).unwrap();
            };
            on_the_bus("n0", "02:00:00:00:00:01", "0000:65:00.0");
            on_the_bus("late", "02:00:00:00:00:09", "0000:66:00.0");
            let late = std::thread::spawn(|| {
                std::thread::sleep(std::time::Duration::from_millis(300));
                ip("link add late address 02:00:00:00:00:09 type veth peer name late-peer");
            });
            let (code, said) = step(NIC, "up", root);
            late.join().unwrap();
            assert_eq!(code, 69, "{said}");
            assert!(said.contains("E0502: interface 'external'"), "{said}");

            ip("link del late");
            let (code, said) = step(NIC, "up", root);
            assert_eq!(code, 0, "after the wait the one that is there: {said}");
            assert!(said.contains("E0505: interface 'external'"), "{said}");
        },
    );
}

#[test]
fn a_missing_nic_degrades_the_boot_and_names_the_candidates() {
    sandbox::run(
        "nic::step::a_missing_nic_degrades_the_boot_and_names_the_candidates",
        |root| {
            generation(root, r#"{ pci = "0000:65:00.0" }"#);
            machine(root);
            let (code, said) = step(NIC, "up", root);
            assert_eq!(code, 69, "{said}");
            assert!(said.contains("E0501: interface 'external' (imp.toml:"), "{said}");
            assert!(
                said.contains("'n0' (mac 02:00:00:00:00:01, driver veth)"),
                "{said}"
            );
            assert!(
                said.contains("imp.toml:10: interface 'external' has no NIC: left out"),
                "{said}"
            );
            let facts = read(root, &dataplane()).unwrap();
            assert_eq!(
                facts.namespace.len(),
                2,
                "the other NIC and the bridge's veth are there"
            );
        },
    );
}

#[test]
fn removing_the_namespace_saves_the_nics_in_it() {
    sandbox::run("nic::step::removing_the_namespace_saves_the_nics_in_it", |root| {
        generation(root, r#"{ mac = "02:00:00:00:00:01" }"#);
        machine(root);
        assert_eq!(step(NIC, "up", root).0, 0);
        let (code, said) = step(NETNS, "down", root);
        assert_eq!(code, 0, "{said}");
        let facts = read(root, &dataplane()).unwrap();
        assert!(
            facts.host.iter().any(|nic| nic.name.as_ref() == "n0"),
            "{:?}",
            facts.host
        );
    });
}
