//! A stream in a file becomes an image beside the one that runs. Until the last step it carries a mark, and whatever ends this
//! before takes it away: power-on never looks at it.

use super::dataset::{self, DatasetState};
use super::progress::Progress;
use super::source;
use super::space::{Need, too_long_window};
use super::stream::{self, Begin};
use crate::boot::loader::Backend;
use crate::exit::{Failure, Kind};
use crate::host::lock::Lock;
use crate::host::pipeline::PipelineError;
use crate::host::process::{self, ProcessError};
use crate::host::stat::stat;
use crate::host::zfs::{Pools, ZfsError};
use crate::types::{ImageName, Root};
use std::io;
use std::path::Path;
use std::time::Duration;

/// How long not a byte may move: a pool that resilvers is slow, a dead network file system never moves again.
const PATIENCE: Duration = Duration::from_secs(300);
/// Headers of all frames are read.
const LISTING: Duration = Duration::from_secs(60);
const LOCK: &str = "run/imp/deploy.lock";

/// A file that can be received.
#[derive(Debug)]
struct Checked {
    size: u64,
    begin: Begin,
    need: Need,
}

/// The file is an image of this machine: whole, with the properties a boot environment needs, a kernel and an initramfs.
/// `running` is the image it is put beside.
///
/// On any error, and on a signal, nothing of it is left. `force` goes on where the file says it does not fit.
pub fn receive(
    root: &Root,
    backend: &dyn Backend,
    file: &Path,
    running: &ImageName,
    force: bool,
) -> Result<ImageName, Failure> {
    let image = source::name(file, running).map_err(|problem| Failure::new(Kind::Usage, problem))?;
    let _lock = lock(root)?;
    let pools = Pools::of(root);
    let checked = check(file)?;
    if is_there(&pools, &image, &checked.begin)? {
        tracing::info!("{image} already holds this stream");
        return Ok(image);
    }
    fits(&pools, &image, checked.need, force)?;
    tracing::info!(
        "receiving {image} from {}, sent as {}",
        file.display(),
        checked.begin.name
    );
    let made = stream_in(&pools, file, checked.size, &image)
        .and_then(|()| complete(root, &pools, backend, &image, running));
    if let Err(failure) = made {
        return Err(match dataset::destroy_unfinished(&pools, &image) {
            Ok(()) => Failure::new(failure.kind(), format!("{failure}; nothing of {image} remains")),
            Err(error) => Failure::new(
                failure.kind(),
                format!("{failure}; {image} is left unfinished, the next deploy of it clears it ({error})"),
            ),
        });
    }
    Ok(image)
}

/// One deploy at a time: what another one is about to finish looks like what a killed one left.
fn lock(root: &Root) -> Result<Lock, Failure> {
    let path = root.join(LOCK);
    let lock = Lock::take(&path, Duration::ZERO).map_err(|error| file_failure(&path, &error))?;
    lock.ok_or_else(|| Failure::new(Kind::Failed, "another deploy is running; wait for it to finish"))
}

/// What can be known about a file before a byte of it is received.
fn check(file: &Path) -> Result<Checked, Failure> {
    let size = stat(file).map_err(|error| file_failure(file, &error))?.length;
    let path = file.to_string_lossy();
    // A file that was cut while it was copied is found here.
    let listing =
        process::run("zstd", &["-lv", "--", &path], LISTING).map_err(|error| zstd_failure(file, &error))?;
    if let Some(problem) = too_long_window(&listing) {
        return Err(Failure::new(
            Kind::Failed,
            format!("{} {problem}", file.display()),
        ));
    }
    let head = process::first_bytes("zstd", &["-dc"], file, stream::LENGTH)
        .map_err(|error| zstd_failure(file, &error))?;
    let begin = Begin::parse(&head)
        .map_err(|problem| Failure::new(Kind::Failed, format!("{} {problem}", file.display())))?;
    Ok(Checked {
        size,
        begin,
        need: Need::parse(&listing, size),
    })
}

/// Whether the image is there already, from this very stream. What a deploy left that was cut is cleared.
fn is_there(pools: &Pools, image: &ImageName, begin: &Begin) -> Result<bool, Failure> {
    let refused = |problem: String| Err(Failure::new(Kind::Failed, problem));
    match dataset::state(pools, image).map_err(|error| zfs_failure(&error))? {
        DatasetState::Missing => Ok(false),
        DatasetState::Unfinished => {
            tracing::warn!(
                "{image} is left over from an interrupted deploy; clearing it and receiving it again"
            );
            dataset::destroy_unfinished(pools, image).map_err(|error| zfs_failure(&error))?;
            Ok(false)
        }
        DatasetState::Resumable => refused(format!(
            "{image} is an interrupted receive that impctl did not start: 'zfs receive -A {image}' clears it"
        )),
        DatasetState::Whole(guids) if guids.contains(&begin.guid) => Ok(true),
        DatasetState::Whole(_) => refused(format!(
            "{image} exists and differs from the file: rename the file, or 'zfs destroy -r {image}'"
        )),
    }
}

fn fits(pools: &Pools, image: &ImageName, need: Need, force: bool) -> Result<(), Failure> {
    let free = dataset::free(pools, image).map_err(|error| zfs_failure(&error))?;
    match (need.problem(free), need) {
        (Some(problem), _) if !force => Err(Failure::new(
            Kind::Failed,
            format!("{problem}: destroy an image that is not needed ('impctl boot list'), or use --force"),
        )),
        (Some(problem), _) => {
            tracing::warn!("{problem}; trying anyway");
            Ok(())
        }
        (None, Need::AtLeast(_)) => {
            tracing::info!(
                "the file does not say how big the image is; if the pool fills up, the deploy fails and leaves nothing behind"
            );
            Ok(())
        }
        (None, Need::Stream(_)) => Ok(()),
    }
}

/// The stream is a dataset, marked as unfinished and never mounted.
fn stream_in(pools: &Pools, path: &Path, size: u64, image: &ImageName) -> Result<(), Failure> {
    let words = [
        "-u",
        "-o",
        "canmount=noauto",
        "-o",
        "mountpoint=/",
        "-o",
        dataset::UNFINISHED,
        image.as_ref(),
    ];
    let mut progress = Progress::of(size);
    let received = pools.receive(path, ("zstd", &["-dc"]), &words, PATIENCE, &mut |read| {
        progress.tell(read);
    });
    progress.end();
    received.map_err(|error| pipeline_failure(path, &error))
}

/// Everything else an image needs; the last step is that it is no longer unfinished.
fn complete(
    root: &Root,
    pools: &Pools,
    backend: &dyn Backend,
    image: &ImageName,
    running: &ImageName,
) -> Result<(), Failure> {
    let booted_with =
        crate::host::cmdline::read(root).map_err(|error| Failure::new(Kind::Failed, error.to_string()))?;
    dataset::take_command_line(pools, image, running, &booted_with).map_err(|error| zfs_failure(&error))?;
    backend
        .check(image)
        .map_err(|error| Failure::from_error(Kind::Failed, &error))?;
    dataset::finish(pools, image).map_err(|error| zfs_failure(&error))
}

fn file_failure(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Kind::Failed, format!("{}: {error}", path.display()))
}

fn zstd_failure(file: &Path, error: &ProcessError) -> Failure {
    match error {
        ProcessError::Start { source, .. } if source.kind() == io::ErrorKind::NotFound => {
            Failure::new(Kind::Missing, "zstd is not installed: 'apt install zstd'")
        }
        ProcessError::Ended { .. } => Failure::new(
            Kind::Failed,
            format!("{} is not a complete zstd file: {error}", file.display()),
        ),
        error => Failure::from_error(Kind::Failed, error),
    }
}

fn zfs_failure(error: &ZfsError) -> Failure {
    Failure::from_error(Kind::Failed, error)
}

fn pipeline_failure(file: &Path, error: &PipelineError) -> Failure {
    let kind = match error {
        PipelineError::Stalled(_) => Kind::Timeout,
        _ => Kind::Failed,
    };
    Failure::new(
        kind,
        format!("{}: {}", file.display(), Failure::from_error(kind, error)),
    )
}
