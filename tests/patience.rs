//! How long a test waits: one rule for every harness, so that a busy machine is never taken for a fault.
#![allow(clippy::unwrap_used)]

use std::thread::available_parallelism;
use std::time::{Duration, Instant};

/// Nothing is waited for more than this many times as long as on an idle machine.
const SLOWEST: f64 = 12.0;

/// What runs on an emulated processor depends on the real one more than anything else does.
const EMULATED: f64 = 2.0;

/// The time that something may take. On a machine with nothing else to do it runs out after the seconds that it began with;
/// while more programs want a processor than there are, it runs out as many times slower.
#[derive(Debug)]
pub struct Patience {
    seconds: f64,
    used: f64,
    begun: Instant,
    looked: Instant,
    shortest_pause: Duration,
}

impl Patience {
    /// For what takes a good deal less than these seconds on an idle machine.
    pub fn new(seconds: u64) -> Self {
        let now = Instant::now();
        Self {
            seconds: Duration::from_secs(seconds).as_secs_f64(),
            used: 0.0,
            begun: now,
            looked: now,
            shortest_pause: Duration::from_millis(50),
        }
    }

    /// The same for what runs on an emulated processor.
    pub fn emulated(seconds: u64) -> Self {
        let mut patience = Self::new(seconds);
        patience.seconds *= EMULATED;
        patience.shortest_pause *= 4;
        patience
    }

    /// Whether some is left. To be asked all the while, for how busy the machine is changes.
    pub fn lasts(&mut self) -> bool {
        let now = Instant::now();
        self.used += (now - self.looked).as_secs_f64() / slowness();
        self.looked = now;
        self.used < self.seconds
    }

    /// Waits until it is time to look again: the longer it took so far, the longer, for each look takes processor time from
    /// what is waited for. At most ten times the shortest pause.
    pub fn pause(&self) {
        let pause = self.begun.elapsed() / 12;
        std::thread::sleep(pause.clamp(self.shortest_pause, 10 * self.shortest_pause));
    }
}

/// So many seconds of an idle machine, as seconds on this one as it is now: for a timeout that another program keeps.
pub fn stretched(seconds: u64) -> Duration {
    Duration::from_secs(seconds).mul_f64(slowness())
}

/// How many programs want a processor for each one there is; at least 1. proc(5): the average over a minute, and those of
/// this moment, which the average follows slowly.
fn slowness() -> f64 {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let mut words = load.split_whitespace();
    let average = words.next().and_then(|word| word.parse::<f64>().ok());
    let running = words
        .nth(2)
        .and_then(|word| word.split_once('/')?.0.parse::<f64>().ok());
    let wanted = average.unwrap_or_default().max(running.unwrap_or_default());
    let processors = available_parallelism().map_or(1, usize::from);
    let processors = f64::from(u32::try_from(processors).unwrap());
    (wanted / processors).clamp(1.0, SLOWEST)
}

#[test]
fn patience_runs_out_and_not_before() {
    let begin = Instant::now();
    let mut patience = Patience::new(1);
    while patience.lasts() {
        assert!(begin.elapsed() < Duration::from_secs(20), "it never runs out");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(begin.elapsed() >= Duration::from_secs(1));
    assert!(stretched(10) >= Duration::from_secs(10));
}
