//! Per-machine files over the placeholders of a read-only root, the same at every boot.

#![allow(clippy::unwrap_used)]

use super::machine::Machine;
use super::network::run;
use super::router::Router;
use std::fs;

const WHO: &str = "cat /etc/machine-id /etc/hostname; uname -n; ssh-keyscan -t ed25519 127.0.0.1 2>/dev/null; \
                   journalctl -b -o cat --output-fields=_MACHINE_ID -n1 -o export | grep ^_MACHINE_ID";

#[test]
fn identity_is_over_its_placeholders_and_the_same_on_the_second_boot() {
    let Some(router) =
        Router::with_example("identity_is_over_its_placeholders_and_the_same_on_the_second_boot")
    else {
        return;
    };
    let key = with_a_user(&router);
    let machine = router.boot();
    the_host_is_as_the_documents_say(&machine, &key);
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
    the_host_is_as_the_documents_say(&machine, &key);
    machine.power_off();
}

/// A document with a user, a time zone and a setting of the kernel; where the machine finds the user's private key.
fn with_a_user(router: &Router) -> String {
    let file = router.persistent().join("data/key");
    let words = ["-q", "-t", "ed25519", "-N", "", "-f", file.to_str().unwrap()];
    run("ssh-keygen", &words);
    let public = fs::read_to_string(file.with_extension("pub")).unwrap();
    let document = format!(
        "[system]\ntimezone = \"Europe/Berlin\"\n[system.sysctl]\n\"net.ipv4.tcp_rmem\" = \"4096 131072 7000000\"\n\
         [users.alice]\ngroups = [\"sudo\"]\nssh-keys = [{:?}]\n",
        public.trim()
    );
    fs::write(router.config("host.toml"), document).unwrap();
    "/persistent/data/key".to_owned()
}

/// Users are in systemd's user database, and sshd takes their keys from there.
fn the_host_is_as_the_documents_say(machine: &Machine, key: &str) {
    assert_eq!(machine.sh("date -d 2026-01-01 +%Z").trim(), "CET");
    let memory = machine.sh("cat /proc/sys/net/ipv4/tcp_rmem");
    assert_eq!(
        memory.split_whitespace().collect::<Vec<_>>(),
        ["4096", "131072", "7000000"]
    );
    assert_eq!(machine.sh("id -nG alice").trim(), "alice sudo");
    let options =
        "-o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR";
    let login = format!("ssh {options} -i {key} alice@127.0.0.1 'id -un; pwd; touch here'");
    let said = machine.until("alice logs in", 20, &login);
    assert_eq!(said.trim(), "alice\n/persistent/data/home/alice");
    machine.sh("[ -e /persistent/data/home/alice/here ]");
}
