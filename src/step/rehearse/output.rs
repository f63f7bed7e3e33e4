//! The output of a rehearsal: in colour on a terminal, plain elsewhere.

use super::tree::{Left, What};
use crate::exit::Failure;
use crate::host::paths::CONFIG;
use crate::types::Root;
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// One step of the boot after it has run.
pub struct Step {
    name: String,
    lines: Vec<(Level, String)>,
    took: Duration,
    /// Whether it succeeded.
    pub result: Result<(), Failure>,
}

impl Step {
    /// Runs a step and keeps what it logs.
    pub fn run(name: &str, step: impl FnOnce() -> Result<(), Failure>) -> Self {
        let log = StepLog::default();
        let subscriber = tracing_subscriber::registry()
            .with(LevelFilter::INFO)
            .with(log.clone());
        let started = Instant::now();
        let result = tracing::subscriber::with_default(subscriber, step);
        let took = started.elapsed();
        let lines = std::mem::take(&mut *log.0.lock().unwrap_or_else(PoisonError::into_inner));
        Self {
            name: name.to_owned(),
            lines,
            took,
            result,
        }
    }
}

/// Collects the log of a step.
#[derive(Clone, Default)]
struct StepLog(Arc<Mutex<Vec<(Level, String)>>>);

impl<S: Subscriber> Layer<S> for StepLog {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut text = String::new();
        event.record(&mut Message(&mut text));
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push((*event.metadata().level(), text));
    }
}

struct Message<'a>(&'a mut String);

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            let _ = write!(self.0, "{value:?}");
        }
    }
}

/// Prints to standard output. Errors are ignored: a reader that goes away does not stop the rehearsal.
pub struct Output {
    colour: bool,
    again: bool,
}

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "1;31";
const GREEN: &str = "32";
const YELLOW: &str = "33";

impl Output {
    /// Starts with a line that says which configuration is rehearsed.
    pub fn new(root: &Root) -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let output = Self {
            colour: wanted && io::stdout().is_terminal(),
            again: false,
        };
        let folder = root.join(CONFIG);
        output.line(&format!(
            "{} {}",
            output.paint(BOLD, "rehearsing"),
            folder.display()
        ));
        output.line(&output.paint(
            DIM,
            "in throw-away namespaces, with a veth for each NIC: this machine is not touched",
        ));
        output
    }

    /// Prints a step with its time and what it did.
    pub fn step(&self, step: &Step) {
        let quiet = step.lines.is_empty();
        let (mark, colour) = match (&step.result, quiet && self.again) {
            (Err(_), _) => ("failed", RED),
            (Ok(()), true) => ("nothing to do", DIM),
            (Ok(()), false) => ("done", GREEN),
        };
        let time = format!("{:>8.1} ms", step.took.as_secs_f64() * 1000.0);
        if !self.again {
            self.line("");
        }
        let name = self.paint(BOLD, &format!("{:<16}", step.name));
        self.line(&format!(
            "{name}{}  {}",
            self.paint(DIM, &time),
            self.paint(colour, mark)
        ));
        for (level, text) in &step.lines {
            let colour = match *level {
                Level::ERROR => Some(RED),
                Level::WARN => Some(YELLOW),
                _ => None,
            };
            for line in text.lines() {
                self.line(&format!(
                    "  {}",
                    colour.map_or_else(|| line.to_owned(), |colour| self.paint(colour, line))
                ));
            }
        }
        if let Err(failure) = &step.result {
            for line in failure.to_string().lines() {
                self.line(&format!("  {}", self.paint(RED, line)));
            }
        }
    }

    /// Marks the start of the second run of the boot.
    pub fn again(&mut self) {
        self.line("");
        self.line(&format!(
            "{}: a second start of every step changes nothing",
            self.paint(BOLD, "again")
        ));
        self.again = true;
    }

    /// Prints the tree the boot would leave.
    pub fn tree(&self, left: &[Left]) {
        self.line("");
        self.line(&format!(
            "{}, sizes in bytes",
            self.paint(BOLD, "what the boot would leave")
        ));
        for Left { path, what } in left {
            let text = match what {
                What::File(size) => format!("{size:>9}  {}", path.display()),
                What::Bound(source) => {
                    let arrow = self.paint(DIM, &format!("<- {}", source.display()));
                    format!("{:>9}  {} {arrow}", "bind", path.display())
                }
                What::Link(target) => {
                    let arrow = self.paint(DIM, &format!("-> {}", target.display()));
                    format!("{:>9}  {} {arrow}", "link", path.display())
                }
                What::Namespace => format!("{:>9}  {}", "netns", path.display()),
            };
            self.line(&text);
        }
    }

    fn paint(&self, colour: &str, text: &str) -> String {
        match self.colour {
            true => format!("\x1b[{colour}m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }

    fn line(&self, text: &str) {
        let _ = writeln!(io::stdout().lock(), "{text}");
    }
}
