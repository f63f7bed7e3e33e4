//! Limits on what this process uses: one that exceeds them is ended by the kernel, whatever it is doing.

use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, rlim_t, setrlimit};
use nix::sys::time::TimeValLike as _;
use nix::unistd::alarm;
use std::io;

/// What a piece of work may use.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Seconds by the clock; more end the process by SIGALRM.
    pub clock: u32,
    /// Seconds of CPU time; more end it by SIGXCPU.
    pub cpu: u32,
    /// Bytes of address space. Whoever asks for more gets none, and aborts.
    pub memory: u64,
}

/// The result of the work, if it stays within the limits: otherwise this process ends by a signal, without a core file. A
/// limit that the process has already and that is lower stays.
pub fn within<T>(limits: Limits, work: impl FnOnce() -> T) -> io::Result<T> {
    let lowered = [
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_CPU, cpu_seconds()? + u64::from(limits.cpu)),
        (Resource::RLIMIT_AS, limits.memory),
    ];
    let before = lowered.map(|(resource, limit)| (resource, lower(resource, limit)));
    alarm::set(limits.clock);
    let result = work();
    alarm::cancel();
    for (resource, before) in before {
        let (soft, hard) = before?;
        setrlimit(resource, soft, hard)?;
    }
    Ok(result)
}

/// The CPU time that this process has used, in seconds, rounded up.
fn cpu_seconds() -> io::Result<u64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let used = usage.user_time().num_milliseconds() + usage.system_time().num_milliseconds();
    Ok(u64::try_from(used).unwrap_or(0).div_ceil(1000))
}

/// Lowers the soft limit of a resource; the limits of before.
fn lower(resource: Resource, limit: u64) -> nix::Result<(rlim_t, rlim_t)> {
    let (soft, hard) = getrlimit(resource)?;
    setrlimit(resource, limit.min(soft), hard)?;
    Ok((soft, hard))
}

/// What a signal says about a process that worked within these limits.
pub fn broken_by(signal: i32, limits: Limits) -> String {
    const SIGKILL: i32 = 9;
    const SIGALRM: i32 = 14;
    const SIGXCPU: i32 = 24;
    match signal {
        SIGALRM => format!("it took longer than {} s", limits.clock),
        SIGXCPU => format!("it used more than {} s of CPU time", limits.cpu),
        SIGKILL => "it was killed (signal 9), as the kernel does when memory runs out".to_owned(),
        _ => format!(
            "it was ended by signal {signal}: it needs more than {} MiB of memory, or nests too deeply",
            limits.memory >> 20
        ),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Broad enough for every other test that runs in this process meanwhile.
    #[test]
    fn the_limits_of_before_are_back_after_the_work() {
        let read = || {
            [Resource::RLIMIT_CORE, Resource::RLIMIT_CPU, Resource::RLIMIT_AS]
                .map(|it| getrlimit(it).unwrap())
        };
        let before = read();
        let broad = Limits {
            clock: 600,
            cpu: 6000,
            memory: 1 << 46,
        };
        let inside = within(broad, read).unwrap();
        assert_eq!(inside[0].0, 0);
        assert!(inside[1].0 >= 6000 && inside[2].0 <= 1 << 46);
        assert_eq!(read(), before);
    }
}
