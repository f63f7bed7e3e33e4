//! The ZFS backend on a machine in a directory: what it writes, in which order, and what it makes of what it finds.
#![allow(clippy::unwrap_used)]

mod change;
mod firmware;
mod machine;
mod power_on;
mod step;
mod unattempted;

use imp::boot::loader::zfs::Zfs;
use imp::boot::loader::{Backend as _, BackendError};
use imp::boot::trial::classify::Token;
use imp::types::ImageName;
use machine::{A, B, MENU, Machine, OURS, attempt};
use serde_json::json;

fn image(name: &str) -> ImageName {
    name.parse().unwrap()
}

fn strategy(machine: &Machine) -> Option<&'static str> {
    let strategies = machine.zfs().strategies();
    strategies
        .into_iter()
        .find(|strategy| strategy.proof.is_ok())
        .map(|strategy| strategy.name)
}

#[test]
fn what_runs_is_what_is_mounted() {
    let machine = Machine::new();
    // The command line can say anything, and `/` is what lies over it.
    machine.runs(A, "root=zfs:tank/ROOT/b");
    let loader = machine.zfs().loader().unwrap();
    assert_eq!(
        (loader.booted, loader.default, loader.token),
        (image(A), image(A).into(), Token::None)
    );
    for mounts in [
        "25 1 254:1 / / rw - ext4 /dev/vda1 rw\n",
        "25 1 0:22 / / rw - zfs tank rw\n",
        "",
    ] {
        machine.file("proc/self/mountinfo", mounts.as_bytes());
        assert!(Zfs::of(&machine.root).is_none(), "{mounts}");
    }
}

#[test]
fn images_are_what_lies_beside_the_one_that_runs() {
    let machine = Machine::new();
    machine.change(|machine| {
        let datasets = &mut machine["pools"]["tank"]["datasets"];
        datasets["tank/ROOT/a/var"] = json!({ "guid": "9", "local": {} });
        datasets["tank/ROOT/scratch"] = json!({ "guid": "8", "local": { "mountpoint": "none" } });
    });
    let images = machine.zfs().images().unwrap();
    let names: Vec<_> = images
        .iter()
        .map(|image| (image.name.as_ref(), image.identity.as_str()))
        .collect();
    assert_eq!(names, [(A, "2"), (B, "3")]);
    assert_eq!(
        images[0].mounted.as_deref(),
        Some(machine.root.join("").as_path())
    );
    assert_eq!(
        images[1].mounted.as_deref(),
        Some(machine.root.join("mnt").as_path())
    );
    assert_eq!(images[1].bytes, Some(217_034_752));
}

#[test]
fn a_token_for_a_script() {
    let machine = Machine::new().with_script();
    let zfs = machine.zfs();
    assert_eq!(strategy(&machine), Some("initramfs"));
    zfs.prepare(&attempt()).unwrap();
    assert_eq!(machine.token(), Token::Absent(attempt()));
    let line = "root=zfs:tank/ROOT/b console=ttyS0 panic=5 spl.spl_hostid=0x00bab10c imp.trial=0a1b2c3d4e5f";
    assert_eq!(
        machine.changes(),
        [format!(
            "zfs set org.imp:trial=0a1b2c3d4e5f org.imp:state=prepared org.imp:kernel=/boot/vmlinuz-6.1.0-50 \
             org.imp:initramfs=/boot/initrd.img-6.1.0-50 org.imp:command-line={line} {B}"
        )]
    );
    zfs.arm(&attempt()).unwrap();
    assert_eq!(machine.token(), Token::Armed(attempt()));
    assert_eq!(machine.changes(), [format!("zfs set org.imp:state=armed {B}")]);

    machine.set_local(B, "org.imp:state", "consumed");
    machine.set_local(B, "org.imp:taken-by", "zbm-hook");
    assert_eq!(machine.token(), Token::Consumed(attempt()), "back on the default");
    machine.runs(B, "root=zfs:tank/ROOT/b quiet");
    assert_eq!(
        machine.token(),
        Token::Absent(attempt()),
        "started by hand, not by the script"
    );
    machine.runs(B, line);
    assert_eq!(machine.token(), Token::Consumed(attempt()));

    let zfs = machine.zfs();
    zfs.set_default(&image(B)).unwrap();
    assert_eq!(machine.changes(), [format!("zpool set bootfs={B} tank")]);
    zfs.clear().unwrap();
    let changes = machine.changes();
    assert_eq!(changes[0], "zfs set org.imp:taken-by=zbm-hook tank/ROOT");
    assert_eq!(
        changes[1],
        format!("zfs inherit org.imp:state {B}"),
        "first of all"
    );
    assert_eq!(machine.token(), Token::None);
    zfs.clear().unwrap();
    assert!(machine.changes().is_empty(), "nothing to clear");
    assert_eq!(strategy(&machine), Some("zbm-hook"), "it was seen at work");
}

/// As ZFSBootMenu 3.1.0 assembles it; each line was compared with its own `load_be_cmdline`.
#[test]
fn an_image_gets_the_command_line_of_the_menu() {
    for (own, above, expected) in [
        (
            Some("quiet %{parent} x=1"),
            "console=ttyS0 root=zfs:x panic=5",
            "quiet console=ttyS0 panic=5 x=1",
        ),
        (
            Some("panic=5 root=zfs:x spl_hostid=1"),
            "console=ttyS0",
            "panic=5",
        ),
        (None, "%{parent} panic=5", "panic=5"),
        (None, "-", "quiet loglevel=4"),
    ] {
        let machine = Machine::new().with_script();
        machine.set_local("tank/ROOT", "org.zfsbootmenu:commandline", above);
        if let Some(own) = own {
            machine.set_local(B, "org.zfsbootmenu:commandline", own);
        }
        machine.zfs().prepare(&attempt()).unwrap();
        let line = machine.local(B, "org.imp:command-line").unwrap();
        let expected = format!("root=zfs:tank/ROOT/b {expected} ");
        assert!(line.starts_with(&expected), "{line}");
        assert!(line.contains("spl.spl_hostid=0x00bab10c"), "{line}");
    }
}

#[test]
fn a_token_in_the_firmware() {
    let machine = Machine::new().with_script().with_firmware();
    let zfs = machine.zfs();
    assert_eq!(strategy(&machine), Some("bootnext"));
    zfs.prepare(&attempt()).unwrap();
    let entry = machine.variables().load_option(OURS).unwrap().unwrap();
    assert_eq!(
        entry.command_line().unwrap(),
        format!("zbm.prefer={B} zbm.timeout=0 console=ttyS0")
    );
    assert_eq!(entry.device_path().file().unwrap(), "\\EFI\\zbm\\zbm.efi");
    assert_eq!(machine.variables().boot_order().unwrap(), [MENU]);
    assert_eq!(machine.token(), Token::Absent(attempt()));
    zfs.arm(&attempt()).unwrap();
    assert_eq!(machine.variables().boot_next().unwrap(), Some(OURS));
    assert_eq!(machine.token(), Token::Armed(attempt()));
    assert_eq!(
        machine.local(B, "org.imp:state").unwrap(),
        "firmware",
        "no script takes it"
    );

    machine.firmware_starts(OURS);
    machine.runs(B, "quiet");
    assert_eq!(machine.token(), Token::Consumed(attempt()));
    machine.firmware_starts(MENU);
    assert_eq!(machine.token(), Token::Absent(attempt()), "chosen in the menu");
    machine.runs(A, "quiet");
    assert_eq!(
        machine.token(),
        Token::Consumed(attempt()),
        "its entry is the witness"
    );
    assert_eq!(machine.bootfs(), A);

    machine.remove("sys/firmware/efi/efivars");
    assert_eq!(
        machine.token(),
        Token::Absent(attempt()),
        "the firmware forgot everything"
    );
    let machine = machine.with_firmware();
    assert_eq!(machine.token(), Token::Absent(attempt()));
    machine.zfs().clear().unwrap();
    assert_eq!(machine.token(), Token::None);
}

#[test]
fn a_cleared_trial_leaves_no_entry() {
    let machine = Machine::new().with_firmware();
    machine.zfs().prepare(&attempt()).unwrap();
    machine.zfs().arm(&attempt()).unwrap();
    machine.zfs().clear().unwrap();
    assert_eq!(machine.variables().boot_next().unwrap(), None);
    assert_eq!(machine.variables().boot_numbers().unwrap(), [MENU]);
    assert_eq!(machine.local(B, "org.imp:state"), None);
}

/// The entry of the firmware says nothing: then the line is in the program on the EFI system partition.
#[test]
fn a_command_line_that_cannot_be_seen_is_not_one() {
    let machine = Machine::new().with_firmware();
    let option = machine.variables().load_option(MENU).unwrap().unwrap();
    let silent = imp::host::efi::LoadOption::new("ZBM", option.device_path().clone(), "").unwrap();
    let _ = machine.variables().set_load_option(MENU, &silent).unwrap();
    let error = machine.zfs().prepare(&attempt()).unwrap_err().to_string();
    assert!(error.contains("mount the EFI system partition"), "{error}");
}

#[test]
fn what_cannot_be_started_is_refused() {
    type Case = (fn(&Machine), &'static str, &'static str);
    let cases: [Case; 7] = [
        (|_| (), "tank/ROOT/c", "is not a filesystem below 'tank/ROOT'"),
        (|_| (), "other/ROOT/b", "is not a filesystem below 'tank/ROOT'"),
        (|m| m.set_local(B, "mountpoint", "/srv"), B, "has mountpoint=/srv"),
        (
            |m| m.set_local(B, "canmount", "on"),
            B,
            "'zfs set canmount=noauto tank/ROOT/b'",
        ),
        (|m| m.remove("mnt/boot"), B, "has no kernel with an initramfs"),
        (
            |m| {
                for version in ["9", "50"] {
                    m.file(&format!("mnt/boot/initrd.img-6.1.0-{version}"), b"");
                }
            },
            B,
            "has no kernel with an initramfs",
        ),
        (
            |m| m.change(|m| m["pools"]["tank"]["imported"] = json!(null)),
            B,
            "no such pool",
        ),
    ];
    for (spoil, name, expected) in cases {
        let machine = Machine::new().with_script();
        spoil(&machine);
        let error = machine.zfs().check(&image(name)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(machine.changes().is_empty());
    }
    let machine = Machine::new();
    machine.zfs().check(&image(B)).unwrap();
}

#[test]
fn a_machine_that_can_do_nothing_says_what_it_lacks() {
    let machine = Machine::new();
    let error = machine.zfs().prepare(&attempt()).unwrap_err();
    assert!(matches!(error, BackendError::Incapable(_)));
    let text = error.to_string();
    for part in [
        "bootnext: no efivarfs",
        "zbm-hook: ",
        "initramfs: ",
        "kexec-tools",
    ] {
        assert!(text.contains(part), "{text}");
    }
    machine.change(|machine| machine["pools"]["tank"]["state"] = json!("DEGRADED"));
    let machine = machine.with_script();
    assert!(
        machine
            .zfs()
            .prepare(&attempt())
            .unwrap_err()
            .to_string()
            .contains("DEGRADED")
    );
    machine.change(|machine| {
        machine["pools"]["tank"]["state"] = json!("ONLINE");
        machine["pools"]["tank"]["readonly"] = json!("on");
    });
    assert_eq!(strategy(&machine), None);
    assert!(machine.changes().is_empty());
}

#[test]
fn the_hook_is_found_where_the_menu_takes_it_from() {
    let machine = Machine::new();
    let hook = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/units/zfsbootmenu/early-setup.d/50-imp-trial"
    );
    let hook = std::fs::read(hook).unwrap();
    machine.file("usr/share/imp/zfsbootmenu/early-setup.d/50-imp-trial", &hook);
    assert_eq!(strategy(&machine), None);
    let place = "boot/efi/EFI/zbm/hooks/early-setup.d/50-imp-trial";
    machine.file(place, &hook);
    assert_eq!(strategy(&machine), Some("zbm-hook"));
    machine.file(place, b"#!/bin/bash\n");
    let strategies = machine.zfs().strategies();
    let proof = strategies[1].proof.as_ref().unwrap_err();
    assert!(proof.contains("another version"), "{proof}");
}

/// Whatever fails: nothing is armed, and the default stays.
#[test]
fn a_failed_write_is_an_error_and_moves_nothing() {
    let machine = Machine::new().with_firmware();
    machine.zfs().prepare(&attempt()).unwrap();
    machine.change(|machine| machine["fail"] = json!([["zfs set", "cannot set property: out of space"]]));
    let error = machine.zfs().arm(&attempt()).unwrap_err().to_string();
    assert!(error.contains("out of space"), "{error}");
    assert_eq!(machine.variables().boot_next().unwrap(), None, "taken back");

    let machine = Machine::new().with_script();
    machine.change(|machine| machine["fail"] = json!([["zfs set", "cannot set property: out of space"]]));
    assert!(machine.zfs().prepare(&attempt()).is_err());
    assert_eq!(machine.token(), Token::None);
    machine.change(|machine| machine["fail"] = json!([["zpool set", "cannot set property: out of space"]]));
    assert!(machine.zfs().set_default(&image(B)).is_err());
    assert!(machine.zfs().set_default(&image("tank/ROOT/c")).is_err());
    assert_eq!(machine.bootfs(), A);
    assert!(
        machine.zfs().arm(&attempt()).is_err(),
        "armed without being prepared"
    );
}

#[test]
fn a_pool_without_a_default_and_a_strange_token_are_reported() {
    let machine = Machine::new();
    machine.set_local(B, "org.imp:trial", "yes");
    let error = machine.zfs().loader().unwrap_err().to_string();
    assert!(error.contains("zfs inherit org.imp:trial tank/ROOT/b"), "{error}");
    machine.zfs().clear().unwrap();
    machine.change(|machine| machine["pools"]["tank"]["bootfs"] = json!(null));
    let error = machine.zfs().loader().unwrap_err().to_string();
    assert!(error.contains("zpool set bootfs=tank/ROOT/a tank"), "{error}");
}

#[test]
fn a_drill_tries_a_copy() {
    let machine = Machine::new().with_script();
    machine.set_local(A, "org.zfsbootmenu:kernel", "6.1");
    let copy = machine.zfs().copy_for_drill().unwrap();
    assert_eq!(copy, image("tank/ROOT/a-drill"));
    for (property, value) in [
        ("canmount", "noauto"),
        ("mountpoint", "/"),
        ("org.zfsbootmenu:kernel", "6.1"),
    ] {
        assert_eq!(machine.local(copy.as_ref(), property).as_deref(), Some(value));
    }
    assert_eq!(
        machine.zfs().copy_for_drill().unwrap(),
        copy,
        "one that was left is replaced"
    );
    machine.zfs().remove_drill(&copy).unwrap();
    machine.zfs().remove_drill(&copy).unwrap();
    assert_eq!(machine.machine()["pools"]["tank"]["snapshots"], json!([]));
    for other in [A, B] {
        assert!(machine.zfs().remove_drill(&image(other)).is_err(), "{other}");
    }
}
