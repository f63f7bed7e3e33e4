//! What the record of an apply says of its costs.

use super::*;
use imp::facts::vpp::Applied;
use imp::host::bus::JobResult;
use imp::host::pid::Process;
use imp::step::apply::progress::Record;
use imp::step::candidate::Candidate;
use imp::step::reload::reload_by;
use imp::types::Root;

/// Two neighbours beside an interface, and a network that a summary keeps back.
const ROUTER: &str = r#"config-version = 1
[system]
hostname = "edge1"
[vpp.core]
main-core = 1
[loopbacks.lo0]
addresses = ["192.0.2.1/32"]
[interfaces.ext]
match = { pci = "0000:65:00.0" }
addresses = ["198.51.100.2/24"]
[bgp]
asn = 65001
[bgp.networks."10.1.0.0/16"]
route-map = "TAG"
[bgp.aggregates."10.0.0.0/8"]
summary-only = true
[bgp.neighbors."198.51.100.9"]
remote-as = 65002
route-map = { in = "ALL", out = "ALL" }
[bgp.neighbors."198.51.100.10"]
remote-as = 65003
route-map = { in = "ALL", out = "ALL" }
[[route-maps.ALL]]
action = "permit"
[[route-maps.TAG]]
action = "permit"
set = { community = ["64500:100"] }
"#;

/// VPP's commands for it.
const COMMANDS: &str = "vpplog imp-begin:aaaa\nlcp create ext host-if ext\nset interface state ext up\n\
    set interface ip address ext 198.51.100.2/24\nvpplog imp-applied:aaaa\n";

/// A router that runs these documents.
fn router() -> Machine {
    let machine = Machine::new(ROUTER);
    assert_eq!(machine.start().0, 0);
    machine
}

/// The same, whose VPP has these commands, and is this test.
fn forwarding() -> Machine {
    let machine = router();
    commands(&machine, COMMANDS);
    let applied = Applied {
        generation: "aaaa".to_owned(),
        process: Process::running(std::process::id() as i32).unwrap(),
        startup: String::new(),
        commands: COMMANDS.to_owned(),
    };
    let _ = applied.save(&machine.path("run/imp/vpp/core.applied")).unwrap();
    machine
}

fn commands(machine: &Machine, text: &str) {
    fs::create_dir_all(machine.path("run/imp/vpp")).unwrap();
    fs::write(machine.path("run/imp/vpp/startup-core.conf"), "").unwrap();
    fs::write(machine.path("run/imp/vpp/commands-core.txt"), text).unwrap();
}

/// The costs on record after a reload that everybody takes.
fn costs(machine: &Machine) -> Vec<String> {
    let root = Root::new(machine.root.path());
    reload_by(&root, Candidate::examine, Some(&mut |_, _| JobResult::Done)).unwrap();
    Record::read(&root).unwrap().unwrap().impacts
}

#[test]
fn sessions_that_end_with_what_vpp_takes_away_are_on_record() {
    let machine = forwarding();
    machine.write(ROUTER.replace("198.51.100.2/24", "198.51.100.3/24"));
    commands(
        &machine,
        &COMMANDS.replace("aaaa", "bbbb").replace("100.2/24", "100.3/24"),
    );
    let ended =
        "resets the BGP sessions with 198.51.100.10, 198.51.100.9: ext loses 198.51.100.2/24".to_owned();
    let costs = costs(&machine);
    assert!(costs.contains(&ended), "{costs:#?}");
    assert_eq!(costs.len(), 2, "beside what it interrupts: {costs:#?}");
}

#[test]
fn what_only_one_frr_costs_is_on_record_for_that_one() {
    let aggregate = |costs: Vec<String>| costs.iter().any(|it| it.contains("10.1.0.0/16 may be withdrawn"));
    for (programs, is_ten) in [(&["zebra"][..], false), (&["zebra", "mgmtd"], true)] {
        let machine = router();
        fs::create_dir_all(machine.path("usr/lib/frr")).unwrap();
        for program in programs {
            fs::write(machine.path("usr/lib/frr").join(program), "").unwrap();
        }
        let other = ROUTER.replace("64500:100", "64500:101");
        machine.write(&other);
        let mut diff = Command::new(env!("CARGO_BIN_EXE_impctl"));
        diff.arg("diff").arg("--root").arg(machine.root.path());
        let said = String::from_utf8(diff.output().unwrap().stdout).unwrap();
        assert_eq!(aggregate(vec![said.clone()]), is_ten, "{programs:?}: {said}");
        assert_eq!(aggregate(costs(&machine)), is_ten, "{programs:?}");
    }
}
