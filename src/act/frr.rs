//! FRR's own opinion of a frr.conf, before anything relies on it.

use crate::exit::{Failure, Kind};
use crate::host::process::{self, ProcessError};
use nix::sys::memfd::{MFdFlags, memfd_create};
use std::io::{self, Write as _};
use std::os::fd::AsRawFd as _;
use std::path::Path;
use std::time::Duration;

const VTYSH: &str = "/usr/bin/vtysh";

/// A quarter of a million prefix-list entries take it 2 s; a boot waits no longer than this.
const DEADLINE: Duration = Duration::from_secs(8);

/// What FRR said about a frr.conf.
#[derive(Debug, PartialEq, Eq)]
pub enum Opinion {
    /// Every line is one of its own, or there is no FRR here to ask.
    Accepted,
    /// Its words for each line it does not know, with passwords covered.
    Refused(Vec<String>),
}

/// Asks `vtysh -C`, which knows FRR's grammar without any daemon (facts/components.md, section 4).
///
/// An error says why it could not be asked, which is no refusal.
pub fn check(conf: &str) -> Result<Opinion, String> {
    if !Path::new(VTYSH).exists() {
        return Ok(Opinion::Accepted);
    }
    // In memory and inherited by the child: no file that a killed run could leave with passwords in it.
    let file = in_memory(conf).map_err(|error| error.to_string())?;
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    match process::run(VTYSH, &["-C", "-f", &path], DEADLINE) {
        Ok(_) => Ok(Opinion::Accepted),
        Err(ProcessError::Ended { words, .. }) if words.contains("line ") => {
            Ok(Opinion::Refused(lines(&words)))
        }
        Err(error) => Err(Failure::from_error(Kind::Failed, &error).to_string()),
    }
}

fn in_memory(conf: &str) -> io::Result<std::fs::File> {
    let mut file = std::fs::File::from(memfd_create(c"frr.conf", MFdFlags::empty())?);
    file.write_all(conf.as_bytes())?;
    Ok(file)
}

/// `line 4: % Unknown command[3]: router bgpp`, each once.
fn lines(words: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in words
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("line "))
    {
        let line = match line.split_once(" password ") {
            Some((before, _)) => format!("{before} password ****"),
            None => line.to_owned(),
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn passwords_are_covered_and_noise_is_dropped() {
        let words = "% Can't open configuration file /etc/frr/vtysh.conf\n\
            line 3: % Unknown command[25]:  neighbr 1.2.3.4 password s3cret x\n\
            line 3: % Unknown command[25]:  neighbr 1.2.3.4 password s3cret x\n\
            line 9: % Unknown command[4]: router bgpp";
        assert_eq!(
            lines(words),
            [
                "line 3: % Unknown command[25]:  neighbr 1.2.3.4 password ****",
                "line 9: % Unknown command[4]: router bgpp"
            ]
        );
    }
}
