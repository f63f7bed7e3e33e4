//! The time of this boot. The wall clock decides nothing: it may be wrong, or set while we run.

use nix::time::{ClockId, clock_gettime};
use std::time::SystemTime;

/// Seconds since 1970, by the wall clock: for people to read, never to decide by. Zero before 1970.
pub fn unix_seconds() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// Milliseconds since the kernel started, as the journal's monotonic time counts them. Zero where there is no such clock.
pub fn since_kernel_start_ms() -> u64 {
    clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(0, |time| {
        let (seconds, nanoseconds) = (time.tv_sec(), time.tv_nsec());
        u64::try_from(seconds * 1000 + nanoseconds / 1_000_000).unwrap_or(0)
    })
}
