//! A change that is carried out part by part, with this test in systemd's place: what is refused is taken back, what is killed is
//! finished, and what nobody confirms goes away.

use super::*;
use imp::boot::record::BootRecord;
use imp::exit::Failure;
use imp::host::bus::JobResult;
use imp::step::apply;
use imp::step::apply::confirm::Confirm;
use imp::step::apply::documents;
use imp::step::apply::progress::{Outcome, Phase, Record, State};
use imp::step::apply::request::{Request, Wanted};
use imp::step::candidate::Candidate;
use imp::step::generation::Store;
use imp::step::reload::{pending, reload_by};
use imp::types::generation::Id;
use imp::types::{Job, Root};
use serde_json::json;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

const FIREWALL: &str = "[firewall]\nallow = [{ service = \"ssh\", from = [\"172.16.0.0/24\"] }]\n";

/// One in systemd's place: says which jobs it was given, and refuses those of a unit.
struct Systemd {
    jobs: Vec<String>,
    refuses: &'static str,
    /// How often it refuses.
    times: usize,
}

impl Systemd {
    fn willing() -> Self {
        Self::refusing("", 0)
    }

    fn refusing(unit: &'static str, times: usize) -> Self {
        Self {
            jobs: Vec::new(),
            refuses: unit,
            times,
        }
    }

    fn run(&mut self, job: &Job) -> JobResult {
        self.jobs.push(job.to_string());
        if self.times > 0 && job.unit.starts_with(self.refuses) {
            self.times -= 1;
            return JobResult::Failed("exit-code".to_owned());
        }
        JobResult::Done
    }
}

impl Machine {
    fn root(&self) -> Root {
        Root::new(self.root.path())
    }

    /// A router that runs edge1, with rules.
    fn router() -> Self {
        let machine = Self::new(format!("{GOOD}{FIREWALL}"));
        assert_eq!(machine.start().0, 0);
        machine
    }

    fn firewall(&self, network: &str) {
        self.write(format!("{GOOD}{FIREWALL}").replace("172.16.0.0/24", network));
    }

    fn apply(&self, systemd: &mut Systemd) -> Result<(), Failure> {
        reload_by(
            &self.root(),
            Candidate::examine,
            Some(&mut |job, _| systemd.run(job)),
        )
    }

    fn ask(&self, confirm: Wanted) {
        let request = Request {
            id: "test".to_owned(),
            asked_ms: imp::host::clock::since_kernel_start_ms(),
            author: Some("alice".to_owned()),
            message: Some("ticket 4711".to_owned()),
            confirm,
        };
        request.write(&self.root()).unwrap();
    }

    /// A way back is due: nobody confirmed these documents.
    fn holds(&self, documents: &Id, instead: &Id) {
        let hold = json!({
            "documents": documents, "instead": instead, "reason": "within 600 s", "since": "unconfirmed", "is_due": true
        });
        fs::write(self.path(KEPT).join("hold.json"), hold.to_string()).unwrap();
    }

    fn record(&self) -> Record {
        Record::read(&self.root()).unwrap().unwrap()
    }

    fn generation(&self) -> Id {
        self.status()["generation"].as_str().unwrap().parse().unwrap()
    }

    fn rules(&self) -> String {
        self.text("run/imp/nftables.conf")
    }
}

#[test]
fn each_part_is_told_and_on_record() {
    let machine = Machine::router();
    let before = machine.generation();
    machine.firewall("172.16.1.0/24");
    machine.ask(Wanted::Nothing);
    let mut systemd = Systemd::willing();
    machine.apply(&mut systemd).unwrap();
    assert_eq!(
        systemd.jobs,
        [
            "reload imp-nftables.service",
            "start imp-nftables.service",
            "start imp.target"
        ]
    );
    let record = machine.record();
    assert_eq!(
        (record.phase, record.outcome),
        (Phase::Ended, Some(Outcome::Done))
    );
    assert_eq!(record.id, "test");
    assert_eq!(record.before, Some(before));
    assert_eq!(record.generation, Some(machine.generation()));
    let states: Vec<(&str, State)> = record
        .parts
        .iter()
        .map(|it| (it.part.as_str(), it.state))
        .collect();
    assert_eq!(states, [("firewall", State::Done), ("the rest", State::Done)]);
    let event = Store::new(&machine.root()).events().pop().unwrap();
    assert_eq!(event.generation, machine.generation());
    assert_eq!(event.by.author.as_deref(), Some("alice"));
    assert_eq!(event.by.message.as_deref(), Some("ticket 4711"));
    assert!(event.by.confirmed);
    // The request was for this reload alone.
    let mut systemd = Systemd::willing();
    machine.apply(&mut systemd).unwrap();
    assert_eq!(systemd.jobs, [""; 0]);
    assert_eq!(
        machine.record().id,
        "test",
        "nobody waits for a record of nothing"
    );
}

#[test]
fn what_a_part_refuses_is_taken_back() {
    let machine = Machine::router();
    let before = machine.generation();
    machine.firewall("172.16.1.0/24");
    let mut systemd = Systemd::refusing("imp-nftables", 1);
    let failure = machine.apply(&mut systemd).unwrap_err().to_string();
    assert!(
        failure.contains("firewall: reload imp-nftables.service: failed: exit-code"),
        "{failure}"
    );
    assert!(
        failure.contains(&format!("generation {before}, which ran before, runs again")),
        "{failure}"
    );
    assert_eq!(machine.generation(), before);
    assert!(machine.rules().contains("172.16.0.0/24"));
    assert!(
        machine
            .text("persistent/config/imp.toml")
            .contains("172.16.1.0/24"),
        "the operator's documents stay"
    );
    assert_eq!(machine.status()["configuration"], "refused");
    assert!(pending(&machine.root()).is_empty());
    assert_eq!(machine.record().outcome, Some(Outcome::WentBack));
    // Nothing is tried a second time until the documents are others; a boot does the same.
    let mut systemd = Systemd::willing();
    let again = machine.apply(&mut systemd).unwrap_err().to_string();
    assert!(again.contains("applying them failed (firewall: "), "{again}");
    assert_eq!(systemd.jobs, [""; 0]);
    assert_eq!(machine.reboot().start().0, 78);
    assert!(machine.rules().contains("172.16.0.0/24"));
    machine.firewall("172.16.2.0/24");
    machine.apply(&mut Systemd::willing()).unwrap();
    assert!(machine.rules().contains("172.16.2.0/24"));
}

#[test]
fn one_generation_is_enough_for_a_way_back() {
    let machine = Machine::new(format!("{GOOD}{FIREWALL}[apply]\ngenerations = 1\n"));
    assert_eq!(machine.start().0, 0);
    let before = machine.generation();
    machine.write(format!("{GOOD}{FIREWALL}[apply]\ngenerations = 1\n").replace("172.16.0.0", "172.16.1.0"));
    machine
        .apply(&mut Systemd::refusing("imp-nftables", 1))
        .unwrap_err();
    assert_eq!(machine.generation(), before);
    assert!(machine.rules().contains("172.16.0.0/24"));
}

#[test]
fn a_way_back_that_is_refused_ends_in_restarts() {
    let machine = Machine::router();
    let before = machine.generation();
    machine.firewall("172.16.1.0/24");
    let mut systemd = Systemd::refusing("imp-nftables", 2);
    let failure = machine.apply(&mut systemd).unwrap_err().to_string();
    assert!(failure.contains("runs again"), "{failure}");
    assert!(
        systemd.jobs.contains(&"restart imp-nftables.service".to_owned()),
        "{:?}",
        systemd.jobs
    );
    assert_eq!(machine.generation(), before);
    let failure = {
        machine.firewall("172.16.3.0/24");
        machine
            .apply(&mut Systemd::refusing("imp-nftables", 9))
            .unwrap_err()
    };
    assert!(
        failure.to_string().contains("going back to generation"),
        "{failure}"
    );
    assert_eq!(machine.record().outcome, Some(Outcome::Failed));
}

#[test]
fn what_is_killed_at_any_job_is_finished_by_the_next_reload() {
    for killed_at in 0..3 {
        let machine = Machine::router();
        machine.firewall("172.16.1.0/24");
        let root = machine.root();
        let mut given = 0;
        let mut dying = |_: &Job, _: Duration| {
            assert_ne!(given, killed_at, "the kill of this test");
            given += 1;
            JobResult::Done
        };
        let died = catch_unwind(AssertUnwindSafe(|| {
            reload_by(&root, Candidate::examine, Some(&mut dying))
        }));
        assert!(died.is_err());
        assert_eq!(machine.record().outcome, None);
        assert!(!pending(&root).is_empty());
        let mut systemd = Systemd::willing();
        machine.apply(&mut systemd).unwrap();
        assert_eq!(systemd.jobs.last().unwrap(), "start imp.target", "{killed_at}");
        if killed_at < 2 {
            assert_eq!(systemd.jobs[0], "reload imp-nftables.service", "{killed_at}");
        }
        assert!(pending(&root).is_empty());
        assert!(machine.rules().contains("172.16.1.0/24"));
    }
}

/// A change is judged by its own way back. Only a boot that was not good is looked at anew: the change may be what mends it.
#[test]
fn a_change_starts_no_assessment_of_a_good_boot() {
    for (verdict, looks) in [
        (json!({ "is": "good" }), false),
        (json!({ "is": "alarm", "reason": "bgp is down" }), true),
    ] {
        let machine = Machine::router();
        let record = json!({
            "boot": "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", "backend": "none", "class": "STEADY", "loader": null,
            "trial": null, "problems": [], "verdict": verdict, "outcomes": []
        });
        fs::write(machine.path("run/imp/boot.json"), record.to_string()).unwrap();
        assert!(BootRecord::read(&machine.root()).unwrap().is_some());
        machine.firewall("172.16.1.0/24");
        let mut systemd = Systemd::willing();
        machine.apply(&mut systemd).unwrap();
        let assessed = systemd.jobs.contains(&"start imp-boot-assess.service".to_owned());
        assert_eq!(assessed, looks, "{verdict}: {:?}", systemd.jobs);
    }
    let target = include_str!("../../../units/imp.target");
    assert!(
        !target.contains("imp-boot-assess.service"),
        "the last job of each change starts what the target wants"
    );
}

/// `imp-nic` restarts no VPP that the change itself leads to an interface more.
#[test]
fn who_has_yet_to_change_vpp_is_known_while_nics_are_taken_in() {
    const NIC: &str =
        "\n[interfaces.b]\nmatch = { mac = \"b4:96:91:00:00:12\" }\naddresses = [\"192.0.2.5/30\"]\n";
    let vpp = "[vpp.core]\nmain-core = 1\n[interfaces.a]\nmatch = { mac = \"b4:96:91:00:00:11\" }\naddresses = [\"192.0.2.1/30\"]\n";
    let machine = Machine::new(format!("{GOOD}{vpp}"));
    assert_eq!(machine.start().0, 0);
    machine.write(format!("{GOOD}{vpp}{NIC}"));
    let root = machine.root();
    let mut known = Vec::new();
    let mut look = |job: &Job, _: Duration| {
        if job.unit == "netns-move-interfaces.service" {
            known.push(apply::has_yet_to_change(&root, "core"));
        }
        JobResult::Done
    };
    reload_by(&root, Candidate::examine, Some(&mut look)).unwrap();
    assert_eq!(known, [true, true]);
    assert!(!apply::has_yet_to_change(&root, "core"));
}

#[test]
fn two_at_once_are_told_of_each_other() {
    let machine = Machine::router();
    machine.firewall("172.16.1.0/24");
    let root = machine.root();
    let mut refused = String::new();
    let mut at_once = |_: &Job, _: Duration| {
        let other = imp::step::apply::lock(&root, "impctl rollback", Duration::ZERO);
        refused = other.unwrap_err().to_string();
        JobResult::Done
    };
    reload_by(&root, Candidate::examine, Some(&mut at_once)).unwrap();
    assert!(
        refused.starts_with("'systemctl reload imp-config' (pid ")
            && refused.contains("is changing this router"),
        "{refused}"
    );
}

#[test]
fn what_nobody_confirms_goes_away_and_the_documents_stay() {
    let machine = Machine::router();
    let before = machine.generation();
    machine.firewall("172.16.1.0/24");
    machine.ask(Wanted::Confirmation(0));
    machine.apply(&mut Systemd::willing()).unwrap();
    assert!(machine.rules().contains("172.16.1.0/24"));
    let (code, log) = said(&machine.run(&["--unconfirmed"]));
    assert_eq!(code, 0, "{log}");
    assert!(
        log.contains(&format!("going back to generation {before}")),
        "{log}"
    );
    assert_eq!(machine.generation(), before);
    assert!(machine.rules().contains("172.16.0.0/24"));
    assert!(
        machine
            .text("persistent/config/imp.toml")
            .contains("172.16.1.0/24")
    );
    let problem = machine.status()["problems"][0].as_str().unwrap().to_owned();
    assert!(
        problem.contains("nobody confirmed them (within 0 s)"),
        "{problem}"
    );
    assert!(
        machine
            .text("run/motd.d/imp")
            .contains("the configuration is refused")
    );
    assert!(!machine.path("persistent/data/imp/confirm.json").exists());
}

/// The way back of a change that was to be confirmed needs no confirmation itself.
#[test]
fn what_is_refused_with_a_confirmation_is_taken_back() {
    for wanted in [Wanted::Confirmation(600), Wanted::Auto(600)] {
        let machine = Machine::router();
        let before = machine.generation();
        machine.firewall("172.16.1.0/24");
        machine.ask(wanted);
        let failure = machine
            .apply(&mut Systemd::refusing("imp-nftables", 1))
            .unwrap_err();
        let failure = failure.to_string();
        assert!(
            failure.contains(&format!("generation {before}, which ran before, runs again")),
            "{failure}"
        );
        assert_eq!(machine.record().outcome, Some(Outcome::WentBack));
        assert!(machine.rules().contains("172.16.0.0/24"));
        assert_eq!(Confirm::read(&machine.root()).unwrap(), None);
        assert_eq!(Store::new(&machine.root()).due(), None);
    }
}

/// What was confirmed last may be asked for with a confirmation, too: there is nothing to confirm.
#[test]
fn what_was_confirmed_last_waits_for_nobody() {
    let machine = Machine::router();
    let before = machine.generation();
    machine.firewall("172.16.1.0/24");
    machine.ask(Wanted::Confirmation(600));
    machine.apply(&mut Systemd::willing()).unwrap();
    machine.firewall("172.16.0.0/24");
    machine.ask(Wanted::Confirmation(600));
    machine.apply(&mut Systemd::willing()).unwrap();
    assert_eq!(machine.generation(), before);
    assert_eq!(Confirm::read(&machine.root()).unwrap(), None);
}

/// A typing error in what somebody asks for ends no way back.
#[test]
fn a_way_back_that_is_due_outlives_a_refused_document() {
    let machine = Machine::router();
    let before = machine.generation();
    machine.firewall("172.16.1.0/24");
    machine.apply(&mut Systemd::willing()).unwrap();
    machine.holds(&machine.generation(), &before);
    machine.firewall("172.16.2.0/");
    machine.ask(Wanted::Nothing);
    machine.apply(&mut Systemd::willing()).unwrap_err();
    assert_eq!(machine.record().outcome, Some(Outcome::Refused));
    machine.apply(&mut Systemd::willing()).unwrap();
    assert_eq!(machine.generation(), before);
}

/// Whoever puts back what was confirmed last while a change waits has not applied it: it is the way back that does, and that
/// leads nowhere else.
#[test]
fn a_way_back_to_what_the_documents_are_again_is_one() {
    let machine = Machine::router();
    let before = machine.generation();
    machine.firewall("172.16.1.0/24");
    machine.apply(&mut Systemd::willing()).unwrap();
    machine.holds(&machine.generation(), &before);
    machine.firewall("172.16.0.0/24");
    let mut systemd = Systemd::refusing("imp-nftables", 1);
    machine.apply(&mut systemd).unwrap();
    assert_eq!(machine.generation(), before);
    assert!(
        systemd.jobs.contains(&"restart imp-nftables.service".to_owned()),
        "{:?}",
        systemd.jobs
    );
    assert_eq!(Store::new(&machine.root()).due(), None);
}

/// Whoever goes on editing while a change waits has not asked for what he wrote, and may be in the middle of it.
#[test]
fn what_is_edited_meanwhile_is_not_applied_by_the_way_back() {
    for edited in ["172.16.2.0/24", "172.16.2.0/"] {
        let machine = Machine::router();
        let before = machine.generation();
        machine.firewall("172.16.1.0/24");
        machine.ask(Wanted::Confirmation(0));
        machine.apply(&mut Systemd::willing()).unwrap();
        machine.firewall(edited);
        let (code, log) = said(&machine.run(&["--unconfirmed"]));
        assert_eq!(code, 0, "{log}");
        assert_eq!(machine.generation(), before);
        assert!(machine.rules().contains("172.16.0.0/24"));
        let problem = machine.status()["problems"][0].as_str().unwrap().to_owned();
        assert!(
            problem.contains("nobody confirmed generation ")
                && problem.contains("the next apply, reload or boot takes them"),
            "{problem}"
        );
        // It has been gone: the next one that is asked for these documents takes them.
        let applied = machine.apply(&mut Systemd::willing());
        assert_eq!(applied.is_ok(), edited == "172.16.2.0/24");
        assert_eq!(machine.rules().contains(edited), applied.is_ok());
    }
}

#[test]
fn a_way_back_that_is_killed_is_finished_by_whoever_comes_next() {
    let machine = Machine::router();
    let before = machine.generation();
    machine.firewall("172.16.1.0/24");
    machine.apply(&mut Systemd::willing()).unwrap();
    let refused = machine.generation();
    machine.firewall("172.16.2.0/24");
    machine.holds(&refused, &before);
    machine.apply(&mut Systemd::willing()).unwrap();
    assert_eq!(machine.generation(), before);
    machine.holds(&refused, &before);
    assert_eq!(machine.reboot().start().0, 78);
    assert_eq!(machine.generation(), before);
    // Whoever asks for the documents wants them instead of it.
    machine.holds(&refused, &before);
    machine.ask(Wanted::Nothing);
    machine.apply(&mut Systemd::willing()).unwrap();
    assert!(machine.rules().contains("172.16.2.0/24"));
}

/// What was gone back to once is a generation like any other: another way leads on from it.
#[test]
fn a_hold_of_long_ago_is_no_way_back() {
    let machine = Machine::router();
    machine.firewall("172.16.1.0/24");
    machine
        .apply(&mut Systemd::refusing("imp-nftables", 1))
        .unwrap_err();
    machine.firewall("172.16.2.0/24");
    machine.apply(&mut Systemd::willing()).unwrap();
    let good = machine.generation();
    machine.firewall("172.16.0.0/24");
    let mut systemd = Systemd::refusing("imp-nftables", 1);
    let failure = machine.apply(&mut systemd).unwrap_err().to_string();
    assert!(
        failure.contains(&format!("generation {good}, which ran before, runs again")),
        "{failure}"
    );
    assert_eq!(machine.generation(), good);
}

#[test]
fn a_request_that_waited_too_long_changes_nothing_without_its_confirmation() {
    let machine = Machine::router();
    let before = machine.generation();
    machine.firewall("172.16.1.0/24");
    machine.ask(Wanted::Confirmation(600));
    let path = machine.path("run/imp/apply-request.json");
    let mut request: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let asked = request["asked-ms"].as_u64().unwrap();
    request["asked-ms"] = asked.saturating_sub(61_000).into();
    fs::write(&path, request.to_string()).unwrap();
    machine.holds(&"0".repeat(12).parse().unwrap(), &before);
    let failure = machine.apply(&mut Systemd::willing()).unwrap_err().to_string();
    assert!(failure.contains("waited too long"), "{failure}");
    assert_eq!(machine.generation(), before);
    assert_eq!(machine.record().id, "test", "whoever asked is told");
    let store = Store::new(&machine.root());
    assert!(store.due().is_some(), "neither does it end a way back");
    let _ = store.nothing_is_due().unwrap();
    machine.apply(&mut Systemd::willing()).unwrap();
    assert!(machine.rules().contains("172.16.1.0/24"));
}

#[test]
fn what_is_confirmed_stays() {
    let machine = Machine::router();
    machine.firewall("172.16.1.0/24");
    machine.ask(Wanted::Confirmation(600));
    machine.apply(&mut Systemd::willing()).unwrap();
    let root = machine.root();
    let store = Store::new(&root);
    assert!(!store.last_event(&machine.generation()).unwrap().by.confirmed);
    assert!(Confirm::read(&root).unwrap().unwrap().left() > 500);
    let confirmed = imp::step::apply::confirm::confirm(&root).unwrap();
    assert_eq!(confirmed, machine.generation());
    assert!(store.last_event(&confirmed).unwrap().by.confirmed);
    assert!(imp::step::apply::confirm::confirm(&root).is_err());
    assert_eq!(said(&machine.run(&["--unconfirmed"])), (0, String::new()));
    assert_eq!(machine.reboot().start().0, 0);
    assert!(machine.rules().contains("172.16.1.0/24"));
}

#[test]
fn a_boot_before_the_confirmation_goes_back() {
    let machine = Machine::router();
    let before = machine.generation();
    machine.firewall("172.16.1.0/24");
    machine.ask(Wanted::Confirmation(600));
    machine.apply(&mut Systemd::willing()).unwrap();
    assert_eq!(machine.reboot().start().0, 78);
    assert_eq!(machine.generation(), before);
    assert!(machine.rules().contains("172.16.0.0/24"));
    let problem = machine.status()["problems"][0].as_str().unwrap().to_owned();
    assert!(
        problem.contains("nobody confirmed them (the router was booted before)"),
        "{problem}"
    );
}

#[test]
fn a_second_change_before_the_confirmation_goes_back_as_far() {
    let machine = Machine::router();
    let before = machine.generation();
    machine.firewall("172.16.1.0/24");
    machine.ask(Wanted::Confirmation(600));
    machine.apply(&mut Systemd::willing()).unwrap();
    machine.firewall("172.16.2.0/24");
    machine.apply(&mut Systemd::willing()).unwrap();
    let root = machine.root();
    let confirm = Confirm::read(&root).unwrap().unwrap();
    assert_eq!(
        (confirm.instead, confirm.documents),
        (before.clone(), machine.generation())
    );
    // A third one is refused: what was confirmed last runs again, and nothing waits any more.
    machine.firewall("172.16.3.0/24");
    machine
        .apply(&mut Systemd::refusing("imp-nftables", 1))
        .unwrap_err();
    assert_eq!(machine.generation(), before);
    assert_eq!(Confirm::read(&root).unwrap(), None);
}

#[test]
fn without_anything_to_go_back_to_nothing_is_changed() {
    let machine = Machine::router();
    fs::remove_dir_all(machine.path(KEPT)).unwrap();
    machine.firewall("172.16.1.0/24");
    machine.ask(Wanted::Confirmation(600));
    let mut systemd = Systemd::willing();
    let failure = machine.apply(&mut systemd).unwrap_err().to_string();
    assert!(
        failure.contains("nothing is changed: there is no other generation"),
        "{failure}"
    );
    assert!(machine.rules().contains("172.16.0.0/24"));
    assert_eq!(systemd.jobs, [""; 0]);
}

#[test]
fn the_documents_of_a_generation_are_put_in_place_whole() {
    let machine = Machine::router();
    let (root, first) = (machine.root(), machine.generation());
    let store = Store::new(&root);
    fs::write(
        machine.path("persistent/config/20-more.toml"),
        "[apply]\ngenerations = 7\n",
    )
    .unwrap();
    machine.firewall("172.16.1.0/24");
    machine.apply(&mut Systemd::willing()).unwrap();
    let second = machine.generation();
    fs::write(machine.path("persistent/config/notes.txt"), "the operator's own").unwrap();
    // Edited, not applied, and not even valid: it is kept all the same.
    fs::write(machine.path("persistent/config/20-more.toml"), "broken").unwrap();
    let aside = documents::restore(&root, &store, &first, 50).unwrap();
    assert_eq!(
        machine.text("persistent/config/imp.toml"),
        format!("{GOOD}{FIREWALL}")
    );
    assert!(!machine.path("persistent/config/20-more.toml").exists());
    assert!(machine.path("persistent/config/notes.txt").exists());
    assert_eq!(machine.text(&format!("{KEPT}/{aside}/20-more.toml")), "broken");
    assert_eq!(
        machine.kept()[0],
        second.to_string(),
        "what is aside is not the last good one"
    );
    assert_eq!(
        documents::restore(&root, &store, &first, 50).unwrap(),
        first,
        "it is there already"
    );
    machine.apply(&mut Systemd::willing()).unwrap();
    assert_eq!(machine.generation(), first);
    // Killed half-way through the files of the other: whoever reads the documents next finishes it first.
    let record = format!(r#"{{"generation":"{second}","gone":[]}}"#);
    fs::write(machine.path("persistent/data/imp/restore.json"), record).unwrap();
    fs::write(
        machine.path("persistent/config/20-more.toml"),
        "[apply]\ngenerations = 7\n",
    )
    .unwrap();
    assert_eq!(machine.reboot().start().0, 0);
    assert_eq!(machine.generation(), second);
    assert!(!machine.path("persistent/data/imp/restore.json").exists());
}

#[test]
fn a_reload_that_is_killed_anywhere_is_finished_by_the_next_one() {
    let machine = Machine::new(GOOD);
    machine.start();
    let began = std::time::Instant::now();
    machine.named("timed").run(&["--reload"]);
    let whole = began.elapsed();
    for round in 0..20u32 {
        let name = format!("edge{round}");
        machine.named(&name);
        let mut child = machine
            .command(&["--reload"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(whole * round / 20);
        let _ = child.kill();
        let _ = child.wait();
        let _ = std::io::copy(&mut child.stderr.take().unwrap(), &mut std::io::sink());
        let (code, log) = said(&machine.run(&["--reload"]));
        assert_eq!(code, 0, "{round}: {log}");
        assert_eq!(machine.runs().as_deref(), Some(name.as_str()), "{round}");
    }
}
