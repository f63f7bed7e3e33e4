//! `impctl check`: every error and warning in the configuration, and whether a boot would accept it.

use super::{Format, diff, out};
use crate::config::report;
use crate::exit::{Failure, Kind};
use crate::facts;
use crate::host::paths::CONFIG;
use crate::host::privilege;
use crate::step;
use crate::step::candidate::{Candidate, Ready};
use crate::step::difference::{Before, between};
use crate::step::generation::{Hold, Store};
use crate::types::Root;
use std::path::Path;

/// Prints the errors and warnings. Exit code 78 when the configuration is refused, 77 when a file of it is not for whoever asks.
pub fn run(root: &Root, format: Format) -> Result<(), Failure> {
    let folder = root.join(CONFIG);
    readable(&folder, "check")?;
    let candidate = examine(root, &folder);
    let accepted = candidate.ready.is_some();
    let ready = candidate.ready.as_ref();
    let hold = ready.and_then(|ready| {
        let last = Store::new(root).last_hold();
        last.filter(|hold| hold.documents == ready.id())
    });
    show(&folder, &candidate, Some(&frr(root)), hold.as_ref(), format)?;
    for problem in &candidate.problems {
        tracing::warn!("{problem}");
    }
    if format == Format::Text
        && let Some(ready) = ready
    {
        compare(root, ready)?;
    }
    if let Some(ready) = candidate.ready.as_ref().filter(|_| root.is_machine()) {
        // The configuration below another root is for another machine, whose hardware is not here to look at.
        for lack in step::machine::lacks(root, &ready.model)? {
            tracing::warn!("{lack}");
        }
    }
    if accepted {
        Ok(())
    } else {
        Err(Failure::new(Kind::Config, ""))
    }
}

/// Whoever asks may read the documents and all that they name; else exit code 77. Without this, a secret that is for root alone
/// would look like one that is missing.
pub(super) fn readable(folder: &Path, command: &str) -> Result<(), Failure> {
    // Of the identity only the names count.
    match privilege::first_hidden(folder, &["identity"]) {
        None => Ok(()),
        Some((path, error)) => {
            let text = format!("{}: {error}; run 'impctl {command}' as root", path.display());
            Err(Failure::new(Kind::Privilege, text))
        }
    }
}

/// The FRR whose words the findings are about.
fn frr(root: &Root) -> String {
    let release = facts::frr::release(root);
    match facts::frr::is_installed(root) {
        true => release.to_string(),
        false => format!("{release}: none is installed here"),
    }
}

/// Where something runs, and whoever asks may read it: what applying the documents would mean.
fn compare(root: &Root, ready: &Ready) -> Result<(), Failure> {
    let running = Store::new(root).running().to_owned();
    if !running.is_dir() || privilege::first_hidden(&running, &[]).is_some() {
        return Ok(());
    }
    let difference = between(root, &Before::Running, ready)?;
    out::print(&format!("{}\n", diff::in_short(&difference)))
}

/// The findings, and the verdict.
fn show(
    folder: &Path,
    candidate: &Candidate,
    frr: Option<&str>,
    hold: Option<&Hold>,
    format: Format,
) -> Result<(), Failure> {
    match format {
        Format::Json => out::print(&report::json(&candidate.diagnostics, &candidate.sources)),
        Format::Text => {
            let mut text = report::text(&candidate.diagnostics, &candidate.sources, out::colour());
            let verdict = if candidate.ready.is_some() {
                "accepted"
            } else {
                "refused"
            };
            let frr = frr.filter(|_| candidate.ready.is_some());
            let frr = frr.map(|frr| format!(" for {frr}")).unwrap_or_default();
            text.push_str(&format!("{}: {verdict}{frr}\n", folder.display()));
            if let Some(hold) = hold {
                let (why, instead) = (hold.why("them"), &hold.instead);
                text.push_str(&format!(
                    "held back until they are changed: {why}; generation {instead} runs instead\n"
                ));
            }
            out::print(&text)
        }
    }
}

/// The same for documents whose examination had no end.
pub fn without_answer(root: &Root, format: Format, how: &str) -> Result<(), Failure> {
    show(
        &root.join(CONFIG),
        &Candidate::without_answer(how),
        None,
        None,
        format,
    )?;
    Err(Failure::new(Kind::Config, ""))
}

/// The checked configuration. FRR is asked only when the operator wrote lines of frr.conf: a file of extra lines, or a template.
pub fn examine(root: &Root, folder: &Path) -> Candidate {
    step::config::examine(folder, &facts::frr::machine(root))
}
