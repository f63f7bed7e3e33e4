//! The time of this boot, and moments as people type and read them. The wall clock decides nothing: it may be wrong, or set
//! while we run.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
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

/// The moment that somebody typed: `2026-03-01T12:00Z` and the like (RFC 3339), or local time, `2026-03-01 12:00:00`; seconds
/// may be left out. Of the hour that a clock change repeats, only the offset says which is meant: without one it is an error.
pub fn moment(text: &str) -> Result<SystemTime, String> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return moment.try_into().map_err(|_| "no clock has this time".to_owned());
    }
    let expected = "expected a time like 2026-03-01T12:00:00Z, or local time like '2026-03-01 12:00'";
    let local: DateTime = text.parse().map_err(|_| expected.to_owned())?;
    // A date alone, which is midnight to the parser.
    if !text.contains(':') {
        return Err(expected.to_owned());
    }
    let moment = TimeZone::system().to_ambiguous_timestamp(local).unambiguous();
    let moment = moment.map_err(|_| {
        format!("clocks were changed then, so '{text}' was not, or was twice; write the offset as well, like '{text}+01:00'")
    })?;
    moment.try_into().map_err(|_| "no clock has this time".to_owned())
}

/// A moment in local time with its offset, to the second: `2026-03-01 12:00:00+01:00`.
pub fn local(moment: SystemTime) -> String {
    match Timestamp::try_from(moment) {
        Ok(moment) => {
            let zoned = moment.to_zoned_datetime(TimeZone::system());
            zoned.strftime("%Y-%m-%d %H:%M:%S%:z").to_string()
        }
        Err(_) => "a time no calendar has".to_owned(),
    }
}

/// A moment for programs: RFC 3339, in UTC, to the second.
pub fn rfc3339(moment: SystemTime) -> String {
    let text = |moment: Timestamp| moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    Timestamp::try_from(moment).map(text).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_with_an_offset_or_as_local_time() {
        for text in [
            "2026-03-01T12:00:00Z",
            "2026-03-01T12:00Z",
            "2026-03-01 12:00Z",
            "2026-03-01T13:00:00+01:00",
        ] {
            assert_eq!(rfc3339(moment(text).unwrap()), "2026-03-01T12:00:00Z", "{text}");
        }
        for text in ["2026-03-01 12:00", "2026-03-01T12:00:00"] {
            // The zone is that of whoever runs the test.
            let shown = local(moment(text).unwrap());
            assert!(shown.starts_with("2026-03-01 12:00:00"), "{text}: {shown}");
        }
        for text in ["2026-03-01", "12:00", "yesterday", "2026-02-30 12:00", ""] {
            let error = moment(text).unwrap_err();
            assert!(error.starts_with("expected a time like"), "{text}: {error}");
        }
    }
}
