//! A reload that VPP does not take or does not survive: what ran before runs again, and the documents are held back.

use super::*;
use imp::host::pid::Process;

const ROUTER: &str = "config-version = 1\n[system]\nhostname = \"edge1\"\n[vpp.core]\nmain-core = 1\n\
    [loopbacks.lo0]\naddresses = [\"192.0.2.1/32\"]\n";

/// What VPP and imp-vpp leave behind, with this test as the process that is VPP.
impl Machine {
    fn commands(&self, digest: &str) {
        fs::create_dir_all(self.path("run/imp/vpp")).unwrap();
        fs::write(self.path("run/imp/vpp/startup-core.conf"), "").unwrap();
        let text = format!("vpplog imp-begin:{digest}\nvpplog imp-applied:{digest}\n");
        fs::write(self.path("run/imp/vpp/commands-core.txt"), text).unwrap();
    }

    fn applied(&self, digest: &str, process: Process) {
        let (pid, started) = (process.pid, process.start_time);
        let record = format!(r#"{{"generation":"{digest}","pid":{pid},"start_time":{started}}}"#);
        fs::write(self.path("run/imp/vpp/core.applied"), record).unwrap();
    }

    fn failed(&self, digest: &str, words: &str) {
        let record = format!(r#"{{"generation":"{digest}","words":"{words}"}}"#);
        fs::write(self.path("run/imp/vpp/core.failed"), record).unwrap();
    }

    /// The router runs its first documents, and the second are reloaded: VPP is about to get their commands.
    fn reloaded() -> Self {
        let machine = Self::new(ROUTER);
        assert_eq!(machine.start().0, 0);
        machine.commands("aaaa");
        machine.applied("aaaa", this_process());
        machine.write(ROUTER.replace("192.0.2.1", "192.0.2.2"));
        assert_eq!(machine.run(&["--reload"]).status.code(), Some(0));
        machine.commands("bbbb");
        machine
    }

    fn runs_address(&self, address: &str) -> bool {
        self.text("run/imp/generation/imp.toml").contains(address)
    }
}

fn this_process() -> Process {
    Process::running(std::process::id() as i32).unwrap()
}

/// A process that is not there any more.
fn gone() -> Process {
    Process {
        start_time: 1,
        ..this_process()
    }
}

#[track_caller]
fn went_back(machine: &Machine, reason: &str) {
    let (code, log) = said(&machine.run(&["--watch"]));
    assert_eq!(code, 0, "{log}");
    assert!(
        log.contains(&format!("{reason}: going back to generation ")),
        "{log}"
    );
    assert!(machine.runs_address("192.0.2.1"));
    let status = machine.status();
    assert_eq!(status["configuration"], "refused");
    let problem = status["problems"][0].as_str().unwrap();
    assert_eq!(
        problem,
        format!("these documents are held back until they are changed: VPP did not take them ({reason})")
    );
}

#[test]
fn a_command_that_vpp_does_not_survive_goes_back() {
    let machine = Machine::reloaded();
    let lost = "imp.toml:56: lost the connection to vpp at 'ip route add 10.0.0.0/8 via 192.0.2.9'";
    machine.failed("bbbb", lost);
    went_back(&machine, lost);
    // The same documents again: nothing is tried a second time. Others are.
    let (code, log) = said(&machine.run(&["--reload"]));
    assert_eq!(code, 1);
    assert!(log.contains(lost), "{log}");
    machine.write(ROUTER.replace("192.0.2.1", "192.0.2.3"));
    assert_eq!(machine.run(&["--reload"]).status.code(), Some(0));
    assert!(machine.runs_address("192.0.2.3"));
}

#[test]
fn a_vpp_that_dies_of_what_it_took_goes_back() {
    let machine = Machine::reloaded();
    machine.applied("bbbb", gone());
    went_back(&machine, "vpp 'core' ended after it had taken its commands");
}

#[test]
fn documents_that_are_held_back_are_no_fallback() {
    let machine = Machine::reloaded();
    machine.failed("bbbb", "no");
    went_back(&machine, "no");
    machine.write("broken");
    machine.reboot().start();
    assert!(
        machine.runs_address("192.0.2.1"),
        "the newest kept generation is the one VPP did not take"
    );
}

#[test]
fn check_and_status_and_why_know() {
    let machine = Machine::reloaded();
    machine.failed("bbbb", "imp.toml:7: vpp refused 'x': y");
    let impctl = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_impctl"));
        let output = command
            .args(words)
            .arg("--root")
            .arg(machine.root.path())
            .output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    let line = "E0531: imp.toml:7: vpp refused 'x': y";
    assert!(impctl(&["status"]).contains(line));
    assert!(impctl(&["why"]).contains(line));
    assert!(!impctl(&["check"]).contains("held back"));
    went_back(&machine, "imp.toml:7: vpp refused 'x': y");
    let held = "held back until they are changed: VPP did not take them (imp.toml:7: vpp refused 'x': y)";
    assert!(impctl(&["check"]).contains(held));
    let why = impctl(&["why"]);
    assert!(
        why.contains(held) && why.contains("fix /persistent/config"),
        "{why}"
    );
}

#[test]
fn a_reload_after_one_that_never_worked_goes_back_to_what_did() {
    let machine = Machine::reloaded();
    let third = ROUTER.replace("192.0.2.1", "192.0.2.3");
    machine.write(&third);
    assert_eq!(machine.run(&["--reload"]).status.code(), Some(0));
    machine.commands("cccc");
    machine.failed("cccc", "no");
    went_back(&machine, "no");
}

#[test]
fn what_was_wrong_before_the_reload_is_not_its_fault() {
    let machine = Machine::new(ROUTER);
    assert_eq!(machine.start().0, 0);
    machine.commands("aaaa");
    machine.failed("aaaa", "from the boot");
    machine.write(ROUTER.replace("192.0.2.1", "192.0.2.2"));
    assert_eq!(machine.run(&["--reload"]).status.code(), Some(0));
    let (code, log) = said(&machine.run(&["--watch"]));
    assert_eq!(
        (code, log.as_str()),
        (0, ""),
        "nothing good ran, so there is nothing to go back to"
    );
    assert!(machine.runs_address("192.0.2.2"));
}
