//! Whether a trial that hangs comes back by itself: only a watchdog that runs resets what does nothing any more.

use crate::facts::watchdog::{self, Watchdog};
use crate::types::Root;

/// The kernel's own timer: gone with the kernel it watches over.
const SOFTWARE: &str = "Software Watchdog";

/// What resets a machine that hangs: `Ok` when a watchdog does, `Err` when nothing does, each in a sentence.
pub fn cover(root: &Root) -> Result<String, String> {
    of(&watchdog::read(root))
}

fn of(watchdogs: &[Watchdog]) -> Result<String, String> {
    let is_real = |watchdog: &&Watchdog| watchdog.identity != SOFTWARE;
    let running = watchdogs.iter().filter(|watchdog| watchdog.runs == Some(true));
    if let Some(watchdog) = running.clone().find(is_real) {
        let within = watchdog
            .timeout
            .map_or(String::new(), |seconds| format!(" within {seconds} s"));
        return Ok(format!(
            "a hang ends by itself: {} resets it{within}",
            named(watchdog)
        ));
    }
    Err(match (running.clone().next(), watchdogs.iter().find(is_real)) {
        (_, Some(watchdog)) if watchdog.runs == Some(false) => format!(
            "a hang waits for somebody to reset the machine: {} is there and nobody runs it; \
             'systemctl show -p WatchdogDevice -p RuntimeWatchdogUSec' says what systemd does with it",
            named(watchdog)
        ),
        (_, Some(watchdog)) => format!(
            "a hang may wait for somebody to reset the machine: the kernel does not say whether {} runs",
            named(watchdog)
        ),
        (Some(software), None) => format!(
            "a hang of the kernel waits for somebody to reset the machine: {} is gone with the kernel",
            named(software)
        ),
        (None, None) => {
            "a hang waits for somebody to reset the machine: it has no watchdog, or no driver for it"
                .to_owned()
        }
    })
}

fn named(watchdog: &Watchdog) -> String {
    match watchdog.identity.as_str() {
        "" => watchdog.name.clone(),
        identity => format!("{} ({identity})", watchdog.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watchdog(identity: &str, runs: Option<bool>) -> Watchdog {
        Watchdog {
            name: "watchdog0".to_owned(),
            identity: identity.to_owned(),
            runs,
            timeout: Some(30),
            last_reset: 0,
        }
    }

    #[test]
    fn only_one_that_runs_and_is_no_part_of_the_kernel_ends_a_hang() {
        let said = of(&[watchdog("iTCO_wdt", Some(true))]);
        let words = "a hang ends by itself: watchdog0 (iTCO_wdt) resets it within 30 s";
        assert_eq!(said.as_deref(), Ok(words));
        for (watchdogs, words) in [
            (Vec::new(), "it has no watchdog"),
            (vec![watchdog("iTCO_wdt", Some(false))], "nobody runs it"),
            (vec![watchdog("iTCO_wdt", None)], "does not say whether"),
            (vec![watchdog(SOFTWARE, Some(true))], "gone with the kernel"),
            (
                vec![watchdog(SOFTWARE, Some(true)), watchdog("iTCO_wdt", Some(false))],
                "(iTCO_wdt) is there and nobody runs it",
            ),
        ] {
            let said = of(&watchdogs);
            assert!(said.as_ref().is_err_and(|said| said.contains(words)), "{said:?}");
        }
    }
}
