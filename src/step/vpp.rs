//! What `imp-vpp` does: `imp-vpp NAME` applies, `imp-vpp --reload NAME` changes what VPP has, `imp-vpp --wait NAME` waits
//! until VPP answers.

mod decision;

pub use decision::{decision, decision_for};

use crate::act::vpp::{ApplyError, Files, Kernel, apply, reload};
use crate::exit::{Failure, Kind, Start};
use crate::facts::vpp::{self, Failed, Record};
use crate::host::file::{self, Effect};
use crate::host::vpp::{Client, ClientError};
use crate::host::{json, paths};
use crate::types::{InstanceName, Root};
use std::io::ErrorKind;
use std::time::Duration;

const USAGE: &str = "imp-vpp [--root DIR] [--deadline SECONDS] [--wait | --reload] INSTANCE";
/// VPP with NICs to bind took 5.7 s on an emulated machine; ten times that is a failure.
const DEADLINE: Duration = Duration::from_secs(60);

/// A VPP that is to be changed in place runs already. One that has just died is back within this time.
const BACK: Duration = Duration::from_secs(10);

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    verb: Verb,
    instance: InstanceName,
    deadline: Duration,
}

/// What to do with an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    /// All commands for a fresh VPP.
    Apply,
    /// The difference for a running one.
    Reload,
    /// Wait until it answers.
    Wait,
}

/// VPP has the instance's commands, or with `--wait` answers; or a failure with the code of its kind, already logged.
pub fn run(start: &Start) -> Result<(), Failure> {
    let request = parse(&start.words).ok_or_else(|| start.usage(USAGE))?;
    let name = request.instance.as_ref();
    let socket = start.root.join(paths::vpp_api(name));
    let owner = (request.verb == Verb::Wait).then(main_pid).flatten();
    let connected = Client::connect(&socket, request.deadline, owner);
    let applied = connected
        .map_err(|source| ApplyError::Client {
            instance: name.to_owned(),
            source,
        })
        .and_then(|mut client| match request.verb {
            Verb::Wait => Ok(()),
            Verb::Apply => give(&mut client, start, &request.instance, apply),
            Verb::Reload => give(&mut client, start, &request.instance, reload),
        });
    match applied {
        Ok(()) => Ok(()),
        Err(error) => {
            record(&start.root, &request.instance, &error);
            Err(fail(name, &error))
        }
    }
}

/// How commands get to a VPP.
type Way = fn(&Files, &mut Kernel, &mut Client) -> Result<Effect, ApplyError>;

fn give(client: &mut Client, start: &Start, name: &InstanceName, way: Way) -> Result<(), ApplyError> {
    let path = |record: Record| record.path(&start.root, name);
    let mut kernel = Kernel::own(&start.root);
    if way(&Files::of(&start.root, name), &mut kernel, client)?.changed() {
        tracing::info!(instance = name.as_ref(), "vpp '{name}' runs its configuration");
    }
    if let Err(error) = file::remove(&path(Record::Failed)) {
        tracing::warn!("{}: {error}", path(Record::Failed).display());
    }
    Ok(())
}

/// Why VPP does not have its commands is on record, for `impctl status` and for the reload that goes back.
fn record(root: &Root, name: &InstanceName, error: &ApplyError) {
    let Some(generation) = vpp::digest(root, name) else {
        return;
    };
    let failed = Failed {
        generation,
        words: error.words(),
    };
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
    let (mut instance, mut deadline, mut verb) = (None, None, Verb::Apply);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--wait" if verb == Verb::Apply => verb = Verb::Wait,
            "--reload" if verb == Verb::Apply => verb = Verb::Reload,
            "--deadline" => deadline = Some(Duration::from_secs(words.next()?.parse().ok()?)),
            name if instance.is_none() => instance = Some(name.parse().ok()?),
            _ => return None,
        }
    }
    let longest = match verb {
        Verb::Reload => BACK,
        Verb::Apply | Verb::Wait => DEADLINE,
    };
    Some(Request {
        verb,
        instance: instance?,
        deadline: deadline.unwrap_or(longest),
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
        ApplyError::NotInVrf { origin, .. } => tracing::error!(instance, origin, "{failure}"),
        ApplyError::Differs(differences) => {
            for difference in differences {
                let (command, origin) = (&difference.command, &difference.origin);
                tracing::error!(instance, command, origin, "{difference}");
            }
        }
        ApplyError::NotChanged { failed: what, .. } => match what.as_ref() {
            ApplyError::Refused { origin, command, .. } => {
                tracing::error!(instance, command, origin, "{failure}");
            }
            _ => tracing::error!(instance, "{failure}"),
        },
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
        ApplyError::NotChanged { failed, .. } => kind(failed),
        ApplyError::Read { source, .. } if source.kind() == ErrorKind::NotFound => Kind::Missing,
        _ => Kind::Failed,
    }
}
