//! What FRR says: of lines that are not ours (those of an extra file or an overridden template), and of what it runs.
//!
//! Our own lines are not checked at boot. A test runs all of them through FRR, and `vtysh -C` costs more CPU time than the
//! rest of `imp-config`.

pub mod daemons;

use crate::host::process::ProcessError;
use crate::host::vty::{self, VtyError};
use crate::host::vtysh::{self, VtyshError};
use crate::host::{file, paths};
use crate::render::frr::{Frr, Running};
use crate::types::secret::cover_unknown;
use crate::types::{BgpModule, FrrRelease, Root};
use std::collections::BTreeSet;
use std::time::Duration;

/// FRR answers at once, and a full table does not change that.
const ANSWER: Duration = Duration::from_secs(4);

/// `show running-config` with 250,000 members takes 3.6 s of an idle machine.
const RUNNING: Duration = Duration::from_secs(20);

/// What every configuration may take to load.
const USUAL: Duration = Duration::from_secs(120);

/// FRR's own limit for loading, where the file says nothing else.
const RESTART_TIMEOUT: Duration = Duration::from_secs(20);

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

/// Checks lines of a frr.conf with `vtysh -C`, which knows FRR's grammar without any daemon.
///
/// The lines may be the end of a larger file, but must start at the top level, outside any `router`, `interface` and the
/// like. `before` is the number of lines before them: messages carry line numbers of the whole file.
pub fn ask(lines: &str, before: usize) -> Result<Opinion, VtyshError> {
    if !vtysh::is_installed() {
        return Ok(Opinion::Accepted);
    }
    let ended = vtysh::read_lines(&["-C"], lines, DEADLINE)?;
    // Its words decide: of some lines it says that it does not know them, and exits with 0.
    let refusals = refusals(&format!("{}\n{}", ended.stderr, ended.output), before);
    match refusals.is_empty() {
        true if ended.status.success() => Ok(Opinion::Accepted),
        true => Err(vtysh::unexplained(ended)),
        false => Ok(Opinion::Refused(refusals)),
    }
}

/// mgmtd came with FRR 9 and is always there since.
const MGMTD: &str = "usr/lib/frr/mgmtd";

/// The release of the machine's FRR; the older one without FRR.
pub fn release(root: &Root) -> FrrRelease {
    match root.join(MGMTD).exists() {
        true => FrrRelease::V10,
        false => FrrRelease::V8,
    }
}

/// Whether there is an FRR whose release can be told.
pub fn is_installed(root: &Root) -> bool {
    root.join("usr/lib/frr/zebra").exists()
}

/// The release of the machine's FRR; `None` without FRR.
pub fn installed(root: &Root) -> Option<FrrRelease> {
    is_installed(root).then(|| release(root))
}

/// The machine's FRR: its release, and the frr.conf it was given last. Without a readable frr.conf nothing runs.
pub fn machine(root: &Root) -> Frr {
    let conf = file::read_text(&root.join(paths::FRR_CONF)).ok().flatten();
    Frr {
        release: release(root),
        running: Running::from(conf.unwrap_or_default()),
        lacks: lacks(root),
    }
}

/// The modules of bgpd that are not installed; none where bgpd is not.
///
/// Debian has them in `/usr/lib/TRIPLET/frr/modules`.
fn lacks(root: &Root) -> BTreeSet<BgpModule> {
    if !root.join("usr/lib/frr/bgpd").exists() {
        return BTreeSet::new();
    }
    let folders = file::list(&root.join("usr/lib")).unwrap_or_default();
    let is_there = |module: &BgpModule| {
        let path = format!("frr/modules/bgpd_{}.so", module.name());
        folders.iter().any(|folder| folder.join(&path).exists())
    };
    let modules = BgpModule::ALL.into_iter();
    modules.filter(|module| !is_there(module)).collect()
}

/// What a daemon says to a command that shows something.
pub fn show(daemon: &str, command: &str) -> Result<String, VtyError> {
    vty::show(daemon, command, ANSWER)
}

/// Why it is not known what FRR runs.
#[derive(Debug, thiserror::Error)]
pub enum RunningError {
    /// watchfrr does not say whether a load goes on.
    #[error(transparent)]
    Watchfrr(#[from] VtyError),
    /// vtysh does not show the configuration.
    #[error(transparent)]
    Vtysh(#[from] ProcessError),
}

/// What all daemons run, as one configuration, with passwords; none while it is still being loaded.
///
/// watchfrr's script starts the daemons and runs `vtysh -b`. They are up and systemd was told so while that goes on for minutes.
pub fn running() -> Result<Option<String>, RunningError> {
    match is_loading(&show("watchfrr", "show watchfrr")?) {
        true => Ok(None),
        false => Ok(Some(vtysh::run(&["-c", "show running-config"], RUNNING)?)),
    }
}

/// `global restart running, pid 33`, or the same for a daemon, in `show watchfrr`.
fn is_loading(said: &str) -> bool {
    said.lines().any(|line| line.contains(" running, pid "))
}

/// How long loading may take: `--restart-timeout` of the daemons file, after which watchfrr ends its script.
pub fn patience(daemons: &str) -> Duration {
    let mut words = daemons
        .lines()
        .filter(|line| line.starts_with("watchfrr_options="))
        .flat_map(|line| line.split(['"', ' ', '=']))
        .skip_while(|word| *word != "--restart-timeout");
    let seconds = words.nth(1).and_then(|word| word.parse().ok());
    seconds.map_or(RESTART_TIMEOUT, Duration::from_secs)
}

/// How long a boot has to wait for FRR beyond what every configuration may take.
pub fn long_load(root: &Root) -> Duration {
    let daemons = file::read_text(&root.join(paths::FRR_DAEMONS)).ok().flatten();
    patience(&daemons.unwrap_or_default()).saturating_sub(USUAL)
}

/// The daemons file without what says how long loading may take: a running watchfrr need not be told.
pub fn without_patience(daemons: &str) -> String {
    let Some((before, after)) = daemons.split_once("--restart-timeout ") else {
        return daemons.to_owned();
    };
    format!(
        "{before}{}",
        after.trim_start_matches(|it: char| it.is_ascii_digit())
    )
}

/// `line 4: % Unknown command[3]: router bgpp`, each once, with the number it has in the whole file.
fn refusals(words: &str, before: usize) -> Vec<String> {
    let mut refusals: Vec<String> = Vec::new();
    for line in words.lines().filter_map(|line| line.trim().strip_prefix("line ")) {
        let Some((number, words)) = line.split_once(':') else {
            continue;
        };
        let Ok(number) = number.parse::<usize>() else {
            continue;
        };
        // `% Unknown command[25]:  neighbr 1.2.3.4`: what follows the colon is the operator's line.
        let (fault, text) = words.split_once("]: ").unwrap_or((words, ""));
        let line = match text {
            "" => format!("line {}:{}", number + before, cover_unknown(fault)),
            text => format!("line {}:{fault}]: {}", number + before, cover_unknown(text)),
        };
        if !refusals.contains(&line) {
            refusals.push(line);
        }
    }
    refusals
}

#[cfg(test)]
mod tests {
    use super::{is_loading, patience, refusals, without_patience};
    use std::time::Duration;

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

    #[test]
    fn watchfrr_says_while_its_script_runs() {
        let idle = "watchfrr global phase: Idle\n Restart Timeout: 10\n  zebra                Up\n";
        assert!(!is_loading(idle));
        let global = " Restart Timeout: 10\n    global restart running, pid 33\n  zebra                Up\n";
        assert!(is_loading(global));
    }

    #[test]
    fn the_limit_is_read_from_watchfrrs_options() {
        let file = |options: &str| format!("bgpd=yes\nwatchfrr_options=\"{options}\"\n");
        let daemons = file("--netns=dataplane --min-restart-interval 3 --restart-timeout 240");
        assert_eq!(patience(&daemons), Duration::from_secs(240));
        assert_eq!(patience(&file("--netns=dataplane")), Duration::from_secs(20));
        let other = file("--netns=dataplane --min-restart-interval 3 --restart-timeout 480");
        assert_eq!(without_patience(&daemons), without_patience(&other));
        assert_ne!(
            without_patience(&daemons),
            without_patience(&other.replace("bgpd", "ospfd"))
        );
    }
}
