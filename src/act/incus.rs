//! Changes to Incus, each made only if the object has not changed since the plan (ETag, RFC 9110 section 13.1.1).

use super::{ActError, nic};
use crate::facts::incus::{Network, PRESEED_DIGEST, Pool, Profile, SOCKET, object};
use crate::facts::mount::is_mounted;
use crate::host::bus::{self, JobResult};
use crate::host::incus::{Client, IncusError};
use crate::host::wait::within;
use crate::host::{file, process};
use crate::plan::incus::{self, Change};
use crate::types::{Job, Verb};
use crate::types::{KernelName, Root};
use hyper::Method;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

/// A preseed with a pool on slow disks; the plain one takes 0.75 s.
const PRESEED: Duration = Duration::from_secs(120);

/// A restart takes 1.9 s.
const RESTART: Duration = Duration::from_secs(60);

/// systemd reads what is mounted five times a second at most: it may not know yet of a mount that is there.
const UNMOUNT: Duration = Duration::from_secs(10);

/// Where the client `incus` keeps its configuration: without it, it fails on a read-only root.
const CLIENT: &str = "run/imp/incus-client";

/// Why a change failed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// Incus refused it or could not be reached.
    #[error(transparent)]
    Incus(#[from] IncusError),
    /// The directory of a pool, or of the client, cannot be created.
    #[error("{0}")]
    Directory(String, #[source] io::Error),
    /// The operator's own preseed cannot be read.
    #[error("{0}")]
    File(String, #[source] io::Error),
    /// What a half-created network left in the kernel cannot be removed.
    #[error("its bridge")]
    Bridge(#[source] ActError),
    /// What a half-created pool left mounted cannot be unmounted.
    #[error("stop {0}: {1}")]
    Mount(String, String),
    /// The client refused the preseed file.
    #[error(transparent)]
    Preseed(#[from] process::ProcessError),
}

impl ChangeError {
    /// Whether the object has changed since the plan: read and plan again.
    pub fn is_stale(&self) -> bool {
        matches!(self, Self::Incus(IncusError::Stale(_)))
    }
}

/// Makes one change.
pub fn carry_out(client: &Client, root: &Root, change: &Change) -> Result<(), ChangeError> {
    match change {
        Change::CreatePool { directory, body, .. } => {
            if let Some(directory) = directory {
                file::create_dir(&root.join(directory), 0o711)
                    .map_err(|error| ChangeError::Directory(directory.display().to_string(), error))?;
            }
            create(client, "/1.0/storage-pools", body)
        }
        Change::CreateNetwork { body, .. } => create(client, "/1.0/networks", body),
        Change::UpdateNetwork { seen, body, .. } => {
            let same = |now: &Network| now.config == seen.config && now.description == seen.description;
            change_seen(client, Method::PATCH, &network(&seen.name), same, body)
        }
        Change::DeleteNetwork { seen } => {
            let same = |now: &Network| now.config == seen.config && now.used_by.is_empty();
            change_seen(client, Method::DELETE, &network(&seen.name), same, &Value::Null)
        }
        Change::ClearNetwork { seen, dnsmasq } => {
            let path = network(&seen.name);
            let same = |now: &Network| now.status == seen.status && now.used_by.is_empty();
            let etag = still(client, &path, same)?;
            end(dnsmasq);
            // The bridge first: if we are killed in between, the network is still Pending and marked as ours.
            delete_bridge(&seen.name)?;
            client.exchange(Method::DELETE, &path, etag.as_deref(), &Value::Null)?;
            Ok(())
        }
        Change::DeletePool { seen } => {
            let path = format!("/1.0/storage-pools/{}", seen.name);
            let etag = still(client, &path, |now: &Pool| now == seen)?;
            // First what would make Incus fail: if we are killed in between, the pool is still known as half created.
            let directory = root.join("/var/lib/incus/storage-pools").join(&seen.name);
            unmount(&directory)?;
            remove_empty(&directory);
            if let Some(source) = seen.config.get("source").filter(|_| seen.driver == "dir") {
                remove_empty(&root.join(source));
            }
            client.exchange(Method::DELETE, &path, etag.as_deref(), &Value::Null)?;
            Ok(())
        }
        Change::UpdateProfile { seen, body } => {
            let same = |now: &Profile| now == seen;
            change_seen(client, Method::PATCH, "/1.0/profiles/default", same, body)
        }
        Change::RemoveDevice { seen, name } => {
            let same = |now: &Profile| now == seen;
            let mut devices = seen.devices.clone();
            devices.remove(name);
            // PATCH merges and so cannot remove a device.
            let body = json!({"description": seen.description, "config": seen.config, "devices": devices});
            change_seen(client, Method::PUT, "/1.0/profiles/default", same, &body)
        }
        Change::Preseed { file, digest, .. } => {
            preseed(root, &preseed_text(root, file, digest)?)?;
            let now = client.get("/1.0")?;
            let body = json!({"config": {PRESEED_DIGEST: digest}});
            client.exchange(Method::PATCH, "/1.0", now.etag.as_deref(), &body)?;
            Ok(())
        }
    }
}

fn network(name: &str) -> String {
    format!("/1.0/networks/{name}")
}

fn create(client: &Client, path: &str, body: &Value) -> Result<(), ChangeError> {
    match client.exchange(Method::POST, path, None, body) {
        // It was created by someone else just now: read and plan again.
        Err(IncusError::Refused { status: 409, words }) => Err(IncusError::Stale(words).into()),
        answer => Ok(answer.map(|_| ())?),
    }
}

/// Changes the object if it has not changed since the plan.
///
/// DELETE ignores the ETag (Incus 6.0.4: `networkDelete` and `storagePoolDelete` have no `EtagCheck`, in
/// `cmd/incusd/networks.go` and `storage_pools.go`). Incus refuses to delete what is in use, so all that can be lost is a
/// key changed between the read and the removal.
fn change_seen<T: DeserializeOwned>(
    client: &Client,
    method: Method,
    path: &str,
    is_same: impl Fn(&T) -> bool,
    body: &Value,
) -> Result<(), ChangeError> {
    let etag = still(client, path, is_same)?;
    client.exchange(method, path, etag.as_deref(), body)?;
    Ok(())
}

/// The object's ETag, if the object is still as it was planned on. It is read once more, because lists contain no ETags.
fn still<T: DeserializeOwned>(
    client: &Client,
    path: &str,
    is_same: impl Fn(&T) -> bool,
) -> Result<Option<String>, ChangeError> {
    let now = client.get(path)?;
    match object(now.metadata).is_ok_and(|now: T| is_same(&now)) {
        true => Ok(now.etag),
        false => Err(IncusError::Stale(format!("{path} is no longer as it was read")).into()),
    }
}

/// The operator's own preseed, which is the one that was planned on.
fn preseed_text(root: &Root, path: &Path, digest: &str) -> Result<String, ChangeError> {
    let read = file::read_bytes(&root.join(path)).and_then(|bytes| {
        let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
        let another = || {
            io::Error::new(
                io::ErrorKind::InvalidData,
                "it is another than the one that was checked",
            )
        };
        (incus::digest(&text) == digest)
            .then_some(text)
            .ok_or_else(another)
    });
    read.map_err(|error| ChangeError::File(path.display().to_string(), error))
}

fn preseed(root: &Root, text: &str) -> Result<(), ChangeError> {
    let directory = root.join(CLIENT);
    file::create_dir(&directory, 0o700)
        .map_err(|error| ChangeError::Directory(directory.display().to_string(), error))?;
    // The same Incus that was read, which in a test is not that of the machine.
    let socket = root.join(SOCKET);
    let (conf, socket) = (directory.to_string_lossy(), socket.to_string_lossy());
    process::run_with(
        "incus",
        &["admin", "init", "--preseed"],
        &[("INCUS_CONF", conf.as_ref()), ("INCUS_SOCKET", socket.as_ref())],
        text,
        PRESEED,
    )?;
    Ok(())
}

/// Restarts incusd, which brings back a bridge that was deleted and a dnsmasq that died. Instances keep running.
///
/// A dnsmasq that a killed incusd left on a bridge's port 53 would block the new one, so it is killed first.
pub fn restart(orphans: &[i32]) -> Result<(), String> {
    end(orphans);
    run(Job::awaited(Verb::Rerun, "incus.service"))
}

fn run(job: Job) -> Result<(), String> {
    let results = bus::run_jobs(&[job], RESTART).map_err(|error| error.to_string())?;
    match results.as_slice() {
        [JobResult::Done] => Ok(()),
        [result] => Err(result.to_string()),
        _ => Err("no answer".to_owned()),
    }
}

/// An incusd that is killed while creating a pool leaves it mounted. This process can neither see the mounts of others nor
/// unmount them, so systemd does it.
fn unmount(directory: &Path) -> Result<(), ChangeError> {
    let unit = mount_unit(directory);
    let mut why = "it is still mounted".to_owned();
    let unmounted = within(UNMOUNT, Duration::from_millis(200), || {
        if !is_mounted(directory).unwrap_or(false) {
            return Some(());
        }
        if let Err(refused) = run(Job::awaited(Verb::Stop, &unit)) {
            why = refused;
        }
        None
    });
    unmounted.ok_or(ChangeError::Mount(unit, why))
}

/// systemd's name for the mount at a path (systemd.unit(5), "String Escaping for Inclusion in Unit Names").
fn mount_unit(path: &Path) -> String {
    let path = path.to_string_lossy();
    let escaped = path.trim_matches('/').bytes().map(|byte| match byte {
        b'/' => "-".to_owned(),
        b':' | b'_' | b'.' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("\\x{byte:02x}"),
    });
    escaped.chain([".mount".to_owned()]).collect()
}

fn end(processes: &[i32]) {
    for pid in processes {
        // One that has ended in the meantime is fine too.
        let _ = kill(Pid::from_raw(*pid), Signal::SIGKILL);
    }
}

fn delete_bridge(name: &str) -> Result<(), ChangeError> {
    let Ok(name) = name.parse::<KernelName>() else {
        return Ok(());
    };
    nic::delete_bridge(&name).map(|_| ()).map_err(ChangeError::Bridge)
}

/// Removes directories that contain nothing but empty directories; any that contains a file stays.
fn remove_empty(directory: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_empty(&entry.path());
        }
    }
    // If one is not empty, Incus reports that itself.
    let _ = fs::remove_dir(directory);
}
