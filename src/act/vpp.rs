//! Applies an instance's commands to its VPP: all of them to a fresh one, none to one that already has them.

use crate::config::code::E0530;
use crate::facts::vpp::{Applied, Wanted};
use crate::host::file::Effect;
use crate::host::vpp::wire::Reply;
use crate::host::vpp::{Client, ClientError};
use crate::host::wait::pause;
use crate::plan::vpp::{self, APPLIED, BEGIN, Check, Command, Fact, Script, ScriptError};
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why an instance does not have its configuration.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The commands file cannot be read.
    #[error("'{}'", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is not a valid commands file.
    #[error("'{}'", path.display())]
    Script {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: ScriptError,
    },
    /// VPP refused a command.
    #[error("{origin}: vpp refused '{command}': {words}")]
    Refused {
        /// `FILE:LINE` of the TOML, or the commands file.
        origin: String,
        /// The command.
        command: String,
        /// VPP's own words.
        words: String,
    },
    /// The connection ended or failed at a command.
    #[error("{origin}: lost the connection to vpp at '{command}'")]
    Lost {
        /// `FILE:LINE` of the TOML, or the commands file.
        origin: String,
        /// The command.
        command: String,
        /// Why.
        #[source]
        source: ClientError,
    },
    /// A device has the name of a pair: VPP would take it over.
    #[error(
        "{}: {origin}: the namespace already has a device '{device}', which vpp would take over",
        E0530
    )]
    Adopts {
        /// `FILE:LINE` of the TOML, or the commands file.
        origin: String,
        /// The command.
        command: String,
        /// The device.
        device: String,
    },
    /// VPP accepted commands without doing what they say.
    #[error("vpp accepted {} commands without applying them", .0.len())]
    Differs(Vec<Difference>),
    /// VPP already has a configuration, or part of one; commands cannot be applied twice.
    #[error("vpp '{instance}' already has {what}: restart vpp-{instance}.service")]
    Occupied {
        /// The instance.
        instance: String,
        /// What it already has.
        what: String,
    },
    /// VPP did not answer.
    #[error("vpp '{instance}'")]
    Client {
        /// The instance.
        instance: String,
        /// Why.
        #[source]
        source: ClientError,
    },
    /// The record of what was applied cannot be written.
    #[error("write '{}'", path.display())]
    Record {
        /// The record.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// A command VPP accepted without doing what it says. Prints as one line for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{origin}: vpp accepted '{command}' but {what}")]
pub struct Difference {
    /// `FILE:LINE` of the TOML, or the commands file.
    pub origin: String,
    /// The command.
    pub command: String,
    what: String,
}

/// Where an instance's files are.
#[derive(Debug, Clone)]
pub struct Files {
    /// The commands, as rendered.
    pub commands: PathBuf,
    /// The record of what was applied, written last.
    pub applied: PathBuf,
    /// The startup configuration that VPP was started with.
    pub startup: PathBuf,
    /// The record of what was begun, written first: VPP's log is a ring and may have lost it.
    pub begun: PathBuf,
}

/// The kernel has answered by then to what VPP told it: it took 50 ms at most.
const KERNEL_ANSWERS: Duration = Duration::from_millis(150);
/// How often an MTU is set again that the kernel's answer overwrote.
const MTU_ATTEMPTS: usize = 10;

/// The instance's VPP has every command of its file, verified. A VPP that already has them is not sent anything.
///
/// `devices` are those of the namespace, where they are known. Errors: the first refusal, everything the read-back found
/// different, or a VPP that is not fresh.
pub fn apply(
    instance: &str,
    files: &Files,
    devices: &[String],
    client: &mut Client,
) -> Result<Effect, ApplyError> {
    let wanted = Wanted {
        startup: read(&files.startup)?,
        commands: read(&files.commands)?,
    };
    let script = script(&files.commands, &wanted.commands)?;
    let record = Applied {
        generation: script.digest.clone(),
        process: client.peer(),
        startup: wanted.startup_digest(),
        commands: wanted.commands,
    };
    if Applied::load(&files.applied).is_some_and(|has| has.is_same(&record)) {
        return Ok(Effect::Unchanged);
    }
    refuse_occupied(instance, files, &record, client)?;
    refuse_adoption(&script, files, devices)?;
    save(&record, &files.begun)?;
    let session = Session {
        fallback: file_name(&files.commands),
        client,
    };
    session.run_all(&script)?;
    save(&record, &files.applied)?;
    Ok(Effect::Changed)
}

fn read(path: &Path) -> Result<String, ApplyError> {
    std::fs::read_to_string(path).map_err(|source| ApplyError::Read {
        path: path.to_owned(),
        source,
    })
}

fn script(path: &Path, text: &str) -> Result<Script, ApplyError> {
    vpp::parse(text).map_err(|source| ApplyError::Script {
        path: path.to_owned(),
        source,
    })
}

fn save(record: &Applied, path: &Path) -> Result<(), ApplyError> {
    match record.save(path) {
        Ok(Effect::Changed | Effect::Unchanged) => Ok(()),
        Err(source) => Err(ApplyError::Record {
            path: path.to_owned(),
            source,
        }),
    }
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Refuses a VPP that is not fresh: applied a second time, the commands would fail at the first address.
fn refuse_occupied(
    instance: &str,
    files: &Files,
    record: &Applied,
    client: &mut Client,
) -> Result<(), ApplyError> {
    let occupied = |what: String| ApplyError::Occupied {
        instance: instance.to_owned(),
        what,
    };
    let of_this_process = |path: &Path| Applied::load(path).filter(|found| found.process == record.process);
    if let Some(found) = of_this_process(&files.applied) {
        return Err(occupied(format!("configuration {}", found.generation)));
    }
    if let Some(found) = of_this_process(&files.begun) {
        return Err(occupied(format!("part of configuration {}", found.generation)));
    }
    // Begun by hand (`vppctl exec`), or by a run whose files are gone.
    let log = client.run("show logging").map_err(|source| ApplyError::Client {
        instance: instance.to_owned(),
        source,
    })?;
    match log.text.rsplit_once(&log_entry(BEGIN)) {
        Some((_, rest)) => {
            let digest = rest.split_whitespace().next().unwrap_or_default();
            Err(occupied(format!("configuration {digest} or part of it")))
        }
        None => Ok(()),
    }
}

/// Refuses commands that would make VPP take over a device it did not make.
fn refuse_adoption(script: &Script, files: &Files, devices: &[String]) -> Result<(), ApplyError> {
    match vpp::pair_with_a_device(&script.commands, devices) {
        None => Ok(()),
        Some((command, device)) => Err(ApplyError::Adopts {
            origin: command
                .origin
                .clone()
                .unwrap_or_else(|| file_name(&files.commands)),
            command: command.text.clone(),
            device: device.to_owned(),
        }),
    }
}

/// How the log shows a marker line: `vpplog` is the command, `CLI:` the source.
fn log_entry(marker: &str) -> String {
    marker.replacen("vpplog", "CLI:", 1)
}

/// A connection, and the file to name when a command has no origin in the TOML.
struct Session<'a> {
    fallback: String,
    client: &'a mut Client,
}

impl Session<'_> {
    fn run_all(mut self, script: &Script) -> Result<(), ApplyError> {
        self.mark(BEGIN, &script.digest)?;
        let waits = vpp::first_mtu_of_a_vlan(&script.commands);
        for (number, command) in script.commands.iter().enumerate() {
            if waits == Some(number) {
                pause(KERNEL_ANSWERS);
            }
            self.run(command)?;
        }
        self.verify(&vpp::checks(&script.commands))?;
        self.mark(APPLIED, &script.digest)
    }

    fn mark(&mut self, marker: &str, digest: &str) -> Result<(), ApplyError> {
        self.run(&Command {
            origin: None,
            text: format!("{marker}{digest}"),
        })
    }

    fn run(&mut self, command: &Command) -> Result<(), ApplyError> {
        let reply = self.ask(command, &command.text)?;
        if reply.status == 0 && command.is_confirmed_by(&reply.text) {
            return Ok(());
        }
        let mut words = one_line(&reply.text);
        if words.is_empty() {
            "it printed nothing and did nothing".clone_into(&mut words);
        }
        if let Some(reason) = self.reason_in_log(command) {
            words = format!("{words} (vpp's log: {reason})");
        }
        Err(ApplyError::Refused {
            origin: self.origin(command),
            command: command.text.clone(),
            words,
        })
    }

    /// The reason for a refusal by linux-cp, which answers with an error number and puts the reason in VPP's log.
    fn reason_in_log(&mut self, command: &Command) -> Option<String> {
        if !command.text.starts_with("lcp ") {
            return None;
        }
        let log = self.client.run("show logging").ok()?.text;
        let (_, reason) = log
            .lines()
            .rev()
            .find_map(|line| line.split_once("pair_create: "))?;
        Some(reason.trim().to_owned())
    }

    /// Reads back everything the commands imply, because VPP may have dropped some of it silently. An MTU that the kernel's
    /// answer overwrote is set again.
    fn verify(&mut self, checks: &[Check]) -> Result<(), ApplyError> {
        let mut missing = self.missing(checks)?;
        for _ in 0..MTU_ATTEMPTS {
            let mtus = missing
                .iter()
                .all(|(check, _)| matches!(check.fact, Fact::Mtu(..)));
            if missing.is_empty() || !mtus {
                break;
            }
            pause(KERNEL_ANSWERS);
            for (check, _) in &missing {
                self.run(&check.command)?;
            }
            missing = self.missing(checks)?;
        }
        let different = missing.into_iter().map(|(check, what)| Difference {
            origin: self.origin(&check.command),
            command: check.command.text.clone(),
            what,
        });
        match different.collect::<Vec<_>>() {
            none if none.is_empty() => Ok(()),
            different => Err(ApplyError::Differs(different)),
        }
    }

    /// The checks VPP does not show, each with what it has instead.
    fn missing<'c>(&mut self, checks: &'c [Check]) -> Result<Vec<(&'c Check, String)>, ApplyError> {
        let (mut asked, mut shown) = (HashSet::new(), HashSet::new());
        for check in checks {
            let question = check.fact.question();
            if asked.insert(question.clone()) {
                let reply = self.ask(&check.command, &question)?;
                shown.extend(vpp::shown(&question, &reply.text));
            }
        }
        Ok(vpp::missing(checks, &shown))
    }

    fn ask(&mut self, command: &Command, text: &str) -> Result<Reply, ApplyError> {
        self.client.run(text).map_err(|source| ApplyError::Lost {
            origin: self.origin(command),
            command: text.to_owned(),
            source,
        })
    }

    fn origin(&self, command: &Command) -> String {
        command.origin.clone().unwrap_or_else(|| self.fallback.clone())
    }
}

fn one_line(text: &str) -> String {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" / ")
}
