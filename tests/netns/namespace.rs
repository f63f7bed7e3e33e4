//! The namespace: created once, visible everywhere, removed.
#![allow(clippy::unwrap_used)]

use super::sandbox;
use imp::act::{self, Report};
use imp::facts::netns::{self, NetnsFacts, Pin};
use imp::host::namespace;
use imp::plan;
use imp::types::{NetnsName, Root};
use std::fs;

fn dataplane() -> NetnsName {
    "dataplane".parse().unwrap()
}

fn facts(root: &Root) -> NetnsFacts {
    let keys = plan::netns::SYSCTLS.map(|(key, _)| key);
    netns::read(root, &dataplane(), &keys).unwrap()
}

fn up(root: &Root) -> Report {
    act::apply(root, &plan::netns::up(&dataplane(), &facts(root)))
}

#[test]
fn is_made_once() {
    sandbox::run("namespace::is_made_once", |root| {
        let report = up(root);
        assert!(report.failed.is_empty(), "{:?}", report.failed);
        let found = facts(root);
        assert_eq!(found.pin, Pin::Pinned);
        assert!(found.directory_shared && found.loopback_up);
        for (key, value) in plan::netns::SYSCTLS {
            assert_eq!(found.sysctls.get(key).map(String::as_str), Some(value), "{key}");
        }
        assert!(
            plan::netns::up(&dataplane(), &found).is_empty(),
            "the second run has nothing to do"
        );
        let inode = |file: &str| fs::read_link(file).unwrap();
        assert_eq!(
            inode("/proc/self/ns/net"),
            inode("/proc/thread-self/ns/net"),
            "no process stayed inside"
        );
    });
}

#[test]
fn a_stale_placeholder_is_replaced() {
    sandbox::run("namespace::a_stale_placeholder_is_replaced", |root| {
        let path = namespace::path(root, &dataplane());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "").unwrap();
        assert_eq!(facts(root).pin, Pin::Placeholder);
        assert!(namespace::open(root, &dataplane()).is_err());
        assert!(up(root).failed.is_empty());
        assert_eq!(facts(root).pin, Pin::Pinned);
    });
}

#[test]
fn is_removed_with_everything_stacked_on_it() {
    sandbox::run("namespace::is_removed_with_everything_stacked_on_it", |root| {
        assert!(up(root).failed.is_empty());
        let path = namespace::path(root, &dataplane());
        let path = path.to_str().unwrap();
        sandbox::command("mount", &["--bind", "/proc/self/ns/net", path]);
        let down = |root: &Root| act::apply(root, &plan::netns::down(&dataplane(), &facts(root)));
        let report = down(root);
        assert!(report.failed.is_empty(), "{:?}", report.failed);
        assert_eq!(facts(root).pin, Pin::Absent);
        assert_eq!(down(root).changed, 0);
        assert!(up(root).failed.is_empty(), "and can be made again");
    });
}

#[test]
fn a_kill_between_any_two_actions_is_completed_by_the_next_run() {
    sandbox::run(
        "namespace::a_kill_between_any_two_actions_is_completed_by_the_next_run",
        |root| {
            let whole = plan::netns::up(&dataplane(), &facts(root));
            let count = whole.groups()[0].actions.len();
            assert!(count > 4);
            for done in 0..count {
                let mut part = plan::Plan::default();
                part.add("part", whole.groups()[0].actions[..done].to_vec());
                assert!(act::apply(root, &part).failed.is_empty());
                let report = up(root);
                assert!(report.failed.is_empty(), "{done}: {:?}", report.failed);
                assert!(plan::netns::up(&dataplane(), &facts(root)).is_empty(), "{done}");
                assert!(
                    act::apply(root, &plan::netns::down(&dataplane(), &facts(root)))
                        .failed
                        .is_empty()
                );
            }
        },
    );
}
