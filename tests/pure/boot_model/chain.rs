//! Every loader as it was measured: what power-on starts, and what each write to its store can leave.

use super::*;

/// A boot chain as it was measured, with its store.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Chain {
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
pub(super) struct Env {
    attempt: Attempt,
    from: ImageName,
    word: &'static str,
}

impl Env {
    pub(super) fn says(&self, word: &'static str) -> Option<Self> {
        Some(Self { word, ..self.clone() })
    }
}

impl Chain {
    /// Every way in which power-on can go: the store afterwards, and the image that gets control.
    pub(super) fn power_on(&self) -> Vec<(Self, ImageName)> {
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
    pub(super) fn shut_down(&self) -> Vec<Self> {
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
    pub(super) fn lose_variables(&self) -> Self {
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

    pub(super) fn default(&self) -> ImageName {
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
    pub(super) fn renew(&self) -> Self {
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

    pub(super) fn loader(&self, booted: &ImageName) -> LoaderState {
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
            default: self.default().into(),
            token,
        }
    }

    /// What a write leaves, durable; one state for each write to the store it is made of.
    pub(super) fn apply(&self, write: &Write, booted: &ImageName) -> Vec<Self> {
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

pub(super) fn boot_next() -> Chain {
    Chain::BootNext {
        bootfs: image("known-good"),
        entry: None,
        next: false,
    }
}

pub(super) fn hook() -> Chain {
    Chain::Hook {
        bootfs: image("known-good"),
        state: None,
    }
}

pub(super) fn one_shot() -> Chain {
    Chain::OneShot {
        sorted: vec![image("known-good")],
        counted: None,
        one_shot: false,
    }
}

pub(super) fn grub_env() -> Chain {
    Chain::GrubEnv {
        order: vec![image("known-good"), image("older")],
        staged: None,
        env: None,
    }
}
