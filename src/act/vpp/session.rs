//! Commands and questions over one connection, and what a refusal is called.

use super::error::{ApplyError, Difference};
use crate::host::vpp::wire::Reply;
use crate::host::vpp::{Client, Unanswered};
use crate::host::wait::pause;
use crate::plan::vpp::{self, APPLIED, Acls, BEGIN, Check, Command, Fact, Script};
use std::collections::HashSet;
use std::time::Duration;

/// The kernel has answered by then to what VPP told it, and VPP has read it: that took 50 ms at most on an idle machine.
pub(super) const KERNEL_ANSWERS: Duration = Duration::from_millis(300);
/// How often an MTU or a state is set again that the kernel's answer overwrote.
const ATTEMPTS: usize = 10;

/// A connection, and the file to name when a command has no origin in the TOML.
pub(super) struct Session<'a> {
    pub fallback: String,
    pub client: &'a mut Client,
}

impl Session<'_> {
    /// A fresh VPP gets everything, is read back, and has the proof. The first refusal ends it.
    pub fn run_all(&mut self, script: &Script) -> Result<(), ApplyError> {
        self.mark(BEGIN, &script.digest)?;
        for stage in vpp::stages(&script.commands) {
            if stage.waits_for_the_kernel {
                pause(KERNEL_ANSWERS);
            }
            self.run_stage(stage.commands)?;
        }
        self.verify(&vpp::checks(&script.commands))?;
        self.mark(APPLIED, &script.digest)
    }

    /// A marker line is in VPP's log.
    pub fn mark(&mut self, marker: &str, digest: &str) -> Result<(), ApplyError> {
        self.run(&Command {
            origin: None,
            text: format!("{marker}{digest}"),
        })
    }

    /// One command is carried out.
    pub fn run(&mut self, command: &Command) -> Result<(), ApplyError> {
        self.run_stage(std::slice::from_ref(command))
    }

    /// All of them are carried out; an error names the first that was not.
    fn run_stage(&mut self, commands: &[Command]) -> Result<(), ApplyError> {
        let mut refused: Vec<(&Command, Reply)> = Vec::new();
        let texts = commands.iter().map(|command| command.text.as_str());
        let ended = self.client.run_each(texts, |number, reply| {
            let command = commands.get(number).filter(|it| !is_carried_out(it, &reply));
            refused.extend(command.map(|command| (command, reply)));
            refused.is_empty()
        });
        match (refused.first(), ended) {
            (Some((command, reply)), _) => {
                let pairs = refused.iter().filter(|(command, _)| is_of_linux_cp(command));
                Err(self.refusal(command, reply, pairs.count()))
            }
            (None, Err(unanswered)) => Err(self.lost(commands.get(unanswered.number), unanswered)),
            (None, Ok(())) => Ok(()),
        }
    }

    /// The refusal of this command, the first of so many by linux-cp.
    fn refusal(&mut self, command: &Command, reply: &Reply, pairs: usize) -> ApplyError {
        let mut words = one_line(&reply.text);
        if words.is_empty() {
            "it printed nothing and did nothing".clone_into(&mut words);
        }
        if let Some(reason) = self.reason_in_log(command, pairs) {
            words = format!("{words} (vpp's log: {reason})");
        }
        ApplyError::Refused {
            origin: self.origin(command),
            command: command.text.clone(),
            words,
        }
    }

    /// The reason for a refusal by linux-cp, which answers with an error number and puts the reason in VPP's log: the last
    /// but so many.
    fn reason_in_log(&mut self, command: &Command, pairs: usize) -> Option<String> {
        if !is_of_linux_cp(command) {
            return None;
        }
        let log = self.client.run("show logging").ok()?.text;
        let reasons = log
            .lines()
            .rev()
            .filter_map(|line| line.split_once("pair_create: "));
        let (_, reason) = reasons.take(pairs).last()?;
        Some(reason.trim().to_owned())
    }

    /// Reads back everything the commands imply, because VPP may have dropped some of it silently. An MTU or a state that
    /// the kernel's answer overwrote is set again.
    pub fn verify(&mut self, checks: &[Check]) -> Result<(), ApplyError> {
        let mut missing = self.missing(checks)?;
        for _ in 0..ATTEMPTS {
            let overwritten = missing
                .iter()
                .all(|(check, _)| matches!(check.fact, Fact::Mtu(..) | Fact::Up(..)));
            if missing.is_empty() || !overwritten {
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
        let mut asked = HashSet::new();
        let questions: Vec<(&Command, String)> = checks
            .iter()
            .flat_map(|check| {
                check
                    .fact
                    .questions()
                    .into_iter()
                    .map(move |it| (&check.command, it))
            })
            .filter(|(_, question)| asked.insert(question.clone()))
            .collect();
        let shown = vpp::as_if_fresh(self.shown(&questions)?, checks);
        Ok(vpp::missing(checks, &shown))
    }

    /// What VPP shows to these questions, each asked for the sake of a command.
    pub fn shown(&mut self, questions: &[(&Command, String)]) -> Result<HashSet<Fact>, ApplyError> {
        let mut shown = HashSet::new();
        let texts = questions.iter().map(|(_, question)| question.as_str());
        let ended = self.client.run_each(texts, |number, reply| {
            if let Some((_, question)) = questions.get(number) {
                shown.extend(vpp::shown(question, &reply.text));
            }
            true
        });
        match ended {
            Ok(()) => Ok(shown),
            Err(unanswered) => {
                let command = questions.get(unanswered.number).map(|(command, _)| *command);
                Err(self.lost(command, unanswered))
            }
        }
    }

    /// VPP's answer to a question, asked for the sake of a command.
    pub fn ask(&mut self, command: &Command, question: &str) -> Result<String, ApplyError> {
        let answer = self.client.run(question);
        let unanswered = |source| Unanswered { number: 0, source };
        answer
            .map(|reply| reply.text)
            .map_err(|source| self.lost(Some(command), unanswered(source)))
    }

    /// The numbers VPP gave its ACLs.
    pub fn acls(&mut self, command: &Command) -> Result<Acls, ApplyError> {
        let shown = self.shown(&[(command, "show acl-plugin acl".to_owned())])?;
        Ok(Acls::of(&shown))
    }

    fn lost(&self, command: Option<&Command>, unanswered: Unanswered) -> ApplyError {
        ApplyError::Lost {
            origin: command.map_or_else(|| self.fallback.clone(), |command| self.origin(command)),
            command: command.map_or_else(String::new, |command| command.text.clone()),
            source: unanswered.source,
        }
    }

    pub fn origin(&self, command: &Command) -> String {
        command.origin.clone().unwrap_or_else(|| self.fallback.clone())
    }
}

fn is_carried_out(command: &Command, reply: &Reply) -> bool {
    reply.status == 0 && command.is_confirmed_by(&reply.text)
}

fn is_of_linux_cp(command: &Command) -> bool {
    command.text.starts_with("lcp ")
}

fn one_line(text: &str) -> String {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" / ")
}
