//! Commands and questions over one connection, and what a refusal is called.

use super::error::{ApplyError, Difference};
use super::files::Files;
use super::kernel::Kernel;
use super::key;
use crate::host::vpp::wire::{self, Reply, Request};
use crate::host::vpp::{Client, Unanswered};
use crate::host::wait::pause;
use crate::plan::vpp::{
    self, APPLIED, Acls, BEGIN, Check, Command, Fact, KERNEL_ANSWERS, Script, Unfinished, WireguardTunnel,
};
use std::collections::HashSet;

/// How often an MTU or a state is set again that the kernel's answer overwrote.
const ATTEMPTS: usize = 10;
/// More than ever want IPv6 on one interface.
const REPEATS: usize = 1000;
/// How much of what was missing is named.
const NAMED: usize = 10;

/// A connection, and the files of the instance: one of them is named when a command has no origin in the TOML.
pub(super) struct Session<'a> {
    pub files: &'a Files,
    pub client: &'a mut Client,
}

impl Session<'_> {
    /// A fresh VPP gets everything, and the kernel's sides of its interfaces their VRFs; it is read back, and has the proof. The
    /// first refusal ends it.
    pub fn run_all(&mut self, script: &Script, kernel: &mut Kernel) -> Result<(), ApplyError> {
        self.mark(BEGIN, &script.digest)?;
        for stage in vpp::stages(&script.commands) {
            if stage.waits_for_the_kernel {
                pause(KERNEL_ANSWERS);
            }
            self.run_stage(stage.commands)?;
            if let Some(it) = &stage.enslaves {
                let _ = kernel.enslave(it, &self.files.fallback())?;
            }
        }
        self.verify(&vpp::checks(&script.commands), HashSet::new)?;
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

    /// The command is carried out so often that there is nothing left for it to do, which VPP calls a failure.
    pub fn run_until_refused(&mut self, command: &Command) -> Result<(), ApplyError> {
        for _ in 0..REPEATS {
            let reply = self.request(command, Request::Command(&command.text))?;
            if command.was_in_force(&reply.text) {
                return Ok(());
            }
            if !is_carried_out(command, &reply) {
                return Err(self.refusal(command, &reply, 0));
            }
        }
        Err(self.refused(command, "there is no end to it"))
    }

    /// All of them are carried out; an error names the first that was not. One that lacks something is sent by itself.
    fn run_stage(&mut self, commands: &[Command]) -> Result<(), ApplyError> {
        let whole = |command: &Command| command.unfinished().is_none();
        for part in commands.chunk_by(|one, next| whole(one) && whole(next)) {
            match part {
                [command] => match command.unfinished() {
                    Some(unfinished) => self.finish(command, unfinished)?,
                    None => self.run_together(part)?,
                },
                _ => self.run_together(part)?,
            }
        }
        Ok(())
    }

    /// The command is carried out with what it lacks.
    fn finish(&mut self, command: &Command, unfinished: Unfinished<'_>) -> Result<(), ApplyError> {
        let reply = match unfinished {
            Unfinished::Wireguard(tunnel) => self.create(command, tunnel)?,
            Unfinished::Number { before, of, after } => {
                let answer = self.ask(command, of.question())?;
                match of.number(&answer) {
                    Some(number) => {
                        self.request(command, Request::Command(&format!("{before}{number}{after}")))?
                    }
                    None => return Err(self.refused(command, "vpp has nothing of that name")),
                }
            }
        };
        match is_carried_out(command, &reply) {
            true => Ok(()),
            false => Err(self.refusal(command, &reply, 0)),
        }
    }

    /// VPP is told of a tunnel of WireGuard, with the private key from its file.
    fn create(&mut self, command: &Command, tunnel: WireguardTunnel<'_>) -> Result<Reply, ApplyError> {
        let Some(ids) = self.client.wireguard() else {
            return Err(self.refused(
                command,
                "it has no messages about WireGuard, or others than are known",
            ));
        };
        let key = key::of_tunnel(self.files, &tunnel).map_err(|words| self.refused(command, &words))?;
        let tunnel = wire::Tunnel {
            instance: tunnel.instance,
            source: tunnel.source,
            port: tunnel.port,
            key,
        };
        self.request(command, Request::CreateTunnel(ids, &tunnel))
    }

    fn request(&mut self, command: &Command, request: Request<'_>) -> Result<Reply, ApplyError> {
        let answer = self.client.ask(request);
        answer.map_err(|source| self.lost(Some(command), Unanswered { number: 0, source }))
    }

    fn refused(&self, command: &Command, words: &str) -> ApplyError {
        ApplyError::Refused {
            origin: self.origin(command),
            command: command.text.clone(),
            words: words.to_owned(),
        }
    }

    fn run_together(&mut self, commands: &[Command]) -> Result<(), ApplyError> {
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
        self.refused(command, &words)
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
    /// the kernel's answer overwrote is set again. What VPP lacked already is said, and no reason to fail.
    pub fn verify(
        &mut self,
        checks: &[Check],
        excused: impl FnOnce() -> HashSet<Fact>,
    ) -> Result<(), ApplyError> {
        let mut missing = self.missing(checks)?;
        if missing.is_empty() {
            return Ok(());
        }
        let excused = excused();
        let is_excused = |(check, _): &(&Check, String)| excused.contains(&check.fact);
        let lacked: Vec<_> = missing.iter().filter(|it| is_excused(it)).cloned().collect();
        missing.retain(|it| !is_excused(it));
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
            missing.retain(|it| !is_excused(it));
        }
        let different = missing.into_iter().map(|(check, what)| Difference {
            origin: self.origin(&check.command),
            command: check.command.text.clone(),
            what,
        });
        match different.collect::<Vec<_>>() {
            none if none.is_empty() => {
                self.warn(&lacked);
                Ok(())
            }
            different => Err(ApplyError::Differs(different)),
        }
    }

    /// Says what VPP lacked before a change, which may be as much as it has routes.
    fn warn(&self, lacked: &[(&Check, String)]) {
        let said = lacked.iter().take(NAMED).map(|(check, what)| {
            let (origin, command) = (self.origin(&check.command), &check.command.text);
            format!("{origin}: '{command}': vpp {what}")
        });
        let said = said.collect::<Vec<_>>().join("; ");
        let more = match lacked.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!("; and {more} more, see impctl status"),
        };
        if !lacked.is_empty() {
            let instance = self.files.instance.as_ref();
            tracing::warn!(instance, "was missing before this change: {said}{more}");
        }
    }

    /// The checks VPP does not show, each with what it has instead.
    pub fn missing<'c>(&mut self, checks: &'c [Check]) -> Result<Vec<(&'c Check, String)>, ApplyError> {
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
        answer
            .map(|reply| reply.text)
            .map_err(|source| self.lost(Some(command), Unanswered { number: 0, source }))
    }

    /// The numbers VPP gave its ACLs.
    pub fn acls(&mut self, command: &Command) -> Result<Acls, ApplyError> {
        let shown = self.shown(&[(command, "show acl-plugin acl".to_owned())])?;
        Ok(Acls::of(&shown))
    }

    fn lost(&self, command: Option<&Command>, unanswered: Unanswered) -> ApplyError {
        ApplyError::Lost {
            origin: command.map_or_else(|| self.files.fallback(), |command| self.origin(command)),
            command: command.map_or_else(String::new, |command| command.text.clone()),
            source: unanswered.source,
        }
    }

    pub fn origin(&self, command: &Command) -> String {
        command.origin.clone().unwrap_or_else(|| self.files.fallback())
    }
}

fn is_carried_out(command: &Command, reply: &Reply) -> bool {
    reply.status == 0 && command.is_confirmed_by(&reply.text) || command.was_in_force(&reply.text)
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
