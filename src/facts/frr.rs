//! FRR's own check of lines that are not ours: those of an extra file or an overridden template.
//!
//! Our own lines are not checked at boot. A test runs all of them through FRR, and `vtysh -C` costs more CPU time than the
//! rest of `imp-config`.

use crate::host::process::{self, ProcessError};
use crate::host::{file, paths};
use crate::render::frr::{Frr, Running};
use crate::types::{FrrRelease, Root};
use nix::sys::memfd::{MFdFlags, memfd_create};
use std::io::{self, Write as _};
use std::os::fd::AsRawFd as _;
use std::path::Path;
use std::time::Duration;

const VTYSH: &str = "/usr/bin/vtysh";

/// How long a boot waits for the check. It takes 2 s for 250,000 prefix-list entries.
const DEADLINE: Duration = Duration::from_secs(8);

/// The result of the check.
#[derive(Debug, PartialEq, Eq)]
pub enum Opinion {
    /// FRR knows every line, or is not installed.
    Accepted,
    /// FRR's message for each line it does not know, with passwords covered.
    Refused(Vec<String>),
}

/// Why the lines could not be checked. That is not a refusal.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// vtysh did not answer.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The lines could not be passed to vtysh.
    #[error("a file in memory")]
    Memory(#[from] io::Error),
}

/// Checks lines of a frr.conf with `vtysh -C`, which knows FRR's grammar without any daemon.
///
/// The lines may be the end of a larger file, but must start at the top level, outside any `router`, `interface` and the
/// like. `before` is the number of lines before them: messages carry line numbers of the whole file.
pub fn ask(lines: &str, before: usize) -> Result<Opinion, AskError> {
    if !Path::new(VTYSH).exists() {
        return Ok(Opinion::Accepted);
    }
    // In memory and inherited by the child: no file that a killed run could leave with passwords in it.
    let file = in_memory(lines)?;
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    match process::run(VTYSH, &["-C", "-f", &path], DEADLINE) {
        Ok(_) => Ok(Opinion::Accepted),
        Err(ProcessError::Ended { stderr, .. }) if stderr.contains("line ") => {
            Ok(Opinion::Refused(refusals(&stderr, before)))
        }
        Err(error) => Err(error.into()),
    }
}

/// mgmtd came with FRR 9 and is always there since.
const MGMTD: &str = "usr/lib/frr/mgmtd";

/// The machine's FRR: its release, and the frr.conf it was given last. Without FRR the release is the older one; without a
/// readable frr.conf nothing runs.
pub fn machine(root: &Root) -> Frr {
    let release = match root.join(MGMTD).exists() {
        true => FrrRelease::V10,
        false => FrrRelease::V8,
    };
    let conf = file::read_text(&root.join(paths::FRR_CONF)).ok().flatten();
    Frr {
        release,
        running: Running::from(conf.unwrap_or_default()),
    }
}

fn in_memory(text: &str) -> io::Result<std::fs::File> {
    let mut file = std::fs::File::from(memfd_create(c"frr.conf", MFdFlags::empty())?);
    file.write_all(text.as_bytes())?;
    Ok(file)
}

/// `line 4: % Unknown command[3]: router bgpp`, each once, with the number it has in the whole file.
fn refusals(words: &str, before: usize) -> Vec<String> {
    let mut refusals: Vec<String> = Vec::new();
    for line in words.lines().filter_map(|line| line.trim().strip_prefix("line ")) {
        let line = match line.split_once(" password ") {
            Some((start, _)) => format!("{start} password ****"),
            None => line.to_owned(),
        };
        let line = match line
            .split_once(':')
            .map(|(number, rest)| (number.parse::<usize>(), rest))
        {
            Some((Ok(number), rest)) => format!("line {}:{rest}", number + before),
            _ => format!("line {line}"),
        };
        if !refusals.contains(&line) {
            refusals.push(line);
        }
    }
    refusals
}

#[cfg(test)]
mod tests {
    use super::refusals;

    #[test]
    fn passwords_are_covered_and_noise_is_dropped() {
        let words = "% Can't open configuration file /etc/frr/vtysh.conf\n\
            line 3: % Unknown command[25]:  neighbr 1.2.3.4 password s3cret x\n\
            line 3: % Unknown command[25]:  neighbr 1.2.3.4 password s3cret x\n\
            line 9: % Unknown command[4]: router bgpp";
        assert_eq!(
            refusals(words, 0),
            [
                "line 3: % Unknown command[25]:  neighbr 1.2.3.4 password ****",
                "line 9: % Unknown command[4]: router bgpp"
            ]
        );
    }

    #[test]
    fn a_part_of_a_file_is_numbered_as_the_file() {
        assert_eq!(
            refusals("line 2: % Unknown command[4]: router bgpp", 40),
            ["line 42: % Unknown command[4]: router bgpp"]
        );
    }
}
