//! `impctl edit`: the documents in an editor. They are replaced by what was edited once that is valid, and not before; what
//! applying them would change is shown then.

use super::{check, diff, out};
use crate::config::report;
use crate::exit::{Failure, Kind};
use crate::facts;
use crate::host::{file, login, paths, pid, privilege, process};
use crate::step::apply::{documents, lock};
use crate::step::config::{examine, failed};
use crate::step::difference::{Before, between};
use crate::step::generation::id_of;
use crate::types::Root;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long another change may take to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// Opens the documents, or one file of them, checks what was edited, and replaces what differs.
pub fn run(root: &Root, wanted: Option<&str>) -> Result<(), Failure> {
    let copy = root.join(format!("/run/imp/edit-{}", pid::own()).as_str());
    let folder = root.join(paths::CONFIG);
    check::readable(&folder, "edit")?;
    for place in [&folder, &copy] {
        privilege::may_write(place).map_err(|error| {
            let text = format!("{}: {error}; run 'impctl edit' as root", place.display());
            Failure::new(Kind::Privilege, text)
        })?;
    }
    let edited = edit(root, &copy, wanted);
    // Secrets are among them.
    let removed = file::remove(&copy).map_err(|error| failed("run/imp/edit", &error));
    edited.and(removed.map(|_| ()))
}

fn edit(root: &Root, copy: &Path, wanted: Option<&str>) -> Result<(), Failure> {
    let (before, files) = documents::copy(root, copy)?;
    let opened = opened(&files, wanted)?;
    loop {
        open(root, copy, &opened)?;
        let candidate = examine(copy, &facts::frr::machine(root));
        let report = report::text(&candidate.diagnostics, &candidate.sources, out::colour());
        out::print(&report)?;
        if let Some(ready) = &candidate.ready {
            match between(root, &Before::Running, ready) {
                Ok(difference) => out::print(&diff::shown(&difference))?,
                // What it would mean cannot be told; it is valid all the same.
                Err(failure) => tracing::warn!("{failure}"),
            }
            break;
        }
        if !asks_again()? {
            let folder = root.join(paths::CONFIG);
            let text = format!(
                "the edited documents are refused; {} is as it was",
                folder.display()
            );
            return Err(Failure::new(Kind::Config, text));
        }
    }
    let _lock = lock(root, "impctl edit", PATIENCE)?;
    if id_of(&documents::read(&root.join(paths::CONFIG))) != before {
        let text = format!(
            "somebody else changed {} meanwhile; what you edited is not taken over",
            paths::CONFIG
        );
        return Err(Failure::new(Kind::Failed, text));
    }
    let changed = replace(root, copy)?;
    out::print(&match changed.as_slice() {
        [] => "nothing was changed\n".to_owned(),
        changed => format!("changed: {}; 'impctl apply' applies it\n", changed.join(", ")),
    })
}

/// The files to open: the one that was named, or every document.
fn opened(files: &[PathBuf], wanted: Option<&str>) -> Result<Vec<PathBuf>, Failure> {
    let is_document = |path: &&PathBuf| path.extension().is_some_and(|it| it == "toml");
    match wanted {
        None => Ok(files.iter().filter(is_document).cloned().collect()),
        Some(name) if files.iter().any(|path| path == Path::new(name)) => Ok(vec![name.into()]),
        // A new document is one, too.
        Some(name) if name.ends_with(".toml") && !name.contains('/') => Ok(vec![name.into()]),
        Some(name) => {
            let text = format!("the documents in {} do not read a file '{name}'", paths::CONFIG);
            Err(Failure::new(Kind::Usage, text))
        }
    }
}

fn open(root: &Root, copy: &Path, files: &[PathBuf]) -> Result<(), Failure> {
    let editor = login::editor();
    let ended = process::edit(&editor, copy, files).map_err(|error| {
        let text = format!("{editor}: {error}; set EDITOR to one that is installed");
        Failure::new(Kind::Missing, text)
    })?;
    match ended {
        process::End::Code(0) => Ok(()),
        _ => Err(Failure::new(
            Kind::Failed,
            format!(
                "{editor} failed; {} is as it was",
                root.join(paths::CONFIG).display()
            ),
        )),
    }
}

/// Whether the operator wants to correct it; where nobody can be asked, no.
fn asks_again() -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    out::print("edit again? [Y/n] ")?;
    let _ = std::io::stdout().flush();
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    Ok(read.is_ok_and(|length| length > 0) && !answer.trim().to_ascii_lowercase().starts_with('n'))
}

/// What differs is replaced, each file in one step. Returns the names.
fn replace(root: &Root, copy: &Path) -> Result<Vec<String>, Failure> {
    let folder = root.join(paths::CONFIG);
    let before = documents::read(&folder);
    let mut changed = Vec::new();
    for (path, contents) in documents::read(copy) {
        if before.get(&path).is_some_and(|old| old.bytes == contents.bytes) {
            continue;
        }
        let _ = file::write_through(&folder.join(&path), &contents.bytes)
            .map_err(|error| failed(&path, &error))?;
        changed.push(path);
    }
    Ok(changed)
}
