//! The host itself: time zone, settings of the kernel, users.
#![allow(clippy::unwrap_used)]

use super::sandbox::{self, read, write};
use crate::pure::config::files;
use imp::config::parse;
use imp::facts::user::UserFacts;
use imp::plan::Input;
use imp::plan::identity::Wanted;
use imp::plan::user;
use imp::step::identity;
use imp::types::Root;
use std::fs;

/// What a document with these lines asks of `imp-identity`.
fn wanted(lines: &str) -> Wanted {
    let document = format!("config-version = 1\n[system]\nhostname = \"edge1\"\n{lines}");
    let parsed = parse(&files(&[("imp.toml", &document)]));
    Wanted::of(&parsed.model.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics)))
}

/// An image with a placeholder for the host key and three time zones, of which its own is a link's.
fn machine(root: &Root) {
    for (path, text) in [
        ("etc/ssh/ssh_host_ed25519_key", ""),
        ("persistent/config/identity/x", ""),
        ("persistent/data/x", ""),
        ("usr/share/zoneinfo/Etc/UTC", "UTC0\n"),
        ("usr/share/zoneinfo/Europe/Berlin", "CET\n"),
        ("usr/share/zoneinfo/America/Lima", "PET\n"),
    ] {
        write(root, path, text);
    }
    std::os::unix::fs::symlink("../usr/share/zoneinfo/Etc/UTC", root.join("etc/localtime")).unwrap();
}

fn mounts() -> usize {
    fs::read_to_string("/proc/self/mountinfo")
        .unwrap()
        .lines()
        .count()
}

#[test]
fn the_time_zone_covers_the_link_and_not_what_it_leads_to() {
    sandbox::run(
        "host::the_time_zone_covers_the_link_and_not_what_it_leads_to",
        |root| {
            machine(root);
            identity::up(root, Some(&wanted(""))).unwrap();
            let before = mounts();
            for (zone, shown) in [
                ("Europe/Berlin", "CET\n"),
                ("America/Lima", "PET\n"),
                ("Etc/UTC", "UTC0\n"),
            ] {
                let wanted = wanted(&format!("timezone = \"{zone}\"\n"));
                for _ in 0..2 {
                    identity::up(root, Some(&wanted)).unwrap();
                    assert_eq!(read(root, "etc/localtime"), shown);
                    assert_eq!(read(root, "usr/share/zoneinfo/Etc/UTC"), "UTC0\n");
                    // The image's link leads to that one by itself.
                    let mounted = usize::from(zone != "Etc/UTC");
                    assert_eq!(mounts(), before + mounted, "{zone}");
                }
            }
            identity::up(root, Some(&wanted(""))).unwrap();
            assert_eq!(mounts(), before);
            let link = fs::read_link(root.join("etc/localtime")).unwrap();
            assert_eq!(link.to_str(), Some("../usr/share/zoneinfo/Etc/UTC"));
        },
    );
}

#[test]
fn an_unknown_time_zone_is_an_error_and_the_image_keeps_its_own() {
    sandbox::run(
        "host::an_unknown_time_zone_is_an_error_and_the_image_keeps_its_own",
        |root| {
            machine(root);
            identity::up(root, Some(&wanted("timezone = \"Europe/Berlin\"\n"))).unwrap();
            assert!(identity::up(root, Some(&wanted("timezone = \"Europe/Atlantis\"\n"))).is_err());
            assert_eq!(read(root, "etc/localtime"), "UTC0\n");
            assert!(!root.join("run/imp/timezone").exists());
        },
    );
}

#[test]
fn a_setting_of_the_kernel_goes_back_to_what_it_was() {
    sandbox::run("host::a_setting_of_the_kernel_goes_back_to_what_it_was", |root| {
        machine(root);
        write(root, "proc/sys/net/core/rmem_max", "212992\n");
        write(root, "proc/sys/net/ipv4/tcp_rmem", "4096\t131072\t6291456\n");
        let rmem = |value: u32| {
            wanted(&format!(
                "[system.sysctl]\n\"net.core.rmem_max\" = {value}\n\"net.ipv4.tcp_rmem\" = \"4096 131072 6291456\"\n"
            ))
        };
        for value in [8_388_608, 16_777_216] {
            identity::up(root, Some(&rmem(value))).unwrap();
            assert_eq!(read(root, "proc/sys/net/core/rmem_max"), value.to_string());
            let record = read(root, "run/imp/sysctl-before.json");
            assert_eq!(record, "{\"net.core.rmem_max\":\"212992\"}");
        }
        assert_eq!(
            read(root, "proc/sys/net/ipv4/tcp_rmem"),
            "4096\t131072\t6291456\n",
            "what is right already is not written"
        );
        let missing = wanted("[system.sysctl]\n\"net.netfilter.nf_conntrack_max\" = 1\n");
        assert!(identity::up(root, Some(&missing)).is_err());
        assert_eq!(read(root, "proc/sys/net/core/rmem_max"), "212992");
        assert!(!root.join("run/imp/sysctl-before.json").exists());
    });
}

#[test]
fn records_are_linked_and_what_others_put_there_stays() {
    let users = wanted(
        "[users.alice]\nuid = 2001\ngroups = [\"sudo\", \"nosuch\"]\n[users.www]\nuid = 33000\n[users.carol]\nuid = 2002\n",
    )
    .users;
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let facts = UserFacts {
        records: names(&["alice.user", "2001.user", "www.user"]),
        linked: [
            ("alice.user", true),
            ("bob.user", true),
            ("www.user", false),
            ("guest.user", false),
        ]
        .map(|(name, ours)| (name.to_owned(), ours))
        .into(),
        users: [("root".to_owned(), 0), ("www".to_owned(), 33)].into(),
        groups: [("sudo".to_owned(), 27)].into(),
        homes: [
            ("/persistent/data/home/alice".to_owned(), 2001),
            ("/persistent/data/home/carol".to_owned(), 2009),
        ]
        .into(),
    };
    let (plan, notices) = user::change(&users, &facts);
    assert_eq!(
        plan.to_string(),
        "users: remove /run/userdb/bob.user\n\
         users: link /run/userdb/2001.user to /run/imp/userdb/2001.user\n\
         user 'www': make home /persistent/data/home/www (33000:33000)\n"
    );
    let notices: Vec<String> = notices.iter().map(ToString::to_string).collect();
    assert_eq!(
        notices,
        [
            "E0757: /run/userdb/www.user is not ours; remove it",
            "E0757: user 'alice': the image has no group 'nosuch'",
            "E0757: user 'carol': /persistent/data/home/carol belongs to the number 2009; run: chown -R 2002:2002 \
             /persistent/data/home/carol",
            "E0757: user 'www': the image has a user or a group of this name, which counts",
        ]
    );
}

#[test]
fn a_user_has_the_same_number_on_every_router() {
    let users = wanted("[users.alice]\n[users.bob]\n[users.bob2]\n").users;
    let numbers: Vec<u32> = users.iter().map(|user| user.uid).collect();
    assert!(
        numbers.iter().all(|number| (20_000..60_000).contains(number)),
        "{numbers:?}"
    );
    assert_eq!(numbers, [57_479, 24_244, 23_218]);
}
