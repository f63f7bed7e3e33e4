//! A change of the configuration and a change of what power-on starts, at the same time.

use super::image;
use super::machine::{B, Machine};
use super::step::{FORCE, machine};
use imp::boot::record::Verdict;
use imp::step::apply;
use imp::step::boot::{arm, bless};
use imp::types::generation::Id;
use serde_json::json;
use std::time::Duration;

impl Machine {
    fn is_found_with(&self, verdict: Verdict, generation: &Id) {
        let mut record = self.record();
        record.generation = Some(generation.clone());
        record.write(&self.root).unwrap();
        self.is_found(verdict);
    }

    fn runs_generation(&self, generation: &Id) {
        let status = json!({
            "configuration": "accepted", "generation": generation, "errors": 0, "warnings": 0, "problems": []
        });
        self.file("run/imp/status.json", status.to_string().as_bytes());
    }
}

/// Who changes the configuration, and who changes what power-on starts, wait for each other.
#[test]
fn nothing_is_armed_or_blessed_while_the_configuration_is_changed() {
    let machine = machine();
    let held = || apply::lock(&machine.root, "impctl rollback", Duration::ZERO).unwrap();
    let holder = held();
    let before = (machine.token(), machine.ledger());
    let refused = [
        arm::arm(&machine.root, &machine.zfs(), &image(B), FORCE).err(),
        arm::disarm(&machine.root, &machine.zfs()).err(),
        arm::drill(&machine.root, &machine.zfs(), true).err(),
    ];
    for failure in refused {
        let failure = failure.unwrap().to_string();
        assert!(failure.starts_with("'impctl rollback' (pid "), "{failure}");
    }
    assert_eq!((machine.token(), machine.ledger()), before);
    drop(holder);
    let machine = Machine::in_trial();
    machine.is_found(Verdict::Healthy);
    let holder = apply::lock(&machine.root, "impctl rollback", Duration::ZERO).unwrap();
    let refused = bless::by_hand(&machine.root).unwrap_err().to_string();
    assert!(refused.contains("'impctl rollback'"), "{refused}");
    // The unattended one waits for longer than anybody who can try again.
    let release = Duration::from_millis(5_500);
    let waited = std::thread::spawn(move || {
        std::thread::sleep(release);
        drop(holder);
    });
    bless::start(&machine.root).unwrap();
    assert!(waited.is_finished(), "blessed in the middle of a change");
    waited.join().unwrap();
    assert_eq!(machine.bootfs(), B);
}

/// What runs by the time of the bless was not looked at, and what waits for a confirmation may go away again.
#[test]
fn what_was_found_healthy_is_on_record_as_good_and_nothing_else() {
    let id = |digit: char| digit.to_string().repeat(12).parse::<Id>().unwrap();
    let machine = Machine::in_trial();
    machine.runs_generation(&id('a'));
    machine.is_found_with(Verdict::Healthy, &id('a'));
    machine.runs_generation(&id('b'));
    bless::start(&machine.root).unwrap();
    let good = |machine: &Machine| -> Vec<Option<Id>> {
        let pairs = machine.ledger().good.into_iter();
        pairs.map(|pair| pair.config).collect()
    };
    assert_eq!(good(&machine), [Some(id('a'))]);
    let waiting = json!({
        "documents": id('b'), "instead": id('a'), "auto": false, "seconds": 600, "until-ms": u64::MAX / 2
    });
    machine.file("persistent/data/imp/confirm.json", waiting.to_string().as_bytes());
    machine.is_found_with(Verdict::Good, &id('b'));
    bless::start(&machine.root).unwrap();
    assert_eq!(good(&machine), [Some(id('a'))]);
    machine.remove("persistent/data/imp/confirm.json");
    bless::start(&machine.root).unwrap();
    assert_eq!(good(&machine), [Some(id('b')), Some(id('a'))]);
}
