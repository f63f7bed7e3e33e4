//! FRR's own opinion of lines that are not ours: an extra file, an overridden template.
//!
//! Ours are not asked about at a boot. A test shows every one of them to FRR, and `vtysh -C` costs more than everything else
//! `imp-config` does.

use crate::host::process::{self, ProcessError};
use nix::sys::memfd::{MFdFlags, memfd_create};
use std::io::{self, Write as _};
use std::os::fd::AsRawFd as _;
use std::path::Path;
use std::time::Duration;

const VTYSH: &str = "/usr/bin/vtysh";

/// How long a boot waits for it. A quarter of a million prefix-list entries take it 2 s on a fast machine.
const DEADLINE: Duration = Duration::from_secs(8);

/// What FRR said about the lines.
#[derive(Debug, PartialEq, Eq)]
pub enum Opinion {
    /// Every line is one of its own, or there is no FRR here to ask.
    Accepted,
    /// Its words for each line it does not know, with passwords covered.
    Refused(Vec<String>),
}

/// Why FRR could not be asked, which is no refusal.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// vtysh did not answer.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The lines could not be handed over.
    #[error("a file in memory")]
    Memory(#[from] io::Error),
}

/// Asks `vtysh -C` about lines of a frr.conf, which need not be its first. It knows FRR's grammar without any daemon; the
/// order of the lines decides which commands are known, so they have to begin outside any `router`, `interface` and the like.
///
/// `before` is how many lines of the file come before these: refusals count from the file's
/// first line.
pub fn ask(lines: &str, before: usize) -> Result<Opinion, AskError> {
    if !Path::new(VTYSH).exists() {
        return Ok(Opinion::Accepted);
    }
    // In memory and inherited by the child: no file that a killed run could leave with passwords in it.
    let file = in_memory(lines)?;
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    match process::run(VTYSH, &["-C", "-f", &path], DEADLINE) {
        Ok(_) => Ok(Opinion::Accepted),
        Err(ProcessError::Ended { words, .. }) if words.contains("line ") => {
            Ok(Opinion::Refused(refusals(&words, before)))
        }
        Err(error) => Err(error.into()),
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
