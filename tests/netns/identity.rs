//! Identity: what outlives a boot is bind-mounted over the placeholders of the image.
#![allow(clippy::unwrap_used)]

use super::sandbox::{self, command, read, write};
use imp::act::mount;
use imp::facts::identity::{FileFacts, User, files, first_user};
use imp::host::file;
use imp::plan::identity::warnings;
use imp::step::{identity, machine_id};
use imp::types::Root;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// An image with placeholders, a persistent tree beside it, and its own host name.
fn machine(root: &Root, names: &[(&str, &str)]) {
    for placeholder in [
        "etc/hostname",
        "etc/hosts",
        "etc/ssh/ssh_host_ed25519_key",
        "root/.ssh/authorized_keys",
    ] {
        write(root, placeholder, "");
    }
    fs::create_dir_all(root.join("persistent/config/identity")).unwrap();
    fs::create_dir_all(root.join("persistent/data")).unwrap();
    for (name, text) in names {
        write(root, name, text);
    }
}

/// How many mounts this mount namespace has.
fn mounts() -> usize {
    fs::read_to_string("/proc/self/mountinfo")
        .unwrap()
        .lines()
        .count()
}

#[test]
fn known_names_are_bound_and_the_host_key_is_made_once() {
    sandbox::run(
        "identity::known_names_are_bound_and_the_host_key_is_made_once",
        |root| {
            machine(
                root,
                &[
                    (
                        "persistent/config/identity/admin_authorized_keys",
                        "ssh-ed25519 AAAA admin\n",
                    ),
                    ("persistent/config/identity/hostname", "edge1\n"),
                    ("run/imp/hosts", "127.0.0.1 localhost\n"),
                ],
            );
            identity::up(root, None).unwrap();
            assert_eq!(
                read(root, "root/.ssh/authorized_keys"),
                "ssh-ed25519 AAAA admin\n"
            );
            assert_eq!(read(root, "etc/hosts"), "127.0.0.1 localhost\n");
            assert_eq!(command("uname", &["-n"]), "edge1\n");
            let key = read(root, "etc/ssh/ssh_host_ed25519_key");
            assert!(key.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----"), "{key}");
            let source = root.join("persistent/config/identity/ssh_host_ed25519_key");
            assert_eq!(
                fs::metadata(&source).unwrap().permissions().mode() & 0o7777,
                0o600
            );
            assert!(source.with_extension("pub").exists());

            let before = mounts();
            identity::up(root, None).unwrap();
            assert_eq!(mounts(), before, "the second run changes nothing");
            assert_eq!(read(root, "etc/ssh/ssh_host_ed25519_key"), key);
        },
    );
}

#[test]
fn a_renamed_source_is_bound_again_and_mounts_do_not_pile_up() {
    sandbox::run(
        "identity::a_renamed_source_is_bound_again_and_mounts_do_not_pile_up",
        |root| {
            machine(root, &[("run/imp/hosts", "1\n")]);
            identity::up(root, None).unwrap();
            let before = mounts();
            for text in ["2\n", "3\n"] {
                let _ = file::write(&root.join("run/imp/hosts"), text.as_bytes(), 0o644).unwrap();
                assert_ne!(read(root, "etc/hosts"), text, "the mount keeps the old inode");
                identity::up(root, None).unwrap();
                assert_eq!(read(root, "etc/hosts"), text);
                assert_eq!(mounts(), before);
            }
        },
    );
}

#[test]
fn a_missing_placeholder_is_reported_and_the_others_are_done() {
    sandbox::run(
        "identity::a_missing_placeholder_is_reported_and_the_others_are_done",
        |root| {
            machine(
                root,
                &[
                    ("persistent/config/identity/hostname", "edge1\n"),
                    (
                        "persistent/config/identity/resolv.conf",
                        "nameserver 192.0.2.53\n",
                    ),
                ],
            );
            assert!(identity::up(root, None).is_err());
            assert_eq!(read(root, "etc/hostname"), "edge1\n");
            assert!(!root.join("etc/resolv.conf").exists());
        },
    );
}

#[test]
fn a_bind_does_not_take_away_what_others_mounted() {
    sandbox::run(
        "identity::a_bind_does_not_take_away_what_others_mounted",
        |root| {
            for dir in ["home", "persistent/data/home"] {
                fs::create_dir_all(root.join(dir)).unwrap();
            }
            let home = root.join("home");
            command("mount", &["-t", "tmpfs", "theirs", home.to_str().unwrap()]);
            let bound = mount::bind(&root.join("persistent/data/home"), &home).unwrap();
            assert!(bound.changed());
            assert!(
                fs::read_to_string("/proc/self/mountinfo")
                    .unwrap()
                    .contains(" theirs ")
            );
            assert!(
                !mount::bind(&root.join("persistent/data/home"), &home)
                    .unwrap()
                    .changed()
            );
            let _ = mount::unmount(&home).unwrap();
            assert!(
                mount::bind(&root.join("nowhere"), &home)
                    .unwrap_err()
                    .to_string()
                    .contains("the source")
            );
        },
    );
}

#[test]
fn the_machine_id_is_made_once_and_kept() {
    sandbox::run("identity::the_machine_id_is_made_once_and_kept", |root| {
        machine(root, &[("etc/machine-id", "")]);
        assert_eq!(machine_id::up(root).unwrap().len(), 2, "made and bound");
        let id = read(root, "etc/machine-id");
        assert_eq!(id.len(), 33);
        assert!(machine_id::up(root).unwrap().is_empty());

        // The next boot: PID 1 created a transient one, over which ours is bound.
        let _ = mount::unmount(&root.join("etc/machine-id")).unwrap();
        write(root, "run/machine-id", "0123456789abcdef0123456789abcdef\n");
        let transient = root.join("run/machine-id");
        let _ = mount::bind(&transient, &root.join("etc/machine-id")).unwrap();
        assert_eq!(machine_id::up(root).unwrap().len(), 1);
        assert_eq!(read(root, "etc/machine-id"), id);

        // A first boot keeps the transient one; the image's own is never kept.
        let kept = root.join("persistent/config/identity/machine-id");
        fs::remove_file(&kept).unwrap();
        let _ = mount::unmount(&root.join("etc/machine-id")).unwrap();
        let _ = mount::bind(&transient, &root.join("etc/machine-id")).unwrap();
        assert_eq!(machine_id::up(root).unwrap().len(), 1, "kept, and in use already");
        assert_eq!(
            fs::read_to_string(&kept).unwrap(),
            "0123456789abcdef0123456789abcdef\n"
        );
    });
}

fn is_id(text: &str) -> bool {
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    text.len() == 33 && text.trim_end().bytes().all(hex)
}

/// Whatever a builder, an editor or a power cut left in its place: the router has an id of its own, and the same one next time.
#[test]
fn what_is_no_machine_id_is_set_aside_and_a_new_one_made() {
    sandbox::run(
        "identity::what_is_no_machine_id_is_set_aside_and_a_new_one_made",
        |root| {
            machine(root, &[("etc/machine-id", "22222222222222222222222222222222\n")]);
            let kept = root.join("persistent/config/identity/machine-id");
            let aside = root.join("persistent/config/identity/.machine-id.set-aside");
            let used = || {
                let done = machine_id::up(root).unwrap();
                let id = read(root, "etc/machine-id");
                assert_eq!(fs::read_to_string(&kept).unwrap(), id);
                assert!(is_id(&id), "{id:?}");
                assert!(machine_id::up(root).unwrap().is_empty(), "the same next time");
                let _ = mount::unmount(&root.join("etc/machine-id")).unwrap();
                (id, done.join("\n"))
            };
            for text in ["", "uninitialized\n"] {
                fs::write(&kept, text).unwrap();
                let (id, _) = used();
                assert!(!id.starts_with("2222"), "the image's own");
                assert!(!aside.exists());
                fs::remove_file(&kept).unwrap();
            }
            for text in ["\0\0\0\0", "my router\n", "00000000000000000000000000000000\n"] {
                fs::write(&kept, text).unwrap();
                let (_, done) = used();
                assert!(done.contains("is not a valid machine-id"), "{done}");
                assert_eq!(fs::read_to_string(&aside).unwrap(), text);
                fs::remove_file(&kept).unwrap();
            }
            // Journald waits for this: nobody writes into a pipe.
            nix::unistd::mkfifo(&kept, nix::sys::stat::Mode::S_IRUSR).unwrap();
            let (_, done) = used();
            assert!(done.contains("not a regular file"), "{done}");
            // The same id in other letters stays the same.
            fs::remove_file(&kept).unwrap();
            fs::write(&kept, "01234567-89AB-CDEF-0123-456789ABCDEF\r\n").unwrap();
            assert_eq!(used().0, "0123456789abcdef0123456789abcdef\n");
        },
    );
}

/// Its key is not loaded, or its disk is late: what is made now would be hidden later, and a third identity made then.
#[test]
fn no_identity_is_made_where_the_configuration_is_not_mounted() {
    sandbox::run(
        "identity::no_identity_is_made_where_the_configuration_is_not_mounted",
        |root| {
            machine(root, &[("etc/machine-id", "")]);
            for leave in [true, false] {
                fs::remove_dir_all(root.join("persistent/config")).unwrap();
                if leave {
                    fs::create_dir(root.join("persistent/config")).unwrap();
                }
                let error = machine_id::up(root).unwrap_err().to_string();
                assert!(error.contains("not mounted"), "{error}");
                assert!(identity::up(root, None).is_err());
                let made = fs::read_dir(root.join("persistent/config")).map_or(0, Iterator::count);
                assert_eq!((made, root.join("persistent/config").exists()), (0, leave));
            }
            // Not even where something lies below the mount that failed.
            write(root, "persistent/config/imp.toml", "config-version = 1\n");
            write(root, "run/systemd/generator/persistent-config.mount", "[Mount]\n");
            assert!(
                machine_id::up(root)
                    .unwrap_err()
                    .to_string()
                    .contains("not mounted")
            );
            fs::remove_dir_all(root.join("run/systemd")).unwrap();
            write(root, "etc/fstab", "# a\n/dev/sdb1 /persistent ext4 rw 0 2\n");
            assert!(
                machine_id::up(root)
                    .unwrap_err()
                    .to_string()
                    .contains("not mounted")
            );
            write(root, "etc/fstab", "#/dev/sdb1 /persistent ext4 rw 0 2\n");
            assert_eq!(machine_id::up(root).unwrap().len(), 2);
        },
    );
}

#[test]
fn what_is_no_host_key_is_set_aside_and_a_new_one_made() {
    sandbox::run(
        "identity::what_is_no_host_key_is_set_aside_and_a_new_one_made",
        |root| {
            machine(
                root,
                &[("persistent/config/identity/ssh_host_rsa_key", "ssh-rsa AAAA\n")],
            );
            write(root, "etc/ssh/ssh_host_rsa_key", "");
            let key = root.join("persistent/config/identity/ssh_host_ed25519_key");
            let aside = root.join("persistent/config/identity/.ssh_host_ed25519_key.set-aside");
            let notices = || read(root, "run/imp/identity-notices");
            let reboot = || mount::unmount(&root.join("etc/ssh/ssh_host_ed25519_key")).map(drop);
            for damaged in ["\0\0\0\0", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r\n"] {
                fs::write(&key, damaged).unwrap();
                identity::up(root, None).unwrap();
                assert_eq!(fs::read_to_string(&aside).unwrap(), damaged);
                let made = fs::read_to_string(&key).unwrap();
                assert!(
                    made.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----\n"),
                    "{made}"
                );
                assert!(notices().contains("E0515: identity 'ssh_host_ed25519_key': sshd could not load it"));
                // Said until the operator has seen it, and not made again.
                identity::up(root, None).unwrap();
                assert_eq!(fs::read_to_string(&key).unwrap(), made);
                assert!(notices().contains(".set-aside"));
                reboot().unwrap();
            }
            assert!(notices().contains("E0515: identity 'ssh_host_rsa_key': it is no private key"));
            // A second key that nobody knows does not stay behind a run that was killed.
            write(
                root,
                "persistent/config/identity/.ssh_host_ed25519_key.imp-new",
                "secret",
            );
            fs::remove_file(&aside).unwrap();
            identity::up(root, None).unwrap();
            let hidden = fs::read_dir(root.join("persistent/config/identity")).unwrap();
            let hidden = hidden.filter(|entry| {
                let name = entry.as_ref().unwrap().file_name();
                name.to_string_lossy().starts_with('.')
            });
            assert_eq!(hidden.count(), 0);
        },
    );
}

/// Killed before it belongs to the user, it is not there under its name: "there" is all that the next run looks at.
#[test]
fn a_placeholder_is_the_users_from_its_first_moment() {
    sandbox::run(
        "identity::a_placeholder_is_the_users_from_its_first_moment",
        |root| {
            fs::create_dir_all(root.join("home")).unwrap();
            // What a run left that was killed before.
            fs::create_dir_all(root.join("home/.bob.imp-99.0")).unwrap();
            let keys = root.join("home/bob/.ssh/authorized_keys");
            let (uid, gid) = (nix::unistd::geteuid().as_raw(), nix::unistd::getegid().as_raw());
            assert!(mount::make_placeholder(&keys, uid, gid).unwrap().changed());
            assert!(!mount::make_placeholder(&keys, uid, gid).unwrap().changed());
            let names = |dir: &str| fs::read_dir(root.join(dir)).unwrap().count();
            assert_eq!(
                (names("home"), names("home/bob"), names("home/bob/.ssh")),
                (1, 1, 1)
            );
            let mode = |path: &str| fs::metadata(root.join(path)).unwrap().permissions().mode() & 0o777;
            assert_eq!(
                (mode("home/bob/.ssh"), mode("home/bob/.ssh/authorized_keys")),
                (0o700, 0o600)
            );
            let owned = file::Owner { uid: 4_000_000, gid };
            // Whom it cannot belong to, it is not made for.
            assert!(file::create_dir_as(&root.join("home/eve"), 0o700, owned).is_err());
            assert_eq!(names("home"), 1);
        },
    );
}

#[test]
fn files_sshd_refuses_and_unknown_names_are_reported() {
    let user = User {
        name: "noc".to_owned(),
        uid: 1000,
        gid: 1000,
        home: "/home/noc".into(),
    };
    let file = |mode, uid| FileFacts { size: 1, mode, uid };
    let cases = [
        ("admin_authorized_keys", file(0o644, 0), ""),
        (
            "admin_authorized_keys",
            file(0o666, 0),
            "run: chmod go-w /persistent/config/identity/admin_authorized_keys",
        ),
        (
            "admin_authorized_keys",
            file(0o600, 1000),
            "run: chown root /persistent",
        ),
        ("user_authorized_keys", file(0o600, 1000), ""),
        ("user_authorized_keys", file(0o644, 0), ""),
        (
            "user_authorized_keys",
            file(0o600, 0),
            "run: chmod a+r /persistent",
        ),
        ("ssh_host_rsa_key", file(0o644, 0), "E0515"),
        ("ssh_host_rsa_key.pub", file(0o644, 0), ""),
        ("machine-id", file(0o444, 0), ""),
    ];
    for (name, facts, expected) in cases {
        let said = warnings(None, &BTreeMap::from([(name.to_owned(), facts)]), Some(&user));
        let text: Vec<String> = said.iter().map(ToString::to_string).collect();
        assert_eq!(text.is_empty(), expected.is_empty(), "{name}: {text:?}");
        assert!(text.concat().contains(expected), "{name}: {text:?}");
    }
}

#[test]
fn the_first_ordinary_user_has_the_lowest_number() {
    let dir = tempfile::tempdir().unwrap();
    let root = Root::new(dir.path());
    write(
        &root,
        "etc/passwd",
        "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\nb:x:1001:1001::/home/b:/bin/sh\na:x:1000:1002::/home/a:/bin/sh\nbroken\n",
    );
    let user = first_user(&root).unwrap();
    assert_eq!((user.name.as_str(), user.gid), ("a", 1002));
    write(&root, "persistent/config/identity/.hidden", "");
    fs::create_dir_all(root.join("persistent/config/identity/dir")).unwrap();
    assert!(files(&root).is_empty());
}

#[test]
fn the_step_binds_what_the_configuration_names() {
    sandbox::run("identity::the_step_binds_what_the_configuration_names", |root| {
        machine(
            root,
            &[
                ("persistent/config/identity/ssh_ca.pub", "ca\n"),
                (
                    "persistent/config/identity/admin_authorised_keys",
                    "ssh-ed25519 AAAA\n",
                ),
                ("run/imp/hostname", "edge1\n"),
                ("etc/ssh/ssh_ca.pub", ""),
            ],
        );
        let text = "config-version = 1\n[system]\nhostname = \"edge1\"\n[[identity.bind]]\nsource = \"ssh_ca.pub\"\n\
                    target = \"/etc/ssh/ssh_ca.pub\"\n[[bind]]\nsource = \"journal\"\ntarget = \"/var/log/journal\"\n";
        write(root, "run/imp/generation/imp.toml", text);
        imp::step::input::renew(root).unwrap();
        let journal = root.join("var/log/journal");
        fs::create_dir_all(&journal).unwrap();
        fs::set_permissions(&journal, fs::Permissions::from_mode(0o2750)).unwrap();
        let run = || {
            let output = std::process::Command::new(env!("CARGO_BIN_EXE_imp-identity"))
                .arg("--root")
                .arg(root.path())
                .output()
                .unwrap();
            (output.status.code(), String::from_utf8(output.stderr).unwrap())
        };
        let (code, said) = run();
        assert_eq!(code, Some(0), "{said}");
        let hint = "E0514: identity 'admin_authorised_keys': unknown file name, it has no effect; did you mean 'admin_authorized_keys'?";
        assert!(said.contains(hint), "{said}");
        assert_eq!(read(root, "etc/ssh/ssh_ca.pub"), "ca\n");
        let source = root.join("persistent/data/journal");
        assert_eq!(
            fs::metadata(&source).unwrap().permissions().mode() & 0o7777,
            0o2750,
            "as in the image"
        );
        fs::write(journal.join("x"), "").unwrap();
        assert!(source.join("x").exists());
        assert_eq!(run(), (Some(0), String::new()), "the second start says nothing");
    });
}
