//! `impctl why`: what became of the last boot that was not good, who is to blame, and what to do now.

use super::{Format, out};
use crate::boot::evidence::{self, Crash, Ending, Evidence, Observation, Phase, Reset};
use crate::boot::ledger;
use crate::boot::trial::classify::Class;
use crate::boot::trial::ledger::{Culprit, End, Ended, Ledger};
use crate::boot::trial::outcome::CheckState;
use crate::exit::{Failure, Kind};
use crate::facts::status::Status;
use crate::step;
use crate::types::Root;
use serde::Serialize;
use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;

/// The phases a boot that is well goes through.
const PHASES: [Phase; 5] = [
    Phase::Userspace,
    Phase::Config,
    Phase::Dataplane,
    Phase::Assess,
    Phase::Verdict,
];

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report {
    /// What happened, in a sentence.
    sentence: String,
    /// What to do now.
    now: String,
    /// How that trial ended; `null` when it was not a trial, or is not on record.
    trial: Option<Ended>,
    /// How the newest trial ended, when that is another one.
    since: Option<Ended>,
    /// What `imp-config` says, when the documents are not what runs.
    configuration: Option<Status>,
    /// Why VPP instances do not have their commands now; each line begins with its code.
    vpp: Vec<String>,
    evidence: Option<Evidence>,
    /// Where the evidence is.
    folder: Option<PathBuf>,
}

/// Prints what is known. Exit code 1 when that is nothing, 77 when it is not for whoever asks.
pub fn run(root: &Root, format: Format) -> Result<(), Failure> {
    let allowed = ledger::may_be_read(root).and_then(|()| evidence::read_newest(root));
    let found = allowed.map_err(|error| unread(&error))?;
    let (ledger, torn) = ledger::read(root);
    let status = Status::read(root)
        .ok()
        .flatten()
        .filter(|status| !status.is_accepted());
    if let Some(torn) = torn {
        tracing::warn!("{torn}");
    }
    let vpp = step::without_commands(root);
    let Some(report) = report(found, &ledger, status, vpp) else {
        if format == Format::Json {
            out::print("null\n")?;
        }
        return Err(Failure::new(
            Kind::Failed,
            "no failed boot on record; 'impctl boot status' shows this one",
        ));
    };
    out::print(&match format {
        Format::Text => text(&report),
        Format::Json => serde_json::to_string_pretty(&report).unwrap_or_default() + "\n",
    })
}

fn unread(error: &io::Error) -> Failure {
    let text = format!("cannot read the records of earlier boots: {error}; run 'impctl why' as root");
    Failure::new(Kind::Privilege, text)
}

/// What there is to tell; `None` when that is nothing.
fn report(
    found: Option<(PathBuf, Evidence)>,
    ledger: &Ledger,
    configuration: Option<Status>,
    vpp: Vec<String>,
) -> Option<Report> {
    let (folder, evidence) = found.unzip();
    let id = evidence.as_ref().map(|evidence| evidence.trial.as_ref());
    let last = ledger.past.first();
    let trial = match id {
        Some(id) => ledger.past.iter().find(|ended| Some(&ended.id) == id),
        // A trial that was never attempted leaves nothing else.
        None => ledger.past.iter().find(|ended| was_not_good(ended)),
    };
    let only_now = evidence.is_none() && trial.is_none();
    if only_now && configuration.is_none() && vpp.is_empty() {
        return None;
    }
    let blame = evidence
        .as_ref()
        .and_then(|evidence| own_culprit(evidence, trial))
        .or(trial.and_then(|trial| trial.culprit))
        .or(only_now.then_some(Culprit::Configuration));
    Some(Report {
        sentence: sentence(evidence.as_ref(), trial, configuration.as_ref(), blame),
        now: now(evidence.as_ref(), trial, blame),
        since: last
            .filter(|last| trial.is_none_or(|trial| trial.id != last.id))
            .cloned(),
        trial: trial.cloned(),
        configuration,
        vpp,
        evidence,
        folder,
    })
}

/// A drill that comes back is as it should be.
fn was_not_good(ended: &Ended) -> bool {
    !matches!(ended.end, End::Blessed | End::DrillPassed)
}

/// A boot that was well again with another configuration says so itself; a trial that failed was not.
fn own_culprit(evidence: &Evidence, trial: Option<&Ended>) -> Option<Culprit> {
    let failed = trial.is_some_and(|trial| trial.end == End::Failed);
    (evidence.ending == Ending::OtherConfig && !failed).then_some(Culprit::Configuration)
}

fn sentence(
    evidence: Option<&Evidence>,
    trial: Option<&Ended>,
    configuration: Option<&Status>,
    blame: Option<Culprit>,
) -> String {
    let mut text = match (evidence, trial) {
        (Some(evidence), _) => {
            let image = evidence
                .image
                .as_ref()
                .map_or("an unknown image".to_owned(), ToString::to_string);
            let how = match (evidence.class, trial.map(|trial| trial.end)) {
                (Some(Class::Trial), Some(End::Blessed)) => " was tried and blessed",
                (Some(Class::Trial), Some(End::Failed)) => " was tried and rejected",
                (Some(Class::Trial), _) => " was being tried",
                _ => "",
            };
            format!("{image}{how}: {}", evidence.what())
        }
        (None, Some(trial)) => format!("{} {}: {}", trial.image, trial.end, trial.reason),
        (None, None) => configuration.map_or("VPP does not have its commands".to_owned(), Status::sentence),
    };
    text.push('.');
    if let Some(blame) = blame {
        let _ = write!(text, " Cause: {blame}.");
    }
    text
}

fn now(evidence: Option<&Evidence>, trial: Option<&Ended>, blame: Option<Culprit>) -> String {
    let image = match (evidence, trial) {
        (Some(evidence), _) => evidence.image.as_ref(),
        (None, trial) => trial.map(|trial| &trial.image),
    };
    let image = image.map_or("IMAGE".to_owned(), ToString::to_string);
    let end = trial.map(|trial| trial.end);
    let tried = trial.is_some() || evidence.is_some_and(|evidence| evidence.class == Some(Class::Trial));
    match blame {
        Some(Culprit::Configuration) => {
            "fix /persistent/config ('impctl check'), then run 'systemctl reload imp-config'; \
            until then the last good generation runs"
                .to_owned()
        }
        Some(Culprit::Neither) => {
            "the previous image is not healthy either: look outside the router, at links and neighbours; \
            'impctl health' shows what is wrong"
                .to_owned()
        }
        _ if end == Some(End::DrillPassed) => {
            "the original image is running and the copy is gone: 'impctl health' shows the checks as they are now"
                .to_owned()
        }
        _ if end == Some(End::NotAttempted) => {
            "'impctl boot arm --explain' shows what this machine can do; nothing is known against the image"
                .to_owned()
        }
        _ if tried && end != Some(End::Blessed) => format!(
            "the previous image is running; deploy a fixed one with 'impctl boot deploy', or try this one again with \
            'impctl boot arm --force {image}'"
        ),
        _ => "the image was blessed and stays: 'impctl health' shows the checks as they are now".to_owned(),
    }
}

fn text(report: &Report) -> String {
    let mut text = format!("{}\n", report.sentence);
    if let Some(evidence) = &report.evidence {
        unit(&mut text, evidence);
        checks(&mut text, &evidence.checks);
        progress(&mut text, evidence);
        reset(&mut text, evidence);
        lines(&mut text, "last journal lines", &evidence.journal);
        surroundings(&mut text, evidence);
        lines(&mut text, "could not be determined", &evidence.missing);
    }
    if let (Some(status), Some(_)) = (&report.configuration, &report.evidence) {
        let _ = write!(text, "\ncurrently: {}\n", status.sentence());
    }
    let problems = report.configuration.iter().flat_map(|status| &status.problems);
    problems.for_each(|problem| text += &format!("  {problem}\n"));
    lines(&mut text, "vpp does not have its commands", &report.vpp);
    if let Some(since) = &report.since {
        let _ = write!(
            text,
            "\na later trial: {} {}: {}\n",
            since.image, since.end, since.reason
        );
    }
    if let Some(folder) = &report.folder {
        let _ = write!(text, "\nevidence: {}\n", folder.display());
    }
    let _ = write!(text, "\nnow: {}\n", report.now);
    text
}

fn unit(text: &mut String, evidence: &Evidence) {
    if let Some(unit) = &evidence.unit {
        let _ = write!(
            text,
            "\nfirst failed unit: {} {}, at {}\n",
            unit.name,
            unit.how(),
            seconds(unit.at_ms)
        );
        unit.log.iter().for_each(|line| *text += &format!("  {line}\n"));
    }
    lines(
        text,
        "not started because a dependency was not",
        &evidence.dependents,
    );
    lines(text, "still running", &evidence.unfinished);
}

/// The time line: when each check changed, what it wanted and what it saw.
fn checks(text: &mut String, observations: &[Observation]) {
    if observations.is_empty() {
        return;
    }
    let name = width(observations, |outcome| &outcome.outcome.name, 5);
    let expected = width(observations, |outcome| &outcome.outcome.expected, 8);
    let _ = write!(
        text,
        "\n{:>9}  {:<name$}  {:<6}  {:<expected$}  observed\n",
        "at", "check", "", "expected"
    );
    for Observation { at_ms, outcome } in observations {
        let state = match outcome.state {
            CheckState::Passed => "passed",
            CheckState::Failed => "FAILED",
            CheckState::NotNeeded => "-",
        };
        let line = format!(
            "{:>9}  {:<name$}  {state:<6}  {:<expected$}  {}",
            seconds(*at_ms),
            outcome.name,
            outcome.expected,
            outcome.observed
        );
        *text += line.trim_end();
        text.push('\n');
    }
}

/// What a column needs, within reason.
fn width(observations: &[Observation], cell: impl Fn(&Observation) -> &String, least: usize) -> usize {
    let widest = observations.iter().map(|seen| cell(seen).chars().count()).max();
    widest.unwrap_or(0).clamp(least, 40)
}

fn progress(text: &mut String, evidence: &Evidence) {
    let reached = |phase: &Phase| evidence.marks.iter().find(|mark| mark.phase == *phase);
    let mut came: Vec<String> = evidence
        .marks
        .iter()
        .map(|mark| format!("{} at {}", mark.phase.name(), seconds(mark.at_ms)))
        .collect();
    if came.is_empty() {
        came.push("nothing on record".to_owned());
    }
    let _ = write!(text, "\nreached: {}\n", came.join(", "));
    let never: Vec<&str> = PHASES
        .iter()
        .filter(|phase| reached(phase).is_none())
        .map(|phase| phase.name())
        .collect();
    if !never.is_empty() {
        let _ = writeln!(text, "not reached: {}", never.join(", "));
    }
}

fn reset(text: &mut String, evidence: &Evidence) {
    ended_by(text, "", &evidence.reset);
    ended_by(text, "from the boot before that one: ", &evidence.before);
    lines(
        text,
        "there before the trial began, so not held against it",
        &evidence.reset.known_before,
    );
    if evidence.ending == Ending::Died && !evidence.reset.has_cause() {
        text.push_str("\nreset: cause unknown, with no watchdog reset and no kernel crash on record; a power cut or the reset button leaves no trace\n");
    }
}

fn ended_by(text: &mut String, which: &str, reset: &Reset) {
    lines(
        text,
        &format!("{which}kernel logs that this kernel cannot decompress; the kernel that wrote them can"),
        &reset.unreadable,
    );
    lines(text, &format!("{which}watchdogs"), &reset.watchdogs);
    for Crash {
        file, lines: words, ..
    } in &reset.crashes
    {
        lines(text, &format!("{which}kernel log of the crash, {file}"), words);
    }
}

fn surroundings(text: &mut String, evidence: &Evidence) {
    let mut facts = Vec::new();
    facts.extend(evidence.boot.iter().map(|boot| format!("boot {boot}")));
    facts.extend(evidence.trial.iter().map(|trial| format!("trial {trial}")));
    facts.extend(evidence.generation.iter().map(|id| format!("configuration {id}")));
    facts.extend(evidence.loader.iter().map(|loader| {
        format!(
            "loader: {} runs, power-on starts {}",
            loader.booted, loader.default
        )
    }));
    if !evidence.command_line.is_empty() {
        facts.push(format!("kernel: {}", evidence.command_line));
    }
    lines(text, "boot", &facts);
}

fn lines(text: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        let _ = write!(text, "\n{title}:\n");
        lines.iter().for_each(|line| *text += &format!("  {line}\n"));
    }
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100)
}
