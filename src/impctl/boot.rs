//! `impctl boot`: which image power-on starts, and trying another one without being able to lose the router.

use super::{Format, out};
use crate::boot::image::Metadata;
use crate::boot::ledger;
use crate::boot::loader::{self, Backend, Image, Strategy};
use crate::boot::record::{BootRecord, Verdict};
use crate::boot::trial::classify::{Class, LoaderState, Token};
use crate::boot::trial::ledger::{Ended, Ledger, Pair};
use crate::boot::watchdog;
use crate::exit::{Failure, Kind};
use crate::step::boot::{arm, bless};
use crate::types::{ImageName, Root};
use serde::Serialize;
use std::fmt::Write as _;
use std::io;

/// What is asked of the loader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// `arm IMAGE`.
    Arm {
        /// Which.
        image: String,
        /// `--force`.
        force: bool,
        /// `--reboot`.
        reboot: bool,
    },
    /// `arm --explain`.
    Explain,
    /// `disarm`.
    Disarm,
    /// `bless`.
    Bless,
    /// `drill`.
    Drill {
        /// `--force`.
        force: bool,
        /// `--reboot`.
        reboot: bool,
    },
    /// `list`.
    List,
    /// `status`.
    Status,
}

/// Does it.
pub fn run(root: &Root, verb: &Verb, format: Format) -> Result<(), Failure> {
    match verb {
        Verb::Arm { .. } | Verb::Disarm | Verb::Bless | Verb::Drill { .. } => allowed(root)?,
        Verb::Explain | Verb::List | Verb::Status => {}
    }
    let backend = loader::of_machine(root);
    match verb {
        Verb::Explain => out::print(&match format {
            Format::Text => explanation(root, backend.as_ref()),
            Format::Json => json(&backend.strategies()),
        }),
        Verb::Arm { image, force, reboot } => {
            let image = named(image)?;
            let options = arm::Options {
                force: *force,
                drill: false,
            };
            arm::arm(root, backend.as_ref(), &image, options)?;
            armed(root, &image, "tried", *reboot)
        }
        Verb::Drill { force, reboot } => {
            let image = arm::drill(root, backend.as_ref(), *force)?;
            armed(root, &image, "tried and rejected on purpose", *reboot)
        }
        Verb::Disarm => match arm::disarm(root, backend.as_ref())? {
            Some(image) => out::print(&format!("{image} is no longer armed\n")),
            None => out::print("nothing was armed\n"),
        },
        Verb::Bless => {
            let image = bless::by_hand(root)?;
            out::print(&format!("power-on now starts {image}\n"))
        }
        Verb::List => list(root, backend.as_ref(), format),
        Verb::Status => status(root, backend.as_ref(), format),
    }
}

/// The name of an image as it was typed.
pub(super) fn named(text: &str) -> Result<ImageName, Failure> {
    text.parse()
        .map_err(|error| Failure::new(Kind::Usage, format!("'{text}' is not an image name: {error}")))
}

/// The caller may change which image boots; else nothing is tried, because half of it would be done.
pub(super) fn allowed(root: &Root) -> Result<(), Failure> {
    ledger::may_be_written(root).map_err(|error| {
        let text = format!("only root may change which image boots: {error}");
        Failure::new(Kind::Privilege, text)
    })
}

/// Says what happens next, and lets it happen when that is asked for.
pub(super) fn armed(root: &Root, image: &ImageName, how: &str, reboot: bool) -> Result<(), Failure> {
    let warning = watchdog::cover(root).err();
    out::print(&format!(
        "{image} will be {how} at the next boot, once; any reset before it is blessed returns to the running image\n{}",
        warning
            .map(|warning| format!("but {warning}\n"))
            .unwrap_or_default()
    ))?;
    if reboot { arm::reboot(root) } else { Ok(()) }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

/// Each strategy with its proof and its gaps; the first proven one is what `arm` uses.
fn explanation(root: &Root, backend: &dyn Backend) -> String {
    let mut text = format!("boot technology: {}\n", backend.name());
    let mut chosen = false;
    for Strategy {
        name,
        proof,
        not_covered,
    } in backend.strategies()
    {
        let (mark, reason) = match proof {
            Ok(proof) if !chosen => {
                chosen = true;
                ("used", proof)
            }
            Ok(proof) => ("available", proof),
            Err(reason) => ("not available", reason),
        };
        let _ = write!(
            text,
            "\n{name}: {mark}\n  {reason}\n  not covered: {not_covered}\n"
        );
    }
    if !chosen {
        text.push_str(
            "\nno image can be tried on this machine: there are health checks and evidence, but no automatic way back\n",
        );
    }
    let _ = writeln!(text, "\n{}", hang(root));
    text
}

/// What becomes of a hang, in a sentence.
fn hang(root: &Root) -> String {
    watchdog::cover(root).unwrap_or_else(|lack| lack)
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Row {
    #[serde(flatten)]
    image: Image,
    /// What it says about itself.
    metadata: Metadata,
    /// It runs.
    booted: bool,
    /// Power-on starts it.
    default: bool,
    /// The next boot tries it.
    armed: bool,
    /// It was healthy with some configuration.
    good: bool,
    /// Why it is not attempted again.
    quarantine: Option<String>,
}

fn list(root: &Root, backend: &dyn Backend, format: Format) -> Result<(), Failure> {
    ledger::may_be_read(root).map_err(|error| unread(&error))?;
    let (ledger, _) = ledger::read(root);
    // What runs, or what power-on starts, may have a name that is no image's: the images are there all the same.
    let loader = backend.loader();
    if let Err(error) = &loader {
        tracing::warn!("{}", Failure::from_error(Kind::Failed, error));
    }
    let is = |what: fn(&LoaderState) -> Option<&ImageName>, image: &Image| {
        loader.as_ref().ok().and_then(what) == Some(&image.name)
    };
    let images = backend
        .images()
        .map_err(|error| Failure::from_error(Kind::Failed, &error))?;
    let row = |image: Image| Row {
        booted: is(|loader| Some(&loader.booted), &image),
        default: is(|loader| loader.default.image(), &image),
        armed: is(armed_image, &image),
        good: ledger.good.iter().any(|pair| pair.image == image.name),
        quarantine: ledger
            .quarantined(&image.name, &image.identity)
            .map(str::to_owned),
        metadata: backend.metadata(&image),
        image,
    };
    let rows: Vec<Row> = images.into_iter().map(row).collect();
    out::print(&match format {
        Format::Json => json(&rows),
        Format::Text => rows.iter().map(line).collect(),
    })
}

fn armed_image(loader: &LoaderState) -> Option<&ImageName> {
    match &loader.token {
        Token::Armed(attempt) => Some(&attempt.image),
        Token::None | Token::Absent(_) | Token::Consumed(_) => None,
    }
}

fn line(row: &Row) -> String {
    let marks = [
        (row.booted, "running"),
        (row.default, "default"),
        (row.armed, "armed"),
        (row.good, "good"),
    ];
    let marks: Vec<&str> = marks
        .iter()
        .filter(|(is, _)| *is)
        .map(|(_, mark)| *mark)
        .collect();
    let mut line = format!("{:<32} {}", row.image.name, marks.join(", "));
    if !row.metadata.is_unknown() {
        let _ = write!(line, " ({})", row.metadata);
    }
    if let Some(reason) = &row.quarantine {
        let _ = write!(line, " failed: {reason}");
    }
    line.trim_end().to_owned() + "\n"
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report<'a> {
    backend: &'a str,
    strategy: Option<&'a str>,
    /// What `imp-boot` knows about this boot.
    boot: Option<&'a BootRecord>,
    /// What the next power-on does.
    next: String,
    good: &'a [Pair],
    past: &'a [Ended],
    problems: Vec<String>,
    /// What becomes of a trial that hangs.
    hang: String,
}

/// The ledger is for root.
fn unread(error: &io::Error) -> Failure {
    let text = format!("cannot read which images were tried, and how that ended: {error}; ask as root");
    Failure::new(Kind::Privilege, text)
}

/// Prints what is known. Exit code 1 when this boot is not a good one, 77 when something is not for whoever asks.
fn status(root: &Root, backend: &dyn Backend, format: Format) -> Result<(), Failure> {
    let record =
        BootRecord::read(root).map_err(|error| Failure::new(Kind::Failed, format!("boot.json: {error}")))?;
    let (ledger, torn) = ledger::read(root);
    let strategy = arm::strategy(backend);
    let loader = backend
        .loader()
        .map_err(|error| Failure::from_error(Kind::Failed, &error));
    let contradictions = loader
        .iter()
        .flat_map(|loader| contradictions(loader, &ledger, record.as_ref()));
    let report = Report {
        backend: backend.name(),
        strategy: strategy.as_ref().ok().map(|strategy| strategy.name),
        boot: record.as_ref(),
        next: loader
            .as_ref()
            .map_or_else(|error| format!("an unknown image: {error}"), next),
        hang: hang(root),
        good: &ledger.good,
        past: &ledger.past,
        problems: torn
            .into_iter()
            .chain(contradictions)
            .chain(strategy.as_ref().err().map(ToString::to_string))
            .collect(),
    };
    out::print(&match format {
        Format::Json => json(&report),
        Format::Text => text(&report),
    })?;
    ledger::may_be_read(root).map_err(|error| unread(&error))?;
    match record.and_then(|record| record.verdict) {
        Some(Verdict::Good | Verdict::Healthy) => Ok(()),
        _ => Err(Failure::new(Kind::Failed, "")),
    }
}

/// What the loader's own store says about the next power-on.
fn next(loader: &LoaderState) -> String {
    match &loader.token {
        Token::Armed(attempt) => format!("{} once, then {}", attempt.image, loader.default),
        _ => loader.default.to_string(),
    }
}

/// Where the loader's store, the ledger and the record of this boot do not agree; the loader's store decides.
fn contradictions(loader: &LoaderState, ledger: &Ledger, record: Option<&BootRecord>) -> Vec<String> {
    let is_armed = matches!(loader.token, Token::Armed(_));
    let open = ledger.trial.as_ref();
    // One that came back and could not be put on record is told as a problem of this boot.
    let came_back = record.is_some_and(|record| record.class == Class::FailedEarly);
    let lost = open.filter(|trial| trial.tried_in.is_none() && !is_armed && !came_back);
    let lost = lost.map(|trial| {
        format!(
            "{} was armed, but the loader's store has no token for it any more, so the next boot does not try it: \
             'impctl boot disarm', then arm it again",
            trial.image
        )
    });
    let classified = record.and_then(|record| record.loader.as_ref());
    let other = classified.filter(|then| then.booted != loader.booted);
    let other = other.map(|then| {
        format!(
            "{} is running by now, without a boot of its own: what is said above is about {}",
            loader.booted, then.booted
        )
    });
    lost.into_iter().chain(other).collect()
}

fn text(report: &Report<'_>) -> String {
    let mut text = String::new();
    match report.boot {
        None => text.push_str("this boot is not classified yet\n"),
        Some(record) => {
            let image = record
                .loader
                .as_ref()
                .map_or("an unknown image", |loader| loader.booted.as_ref());
            let verdict = match &record.verdict {
                None => "no verdict yet".to_owned(),
                Some(Verdict::Healthy) => "healthy, waiting for boot-complete.target".to_owned(),
                Some(Verdict::Good) => "good".to_owned(),
                Some(Verdict::GivenUp(reason)) => format!("rejected: {reason}"),
                Some(Verdict::Alarm(reason)) => format!("not healthy: {reason}"),
            };
            let _ = writeln!(text, "{image} runs: {}, {verdict}", record.class);
        }
    }
    let _ = writeln!(text, "the next boot starts {}", report.next);
    match report.strategy {
        Some(strategy) => {
            let _ = writeln!(text, "{}: images are tried with {strategy}", report.backend);
        }
        None => {
            let _ = writeln!(
                text,
                "{}: images CANNOT be tried, and there is no automatic way back",
                report.backend
            );
        }
    }
    let problems = report
        .boot
        .iter()
        .flat_map(|record| &record.problems)
        .chain(&report.problems);
    for problem in problems {
        let _ = writeln!(text, "  {problem}");
    }
    let _ = writeln!(text, "{}", report.hang);
    for Ended {
        image, end, reason, ..
    } in report.past.iter().take(1)
    {
        let _ = writeln!(text, "last trial: {image} {end}: {reason}");
    }
    text
}
