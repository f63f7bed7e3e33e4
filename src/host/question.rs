//! A question to something that may never answer.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
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
    receiver: Receiver<(T, Duration)>,
    asked: Instant,
    deadline: Duration,
}

impl<T: Send + 'static> Question<T> {
    /// Asks. The deadline counts from now on.
    pub fn ask(deadline: Duration, look: impl FnOnce() -> T + Send + 'static) -> Self {
        let asked = Instant::now();
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let answer = look();
            // Nobody listens any more after the deadline.
            let _ = sender.send((answer, asked.elapsed()));
        });
        Self {
            receiver,
            asked,
            deadline,
        }
    }

    /// Waits for the answer, at most until the deadline; with the time it took.
    pub fn answer(self) -> Result<(T, Duration), Unanswered> {
        let left = self.deadline.saturating_sub(self.asked.elapsed());
        match self.receiver.recv_timeout(left) {
            Ok((answer, took)) if took <= self.deadline => Ok((answer, took)),
            Err(RecvTimeoutError::Disconnected) => Err(Unanswered::Crashed),
            _ => Err(Unanswered::Late(self.deadline)),
        }
    }
}
