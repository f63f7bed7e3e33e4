//! Locks between processes: flock(2) on a file, released when its holder ends, however it ends.

use super::{file, wait};
use std::fs::{File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
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
    /// holds it after this time. Nobody but its owner can open it, so nobody else can hold it.
    pub fn take(path: &Path, patience: Duration) -> io::Result<Option<Self>> {
        if let Some(dir) = path.parent() {
            file::create_dir(dir, 0o755)?;
        }
        let file = File::options().create(true).append(true).mode(0o600).open(path)?;
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            file.set_permissions(Permissions::from_mode(0o600))?;
        }
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
        // An earlier version made it readable: whoever can open it can hold it.
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        drop(first);
        assert!(Lock::take(&path, Duration::ZERO).unwrap().is_some());
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
