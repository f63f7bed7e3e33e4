//! The steps of a trial that the firmware or a soft reboot keeps from being one.

use super::image;
use super::machine::{A, B, Machine};
use super::step::{FORCE, machine};
use imp::boot::record::Verdict;
use imp::boot::trial::classify::{Class, Token};
use imp::step::boot::{arm, bless, classify};

/// A firmware update takes the start that a trial waits for: the image has nothing to do with it.
#[test]
fn a_token_that_somebody_took_is_called_off_before_the_reboot() {
    let machine = machine().with_firmware();
    machine.remove("run/initramfs/imp-trial");
    arm::arm(&machine.root, &machine.zfs(), &image(B), FORCE).unwrap();
    arm::shut_down(&machine.root).unwrap();
    assert!(machine.ledger().trial.is_some(), "it is still armed");
    let menu = machine.variables().load_option(1).unwrap().unwrap();
    let _ = machine.variables().set_load_option(3, &menu).unwrap();
    let _ = machine.variables().set_boot_next(3).unwrap();
    arm::shut_down(&machine.root).unwrap();
    let ledger = machine.ledger();
    assert_eq!((ledger.trial, machine.token()), (None, Token::None));
    let said = format!("{}: {}", ledger.past[0].end, ledger.past[0].reason);
    assert!(
        said.starts_with("was not attempted: something else asked"),
        "{said}"
    );
    assert_eq!(machine.variables().boot_next().unwrap(), Some(3));
}

#[test]
fn a_trial_that_was_not_attempted_says_what_the_firmware_did() {
    let machine = machine().with_firmware();
    machine.remove("run/initramfs/imp-trial");
    arm::arm(&machine.root, &machine.zfs(), &image(B), FORCE).unwrap();
    machine.firmware_starts(0x0100);
    machine.is_boot(2);
    classify::start(&machine.root).unwrap();
    assert_eq!(machine.record().class, Class::NotAttempted);
    let last = machine.ledger().past.remove(0);
    assert!(
        last.reason.contains("the firmware started Boot0100"),
        "{}",
        last.reason
    );
}

/// The script of the initramfs goes on to the default where kexec does not take the image, and leaves its words.
#[test]
fn a_trial_that_could_not_be_started_says_so() {
    let machine = machine();
    arm::arm(&machine.root, &machine.zfs(), &image(B), FORCE).unwrap();
    machine.set_local(B, "org.imp:state", "consumed");
    let words = format!("took the token of {B}\n{B} could not be started: on to the default\n");
    std::fs::write(machine.root.join("run/initramfs/imp-trial"), words).unwrap();
    machine.is_boot(2);
    classify::start(&machine.root).unwrap();
    assert_eq!(machine.record().class, Class::FailedEarly);
    let last = machine.ledger().past.remove(0);
    assert!(
        last.reason.contains("could not start it: took the token of"),
        "{}",
        last.reason
    );
}

/// Its kernel and its boot loader were not tried, and the reset of a trial would hit another image.
#[test]
fn a_soft_reboot_is_no_boot_of_the_image() {
    let machine = Machine::in_trial();
    machine.runs(A, "root=zfs:tank/ROOT/b imp.trial=0a1b2c3d4e5f");
    classify::start(&machine.root).unwrap();
    let record = machine.record();
    assert_eq!((record.class, record.verdict), (Class::SoftReboot, None));
    assert_eq!(record.loader.unwrap().booted, image(A));
    assert!(
        record.problems[0].contains("soft reboot"),
        "{:?}",
        record.problems
    );
    assert!(!machine.root.join("run/imp/trial").exists(), "no clock runs");
    machine.is_found(Verdict::Healthy);
    bless::start(&machine.root).unwrap();
    assert!(machine.ledger().good.is_empty());
    assert_eq!(machine.bootfs(), A);

    let machine = Machine::in_trial();
    classify::start(&machine.root).unwrap();
    assert_eq!(
        machine.record().class,
        Class::Trial,
        "into the same image it is the same boot"
    );
}
