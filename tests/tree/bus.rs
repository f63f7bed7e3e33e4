//! systemd over D-Bus, as far as it can be asked without one; the boot tests ask a real one.
#![allow(clippy::unwrap_used)]

use crate::patience::Patience;
use imp::host::bus::{JobResult, run_jobs_on};
use imp::types::{Job, Verb};
use std::os::unix::net::UnixListener;
use std::time::Duration;
use zbus::connection::Builder;

#[test]
fn a_silent_bus_costs_the_deadline_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bus");
    let _silent = UnixListener::bind(&path).unwrap();
    let bus = Builder::address(format!("unix:path={}", path.display()).as_str());
    let mut soon = Patience::new(5);
    let jobs = [
        Job::awaited(Verb::Restart, "vpp-core.service"),
        Job::new(Verb::Reload, "frr.service"),
    ];
    let results = run_jobs_on(bus, &jobs, Duration::from_millis(300), |job| {
        panic!("nobody took {}", jobs[job])
    })
    .unwrap();
    assert_eq!(results, [JobResult::Untold, JobResult::Untold]);
    assert!(soon.lasts());
}

#[test]
fn no_bus_is_an_error_at_once() {
    let bus = Builder::address("unix:path=/nowhere/bus");
    let error = run_jobs_on(
        bus,
        &[Job::new(Verb::Start, "x.service")],
        Duration::from_secs(20),
        |_| panic!("nobody took it"),
    )
    .unwrap_err();
    assert_eq!(error.to_string(), "D-Bus");
}
