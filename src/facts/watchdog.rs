//! Watchdogs: whether one runs, and what it says of the last reset (`/sys/class/watchdog`, the kernel's watchdog-api).

use crate::host::file;
use crate::types::Root;

const WATCHDOGS: &str = "sys/class/watchdog";
/// More than any attribute holds.
const LENGTH: u64 = 4096;

/// A watchdog of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watchdog {
    /// Its name: `watchdog0`.
    pub name: String,
    /// What it calls itself: `iTCO_wdt`.
    pub identity: String,
    /// Whether somebody started it; `None` where the kernel does not say.
    pub runs: Option<bool>,
    /// Seconds without a sign of life until it resets the machine; `None` where it does not say.
    pub timeout: Option<u32>,
    /// What it knows of the last reset: bits of `linux/watchdog.h`.
    pub last_reset: u32,
}

/// The watchdogs, by name.
pub fn read(root: &Root) -> Vec<Watchdog> {
    let mut places = file::list(&root.join(WATCHDOGS)).unwrap_or_default();
    places.sort();
    places
        .into_iter()
        .map(|place| {
            let of = |attribute: &str| {
                let bytes = file::read_start(&place.join(attribute), LENGTH).unwrap_or_default();
                String::from_utf8_lossy(&bytes).trim().to_owned()
            };
            Watchdog {
                name: place
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned(),
                identity: of("identity"),
                runs: match of("state").as_str() {
                    "active" => Some(true),
                    "inactive" => Some(false),
                    _ => None,
                },
                timeout: of("timeout").parse().ok(),
                last_reset: of("bootstatus").parse().unwrap_or(0),
            }
        })
        .collect()
}
