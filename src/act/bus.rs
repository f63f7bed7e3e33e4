//! systemd over D-Bus: units started, restarted and reloaded, and what became of it (org.freedesktop.systemd1(5)).

use futures_core::Stream as _;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};
use zbus::connection::Builder;
use zbus::{Connection, OwnedObjectPath, proxy};

/// How long systemd may take to answer one call; the work itself is a job and has the caller's deadline.
const ANSWER: Duration = Duration::from_secs(10);

/// What a unit is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Start it unless it runs.
    Start,
    /// Stop it.
    Stop,
    /// Stop and start it, or start it.
    Restart,
    /// Read its configuration again; an error for one that does not run or cannot.
    Reload,
    /// Reload it, or restart it where it cannot reload.
    ReloadOrRestart,
}

/// What became of one job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobResult {
    /// The unit is as asked.
    Done,
    /// systemd called it done and did nothing: a condition of the unit does not hold.
    Skipped,
    /// It failed, in systemd's words.
    Failed(String),
    /// It did not end before the deadline and goes on by itself.
    Late,
}

/// Why nothing is known about any job.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// The bus or systemd did not answer as expected.
    #[error("systemd over D-Bus")]
    Bus(#[from] zbus::Error),
}

/// The jobs are queued together, so that systemd orders them, and their results are known; one per job, in order.
///
/// Never takes longer than the deadline, even when the bus is silent: the conversation has a thread of its own, because
/// zbus waits for the bus's greeting for ever. A unit in the boot's own transaction must not be waited for from a unit
/// it is ordered after.
pub fn run_jobs(jobs: &[(Verb, &str)], deadline: Duration) -> Result<Vec<JobResult>, BusError> {
    run_jobs_on(Builder::system(), jobs, deadline)
}

/// The same on a bus of one's own.
pub fn run_jobs_on(
    bus: Builder<'static>,
    jobs: &[(Verb, &str)],
    deadline: Duration,
) -> Result<Vec<JobResult>, BusError> {
    let end = Instant::now() + deadline;
    let owned: Vec<(Verb, String)> = jobs
        .iter()
        .map(|(verb, unit)| (*verb, (*unit).to_owned()))
        .collect();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let ended = zbus::block_on(converse(bus, &owned, &sender));
        // Nobody listens any more after the deadline.
        let _ = sender.send(Said::End(ended));
    });
    let mut results = vec![JobResult::Late; jobs.len()];
    loop {
        match receiver.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(Said::Result(index, result)) => results[index] = result,
            Ok(Said::End(ended)) => return ended.map(|()| results),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Ok(results),
        }
    }
}

enum Said {
    Result(usize, JobResult),
    End(Result<(), BusError>),
}

async fn converse(
    bus: Builder<'static>,
    jobs: &[(Verb, String)],
    said: &Sender<Said>,
) -> Result<(), BusError> {
    let connection = bus.method_timeout(ANSWER).build().await?;
    let manager = ManagerProxy::new(&connection).await?;
    // Before the first job: a short one ends before a later subscription hears of it.
    manager.subscribe().await?;
    let mut removed = manager.receive_job_removed().await?;
    let mut running: Vec<(OwnedObjectPath, usize)> = Vec::new();
    for (index, (verb, unit)) in jobs.iter().enumerate() {
        match queue(&manager, *verb, unit).await {
            Ok(job) => running.push((job, index)),
            Err(error) => tell(said, index, JobResult::Failed(words(&error))),
        }
    }
    while !running.is_empty() {
        let Some(signal) = poll_fn(|context| Pin::new(&mut removed).poll_next(context)).await else {
            return Err(zbus::Error::Failure("the bus closed the connection".to_owned()).into());
        };
        let arguments = signal.args()?;
        // systemd merges equal jobs: one end may answer several.
        let (ended, still): (Vec<_>, Vec<_>) =
            running.into_iter().partition(|(job, _)| *job == arguments.job);
        running = still;
        for (_, index) in ended {
            let (verb, unit) = &jobs[index];
            let result = judge(&connection, &manager, *verb, unit, &arguments.result).await?;
            tell(said, index, result);
        }
    }
    Ok(())
}

fn tell(said: &Sender<Said>, index: usize, result: JobResult) {
    let _ = said.send(Said::Result(index, result));
}

async fn queue(manager: &ManagerProxy<'_>, verb: Verb, unit: &str) -> zbus::Result<OwnedObjectPath> {
    const MODE: &str = "replace";
    match verb {
        Verb::Start => manager.start_unit(unit, MODE).await,
        Verb::Stop => manager.stop_unit(unit, MODE).await,
        Verb::Restart => manager.restart_unit(unit, MODE).await,
        Verb::Reload => manager.reload_unit(unit, MODE).await,
        Verb::ReloadOrRestart => manager.reload_or_restart_unit(unit, MODE).await,
    }
}

/// A job's `done` says nothing about a unit whose condition does not hold: that is asked afterwards.
async fn judge(
    connection: &Connection,
    manager: &ManagerProxy<'_>,
    verb: Verb,
    unit: &str,
    result: &str,
) -> zbus::Result<JobResult> {
    let path = manager.load_unit(unit).await?;
    match result {
        "done" if verb == Verb::Stop => Ok(JobResult::Done),
        "done" => {
            let unit = UnitProxy::builder(connection).path(path).build().await?;
            let skipped = unit.active_state().await? == "inactive" && !unit.condition_result().await?;
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

/// systemd's own sentence without the error's name.
fn words(error: &zbus::Error) -> String {
    match error {
        zbus::Error::MethodError(_, Some(words), _) => words.clone(),
        other => other.to_string(),
    }
}

impl fmt::Display for JobResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("done"),
            Self::Skipped => f.write_str("skipped, a condition does not hold"),
            Self::Failed(why) => write!(f, "failed: {why}"),
            Self::Late => f.write_str("did not end in time"),
        }
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
    async fn start_unit(&self, name: &str, mode: &str) -> zbus::Result<OwnedObjectPath>;
    async fn stop_unit(&self, name: &str, mode: &str) -> zbus::Result<OwnedObjectPath>;
    async fn restart_unit(&self, name: &str, mode: &str) -> zbus::Result<OwnedObjectPath>;
    async fn reload_unit(&self, name: &str, mode: &str) -> zbus::Result<OwnedObjectPath>;
    async fn reload_or_restart_unit(&self, name: &str, mode: &str) -> zbus::Result<OwnedObjectPath>;
    #[zbus(signal)]
    fn job_removed(&self, id: u32, job: OwnedObjectPath, unit: String, result: String) -> zbus::Result<()>;
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
}

#[proxy(
    default_service = "org.freedesktop.systemd1",
    interface = "org.freedesktop.systemd1.Service"
)]
trait Service {
    #[zbus(property(emits_changed_signal = "false"))]
    fn result(&self) -> zbus::Result<String>;
}
