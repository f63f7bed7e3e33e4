//! A question to something that may never answer.

use super::wait;
use std::convert::Infallible;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// It did not come in time.
    #[error("no answer within {} s", .0.as_secs_f32())]
    Late(Duration),
    /// Whoever asked crashed.
    #[error("the question itself crashed")]
    Crashed,
}

/// Asked in a thread of its own, and left to itself at its deadline: many can be asked at once, and one that hangs delays
/// nobody for longer than its own deadline.
#[derive(Debug)]
pub struct Question<T> {
    asker: JoinHandle<(T, Duration)>,
    ended: Receiver<Infallible>,
    asked: Instant,
    deadline: Duration,
}

impl<T: Send + 'static> Question<T> {
    /// Asks. The deadline counts from now on.
    pub fn ask(deadline: Duration, look: impl FnOnce() -> T + Send + 'static) -> Self {
        let asked = Instant::now();
        let (asker, ended) = wait::begin(move || {
            let answer = look();
            (answer, asked.elapsed())
        });
        Self {
            asker,
            ended,
            asked,
            deadline,
        }
    }

    /// Waits for the answer, at most until the deadline; with the time it took.
    pub fn answer(self) -> Result<(T, Duration), Unanswered> {
        let left = self.deadline.saturating_sub(self.asked.elapsed());
        let answer = match self.ended.recv_timeout(left) {
            Err(RecvTimeoutError::Disconnected) => self.asker.join().map_err(|_| Unanswered::Crashed)?,
            _ => return Err(Unanswered::Late(self.deadline)),
        };
        match answer {
            (_, took) if took > self.deadline => Err(Unanswered::Late(self.deadline)),
            answer => Ok(answer),
        }
    }
}
