//! `imp-vpp --wait NAME`: started means that its API answers, and a dead VPP is noticed at once.

#![allow(clippy::unwrap_used)]

use super::stand_in::{StandIn, has_python, imp_vpp, said};
use crate::patience::Patience;
use std::os::unix::net::UnixListener;
use std::process::Command;

#[test]
fn a_vpp_that_answers_is_enough_and_nothing_is_said() {
    if !has_python() {
        return;
    }
    let vpp = StandIn::core();
    let pid = vpp.pid().to_string();
    let output = imp_vpp(vpp.root.path(), &["--wait", "core"], &[("MAINPID", &pid)]);
    assert!(output.status.success());
    assert_eq!(said(&output), "");
}

#[test]
fn another_process_on_the_socket_is_not_it() {
    if !has_python() {
        return;
    }
    let vpp = StandIn::core();
    let own = std::process::id().to_string();
    let words = ["--wait", "--deadline", "1", "core"];
    let output = imp_vpp(vpp.root.path(), &words, &[("MAINPID", &own)]);
    assert_eq!(output.status.code(), Some(75));
    assert!(said(&output).contains("answers instead"), "{}", said(&output));
}

#[test]
fn the_end_of_the_process_ends_the_waiting() {
    let root = tempfile::tempdir().unwrap();
    let mut child = Command::new("true").spawn().unwrap();
    let pid = child.id().to_string();
    child.wait().unwrap();
    let mut patience = Patience::new(20);
    let output = imp_vpp(root.path(), &["--wait", "core"], &[("MAINPID", &pid)]);
    assert_eq!(output.status.code(), Some(69));
    assert!(
        said(&output).contains("ended before it answered"),
        "{}",
        said(&output)
    );
    assert!(patience.lasts());
}

#[test]
fn a_socket_that_stayed_behind_or_never_speaks_is_not_waited_for_without_end() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(root.path().join("run/vpp")).unwrap();
    let path = root.path().join("run/vpp/core-api.sock");
    drop(UnixListener::bind(&path).unwrap());
    for words in [&["--deadline", "0", "core"][..], &["--deadline", "0", "nosuch"]] {
        let output = imp_vpp(root.path(), words, &[]);
        assert_eq!(output.status.code(), Some(75), "{}", said(&output));
        assert!(said(&output).contains("no vpp answers on"), "{}", said(&output));
    }
}

#[test]
fn unknown_words_are_usage_errors() {
    let root = tempfile::tempdir().unwrap();
    for words in [
        &["--frobnicate", "core"][..],
        &["core", "nat"],
        &["--deadline", "x", "core"],
        &["Core"],
        &[],
    ] {
        assert_eq!(
            imp_vpp(root.path(), words, &[]).status.code(),
            Some(64),
            "{words:?}"
        );
    }
}
