//! Locks between processes: flock(2) on a file, released when its holder ends, however it ends.

use super::{file, wait};
use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(10);

/// A lock that is held until this is dropped. Its file stays.
#[derive(Debug)]
#[must_use]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock on a file, which is created with the directories above it if necessary; `None` if another process still
    /// holds it after this time.
    pub fn take(path: &Path, patience: Duration) -> io::Result<Option<Self>> {
        if let Some(dir) = path.parent() {
            file::create_dir(dir, 0o755)?;
        }
        let file = File::options().create(true).append(true).open(path)?;
        let taken = wait::within(patience, PAUSE, || match file.try_lock() {
            Ok(()) => Some(Ok(())),
            Err(TryLockError::WouldBlock) => None,
            Err(TryLockError::Error(error)) => Some(Err(error)),
        });
        Ok(taken.transpose()?.map(|()| Self { _file: file }))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/a.lock");
        let first = Lock::take(&path, Duration::ZERO).unwrap();
        assert!(first.is_some());
        assert!(Lock::take(&path, Duration::from_millis(20)).unwrap().is_none());
        drop(first);
        assert!(Lock::take(&path, Duration::ZERO).unwrap().is_some());
    }
}
