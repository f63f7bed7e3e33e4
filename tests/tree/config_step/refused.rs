//! Documents that are refused: what runs instead, and what is reported.

use super::*;

#[test]
fn a_refused_document_runs_the_last_good_generation_and_says_so() {
    let machine = Machine::new(GOOD);
    machine.start();
    machine.write(GOOD.replace("hostname", "hostnane"));
    let (code, said) = machine.reboot().start();
    assert_eq!(code, 78);
    assert_eq!(machine.runs().as_deref(), Some("edge1"));
    let id = &machine.kept()[0];
    assert!(said.contains(&format!(
        "the configuration is refused; the last good generation {id} runs instead"
    )));
    assert!(said.contains("error[E0103]: unknown key 'hostnane'"), "{said}");
    assert!(said.contains("imp.toml:3:1"), "{said}");
    assert_eq!(machine.status()["configuration"], "refused");
    assert_eq!(machine.status()["generation"], id.as_str());
    assert!(machine.text("run/motd.d/imp").contains(id));
    let verdict = machine.run(&["--verdict"]);
    assert_eq!(verdict.status.code(), Some(78));
    assert!(
        String::from_utf8(verdict.stderr)
            .unwrap()
            .contains("imp.toml:3:1")
    );
    // Corrected, everything is as it was.
    machine.named("edge1").start();
    assert!(!machine.path("run/motd.d/imp").exists());
    assert_eq!(machine.run(&["--verdict"]).status.code(), Some(0));
}

#[test]
fn a_first_boot_with_a_refused_document_asks_for_addresses_except_where_the_dataplane_is() {
    let machine = Machine::new(
        "config-version = 1\nnonsense = 1\n\
         [interfaces.wan]\nmatch = { pci = \"0000:65:00.0\", mac = \"b4:96:91:00:00:10\" }\n\
         [interfaces.lan]\nmatch = { name = \"ens*\" }\nmtu = \"broken\"\n\
         [interfaces.bad]\nmatch = { pci = \"x\\nDHCP=yes\" }\n",
    );
    let (code, said) = machine.start();
    assert_eq!(code, 78, "{said}");
    assert!(said.contains("there is no good generation: the dataplane stays down, management is by DHCP"));
    assert!(!machine.path("run/imp/generation").exists());
    assert!(!machine.path("run/imp/frr").exists());
    let mut claimed: Vec<String> = fs::read_dir(machine.path(NETWORKS))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("05-imp-claimed-"))
        .map(|name| machine.text(&format!("{NETWORKS}/{name}")))
        .map(|text| text.lines().find(|line| line.contains('=')).unwrap().to_owned())
        .collect();
    claimed.sort();
    assert_eq!(
        claimed,
        [
            "MACAddress=b4:96:91:00:00:10",
            "Name=ens[*]",
            "Path=pci-0000:65:00.0 *-pci-0000:65:00.0",
            "PermanentMACAddress=b4:96:91:00:00:10"
        ]
    );
    let dhcp = machine.text("run/systemd/network/90-imp-dhcp.network");
    assert!(dhcp.contains("DHCP=yes\n") && dhcp.contains("RequiredForOnline=no\n"));
    assert_eq!(machine.status()["generation"], serde_json::Value::Null);
    // Corrected: the fallback is gone, the dataplane comes.
    machine.write(GOOD);
    assert_eq!(machine.start().0, 0);
    assert_eq!(machine.runs().as_deref(), Some("edge1"));
    assert!(!machine.path("run/systemd/network/90-imp-dhcp.network").exists());
}

#[test]
fn a_generation_that_is_no_longer_accepted_gives_way_to_an_older_one() {
    let machine = Machine::empty();
    for name in ["one", "two", "three"] {
        machine.named(name).start();
    }
    let kept = machine.kept();
    assert_eq!(kept.len(), 3);
    let file = |id: &str| machine.path(KEPT).join(id).join("imp.toml");
    fs::write(file(&kept[0]), "config-version = 99\n").unwrap();
    fs::write(file(&kept[1]), GOOD.replace("edge1", "forged")).unwrap();
    machine.write("broken");
    assert_eq!(machine.reboot().start().0, 78);
    assert_eq!(machine.runs().as_deref(), Some("one"));
    let problems = machine.status()["problems"].to_string();
    assert!(
        problems.contains(&format!("generation {} is not accepted by this version", kept[0])),
        "{problems}"
    );
    assert!(
        problems.contains(&format!("generation {} is damaged", kept[1])),
        "{problems}"
    );
    fs::remove_dir_all(machine.path(KEPT).join(&kept[2])).unwrap();
    assert_eq!(machine.reboot().start().0, 78);
    assert_eq!(machine.runs(), None);
    assert!(machine.path("run/systemd/network/90-imp-dhcp.network").exists());
}

#[test]
fn a_file_that_cannot_be_read_is_a_refused_document() {
    let machine = Machine::new(GOOD);
    machine.start();
    let second = machine.path("persistent/config/20.toml");
    std::os::unix::fs::symlink("/nowhere/at-all", &second).unwrap();
    let (code, said) = machine.start();
    assert_eq!(code, 78);
    assert!(said.contains("E0110") && said.contains("20.toml"), "{said}");
    assert_eq!(machine.runs().as_deref(), Some("edge1"));
    fs::remove_file(&second).unwrap();
    nix::unistd::mkfifo(&second, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let (code, said) = machine.start();
    assert_eq!(code, 78);
    assert!(said.contains("is not a regular file"), "{said}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_boot(bytes: Vec<u8>, at in 0usize..GOOD.len()) {
        let machine = Machine::new(GOOD);
        machine.start();
        let mut text = GOOD.as_bytes()[..at].to_vec();
        text.extend(&bytes);
        text.extend(&GOOD.as_bytes()[at..]);
        machine.write(&text);
        let (code, log) = machine.reboot().start();
        prop_assert!(code == 0 || code == 78, "{}: {}", code, log);
        prop_assert!(machine.path("run/imp/generation").exists());
        prop_assert!(leftovers(machine.root.path()).is_empty());
    }
}

#[test]
fn documents_a_boot_was_not_healthy_with_are_held_back_until_they_change() {
    let machine = Machine::empty();
    machine.named("old").start();
    let old = machine.kept()[0].clone();
    machine.named("new").start();
    let new = machine.kept()[0].clone();
    let hold = format!("{{\"documents\":\"{new}\",\"instead\":\"{old}\",\"reason\":\"bgp is down\"}}");
    fs::write(machine.path(KEPT).join("hold.json"), hold).unwrap();
    // On the same boot by a reload, which does its work once.
    let output = machine.run(&["--reload"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(machine.runs().as_deref(), Some("old"));
    let again = machine.run(&["--reload"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8(again.stderr).unwrap().contains("bgp is down"));
    // And on the next one.
    let (code, said) = machine.reboot().start();
    assert_eq!(code, 78);
    assert!(said.contains("held back until they are changed"), "{said}");
    assert_eq!(machine.runs().as_deref(), Some("old"));
    assert_eq!(machine.kept()[0], new, "nothing is lost");
    machine.named("newer").start();
    assert_eq!(machine.runs().as_deref(), Some("newer"));
    // A generation that is not there any more holds nothing back.
    machine.named("new").start();
    fs::remove_dir_all(machine.path(KEPT).join(&old)).unwrap();
    assert_eq!(machine.reboot().start().0, 0);
    assert_eq!(machine.runs().as_deref(), Some("new"));
    assert!(
        machine.status()["problems"]
            .to_string()
            .contains("they run anyway")
    );
}

#[test]
fn frr_is_asked_once_about_the_very_same_file() {
    let machine = Machine::new(GOOD);
    machine.start();
    let asked = machine.path("run/imp/frr.asked");
    let line = fs::read_to_string(&asked).unwrap();
    let (digest, file) = line.trim_end().split_once("  ").unwrap();
    assert_eq!((digest.len(), file), (64, "/etc/frr/frr.conf"));
    // As frr.service asks, with the file where it is on this machine.
    let here = line.replace(
        "/etc/frr/frr.conf",
        machine.path("run/imp/frr/frr.conf").to_str().unwrap(),
    );
    let sums = machine.path("sums");
    fs::write(&sums, here).unwrap();
    let vouched = || {
        Command::new("sha256sum")
            .args(["--status", "-c"])
            .arg(&sums)
            .status()
            .unwrap()
            .success()
    };
    assert!(vouched());
    machine.write(GOOD.replace("edge1", "edge2"));
    machine.start();
    assert!(!vouched(), "another file");
    assert_ne!(fs::read_to_string(&asked).unwrap(), line);
}
