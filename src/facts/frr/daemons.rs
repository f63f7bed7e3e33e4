//! The processes of FRR: what watchfrr looks after, and with which words each daemon was started.

use crate::host::{file, pid};
use crate::types::Root;
use std::collections::BTreeMap;
use std::io;

/// Where each daemon has its PID.
const RUN: &str = "run/frr";
/// What frrinit.sh gives to watchfrr for systemd: the socket to talk to, and how often it has to.
const FOR_SYSTEMD: [&str; 2] = ["NOTIFY_SOCKET", "WATCHDOG_USEC"];

/// What runs of FRR.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Processes {
    /// The daemons that watchfrr looks after; `None`: there is no watchfrr.
    pub watched: Option<Vec<String>>,
    /// The words of every running daemon, its program first; watchfrr is not among them.
    pub words: BTreeMap<String, Vec<String>>,
}

/// Looks at every process that has left its PID.
pub fn processes(root: &Root) -> io::Result<Processes> {
    let mut found = Processes::default();
    for path in file::list(&root.join(RUN))? {
        let name = path.file_name().and_then(|it| it.to_str());
        let Some(name) = name.and_then(|it| it.strip_suffix(".pid")) else {
            continue;
        };
        let Some(words) = words(root, name)? else {
            continue;
        };
        match name {
            "watchfrr" => found.watched = Some(watched(&words)),
            name => drop(found.words.insert(name.to_owned(), words)),
        }
    }
    Ok(found)
}

/// What the running watchfrr knows of systemd, for the one that takes its place: systemd tells it to no program that a reload
/// starts.
pub fn for_systemd(root: &Root) -> io::Result<Vec<(&'static str, String)>> {
    let Some(pid) = pid_of(root, "watchfrr")? else {
        return Ok(Vec::new());
    };
    let environment = file::read_text(&root.join(format!("proc/{pid}/environ")))?.unwrap_or_default();
    let value = |key: &str| {
        let mut entries = environment.split('\0').filter_map(|entry| entry.split_once('='));
        entries
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value.to_owned())
    };
    let known = FOR_SYSTEMD.into_iter();
    Ok(known.filter_map(|key| Some((key, value(key)?))).collect())
}

/// The PID that a daemon left, if its process is still there.
fn pid_of(root: &Root, daemon: &str) -> io::Result<Option<i32>> {
    let text = file::read_text(&root.join(format!("{RUN}/{daemon}.pid")))?;
    let pid = text.and_then(|text| text.trim().parse().ok());
    Ok(pid.filter(|pid| pid::is_alive(*pid)))
}

/// The words that a daemon was started with; `None` if it does not run. A PID that another program has by now is not its own.
fn words(root: &Root, daemon: &str) -> io::Result<Option<Vec<String>>> {
    let Some(pid) = pid_of(root, daemon)? else {
        return Ok(None);
    };
    let text = file::read_text(&root.join(format!("proc/{pid}/cmdline")))?;
    let words = text.unwrap_or_default();
    let words: Vec<String> = words.split_terminator('\0').map(str::to_owned).collect();
    let program = words.first().and_then(|it| it.rsplit('/').next());
    Ok((program == Some(daemon)).then_some(words))
}

/// The daemons that stand behind watchfrr's options.
fn watched(words: &[String]) -> Vec<String> {
    let last = words.iter().rposition(|word| word.starts_with('-'));
    // The last option has its value behind it, unless that is in the same word.
    let from = last.map_or(1, |at| match words[at].contains('=') {
        true => at + 1,
        false => at + 2,
    });
    words.get(from..).unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests {
    use super::watched;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn what_stands_behind_the_options_of_watchfrr_is_watched() {
        let line = "/usr/lib/frr/watchfrr -d -F traditional --netns=dataplane --restart-timeout 120 zebra bgpd staticd";
        assert_eq!(watched(&words(line)), ["zebra", "bgpd", "staticd"]);
        let line = "/usr/lib/frr/watchfrr -d -F traditional --netns=dataplane zebra staticd";
        assert_eq!(watched(&words(line)), ["zebra", "staticd"]);
    }
}
