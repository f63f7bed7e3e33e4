//! Locks between processes: flock(2) on a file, released when its holder ends, however it ends.

use super::{clock, file, json, wait};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{File, Permissions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::Duration;

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(10);

/// A lock that is held until this is dropped. Its file stays.
#[derive(Debug)]
#[must_use]
pub struct Lock {
    file: File,
}

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// What it does: the command as it would be typed.
    pub what: String,
    /// Since when, in milliseconds since the kernel started.
    pub since_ms: u64,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = clock::since_kernel_start_ms().saturating_sub(self.since_ms) / 1000;
        write!(f, "'{}' (pid {}, for {seconds} s)", self.what, self.pid)
    }
}

impl Lock {
    /// Takes the lock like [`Lock::take`], and whoever is refused it meanwhile is told what it is held for. The inner error is
    /// whoever holds it instead; `None` if it does not say.
    pub fn hold(path: &Path, what: &str, patience: Duration) -> io::Result<Result<Self, Option<Holder>>> {
        let Some(mut lock) = Self::take(path, patience)? else {
            return Ok(Err(json::read(path).ok().flatten()));
        };
        let holder = Holder {
            pid: std::process::id(),
            what: what.to_owned(),
            since_ms: clock::since_kernel_start_ms(),
        };
        lock.file.set_len(0)?;
        lock.file.write_all(json::text(&holder)?.as_bytes())?;
        Ok(Ok(lock))
    }

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
        Ok(taken.transpose()?.map(|()| Self { file }))
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
        // A process that another test starts just now has the file until it executes its program.
        assert!(Lock::take(&path, Duration::from_secs(10)).unwrap().is_some());
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn whoever_is_refused_is_told_who_holds_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let first = Lock::hold(&path, "impctl rollback", Duration::ZERO)
            .unwrap()
            .unwrap();
        let holder = Lock::hold(&path, "impctl confirm", Duration::ZERO)
            .unwrap()
            .unwrap_err();
        let pid = std::process::id();
        let words = holder.unwrap().to_string();
        assert_eq!(words, format!("'impctl rollback' (pid {pid}, for 0 s)"));
        drop(first);
        assert!(
            Lock::hold(&path, "impctl confirm", Duration::ZERO)
                .unwrap()
                .is_ok()
        );
        let second = std::fs::read_to_string(&path).unwrap();
        assert!(second.contains("impctl confirm") && !second.contains("rollback"));
    }
}
