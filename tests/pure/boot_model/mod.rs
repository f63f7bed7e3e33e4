//! The invariants of the boot assessment, walked: every reachable state of every loader, with power lost after every
//! single write, with the ledger or the firmware's variables lost, with good and bad images.
//!
//! The loaders are models here, as the facts measured them; the classification, the courses and the sequences are the real
//! ones. Real loaders boot in `tests/qemu`.
#![allow(clippy::unwrap_used)]

mod chain;
mod verdict;

use chain::{Chain, boot_next, grub_env, hook, one_shot};
use imp::boot::trial::classify::{Attempt, Class, LoaderState, Token, classify};
use imp::boot::trial::ledger::{Ledger, Pair, Stage, Trial};
use imp::boot::trial::outcome::{CheckOutcome, CheckState, Scope};
use imp::boot::trial::sequence::{self, Write};
use imp::boot::trial::transitions;
use imp::boot::trial::verdict::{Decision, Situation, judge};
use imp::types::{BootId, ImageName, TrialId};
use std::collections::{BTreeSet, HashSet, VecDeque};

/// How often the operator arms something along one path.
const ARMS: usize = 3;

fn image(name: &str) -> ImageName {
    name.parse().unwrap()
}

fn trial_id(number: usize) -> TrialId {
    format!("{number:012}").parse().unwrap()
}

fn boot_id(number: usize) -> BootId {
    format!("{number:08}-0000-0000-0000-000000000000")
        .parse()
        .unwrap()
}

/// A machine, between two things that can happen to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Machine {
    chain: Chain,
    ledger: Ledger,
    /// Images that were blessed at some time.
    blessed: BTreeSet<ImageName>,
    /// Attempts that had control.
    attempted: Vec<TrialId>,
    armed: usize,
    boots: usize,
    /// Resets this program asked for.
    resets: usize,
}

/// A machine, and the image that has control; `None` with the power off.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct At {
    machine: Machine,
    runs: Option<ImageName>,
}

impl Machine {
    /// The machines after each prefix of the writes: power is lost after any of them. The last one has them all.
    fn during(&self, writes: &[Write], booted: &ImageName) -> Vec<Self> {
        let mut states = vec![self.clone()];
        for write in writes {
            let before = states[states.len() - 1].clone();
            for chain in before.chain.apply(write, booted) {
                let mut after = before.clone();
                after.chain = chain;
                if let Write::Ledger(ledger) = write {
                    after.ledger = (**ledger).clone();
                }
                if let Write::Default(image) = write {
                    after.blessed.insert(image.clone());
                }
                states.push(after);
            }
        }
        states
    }

    /// Power comes on; the invariants hold.
    fn power_on(&self, lossy: bool) -> Vec<At> {
        let mut chains = vec![self.chain.clone()];
        if lossy {
            chains.push(self.chain.lose_variables());
        }
        let mut after = Vec::new();
        for chain in chains {
            for (chain, started) in chain.power_on() {
                let mut machine = self.clone();
                let token = self.chain.loader(&started).token;
                machine.chain = chain;
                machine.boots += 1;
                if !self.blessed.contains(&started) {
                    let Token::Armed(attempt) = token else {
                        panic!(
                            "I1: {started} was never blessed, and power-on without a token started it: {self:#?}"
                        );
                    };
                    assert_eq!(
                        attempt.image, started,
                        "I1: another image than the one armed: {self:#?}"
                    );
                    assert!(
                        !self.attempted.contains(&attempt.trial),
                        "I2: {started} has control a second time by one token: {self:#?}"
                    );
                    machine.attempted.push(attempt.trial);
                }
                after.push(At {
                    machine,
                    runs: Some(started),
                });
            }
        }
        after
    }
}

/// Everything that can happen next.
fn next(at: &At, lossy: bool) -> Vec<At> {
    let off = |machine: Machine| At { machine, runs: None };
    let machine = &at.machine;
    let Some(booted) = &at.runs else {
        let mut machines = vec![machine.clone()];
        if lossy {
            let mut lost = machine.clone();
            lost.ledger = Ledger::default();
            machines.push(lost);
        }
        return machines
            .iter()
            .flat_map(|machine| machine.power_on(lossy))
            .collect();
    };
    // It may die before anything of ours runs.
    let mut after = vec![off(machine.clone())];
    let machine = &Machine {
        chain: machine.chain.renew(),
        ..machine.clone()
    };
    after.push(off(machine.clone()));
    let loader = machine.chain.loader(booted);
    let boot = boot_id(machine.boots);
    let class = classify(&loader, &machine.ledger, &boot);
    let (_, writes) = transitions::begin(class, &loader, &machine.ledger, &boot, None);
    let states = machine.during(&writes, booted);
    after.extend(states.iter().cloned().map(off));
    let begun = states.last().unwrap();
    let ended: BTreeSet<_> = begun.ledger.past.iter().map(|ended| &ended.id).collect();
    assert_eq!(
        ended.len(),
        begun.ledger.past.len(),
        "a trial ended twice: {begun:#?}"
    );
    if class == Class::Trial {
        after.extend(verdicts(begun, booted).into_iter().map(off));
        return after;
    }
    assert!(
        begun.blessed.contains(booted),
        "{class:?} of an image nobody blessed: {begun:#?}"
    );
    let closed = classify(&begun.chain.loader(booted), &begun.ledger, &boot);
    assert!(
        matches!(closed, Class::Steady | Class::Manual),
        "{class:?} is still {closed:?} after its course: {begun:#?}"
    );
    let left = begun.chain.loader(booted);
    if !matches!(left.token, Token::Armed(_)) {
        for (_, started) in begun.chain.power_on() {
            assert_eq!(
                left.default, started,
                "after {class:?} power-on does not come back to the default: {begun:#?}"
            );
        }
    }
    if left.default == left.booted {
        after.extend(arms(begun, booted).into_iter().map(off));
    }
    after
}

/// How a trial can end: blessed and followed by another one, given up, or with the power gone in the middle of either.
fn verdicts(machine: &Machine, booted: &ImageName) -> Vec<Machine> {
    let mut after = machine.during(
        &sequence::bless(booted, transitions::blessed(&machine.ledger, None)),
        booted,
    );
    // It stays up, and the operator goes on: in the boot that was a trial.
    let blessed = after.last().unwrap().clone();
    after.extend(arms(&blessed, booted));
    for stage in [Stage::TryingOldConfig, Stage::Rejected("bad".to_owned())] {
        let mut ledger = machine.ledger.clone();
        ledger.trial.as_mut().unwrap().stage = stage;
        let mut given_up = machine.clone();
        given_up.ledger = ledger;
        given_up.resets += 1;
        assert!(
            given_up.resets <= given_up.armed,
            "more resets than an operator armed: {given_up:#?}"
        );
        after.push(given_up);
    }
    after
}

/// The operator arms the image that is not the default, and reboots or does not.
fn arms(machine: &Machine, booted: &ImageName) -> Vec<Machine> {
    if machine.armed == ARMS {
        return Vec::new();
    }
    // ostree never gives a deployment the name of one that is there.
    let is_deployed = |image: &ImageName| match &machine.chain {
        Chain::GrubEnv { order, .. } => order.contains(image),
        _ => false,
    };
    let candidate = ["candidate", "other", "another"]
        .map(image)
        .into_iter()
        .find(|other| other != booted && !is_deployed(other));
    let mut armed = machine.clone();
    armed.armed += 1;
    let mut ledger = machine.ledger.clone();
    ledger.trial = Some(Trial {
        id: trial_id(armed.armed),
        image: candidate.unwrap(),
        identity: None,
        from: Pair {
            image: booted.clone(),
            config: None,
        },
        armed_in: boot_id(machine.boots),
        tried_in: None,
        stage: Stage::Arming,
        drill: false,
    });
    let mut after = armed.during(&sequence::arm(&ledger), booted);
    let whole = after.last().unwrap().clone();
    let attempted = whole.chain.shut_down().iter().any(|chain| {
        let started = chain.power_on();
        started
            .iter()
            .any(|(_, started)| *started == ledger.trial.as_ref().unwrap().image)
    });
    assert!(attempted, "armed, and nothing attempts it: {whole:#?}");
    after.extend(whole.chain.shut_down().into_iter().map(|chain| Machine {
        chain,
        ..whole.clone()
    }));
    after
}

/// The states that are reachable.
fn walk(chain: Chain, lossy: bool) -> usize {
    let known_good = image("known-good");
    let start = At {
        machine: Machine {
            chain,
            ledger: Ledger::default(),
            blessed: BTreeSet::from([known_good, image("older")]),
            attempted: Vec::new(),
            armed: 0,
            boots: 0,
            resets: 0,
        },
        runs: None,
    };
    let mut seen = HashSet::from([key(&start)]);
    let mut queue = VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for next in next(&at, lossy) {
            if seen.insert(key(&next)) {
                queue.push_back(next);
            }
        }
    }
    seen.len()
}

/// Two states that differ only in how many boots they took are one.
fn key(at: &At) -> At {
    let mut key = at.clone();
    key.machine.boots = 0;
    if let Some(trial) = &mut key.machine.ledger.trial {
        trial.tried_in = trial.tried_in.take().map(|_| boot_id(0));
        trial.armed_in = boot_id(0);
    }
    key
}

#[test]
fn power_may_go_after_any_write_with_every_loader() {
    for (name, chain) in [
        ("bootnext", boot_next()),
        ("zbm-hook", hook()),
        ("one-shot", one_shot()),
        ("grub-env", grub_env()),
    ] {
        for lossy in [false, true] {
            let states = walk(chain.clone(), lossy);
            assert!(states > 100, "{name}: only {states} states");
            println!(
                "{name}, {}: {states} states",
                if lossy {
                    "losing ledger and variables"
                } else {
                    "power only"
                }
            );
        }
    }
}
