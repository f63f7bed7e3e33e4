//! The operator's own checks: executables in `/persistent/config/checks.d/required` and `wanted`.
//!
//! Exit code 0 passes, the first line printed is what was observed. They are not part of the router's configuration: no
//! generation holds them, and `imp-config` does not read them.

use super::{About, Running};
use crate::boot::trial::outcome::Scope;
use crate::exit::{Failure, Kind};
use crate::host::file;
use crate::host::process::{self, Ended, ProcessError};
use crate::host::stat::{Stat, lstat};
use crate::types::Root;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where they are, below the root.
pub const FOLDER: &str = "/persistent/config/checks.d";

/// How long one may take; then it is killed, with everything it started.
const LONGEST: Duration = Duration::from_secs(10);

/// What the name of one begins with that only warns, because it asks others.
const OUTSIDE: &str = "outside-";

/// How much of its line is kept.
const LINE: usize = 200;

/// One file of the two folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executable {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub about: About,
    /// Why it is not run, and what to do.
    pub problem: Option<String>,
}

/// One check per file; one that may not be run is a failed one that only warns.
pub fn checks(root: &Root) -> Vec<Running<'static>> {
    let mut running = Vec::new();
    for executable in list(root) {
        let about = executable.about.clone();
        let (path, problem) = (executable.path, executable.problem);
        running.push(match problem {
            Some(problem) => Running::known(about.warning().failed("a file that is safe to run", problem)),
            None => {
                let outer = LONGEST + Duration::from_secs(1);
                Running::start(
                    about,
                    outer,
                    move || run(&path, LONGEST),
                    |about, (good, line)| vec![about.passed_if(good, "exit code 0", line)],
                )
            }
        });
    }
    running
}

/// The files of both folders by name, without hidden ones.
pub fn list(root: &Root) -> Vec<Executable> {
    let folders = [("required", true), ("wanted", false)];
    let mut found: Vec<Executable> = folders
        .iter()
        .flat_map(|(folder, required)| list_folder(root, folder, *required))
        .collect();
    found.sort_by(|one, other| one.about.name.cmp(&other.about.name));
    found
}

fn list_folder(root: &Root, folder: &str, required: bool) -> Vec<Executable> {
    let path = root.join(FOLDER).join(folder);
    // Who may write to the folders may put any check there.
    let above = [root.join(FOLDER), path.clone()];
    let untrusted = above.iter().find_map(|dir| distrust(dir, &lstat(dir).ok()?));
    let files = file::list(&path).unwrap_or_default().into_iter();
    let describe = |path: PathBuf| {
        let file = path.file_name()?.to_string_lossy().into_owned();
        if file.starts_with('.') {
            return None;
        }
        let scope = match file.starts_with(OUTSIDE) {
            true => Scope::Outside,
            false => Scope::Forwarding,
        };
        Some(Executable {
            about: About::new(format!("checks.d/{folder}/{file}"), scope, required, true),
            problem: untrusted.clone().or_else(|| problem(&path)),
            path,
        })
    };
    files.filter_map(describe).collect()
}

/// Why this file is not run as root, with the command that corrects it.
fn problem(path: &Path) -> Option<String> {
    let shown = path.display();
    let stat = match lstat(path) {
        Ok(stat) => stat,
        Err(error) => return Some(error.to_string()),
    };
    if !stat.is_file {
        return Some(format!(
            "{shown} is not a regular file: put the program itself there"
        ));
    }
    if let Some(distrust) = distrust(path, &stat) {
        return Some(distrust);
    }
    let executable = stat.mode & 0o100 != 0;
    (!executable).then(|| format!("it is not executable: chmod 755 {shown}"))
}

fn distrust(path: &Path, stat: &Stat) -> Option<String> {
    let shown = path.display();
    if stat.owner != 0 {
        return Some(format!(
            "{shown} belongs to user {}: chown root:root {shown}",
            stat.owner
        ));
    }
    let writable = stat.mode & 0o022 != 0;
    writable.then(|| format!("{shown} can be written by others than root: chmod go-w {shown}"))
}

/// Runs it; whether it passed, and what it said.
pub fn run(path: &Path, deadline: Duration) -> (bool, String) {
    match process::run_to_end(&path.to_string_lossy(), &[], &[], "", deadline) {
        Ok(ended) => (ended.status.success(), describe(&ended)),
        Err(ProcessError::Late { .. }) => (
            false,
            format!(
                "it did not finish within {} s and was killed",
                deadline.as_secs_f32()
            ),
        ),
        Err(ProcessError::Start { source, .. }) if source.kind() == io::ErrorKind::PermissionDenied => (
            false,
            format!("it could not be started: {source} (is the file system mounted noexec?)"),
        ),
        Err(error) => (false, Failure::from_error(Kind::Failed, &error).to_string()),
    }
}

fn describe(ended: &Ended) -> String {
    let line = |text: &str| {
        let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
        // It goes to terminals.
        Some(
            line.chars()
                .filter(|c| !c.is_control())
                .take(LINE)
                .collect::<String>(),
        )
    };
    let said = line(&ended.output).or_else(|| line(&ended.stderr));
    match (ended.status.success(), said) {
        (true, Some(said)) => said,
        (true, None) => "exit code 0".to_owned(),
        (false, said) => {
            // `exit status: 1`, `signal: 9 (SIGKILL)`
            let how = ended.status.to_string().replace("exit status: ", "exit code ");
            said.map_or(how.clone(), |said| format!("{how}: {said}"))
        }
    }
}
