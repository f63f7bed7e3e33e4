//! The stand-in against what VPP was seen to do: what startup.conf may say, and the exit status of what it may not.

#![allow(clippy::unwrap_used)]

use super::stand_in::{CORE, StandIn, has_python, spawn, wait};
use std::io::Read as _;
use std::os::unix::process::ExitStatusExt as _;

const BASE: &str = "unix { nodaemon }";

/// How VPP ends with this file, and what it says.
fn ends(startup: &str, environment: &[(&str, &str)]) -> (Option<i32>, Option<i32>, String) {
    let root = tempfile::tempdir().unwrap();
    let mut child = spawn(root.path(), "x", startup, environment);
    let status = wait(&mut child);
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (status.code(), status.signal(), said)
}

#[test]
fn refusals_have_vpps_exit_status() {
    if !has_python() {
        return;
    }
    let no_dpdk = "plugins { plugin dpdk_plugin.so { disable } plugin linux_cp_plugin.so { disable } }";
    let long_comment = format!("# {} frobnicate", "x".repeat(4094));
    let cases: &[(&str, i32, &str)] = &[
        ("frobnicate { }", 1, "unknown input `frobnicate"),
        ("dpdk { no-pci }", 1, "unknown input `dpdk"),
        ("linux-cp { lcp-sync }", 1, "unknown input `linux-cp"),
        ("unix { nosuchword }", 1, "nosuchword"),
        ("cpu { main-cor 1 }", 1, "main-cor"),
        ("buffers { x 1 }", 1, "x 1"),
        ("logging { x }", 1, "x"),
        ("plugins { plugin memif_plugin.so { enabel } }", 1, "enabel"),
        (
            "plugins { plugin memif_plugin.so { enable } plugin memif_plugin.so { enable } }",
            1,
            "already",
        ),
        ("unix { gid nosuchgroup }", 1, "nosuchgroup"),
        ("unix { nodaemon } }", 1, "unknown input"),
        ("info#x { }", 1, "info#x"),
        (
            "memory { main-heap-size 1024G }",
            1,
            "Main heap allocation failure!",
        ),
        ("unix { cli-listen /nonexistent/x.sock }", 0, "No such file"),
        ("buffers { buffers-per-numa 999999999 }", 0, "buffer"),
        ("cpu { main-core 1 corelist-workers 2-64 }", 0, "cpu 64"),
        ("cpu { main-core 2 corelist-workers 2-3 }", 0, "cpu 2"),
        ("cpu { workers 64 }", 0, "not enough"),
        (&long_comment, 1, "unknown input"),
    ];
    for (text, status, words) in cases {
        let (code, _, said) = ends(&format!("{BASE}\n{no_dpdk}\n{text}"), &[]);
        assert_eq!(code, Some(*status), "{text}: {said}");
        assert!(said.contains(words), "{text}: {said}");
        assert!(said.contains("stand-in"), "{said}");
    }
}

#[test]
fn what_is_wrong_in_dpdk_ends_with_0() {
    if !has_python() {
        return;
    }
    for (text, words) in [
        ("dpdk { dev 03:00.0 { name a } }", "invalid PCI address"),
        ("dpdk { dev 0000:03:00.0 { nam a } }", "nam a"),
        ("dpdk { frob }", "frob"),
        (
            "dpdk { dev 0000:03:00.0 { name a } dev 0000:03:00.0 { name b } }",
            "duplicate",
        ),
    ] {
        let (code, _, said) = ends(&format!("{BASE} {text}"), &[]);
        assert_eq!(code, Some(0), "{text}: {said}");
        assert!(said.contains(words), "{text}: {said}");
    }
}

#[test]
fn a_main_core_that_does_not_exist_aborts() {
    if has_python() {
        assert_eq!(ends("unix { nodaemon } cpu { main-core 64 }", &[]).1, Some(6));
    }
}

#[test]
fn sigterm_ends_with_0_and_a_nic_that_is_missing_is_not_mentioned() {
    if !has_python() {
        return;
    }
    let vpp = StandIn::start("core", CORE, &[("VPP_STAND_IN_HARDWARE", "/nonexistent")]);
    let interfaces = vpp.ask("show interface").text;
    assert!(
        interfaces.contains("local0") && !interfaces.contains("external"),
        "{interfaces}"
    );
    assert_eq!(vpp.ask("set interface state external up").status, -1);
    let pid = nix::unistd::Pid::from_raw(vpp.pid().cast_signed());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
    assert_eq!(vpp.wait().code(), Some(0));
}
