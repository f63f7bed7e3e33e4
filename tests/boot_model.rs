//! The invariants of the boot assessment, walked: every reachable state of every loader, with power lost after every
//! single write, with the ledger or the firmware's variables lost, with good and bad images.
//!
//! The loaders are models here, as the facts measured them; the classification, the courses and the sequences are the real
//! ones. Real loaders boot in `tests/guest` and `tests/uefi`.
#![allow(clippy::unwrap_used)]

use imp::boot::trial::classify::{Attempt, Class, LoaderState, Token, classify};
use imp::boot::trial::ledger::{Ledger, Pair, Stage, Trial};
use imp::boot::trial::outcome::{CheckOutcome, CheckState, Scope};
use imp::boot::trial::sequence::{self, Write};
use imp::boot::trial::transitions;
use imp::boot::trial::verdict::{Situation, Verdict, judge};
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

/// A boot chain as it was measured, with its store.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Chain {
    /// Firmware and a second ZFSBootMenu entry: `BootNext` goes before control is handed over.
    BootNext {
        bootfs: ImageName,
        entry: Option<Attempt>,
        next: bool,
    },
    /// ZFSBootMenu's hook: writes `consumed` to the pool, then starts the candidate; unable to write, it starts none.
    Hook {
        bootfs: ImageName,
        state: Option<(Attempt, &'static str)>,
    },
    /// systemd-boot: the one-shot variable goes first; a counted file sorts last.
    OneShot {
        sorted: Vec<ImageName>,
        counted: Option<(Attempt, bool)>,
        one_shot: bool,
    },
    /// GRUB and ostree: the order of deployments, and an environment file of our own.
    GrubEnv {
        order: Vec<ImageName>,
        staged: Option<ImageName>,
        env: Option<Env>,
    },
}

/// The environment file: the attempt, the image that armed it, and the word.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Env {
    attempt: Attempt,
    from: ImageName,
    word: &'static str,
}

impl Env {
    fn says(&self, word: &'static str) -> Option<Self> {
        Some(Self { word, ..self.clone() })
    }
}

impl Chain {
    /// Every way in which power-on can go: the store afterwards, and the image that gets control.
    fn power_on(&self) -> Vec<(Self, ImageName)> {
        match self {
            Self::BootNext { bootfs, entry, next } => {
                let after = Self::BootNext {
                    bootfs: bootfs.clone(),
                    entry: entry.clone(),
                    next: false,
                };
                let started = entry
                    .as_ref()
                    .filter(|_| *next)
                    .map_or(bootfs, |attempt| &attempt.image);
                vec![(after, started.clone())]
            }
            Self::Hook { bootfs, state } => match state {
                Some((attempt, "armed")) => vec![
                    (
                        Self::Hook {
                            bootfs: bootfs.clone(),
                            state: Some((attempt.clone(), "consumed")),
                        },
                        attempt.image.clone(),
                    ),
                    // Consumed, and then no kernel: the menu of ZFSBootMenu, and whatever resets it.
                    (
                        Self::Hook {
                            bootfs: bootfs.clone(),
                            state: Some((attempt.clone(), "consumed")),
                        },
                        bootfs.clone(),
                    ),
                    (self.clone(), bootfs.clone()),
                ],
                _ => vec![(self.clone(), bootfs.clone())],
            },
            Self::OneShot {
                sorted,
                counted,
                one_shot,
            } => {
                let after = |bumped| Self::OneShot {
                    sorted: sorted.clone(),
                    counted: counted.clone().map(|(attempt, was)| (attempt, was || bumped)),
                    one_shot: false,
                };
                match counted.as_ref().filter(|_| *one_shot) {
                    // A read-only ESP is not renamed on; the variable is gone all the same.
                    Some((attempt, _)) => {
                        vec![
                            (after(true), attempt.image.clone()),
                            (after(false), attempt.image.clone()),
                        ]
                    }
                    None => vec![(after(false), self.default())],
                }
            }
            Self::GrubEnv { order, env, .. } => {
                let second = order.get(1).unwrap_or(&order[0]).clone();
                // What is staged is in /run.
                let after = |env: Option<Env>| Self::GrubEnv {
                    order: order.clone(),
                    staged: None,
                    env,
                };
                let same = after(env.clone());
                match env.as_ref().map(|env| (env, env.word)) {
                    None | Some((_, "blessed")) => vec![(same, order[0].clone())],
                    // save_env does not work: doubt selects the known-good.
                    Some((env, "armed")) => {
                        vec![(after(env.says("spent")), order[0].clone()), (same, second)]
                    }
                    Some(_) => vec![(same, second)],
                }
            }
        }
    }

    /// A clean reboot: what is staged is finalized, unless that is interrupted.
    fn shut_down(&self) -> Vec<Self> {
        match self {
            Self::GrubEnv {
                order,
                staged: Some(staged),
                env,
            } => {
                let mut newer = vec![staged.clone()];
                newer.extend(order.iter().filter(|other| *other != staged).cloned());
                vec![
                    Self::GrubEnv {
                        order: newer,
                        staged: None,
                        env: env.clone(),
                    },
                    Self::GrubEnv {
                        order: order.clone(),
                        staged: None,
                        env: env.clone(),
                    },
                ]
            }
            _ => vec![self.clone()],
        }
    }

    /// The firmware's variables are lost, as with a new board or a virtual machine without a store.
    fn lose_variables(&self) -> Self {
        let mut lost = self.clone();
        match &mut lost {
            Self::BootNext { entry, next, .. } => {
                *next = false;
                *entry = None;
            }
            Self::OneShot { one_shot, .. } => *one_shot = false,
            Self::Hook { .. } | Self::GrubEnv { .. } => {}
        }
        lost
    }

    fn default(&self) -> ImageName {
        match self {
            Self::BootNext { bootfs, .. } | Self::Hook { bootfs, .. } => bootfs.clone(),
            Self::OneShot { sorted, .. } => sorted[0].clone(),
            // While an environment file is there, what armed it is what power-on comes back to.
            Self::GrubEnv { order, env, .. } => match env {
                Some(env) if env.word != "blessed" && order.contains(&env.from) => env.from.clone(),
                _ => order[0].clone(),
            },
        }
    }

    /// What each boot does before anything is decided: a token whose candidate is gone goes by the top again.
    fn renew(&self) -> Self {
        let mut after = self.clone();
        if let Self::GrubEnv { order, env, staged } = &mut after
            && let Some(found) = env
            && !order.contains(&found.attempt.image)
            && staged.as_ref() != Some(&found.attempt.image)
            && order[0] == found.from
        {
            found.word = "blessed";
        }
        after
    }

    fn loader(&self, booted: &ImageName) -> LoaderState {
        let token = match self {
            Self::BootNext { entry: None, .. } | Self::Hook { state: None, .. } => Token::None,
            Self::OneShot { counted: None, .. } | Self::GrubEnv { env: None, .. } => Token::None,
            Self::BootNext {
                entry: Some(attempt),
                next,
                ..
            } => match next {
                true => Token::Armed(attempt.clone()),
                false => Token::Consumed(attempt.clone()),
            },
            Self::Hook {
                state: Some((attempt, state)),
                ..
            } => match *state {
                "armed" => Token::Armed(attempt.clone()),
                "consumed" => Token::Consumed(attempt.clone()),
                _ => Token::Absent(attempt.clone()),
            },
            Self::OneShot {
                counted: Some((attempt, _)),
                one_shot,
                ..
            } => match one_shot {
                true => Token::Armed(attempt.clone()),
                false => Token::Consumed(attempt.clone()),
            },
            Self::GrubEnv { env: Some(env), .. } => match env.word {
                "armed" => Token::Armed(env.attempt.clone()),
                _ => Token::Consumed(env.attempt.clone()),
            },
        };
        LoaderState {
            booted: booted.clone(),
            default: self.default(),
            token,
        }
    }

    /// What a write leaves, durable; one state for each write to the store it is made of.
    fn apply(&self, write: &Write, booted: &ImageName) -> Vec<Self> {
        let mut after = self.clone();
        match (&mut after, write) {
            (_, Write::Ledger(_)) => {}
            (Self::BootNext { entry, .. }, Write::Prepare(attempt)) => *entry = Some(attempt.clone()),
            (Self::BootNext { next, .. }, Write::Arm(_)) => *next = true,
            (Self::BootNext { bootfs, .. } | Self::Hook { bootfs, .. }, Write::Default(image)) => {
                *bootfs = image.clone();
            }
            (Self::BootNext { next, .. }, Write::Clear) => {
                // The token first: an entry without BootNext is nothing.
                *next = false;
                let middle = after.clone();
                if let Self::BootNext { entry, .. } = &mut after {
                    *entry = None;
                }
                return vec![middle, after];
            }
            (Self::Hook { state, .. }, Write::Prepare(attempt)) => {
                *state = Some((attempt.clone(), "prepared"))
            }
            (Self::Hook { state, .. }, Write::Arm(attempt)) => *state = Some((attempt.clone(), "armed")),
            (Self::Hook { state, .. }, Write::Clear) => *state = None,
            (Self::OneShot { counted, sorted, .. }, Write::Prepare(attempt)) => {
                sorted.retain(|other| *other != attempt.image);
                *counted = Some((attempt.clone(), false));
            }
            (Self::OneShot { one_shot, .. }, Write::Arm(_)) => *one_shot = true,
            (Self::OneShot { sorted, counted, .. }, Write::Default(image)) => {
                sorted.retain(|other| other != image);
                sorted.insert(0, image.clone());
                if counted
                    .as_ref()
                    .is_some_and(|(attempt, _)| attempt.image == *image)
                {
                    *counted = None;
                }
            }
            (
                Self::OneShot {
                    one_shot, counted, ..
                },
                Write::Clear,
            ) => {
                *one_shot = false;
                *counted = None;
            }
            (Self::GrubEnv { staged, .. }, Write::Prepare(attempt)) => *staged = Some(attempt.image.clone()),
            (Self::GrubEnv { env, .. }, Write::Arm(attempt)) => {
                *env = Some(Env {
                    attempt: attempt.clone(),
                    from: booted.clone(),
                    word: "armed",
                });
            }
            (Self::GrubEnv { env, .. }, Write::Default(_)) => {
                *env = env.as_ref().and_then(|env| env.says("blessed"));
            }
            (Self::GrubEnv { order, env, staged }, Write::Clear) => {
                // The failed deployment goes, then the environment: with the order turned round instead, a spent environment
                // would select it.
                *staged = None;
                if let Some(env) = env.as_ref().filter(|env| env.word != "blessed") {
                    assert_ne!(env.attempt.image, *booted, "what runs cannot be removed");
                    order.retain(|other| *other != env.attempt.image);
                }
                let middle = after.clone();
                if let Self::GrubEnv { env, .. } = &mut after {
                    *env = None;
                }
                return vec![middle, after];
            }
        }
        vec![after]
    }
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
                started, left.default,
                "after {class:?} power-on does not come back to the default: {begun:#?}"
            );
        }
    }
    if left.booted == left.default {
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

fn boot_next() -> Chain {
    Chain::BootNext {
        bootfs: image("known-good"),
        entry: None,
        next: false,
    }
}

fn hook() -> Chain {
    Chain::Hook {
        bootfs: image("known-good"),
        state: None,
    }
}

fn one_shot() -> Chain {
    Chain::OneShot {
        sorted: vec![image("known-good")],
        counted: None,
        one_shot: false,
    }
}

fn grub_env() -> Chain {
    Chain::GrubEnv {
        order: vec![image("known-good"), image("older")],
        staged: None,
        env: None,
    }
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

#[test]
fn only_a_trial_is_ever_reset_and_a_configuration_goes_first() {
    let bad = |scope, required, config_can_cause| CheckOutcome {
        name: "vpp".to_owned(),
        scope,
        required,
        config_can_cause,
        state: CheckState::Failed,
        expected: "the marker of core".to_owned(),
        observed: "nothing".to_owned(),
        took_ms: 1,
    };
    let say = |class, drill, outcomes: &[CheckOutcome], late, other: Option<&str>| {
        let other = other.map(|id| id.parse().unwrap());
        judge(&Situation {
            class,
            drill,
            outcomes,
            late,
            other_config: other.as_ref(),
        })
    };
    let reason = "vpp: expected the marker of core, observed nothing".to_owned();
    let other = "0123456789ab";
    let forwarding = [bad(Scope::Forwarding, true, true)];
    for class in [
        Class::Steady,
        Class::FailedEarly,
        Class::NotAttempted,
        Class::BlessedUnrecorded,
        Class::Manual,
    ] {
        assert_eq!(
            say(class, false, &forwarding, true, None),
            Verdict::Alarm(reason.clone()),
            "{class:?}"
        );
    }
    assert_eq!(
        say(Class::Trial, false, &forwarding, false, Some(other)),
        Verdict::Wait
    );
    let config = Verdict::TryConfig(other.parse().unwrap());
    assert_eq!(say(Class::Trial, false, &forwarding, true, Some(other)), config);
    assert_eq!(say(Class::Steady, false, &forwarding, true, Some(other)), config);
    assert_eq!(
        say(Class::Manual, false, &forwarding, true, Some(other)),
        Verdict::Alarm(reason.clone())
    );
    assert_eq!(
        say(Class::Trial, false, &forwarding, true, None),
        Verdict::GiveUp(reason.clone())
    );
    let image_only = [bad(Scope::Boot, true, false)];
    assert_eq!(
        say(Class::Trial, false, &image_only, true, Some(other)),
        Verdict::GiveUp(reason)
    );
    // What is only wanted, beside the router or outside it rejects nothing.
    let harmless = [
        bad(Scope::Forwarding, false, true),
        bad(Scope::Service, true, true),
        bad(Scope::Outside, true, true),
    ];
    assert_eq!(say(Class::Trial, false, &harmless, true, None), Verdict::Good);
    // A drill goes back although all is well.
    assert!(matches!(
        say(Class::Trial, true, &harmless, true, None),
        Verdict::GiveUp(_)
    ));
    assert_eq!(say(Class::Steady, true, &harmless, true, None), Verdict::Good);
}
