//! Waiting with a deadline.

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::convert::Infallible;
use std::io;
use std::os::fd::BorrowedFd;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle, sleep};
use std::time::{Duration, Instant};

/// Calls `ask` until it returns something, pausing `every` in between, and returns that; `None` at the deadline.
///
/// `ask` is called at least once, and one last time at the deadline.
pub fn within<T>(deadline: Duration, every: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + deadline;
    loop {
        let answer = ask();
        let left = end.saturating_duration_since(Instant::now());
        if answer.is_some() || left.is_zero() {
            return answer;
        }
        sleep(every.min(left));
    }
}

/// Returns when one of these is readable or closed, at the latest after this time. A signal may end the wait early.
pub fn readable(descriptors: &[BorrowedFd<'_>], longest: Duration) -> io::Result<()> {
    // Rounded up: less than a millisecond would be no wait at all.
    let longest = longest.as_nanos().div_ceil(1_000_000);
    let timeout = i32::try_from(longest).map_or(PollTimeout::MAX, |ms| {
        PollTimeout::try_from(ms).unwrap_or(PollTimeout::MAX)
    });
    let mut descriptors: Vec<PollFd<'_>> = descriptors
        .iter()
        .map(|descriptor| PollFd::new(*descriptor, PollFlags::POLLIN))
        .collect();
    match poll(&mut descriptors, timeout) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The result of the work, `None` if it takes longer than this or panics. It then goes on in the background, until it is done
/// or the process ends: a disk that does not answer cannot be interrupted.
pub fn at_most<T: Send + 'static>(longest: Duration, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (worker, ended) = begin(work);
    match ended.recv_timeout(longest) {
        Err(RecvTimeoutError::Disconnected) => worker.join().ok(),
        _ => None,
    }
}

/// The result of the work, as soon as it is there; `look` is called every so often until then. `None` if the work panicked.
pub fn meanwhile<T: Send + 'static, E>(
    work: impl FnOnce() -> T + Send + 'static,
    every: Duration,
    mut look: impl FnMut() -> Result<(), E>,
) -> Result<Option<T>, E> {
    let (worker, ended) = begin(work);
    while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(every) {
        look()?;
    }
    Ok(worker.join().ok())
}

/// A thread that works, and what is closed when it ends. The result is not sent: a channel is 700 bytes of code a function, for
/// each type that one is for.
pub(super) fn begin<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> (JoinHandle<T>, Receiver<Infallible>) {
    let (alive, ended) = mpsc::channel();
    let worker = thread::spawn(move || {
        let _alive = alive;
        work()
    });
    (worker, ended)
}

/// Sleeps for this long.
pub fn pause(length: Duration) {
    sleep(length);
}

#[cfg(test)]
mod tests {
    use super::{at_most, meanwhile, pause, within};
    use std::time::{Duration, Instant};

    #[test]
    fn it_asks_until_there_is_an_answer() {
        let mut asked = 0;
        let answer = within(Duration::from_secs(20), Duration::from_millis(1), || {
            asked += 1;
            (asked == 3).then_some(asked)
        });
        assert_eq!(answer, Some(3));
    }

    #[test]
    fn without_an_answer_it_ends_at_the_deadline() {
        let started = Instant::now();
        let mut asked = 0;
        let answer: Option<()> = within(Duration::from_millis(30), Duration::from_secs(60), || {
            asked += 1;
            None
        });
        assert_eq!((answer, asked), (None, 2));
        assert!(started.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn work_is_looked_at_and_not_waited_for_once_it_is_done() {
        let started = Instant::now();
        let mut looks = 0;
        let answer = meanwhile(|| 7, Duration::from_secs(60), || Ok::<(), ()>(()));
        assert_eq!(answer, Ok(Some(7)));
        assert!(started.elapsed() < Duration::from_secs(20));
        let work = || pause(Duration::from_millis(50));
        let answer = meanwhile(work, Duration::from_millis(1), || {
            looks += 1;
            Ok::<(), ()>(())
        });
        assert_eq!(answer, Ok(Some(())));
        assert!(looks > 0);
        let answer = meanwhile(work, Duration::from_millis(1), || Err("nobody looks on"));
        assert_eq!(answer, Err("nobody looks on"));
    }

    #[test]
    fn work_that_takes_too_long_is_not_waited_for() {
        let started = Instant::now();
        assert_eq!(at_most(Duration::from_secs(20), || 7), Some(7));
        let late = at_most(Duration::from_millis(20), || pause(Duration::from_secs(30)));
        assert_eq!(late, None);
        assert!(started.elapsed() < Duration::from_secs(20));
    }
}
