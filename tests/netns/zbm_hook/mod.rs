//! The script that gives an image its one attempt, run as ZFSBootMenu runs it, and as the initramfs of the default does: its own
//! root, only the programs that are there, stand-ins for ZFS and kexec (`tests/stand_in/zfs`).
#![allow(clippy::unwrap_used)]

mod image;

use image::{IMAGE, Image, LINE, Shell};
use serde_json::json;

/// Every run says what was started: the image by kexec, or what the loader continues with.
#[derive(Debug, PartialEq)]
enum Started {
    Candidate,
    Default,
    Nothing,
}

fn started(image: &Image, output: &str) -> Started {
    let machine = image.machine();
    if machine["kernel"] == "started" {
        assert_eq!(
            machine["started"],
            json!(["/boot/vmlinuz-2", "/boot/initrd.img-2", LINE])
        );
        assert_eq!(machine["imported_at_start"], json!([]), "a pool was still open");
        return Started::Candidate;
    }
    if output.contains("starts tank/ROOT/a") {
        Started::Default
    } else {
        Started::Nothing
    }
}

fn state(image: &Image) -> String {
    image.local(IMAGE, "org.imp:state")
}

#[test]
fn without_a_token_nothing_is_written() {
    crate::netns::sandbox::run("zbm_hook::without_a_token_nothing_is_written", |root| {
        let image = Image::new(root);
        let output = image.boot(Shell::Menu);
        assert_eq!(started(&image, &output), Started::Default, "{output}");
        let log = image.log();
        assert!(
            log.iter()
                .all(|line| !line.contains("readonly=off") && !line.contains(" set ")),
            "{log:?}"
        );
        assert!(
            log.iter()
                .all(|line| !line.ends_with('!') || line.starts_with("blkid")),
            "{log:?}"
        );
    });
}

#[test]
fn a_token_is_one_attempt() {
    crate::netns::sandbox::run("zbm_hook::a_token_is_one_attempt", |root| {
        for shell in [Shell::Menu, Shell::Initramfs] {
            let image = Image::new(root);
            image.arm(IMAGE);
            let output = image.boot(shell);
            assert_eq!(started(&image, &output), Started::Candidate, "{output}");
            assert_eq!(state(&image), "consumed");
            assert_eq!(image.local(IMAGE, "org.imp:taken-by"), shell.taker());
            assert_eq!(image.machine()["pools"]["tank"]["bootfs"], "tank/ROOT/a");
            // Any reset comes back.
            image.reset();
            let output = image.boot(shell);
            assert_eq!(started(&image, &output), Started::Default, "{output}");
        }
    });
}

/// The power is cut after each command from the look at the token on, then it comes back.
#[test]
fn a_cut_anywhere_is_at_most_one_attempt() {
    crate::netns::sandbox::run("zbm_hook::a_cut_anywhere_is_at_most_one_attempt", |root| {
        // Before these, the pool is only looked at.
        for command in 8.. {
            let image = Image::new(root);
            image.arm(IMAGE);
            image.change(|machine| machine["cut"] = json!(command));
            let output = image.boot(Shell::Menu);
            let first = started(&image, &output);
            let taken = state(&image) == "consumed";
            if first == Started::Candidate {
                assert!(command > 10, "the hook runs more commands than that");
                return;
            }
            assert_eq!(first, Started::Nothing, "{output}");
            image.reset();
            let output = image.boot(Shell::Menu);
            let second = started(&image, &output);
            let expected = if taken {
                Started::Default
            } else {
                Started::Candidate
            };
            assert_eq!(second, expected, "cut after {command} commands: {output}");
            assert_eq!(image.machine()["pools"]["tank"]["bootfs"], "tank/ROOT/a");
        }
    });
}

/// A fault, what it does to the machine, and the state of the token afterwards: the default is started in any case.
#[test]
fn if_anything_goes_wrong_the_default_is_started() {
    type Fault = (
        &'static str,
        fn(&mut serde_json::Value),
        Option<&'static str>,
        &'static str,
    );
    let faults: [Fault; 12] = [
        (
            "no space to take the token",
            |m| m["fail"] = json!([["zfs set", "out of space"]]),
            None,
            "armed",
        ),
        (
            "no import for writing",
            |m| m["fail"] = json!([["zpool import -N -o readonly=off", "unsupported feature"]]),
            None,
            "armed",
        ),
        (
            "no kernel",
            |m| m["pools"]["tank"]["datasets"][IMAGE]["files"] = json!({}),
            None,
            "consumed",
        ),
        (
            "a kernel of zeroes",
            |m| m["pools"]["tank"]["datasets"][IMAGE]["files"]["/boot/vmlinuz-2"] = json!("\0"),
            None,
            "consumed",
        ),
        (
            "no mount",
            |m| m["fail"] = json!([["mount", "mount: filesystem error"]]),
            None,
            "consumed",
        ),
        (
            "no unmount",
            |m| m["fail"] = json!([["umount", "target is busy"]]),
            None,
            "consumed",
        ),
        (
            "kexec itself",
            |m| m["fail"] = json!([["kexec -e", "kexec failed"]]),
            None,
            "consumed",
        ),
        (
            "a degraded pool",
            |m| m["pools"]["tank"]["state"] = json!("DEGRADED"),
            None,
            "armed",
        ),
        (
            "a pool that is not to be written",
            |m| m["pools"]["tank"]["readonly"] = json!("on"),
            None,
            "armed",
        ),
        (
            "a system that sleeps",
            |m| m["suspended"] = json!(true),
            None,
            "armed",
        ),
        (
            "another image is wanted",
            |_| (),
            Some("export zbm_prefer_pool=tank zbm_prefer_bootfs=tank/ROOT/c\n"),
            "armed",
        ),
        (
            "another host's pool, and the policy is strict",
            |m| m["pools"]["tank"]["hostid"] = json!("00c0ffee"),
            Some("export import_policy=strict\n"),
            "armed",
        ),
    ];
    crate::netns::sandbox::run(
        "zbm_hook::if_anything_goes_wrong_the_default_is_started",
        |root| {
            for (what, fault, settings, expected) in faults {
                let image = Image::new(root);
                image.arm(IMAGE);
                image.change(fault);
                image.settings(settings.unwrap_or_default());
                let output = image.boot(Shell::Menu);
                assert_ne!(started(&image, &output), Started::Candidate, "{what}: {output}");
                assert_eq!(state(&image), expected, "{what}: {output}");
                let machine = image.machine();
                assert_eq!(machine["pools"]["tank"]["bootfs"], "tank/ROOT/a", "{what}");
                let log = image.log();
                let hook = log
                    .iter()
                    .position(|line| line.contains("readonly=on -a"))
                    .unwrap_or(log.len());
                assert!(
                    !log[hook..]
                        .iter()
                        .any(|line| line.contains("already exists") || line.contains("export")),
                    "{what}: the pool was left open: {log:?}"
                );
            }
        },
    );
}

#[test]
fn which_of_two_is_not_guessed() {
    crate::netns::sandbox::run("zbm_hook::which_of_two_is_not_guessed", |root| {
        let image = Image::new(root);
        image.arm(IMAGE);
        image.arm("tank/ROOT/c");
        let output = image.boot(Shell::Menu);
        assert_eq!(started(&image, &output), Started::Default, "{output}");
        assert!(output.contains("neither is tried"), "{output}");
        assert_eq!(state(&image), "armed");
    });
}

#[test]
fn the_default_needs_no_attempt() {
    crate::netns::sandbox::run("zbm_hook::the_default_needs_no_attempt", |root| {
        let image = Image::new(root);
        image.arm("tank/ROOT/a");
        let output = image.boot(Shell::Menu);
        assert_eq!(started(&image, &output), Started::Default, "{output}");
        assert_eq!(image.local("tank/ROOT/a", "org.imp:state"), "armed");
    });
}

/// A machine that was cut off keeps its pool marked as its own; ZFSBootMenu's policy is to become that host.
#[test]
fn it_becomes_the_host_of_the_pool_as_the_menu_does() {
    crate::netns::sandbox::run(
        "zbm_hook::it_becomes_the_host_of_the_pool_as_the_menu_does",
        |root| {
            let image = Image::new(root);
            image.arm(IMAGE);
            image.change(|machine| machine["pools"]["tank"]["hostid"] = json!("00c0ffee"));
            image.settings("export import_policy=hostid\n");
            let output = image.boot(Shell::Menu);
            assert_eq!(started(&image, &output), Started::Candidate, "{output}");
            assert_eq!(image.file("etc/hostid"), [0xee, 0xff, 0xc0, 0x00]);
        },
    );
}

/// Only an initramfs that is about to mount the default takes the token.
#[test]
fn an_initramfs_takes_the_token_for_the_default_alone() {
    crate::netns::sandbox::run(
        "zbm_hook::an_initramfs_takes_the_token_for_the_default_alone",
        |root| {
            for (line, expected) in [
                ("root=zfs:tank/ROOT/a quiet", "consumed"),
                ("root=ZFS=tank/ROOT/a", "consumed"),
                ("root=zfs:AUTO", "consumed"),
                ("root=zfs:tank/ROOT/c quiet", "armed"),
                ("root=/dev/vda1", "armed"),
                ("quiet", "armed"),
            ] {
                let image = Image::new(root);
                image.arm(IMAGE);
                image.kernel_line(line);
                let output = image.boot(Shell::Initramfs);
                assert_eq!(state(&image), expected, "{line}: {output}");
                assert_eq!(
                    image.exists("run/initramfs/imp-trial"),
                    line.to_lowercase().contains("zfs"),
                    "{line}"
                );
            }
        },
    );
}
