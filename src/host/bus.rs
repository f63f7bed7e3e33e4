//! systemd over D-Bus: runs jobs and reads the state of units (org.freedesktop.systemd1(5)).

mod job_result;
mod streams;

pub use job_result::JobResult;
pub use streams::open_streams;

use super::wait;
use crate::types::{Job, Mode, Verb};
use futures_core::Stream as _;
use serde::Serialize;
use std::future::poll_fn;
use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};
use zbus::connection::Builder;
use zbus::{Connection, MatchRule, MessageStream, OwnedObjectPath, proxy};

/// How long systemd may take to answer one call. The job itself has the caller's deadline.
const ANSWER: Duration = Duration::from_secs(10);

/// How many signals about the end of other jobs are buffered while ours are being queued.
const QUEUE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(4095);

/// Why systemd could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// The bus or systemd did not answer as expected.
    #[error("D-Bus")]
    Bus(#[from] zbus::Error),
}

/// Queues the jobs together, so that systemd orders them, and returns one result per job, in order.
///
/// Never takes longer than the deadline, even when the bus does not respond: zbus waits for the bus's greeting without a
/// limit, so the conversation runs in a separate thread.
pub fn run_jobs(jobs: &[Job], deadline: Duration) -> Result<Vec<JobResult>, BusError> {
    run_jobs_on(systemd(), jobs, deadline, |_| ())
}

/// The same, and says of each job when systemd has taken it, by its place among the jobs.
pub fn run_jobs_telling(
    jobs: &[Job],
    deadline: Duration,
    taken: impl FnMut(usize),
) -> Result<Vec<JobResult>, BusError> {
    run_jobs_on(systemd(), jobs, deadline, taken)
}

/// The same on another bus than the system's.
pub fn run_jobs_on(
    bus: Builder<'static>,
    jobs: &[Job],
    deadline: Duration,
    mut taken: impl FnMut(usize),
) -> Result<Vec<JobResult>, BusError> {
    let end = Instant::now() + deadline;
    let owned = jobs.to_vec();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let ended = zbus::block_on(converse(bus, &owned, &sender));
        // After the deadline there is no receiver any more.
        let _ = sender.send(Event::End(ended));
    });
    let mut results = vec![JobResult::Untold; jobs.len()];
    loop {
        match receiver.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(Event::Result(index, result)) => {
                if result.is_taken() && !results[index].is_taken() {
                    taken(index);
                }
                results[index] = result;
            }
            Ok(Event::End(ended)) => return ended.map(|()| results),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Ok(results),
        }
    }
}

/// The system bus. PID 1's private socket does not work: there the sender is `org.freedesktop.systemd1`, and zbus rejects
/// messages whose sender is not a unique name.
fn systemd() -> Builder<'static> {
    Builder::system()
}

/// The state of each of these units, including units systemd does not know, in the order of the names.
pub fn states(names: &[String]) -> Result<Vec<UnitState>, BusError> {
    let names = names.to_vec();
    within_answer(async move { ask_states(&names).await })
}

/// The state of these units with the reason for it, and the names of all failed units.
pub fn look(names: &[String]) -> Result<Looked, BusError> {
    let names = names.to_vec();
    within_answer(async move { ask_look(&names).await })
}

/// Runs a conversation in a separate thread, because zbus waits for the bus's greeting without a limit.
fn within_answer<T: Send + 'static>(
    talk: impl Future<Output = zbus::Result<T>> + Send + 'static,
) -> Result<T, BusError> {
    let late = || Err(zbus::Error::InputOutput(Arc::new(ErrorKind::TimedOut.into())));
    Ok(wait::at_most(ANSWER, move || zbus::block_on(talk)).unwrap_or_else(late)?)
}

async fn ask_look(names: &[String]) -> zbus::Result<Looked> {
    let connection = systemd().method_timeout(ANSWER).build().await?;
    let manager = ManagerProxy::new(&connection).await?;
    let mut units = Vec::new();
    for row in manager.list_units_by_names(names).await? {
        let path = row.6.clone();
        let state = unit_state(row);
        let unit = UnitProxy::builder(&connection).path(path.clone()).build().await?;
        let service = ServiceProxy::builder(&connection).path(path).build().await?;
        let idle = state.load == "loaded" && state.active == "inactive";
        let skipped =
            idle && unit.condition_timestamp_monotonic().await? > 0 && !unit.condition_result().await?;
        let failed = state.active == "failed" && state.name.ends_with(".service");
        let why = match failed {
            true => service.result().await.ok(),
            false => None,
        };
        units.push(UnitReport { state, skipped, why });
    }
    let failed = manager.list_units_filtered(&["failed"]).await?;
    Ok(Looked {
        units,
        failed: failed.into_iter().map(|row| row.0).collect(),
    })
}

/// What [`look`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// The requested units, in systemd's order.
    pub units: Vec<UnitReport>,
    /// The names of all failed units.
    pub failed: Vec<String>,
}

/// A unit's state and the reason for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitReport {
    /// Its state.
    pub state: UnitState,
    /// It was started but one of its conditions was not met.
    pub skipped: bool,
    /// Why a service failed: `exit-code`, `timeout`, `signal` …
    pub why: Option<String>,
}

async fn ask_states(names: &[String]) -> zbus::Result<Vec<UnitState>> {
    let connection = systemd().method_timeout(ANSWER).build().await?;
    let manager = ManagerProxy::new(&connection).await?;
    let rows = manager.list_units_by_names(names).await?;
    Ok(rows.into_iter().map(unit_state).collect())
}

fn unit_state((name, _, load, active, sub, ..): Row) -> UnitState {
    UnitState {
        name,
        load,
        active,
        sub,
    }
}

/// A unit's state, in systemd's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnitState {
    /// Its name.
    pub name: String,
    /// `loaded`, `not-found`, `masked` …
    pub load: String,
    /// `active`, `inactive`, `failed`, `activating` …
    pub active: String,
    /// `running`, `exited`, `dead` …
    pub sub: String,
}

/// A row of `ListUnitsByNames`: name, description, load, active and sub state, followed unit, path, and a queued job.
type Row = (
    String,
    String,
    String,
    String,
    String,
    String,
    OwnedObjectPath,
    u32,
    String,
    OwnedObjectPath,
);

enum Event {
    Result(usize, JobResult),
    End(Result<(), BusError>),
}

async fn converse(bus: Builder<'static>, jobs: &[Job], said: &Sender<Event>) -> Result<(), BusError> {
    let connection = bus.method_timeout(ANSWER).build().await?;
    let manager = ManagerProxy::new(&connection).await?;
    // Before the first job: a short one could end before the subscription takes effect.
    manager.subscribe().await?;
    let mut removed = MessageStream::for_match_rule(job_removed()?, &connection, Some(QUEUE)).await?;
    let mut running: Vec<(OwnedObjectPath, usize)> = Vec::new();
    for (index, job) in jobs.iter().enumerate() {
        if job.is_awaited() && job.verb != Verb::Stop {
            // systemd forgets a finished oneshot at once, and a later query would report that its condition never held.
            let _ = manager.ref_unit(&job.unit).await;
        }
        match queue(&manager, job).await {
            Ok(path) if job.is_awaited() => {
                tell(said, index, JobResult::Late);
                running.push((path, index));
            }
            Ok(_) => tell(said, index, JobResult::Queued),
            Err(error) if job.verb == Verb::Restart && is_missing(&error) => {
                tell(said, index, JobResult::Skipped);
            }
            Err(error) => tell(said, index, JobResult::Refused(message(&error))),
        }
    }
    while !running.is_empty() {
        let Some(signal) = poll_fn(|context| Pin::new(&mut removed).poll_next(context)).await else {
            return Err(zbus::Error::Failure("the bus closed the connection".to_owned()).into());
        };
        let (_, path, _, end): (u32, OwnedObjectPath, String, String) = signal?.body().deserialize()?;
        // systemd merges equal jobs: one end may answer several.
        let (ended, still): (Vec<_>, Vec<_>) = running.into_iter().partition(|(job, _)| *job == path);
        running = still;
        for (_, index) in ended {
            let result = judge(&connection, &manager, &jobs[index], &end).await?;
            tell(said, index, result);
        }
    }
    Ok(())
}

/// The signal that announces a job's end. It matches any sender, because the bus of the tests has no names.
fn job_removed() -> zbus::Result<MatchRule<'static>> {
    MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .interface("org.freedesktop.systemd1.Manager")
        .member("JobRemoved")
        .build()
}

fn tell(said: &Sender<Event>, index: usize, result: JobResult) {
    let _ = said.send(Event::Result(index, result));
}

async fn queue(manager: &ManagerProxy<'_>, job: &Job) -> zbus::Result<OwnedObjectPath> {
    let mode = match job.mode {
        Mode::Queued | Mode::Awaited => "replace",
        Mode::AtOnce => "ignore-dependencies",
    };
    match job.verb {
        Verb::Start => manager.start_unit(&job.unit, mode).await,
        Verb::Stop => manager.stop_unit(&job.unit, mode).await,
        Verb::Restart => manager.try_restart_unit(&job.unit, mode).await,
        Verb::Rerun => manager.restart_unit(&job.unit, mode).await,
        Verb::Reload => manager.reload_or_try_restart_unit(&job.unit, mode).await,
    }
}

/// A job also ends as `done` when a condition of its unit is not met, so the unit is asked afterwards.
async fn judge(
    connection: &Connection,
    manager: &ManagerProxy<'_>,
    job: &Job,
    result: &str,
) -> zbus::Result<JobResult> {
    let path = manager.load_unit(&job.unit).await?;
    match result {
        "done" if job.verb == Verb::Stop => Ok(JobResult::Done),
        "done" => {
            let unit = UnitProxy::builder(connection).path(path).build().await?;
            let state = unit.active_state().await?;
            let skipped = match job.verb {
                // One that does not run is left alone.
                Verb::Restart | Verb::Reload => matches!(state.as_str(), "inactive" | "failed"),
                _ => state == "inactive" && !unit.condition_result().await?,
            };
            Ok(if skipped {
                JobResult::Skipped
            } else {
                JobResult::Done
            })
        }
        other => {
            let service = ServiceProxy::builder(connection).path(path).build().await?;
            // Not every unit is a service; `dependency` and the like are all there is to say of those.
            let why = service.result().await.ok().filter(|why| why != "success");
            Ok(JobResult::Failed(why.unwrap_or_else(|| other.to_owned())))
        }
    }
}

/// systemd's own message, without the name of the error.
/// Whether systemd has no such unit, or one that is masked: it does not run, so a restart leaves it alone like any other that
/// does not.
fn is_missing(error: &zbus::Error) -> bool {
    const MISSING: [&str; 2] = [
        "org.freedesktop.systemd1.NoSuchUnit",
        "org.freedesktop.systemd1.UnitMasked",
    ];
    matches!(error, zbus::Error::MethodError(name, ..) if MISSING.contains(&name.as_str()))
}

fn message(error: &zbus::Error) -> String {
    match error {
        zbus::Error::MethodError(_, Some(message), _) => message.clone(),
        other => other.to_string(),
    }
}

#[proxy(
    default_service = "org.freedesktop.systemd1",
    default_path = "/org/freedesktop/systemd1",
    interface = "org.freedesktop.systemd1.Manager"
)]
trait Manager {
    async fn subscribe(&self) -> zbus::Result<()>;
    async fn load_unit(&self, name: &str) -> zbus::Result<OwnedObjectPath>;
    async fn ref_unit(&self, name: &str) -> zbus::Result<()>;
    async fn start_unit(&self, name: &str, mode: &str) -> zbus::Result<OwnedObjectPath>;
    async fn stop_unit(&self, name: &str, mode: &str) -> zbus::Result<OwnedObjectPath>;
    async fn restart_unit(&self, name: &str, mode: &str) -> zbus::Result<OwnedObjectPath>;
    async fn try_restart_unit(&self, name: &str, mode: &str) -> zbus::Result<OwnedObjectPath>;
    async fn reload_or_try_restart_unit(&self, name: &str, mode: &str) -> zbus::Result<OwnedObjectPath>;
    async fn list_units_by_names(&self, names: &[String]) -> zbus::Result<Vec<Row>>;
    async fn list_units_filtered(&self, states: &[&str]) -> zbus::Result<Vec<Row>>;
}

#[proxy(
    default_service = "org.freedesktop.systemd1",
    interface = "org.freedesktop.systemd1.Unit"
)]
trait Unit {
    #[zbus(property(emits_changed_signal = "false"))]
    fn active_state(&self) -> zbus::Result<String>;
    #[zbus(property(emits_changed_signal = "false"))]
    fn condition_result(&self) -> zbus::Result<bool>;
    #[zbus(property(emits_changed_signal = "false"))]
    fn condition_timestamp_monotonic(&self) -> zbus::Result<u64>;
}

#[proxy(
    default_service = "org.freedesktop.systemd1",
    interface = "org.freedesktop.systemd1.Service"
)]
trait Service {
    #[zbus(property(emits_changed_signal = "false"))]
    fn result(&self) -> zbus::Result<String>;
}
