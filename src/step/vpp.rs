//! What `imp-vpp` does: `imp-vpp NAME` applies, `imp-vpp --wait NAME` waits until VPP answers.

mod decision;

pub use decision::{decision, decision_for};

use crate::act::vpp::{ApplyError, Files, apply};
use crate::exit::{Failure, Kind, Start};
use crate::facts::netns;
use crate::facts::vpp::{self, Failed, Record};
use crate::host::vpp::{Client, ClientError};
use crate::host::{file, json, paths};
use crate::types::{InstanceName, Root};
use std::io::ErrorKind;
use std::time::Duration;

const USAGE: &str = "imp-vpp [--root DIR] [--deadline SECONDS] [--wait] INSTANCE";
/// VPP with NICs to bind took 5.7 s on an emulated machine; ten times that is a failure.
const DEADLINE: Duration = Duration::from_secs(60);

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    instance: InstanceName,
    deadline: Duration,
    only_wait: bool,
}

/// VPP has the instance's commands, or with `--wait` answers; or a failure with the code of its kind, already logged.
pub fn run(start: &Start) -> Result<(), Failure> {
    let request = parse(&start.words).ok_or_else(|| start.usage(USAGE))?;
    let name = request.instance.as_ref();
    let socket = start.root.join(paths::vpp_api(name));
    let owner = request.only_wait.then(main_pid).flatten();
    let connected = Client::connect(&socket, request.deadline, owner);
    let applied = connected
        .map_err(|source| ApplyError::Client {
            instance: name.to_owned(),
            source,
        })
        .and_then(|mut client| match request.only_wait {
            true => Ok(()),
            false => apply_to(&mut client, start, &request.instance),
        });
    match applied {
        Ok(()) => Ok(()),
        Err(error) => {
            record(&start.root, &request.instance, &error);
            Err(fail(name, &error))
        }
    }
}

fn apply_to(client: &mut Client, start: &Start, name: &InstanceName) -> Result<(), ApplyError> {
    let path = |record: Record| record.path(&start.root, name);
    let files = Files {
        commands: path(Record::Commands),
        applied: path(Record::Applied),
        startup: path(Record::Startup),
        begun: path(Record::Begun),
    };
    let devices = netns::own_devices(&start.root).unwrap_or_default();
    if apply(name.as_ref(), &files, &devices, client)?.changed() {
        tracing::info!(instance = name.as_ref(), "vpp '{name}' runs its configuration");
    }
    if let Err(error) = file::remove(&path(Record::Failed)) {
        tracing::warn!("{}: {error}", path(Record::Failed).display());
    }
    Ok(())
}

/// Why VPP does not have its commands is on record, for `impctl status` and for the reload that goes back.
fn record(root: &Root, name: &InstanceName, error: &ApplyError) {
    let words = match error {
        ApplyError::Differs(differences) => {
            let lines = differences.iter().map(ToString::to_string);
            lines.collect::<Vec<_>>().join("; ")
        }
        _ => Failure::from_error(kind(error), error).to_string(),
    };
    let Some(generation) = vpp::digest(root, name) else {
        return;
    };
    let failed = Failed { generation, words };
    let path = Record::Failed.path(root, name);
    if let Err(error) = json::write(&path, &failed, 0o644) {
        tracing::warn!("{}: {error}", path.display());
    }
}

/// The process systemd started, for an `ExecStartPost=` (systemd.exec(5)).
fn main_pid() -> Option<i32> {
    std::env::var("MAINPID").ok()?.parse().ok()
}

fn parse(words: &[String]) -> Option<Request> {
    let (mut instance, mut deadline, mut only_wait) = (None, DEADLINE, false);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--wait" => only_wait = true,
            "--deadline" => deadline = Duration::from_secs(words.next()?.parse().ok()?),
            name if instance.is_none() => instance = Some(name.parse().ok()?),
            _ => return None,
        }
    }
    Some(Request {
        instance: instance?,
        deadline,
        only_wait,
    })
}

/// Logs what went wrong with the fields the journal is searched by, and leaves the exit code.
fn fail(instance: &str, error: &ApplyError) -> Failure {
    let failure = Failure::from_error(kind(error), error);
    match error {
        ApplyError::Refused { origin, command, .. }
        | ApplyError::Lost { origin, command, .. }
        | ApplyError::Adopts { origin, command, .. } => {
            tracing::error!(instance, command, origin, "{failure}");
        }
        ApplyError::Differs(differences) => {
            for difference in differences {
                let (command, origin) = (&difference.command, &difference.origin);
                tracing::error!(instance, command, origin, "{difference}");
            }
        }
        _ => tracing::error!(instance, "{failure}"),
    }
    Failure::new(failure.kind(), "")
}

fn kind(error: &ApplyError) -> Kind {
    match error {
        ApplyError::Client { source, .. } | ApplyError::Lost { source, .. } => match source {
            ClientError::Absent { .. } | ClientError::Silent => Kind::Timeout,
            ClientError::Died(_) | ClientError::Gone => Kind::Missing,
            ClientError::Io(_) | ClientError::Protocol(_) => Kind::Failed,
        },
        ApplyError::Read { source, .. } if source.kind() == ErrorKind::NotFound => Kind::Missing,
        _ => Kind::Failed,
    }
}
