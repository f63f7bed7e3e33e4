//! Where a machine is emulated: its folder, in one of the places there are.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, OnceLock};
use std::thread::available_parallelism;

/// The memory of this many fits where these tests run.
const AT_MOST: usize = 6;

/// As many are free at first as there are processors: each machine is one in software.
fn free() -> &'static (Mutex<usize>, Condvar) {
    static FREE: OnceLock<(Mutex<usize>, Condvar)> = OnceLock::new();
    FREE.get_or_init(|| {
        let processors = available_parallelism().map_or(1, usize::from);
        (Mutex::new(processors.min(AT_MOST)), Condvar::new())
    })
}

/// The folder of one machine, removed when dropped; if the test failed, the consoles are kept.
#[derive(Debug)]
pub struct Place {
    pub dir: PathBuf,
    /// How often the machine was powered on.
    boots: u32,
}

impl Place {
    /// An empty folder, as soon as a place is free.
    pub fn take(dir: PathBuf) -> Self {
        let (free, freed) = free();
        let mut free = freed.wait_while(free.lock().unwrap(), |free| *free == 0).unwrap();
        *free -= 1;
        drop(free);
        let place = Self { dir, boots: 0 };
        let _ = fs::remove_dir_all(&place.dir);
        fs::create_dir_all(&place.dir).unwrap();
        place
    }

    /// A file of it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Where the console of the next power-on is written.
    pub fn console(&mut self) -> PathBuf {
        self.boots += 1;
        self.file(&format!("console-{}", self.boots))
    }

    /// What it holds is kept as this folder from now on.
    pub fn keep(&self, folder: &Path) {
        let _ = fs::remove_dir_all(folder);
        fs::rename(&self.dir, folder).unwrap();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the consoles of every boot are in {}", self.dir.display());
            for entry in fs::read_dir(&self.dir).into_iter().flatten().flatten() {
                if !entry.file_name().to_string_lossy().starts_with("console-") {
                    let _ = fs::remove_file(entry.path());
                }
            }
        } else {
            let _ = fs::remove_dir_all(&self.dir);
        }
        let (free, freed) = free();
        *free.lock().unwrap() += 1;
        freed.notify_one();
    }
}
