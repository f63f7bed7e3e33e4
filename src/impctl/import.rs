//! `impctl import`: another system's configuration, as a document of this router.

use super::out;
use crate::config::report;
use crate::exit::{Failure, Kind};
use crate::host::file;
use crate::import::{self, Imported, Original, SOURCES, Source};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// What is imported, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What kind of configuration it is.
    pub source: Source,
    /// The file; `-` is standard input. For `imp` a folder.
    pub path: PathBuf,
    /// Where the document is written instead of standard output, and the secrets beside it.
    pub output: Option<PathBuf>,
    /// Whether files that are there may be replaced.
    pub force: bool,
}

/// The largest file that is read: what a document may have, too.
const LARGEST: u64 = 64 << 20;

/// The source of this name, or how it is named.
pub fn source(name: &str) -> Result<Source, String> {
    Source::named(name).ok_or_else(|| format!("--from must be one of {}", SOURCES.join(", ")))
}

/// Prints the document, or writes it to a file; what was not imported and what the check finds go to standard error.
///
/// Exit code 78 when the check refuses the document: it is printed or written all the same, to be completed.
pub fn run(request: &Request) -> Result<(), Failure> {
    let originals = originals(request)?;
    are_of(request.source, &originals)?;
    let imported = import::import(request.source, &originals);
    match &request.output {
        None => out::print(&imported.toml)?,
        Some(output) => write(output, request.force, &imported)?,
    }
    for line in &imported.left {
        tracing::warn!("not imported: {line}");
    }
    if request.output.is_none() {
        for path in imported.secrets.keys() {
            tracing::warn!("'{path}' is not written without --output: put the password into it, mode 0640");
        }
    }
    let checked = &imported.checked;
    let report = report::text(&checked.diagnostics, &checked.sources, false);
    if !report.is_empty() {
        tracing::warn!("the document has findings:\n{}", report.trim_end());
    }
    match checked.model {
        Some(_) => Ok(()),
        None => Err(Failure::new(
            Kind::Config,
            "the document would be refused; correct what stands above, then run 'impctl check'",
        )),
    }
}

/// Whether the files may be of this source: where nothing would be imported of one, no document is printed.
fn are_of(source: Source, originals: &[Original]) -> Result<(), Failure> {
    let refused = |original: &Original| Some((original.name.clone(), import::refuses(source, original)?));
    match originals.iter().find_map(refused) {
        Some((name, why)) => Err(Failure::new(Kind::Failed, format!("{name}: {why}"))),
        None => Ok(()),
    }
}

fn originals(request: &Request) -> Result<Vec<Original>, Failure> {
    let path = &request.path;
    if request.source == Source::Imp {
        return folder(path);
    }
    Ok(vec![match path.to_str() {
        Some("-") => original("standard input", read_all(io::stdin().lock()))?,
        _ => read(path)?,
    }])
}

/// The files of an appliance in a folder.
fn folder(path: &Path) -> Result<Vec<Original>, Failure> {
    let failed =
        |why: &dyn std::fmt::Display| Failure::new(Kind::Failed, format!("{}: {why}", path.display()));
    let is_part = |file: &PathBuf| {
        let name = file.file_name().map(|name| name.to_string_lossy());
        name.is_some_and(|name| import::is_part_of_an_appliance(&name))
    };
    let files = file::list(path).map_err(|error| failed(&error))?;
    let originals: Vec<Original> = files
        .iter()
        .filter(|file| is_part(file))
        .map(|file| read(file))
        .collect::<Result<_, _>>()?;
    match originals.is_empty() {
        true => Err(failed(
            &"there is no startup-NAME.conf, commands-NAME.txt, NAME.service or frr.conf in it",
        )),
        false => Ok(originals),
    }
}

fn read(path: &Path) -> Result<Original, Failure> {
    let name = path.file_name().unwrap_or(path.as_os_str());
    let bytes = file::read_start(path, LARGEST + 1).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidInput if !path.is_dir() => {
            io::Error::new(error.kind(), format!("{error}; pipe it in and write - for PATH"))
        }
        _ => error,
    });
    original(&name.to_string_lossy(), bytes).map_err(|failure| {
        let (kind, folder) = (failure.kind(), path.parent().unwrap_or(Path::new("")));
        match folder.as_os_str().is_empty() {
            true => failure,
            false => Failure::new(kind, format!("{}/{failure}", folder.display())),
        }
    })
}

fn read_all(from: impl io::Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn original(name: &str, bytes: io::Result<Vec<u8>>) -> Result<Original, Failure> {
    let failed = |why: String| Failure::new(Kind::Failed, format!("{name}: {why}"));
    let bytes = bytes.map_err(|error| failed(error.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(failed("is larger than 64 MiB".to_owned()));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Original {
            name: name.to_owned(),
            text,
        }),
        Err(error) => {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(failed(format!("line {line} is not UTF-8 text")))
        }
    }
}

/// Writes the document and the secrets beside it. Nothing is written when something is there and `force` is not given.
fn write(output: &Path, force: bool, imported: &Imported) -> Result<(), Failure> {
    let folder = output.parent().unwrap_or(Path::new(""));
    let secrets = imported
        .secrets
        .iter()
        .map(|(path, text)| (folder.join(path), text, 0o640));
    let mut files: Vec<(PathBuf, &String, u32)> = secrets.collect();
    // Last, so that a document never names a secret that is not there.
    files.push((output.to_owned(), &imported.toml, 0o644));
    let failed = |path: &Path, why: &dyn std::fmt::Display| {
        Failure::new(Kind::Failed, format!("{}: {why}", path.display()))
    };
    for (path, ..) in files.iter().filter(|_| !force) {
        if path.symlink_metadata().is_ok() {
            return Err(failed(path, &"is there already; --force replaces it"));
        }
    }
    for (path, text, mode) in files {
        let _ = file::write(&path, text.as_bytes(), mode).map_err(|error| failed(&path, &error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{are_of, read};
    use crate::exit::Kind;
    use crate::import::{Original, Source};
    use std::path::Path;

    fn refusal(source: Source, text: &str) -> String {
        let (name, text) = ("old.conf".to_owned(), text.to_owned());
        let failure = are_of(source, &[Original { name, text }]).unwrap_err();
        assert_eq!(failure.kind(), Kind::Failed);
        failure.to_string()
    }

    #[test]
    fn a_file_of_another_kind_is_refused() {
        let junos = "set system host-name edge1\nset interfaces ge-0/0/0 unit 0\n";
        assert!(
            refusal(Source::Vppcfg, junos)
                .starts_with("old.conf: this is not YAML of vppcfg: it has none of "),
        );
        assert!(refusal(Source::Sonic, junos).starts_with("old.conf: this is not JSON: "));
        assert_eq!(
            refusal(Source::Sonic, "[]"),
            "old.conf: this is no config_db.json: it is no object of tables"
        );
        assert_eq!(
            refusal(Source::Vppcfg, "interfaces: {}\n---\nacls: {}\n"),
            "old.conf: line 2: there is more than one document in it"
        );
        let originals = [Original {
            name: "x".to_owned(),
            text: "loopbacks: {}\n".to_owned(),
        }];
        assert!(are_of(Source::Vppcfg, &originals).is_ok());
    }

    #[test]
    fn what_is_no_regular_file_may_be_piped_in() {
        assert_eq!(
            read(Path::new("/dev/null")).unwrap_err().to_string(),
            "/dev/null: it is not a regular file; pipe it in and write - for PATH"
        );
        assert_eq!(
            read(Path::new("src/impctl")).unwrap_err().to_string(),
            "src/impctl: it is not a regular file"
        );
    }
}
