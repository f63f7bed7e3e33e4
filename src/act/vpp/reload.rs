//! Changes what a running VPP has, in place; takes it back when VPP refuses.

use super::error::ApplyError;
use super::files::{Files, forget, save};
use super::journal::Journal;
use super::kernel::Kernel;
use super::session::Session;
use super::settle;
use crate::facts::vpp::{Applied, Begun, Change as Header, Changing, Note, Wanted};
use crate::host::file::Effect;
use crate::host::vpp::Client;
use crate::host::wait::pause;
use crate::plan::vpp::{
    self, APPLIED, Change, Command, Doubt, Drift, Enslaved, Halfway, KERNEL_ANSWERS, Numbers, Script, Step,
};
use std::collections::HashMap;

/// The instance's running VPP has what its files say, verified; in place, without a restart. One that has it already is not
/// sent anything.
///
/// After an error VPP has what it had before, and the error says so; or it says that this is not known. Then the record of what
/// was applied is gone, and only a restart helps.
pub fn reload(files: &Files, kernel: &mut Kernel, client: &mut Client) -> Result<Effect, ApplyError> {
    let (wanted, script) = files.wanted()?;
    let process = client.peer();
    let applied = files.applied().filter(|applied| applied.process == process);
    let Some(applied) = applied else {
        return Err(needs_restart(files, "what it has is not on record"));
    };
    let mut reload = Reload {
        before: parsed(files, &applied)?,
        session: Session { files, client },
        files,
        kernel,
    };
    let interrupted = files.changing().filter(|it| it.change.begun.process == process);
    if let Some(changing) = interrupted {
        reload.end(&applied, &changing)?;
    }
    let record = Applied {
        generation: script.digest.clone(),
        process,
        // The process is the same, and so is what it was started with.
        startup: applied.startup.clone(),
        commands: wanted.commands.clone(),
    };
    let has = vpp::Files {
        startup: &applied.startup,
        script: &reload.before,
    };
    let wants = vpp::Files {
        startup: &wanted.startup,
        script: &script,
    };
    match vpp::between(has, wants) {
        Change::Restart { why } => Err(needs_restart(files, &why)),
        Change::None => {
            // Lines of the TOML may have moved: their origins are kept.
            save(&record, &files.applied)?;
            settle(files, &script, reload.kernel)
        }
        Change::Live(difference) => {
            reload.change(&difference.steps, &script, &wanted, &record)?;
            let _ = settle(files, &script, reload.kernel)?;
            Ok(Effect::Changed)
        }
    }
}

fn parsed(files: &Files, applied: &Applied) -> Result<Script, ApplyError> {
    vpp::parse(&applied.commands).map_err(|_| needs_restart(files, "what it has is not on record"))
}

fn needs_restart(files: &Files, why: &str) -> ApplyError {
    ApplyError::NeedsRestart {
        instance: files.instance.to_string(),
        why: why.to_owned(),
    }
}

/// The step as a person reads it.
fn printed(step: &Step) -> Command {
    Command {
        origin: step.origin.clone(),
        text: step.to_string(),
    }
}

/// A VPP on its way from what it had.
struct Reload<'a> {
    before: Script,
    session: Session<'a>,
    files: &'a Files,
    kernel: &'a mut Kernel,
}

impl Reload<'_> {
    /// VPP has the script, by these steps; or what it had before.
    fn change(
        &mut self,
        steps: &[Step],
        script: &Script,
        wanted: &Wanted,
        record: &Applied,
    ) -> Result<(), ApplyError> {
        self.refuse_adoption(steps)?;
        let drift = self.drift(steps)?;
        let header = Header {
            begun: Begun {
                generation: record.generation.clone(),
                process: record.process,
            },
            commands: wanted.commands.clone(),
            steps: steps.iter().map(ToString::to_string).collect(),
        };
        let mut journal = Journal::begin(&self.files.changing, &header)?;
        let mut done = Vec::new();
        let changed = self
            .carry_out(steps, script, &mut journal, &mut done)
            .and_then(|()| {
                let excused = || drift.excused(&script.commands, steps);
                self.session.verify(&vpp::checks(&script.commands), excused)
            })
            .and_then(|()| self.session.mark(APPLIED, &script.digest));
        match changed {
            Ok(()) => {
                save(record, &self.files.applied)?;
                journal.end()
            }
            // Whoever cannot be asked cannot be brought back either. If it has died, systemd starts another.
            Err(lost @ (ApplyError::Lost { .. } | ApplyError::Record { .. })) => Err(lost),
            Err(failed) => {
                let then = match self.put_back(&done, &drift, journal) {
                    Ok(()) => format!("vpp '{}' has what it had before", self.files.instance),
                    Err(error) => error.words(),
                };
                Err(ApplyError::NotChanged {
                    failed: Box::new(failed),
                    then,
                })
            }
        }
    }

    /// What VPP lacks of what it had, before anything is changed: somebody took it away by hand, and that neither stops a change of
    /// something else nor keeps it from being taken back.
    fn drift(&mut self, steps: &[Step]) -> Result<Drift, ApplyError> {
        if steps.is_empty() {
            return Ok(Drift::default());
        }
        let asked = vpp::within_reach(&self.before.commands, steps);
        let lacked = self.session.missing(&asked)?;
        Ok(Drift::of(&asked, lacked.into_iter().map(|(check, _)| check)))
    }

    /// Refuses steps that would make VPP take over a device that no pair of its own made.
    fn refuse_adoption(&self, steps: &[Step]) -> Result<(), ApplyError> {
        let own: Vec<&str> = vpp::paired_devices(&self.before.commands).collect();
        let mut foreign = self.kernel.devices();
        foreign.retain(|device| !own.contains(&device.as_str()));
        let numbers = Numbers::default();
        let commands = steps.iter().filter_map(|step| step.command(&numbers).ok());
        let commands: Vec<Command> = commands.collect();
        match vpp::pair_with_a_device(&commands, &foreign) {
            None => Ok(()),
            Some((command, device)) => Err(ApplyError::Adopts {
                origin: self.session.origin(command),
                command: command.text.clone(),
                device: device.to_owned(),
            }),
        }
    }

    /// One step after the other, each on record before it is sent. Nothing is sent behind a refused one: VPP accepts steps
    /// without what they stand on, and some of those kill it. The device of a new pair is put into its VRF before anything stands on
    /// it.
    fn carry_out(
        &mut self,
        steps: &[Step],
        to: &Script,
        journal: &mut Journal,
        done: &mut Vec<Step>,
    ) -> Result<(), ApplyError> {
        let enslaved = vpp::enslaved(&to.commands).into_iter();
        let enslaved: HashMap<&str, Enslaved<'_>> = enslaved.map(|it| (it.device, it)).collect();
        for step in steps {
            if step.waits_for_the_kernel() {
                pause(KERNEL_ANSWERS);
            }
            let command = self.command(step)?;
            journal.note(Note::Sent)?;
            let outcome = match step.repeats_until_refused() {
                true => self.session.run_until_refused(&command),
                false => self.session.run(&command),
            };
            match outcome {
                Ok(()) => {
                    journal.note(Note::Done)?;
                    done.push(step.clone());
                    if let Some(it) = vpp::paired_device(&command).and_then(|device| enslaved.get(device)) {
                        let _ = self.kernel.enslave(it, &self.session.files.fallback())?;
                    }
                }
                Err(error) => {
                    if !matches!(error, ApplyError::Lost { .. }) {
                        journal.note(Note::Refused)?;
                    }
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// The step as VPP takes it, with the numbers it gave its ACLs and interfaces.
    fn command(&mut self, step: &Step) -> Result<Command, ApplyError> {
        let asks = printed(step);
        let mut numbers = Numbers::default();
        if step.names_an_acl() {
            numbers.acls = self.session.acls(&asks)?;
        }
        if step.numbers_an_interface() {
            numbers.interfaces = vpp::interface_numbers(&self.session.ask(&asks, "show interface")?);
        }
        step.command(&numbers).map_err(|error| ApplyError::Refused {
            origin: self.session.origin(&asks),
            command: asks.text,
            words: error.to_string(),
        })
    }

    /// VPP has what it had before. If it has not, the record of what was applied is gone, and so is that of the change.
    fn put_back(&mut self, done: &[Step], drift: &Drift, mut journal: Journal) -> Result<(), ApplyError> {
        let back = self.take_back(done, drift, &mut journal);
        match back {
            Ok(()) => journal.end(),
            Err(lost @ (ApplyError::Lost { .. } | ApplyError::Record { .. })) => Err(lost),
            Err(error) => {
                forget(&self.files.applied)?;
                journal.end()?;
                Err(error)
            }
        }
    }

    fn take_back(&mut self, done: &[Step], drift: &Drift, journal: &mut Journal) -> Result<(), ApplyError> {
        let mut steps = done.to_vec();
        match vpp::back(&self.before, done) {
            Change::None => {}
            Change::Restart { why } => return Err(needs_restart(self.files, &why)),
            Change::Live(difference) => {
                journal.note(Note::Back)?;
                let before = self.before.clone();
                self.carry_out(&difference.steps, &before, journal, &mut Vec::new())
                    .map_err(|error| self.stuck(&error))?;
                steps.extend(difference.steps);
            }
        }
        let checks = vpp::checks(&self.before.commands);
        let excused = || drift.excused(&self.before.commands, &steps);
        let verified = self.session.verify(&checks, excused);
        verified.map_err(|error| self.stuck(&error))
    }

    /// The way back failed: what VPP has now is not known.
    fn stuck(&self, error: &ApplyError) -> ApplyError {
        match error {
            ApplyError::Lost { .. } | ApplyError::Record { .. } => needs_restart(self.files, &error.words()),
            _ => needs_restart(
                self.files,
                &format!("the way back failed as well: {}", error.words()),
            ),
        }
    }

    /// Ends a change that was interrupted: VPP has what is on record as applied.
    fn end(&mut self, applied: &Applied, changing: &Changing) -> Result<(), ApplyError> {
        let mut journal = Journal::open(&self.files.changing)?;
        if changing.change.begun.generation == applied.generation {
            // Only the end of it was not recorded.
            return journal.end();
        }
        let halfway = vpp::halfway(&self.before, changing);
        let done = match halfway {
            Some(halfway) => self.certain(halfway, &mut journal)?,
            None => None,
        };
        match done {
            // What it lacked before, only the process knew that was interrupted.
            Some(done) => self.put_back(&done, &Drift::default(), journal),
            None => {
                forget(&self.files.applied)?;
                journal.end()?;
                Err(needs_restart(
                    self.files,
                    "a change of it was interrupted, and how far it came cannot be told",
                ))
            }
        }
    }

    /// The steps that were carried out, where VPP's answer leaves no doubt.
    fn certain(&mut self, halfway: Halfway, journal: &mut Journal) -> Result<Option<Vec<Step>>, ApplyError> {
        let Halfway { mut done, uncertain } = halfway;
        let Some(step) = uncertain else {
            return Ok(Some(done));
        };
        let command = printed(&step);
        let is_done = match Doubt::about(&step) {
            Doubt::None => true,
            Doubt::Unknown => return Ok(None),
            Doubt::Ask {
                question,
                sign,
                makes,
            } => {
                let answer = self.session.ask(&command, &question)?;
                sign.is_in(&question, &answer) == makes
            }
        };
        if is_done {
            journal.note(Note::Done)?;
            done.push(step);
        } else {
            journal.note(Note::Refused)?;
        }
        Ok(Some(done))
    }
}
