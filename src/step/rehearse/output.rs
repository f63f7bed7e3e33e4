//! What a rehearsal prints: in colour on a terminal, plain elsewhere.

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

/// One step of the boot, played.
pub struct Step {
    name: String,
    lines: Vec<(Level, String)>,
    took: Duration,
    /// What became of it.
    pub result: Result<(), Failure>,
}

impl Step {
    /// Plays a step and keeps what it says.
    pub fn play(name: &str, step: impl FnOnce() -> Result<(), Failure>) -> Self {
        let heard = Heard::default();
        let subscriber = tracing_subscriber::registry()
            .with(LevelFilter::INFO)
            .with(heard.clone());
        let started = Instant::now();
        let result = tracing::subscriber::with_default(subscriber, step);
        let took = started.elapsed();
        let lines = std::mem::take(&mut *heard.0.lock().unwrap_or_else(PoisonError::into_inner));
        Self {
            name: name.to_owned(),
            lines,
            took,
            result,
        }
    }
}

/// Keeps the log of a step.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<(Level, String)>>>);

impl<S: Subscriber> Layer<S> for Heard {
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

/// Where it is printed. A reader that goes away ends nothing: the rehearsal itself leaves no trace.
pub struct Output {
    colour: bool,
    second: bool,
}

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "1;31";
const GREEN: &str = "32";
const YELLOW: &str = "33";

impl Output {
    /// Begins with what is rehearsed.
    pub fn new(root: &Root) -> Self {
        let wished = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let output = Self {
            colour: wished && io::stdout().is_terminal(),
            second: false,
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

    /// A step with its time and what it did.
    pub fn step(&self, step: &Step) {
        let quiet = step.lines.is_empty();
        let (mark, colour) = match (&step.result, quiet && self.second) {
            (Err(_), _) => ("failed", RED),
            (Ok(()), true) => ("nothing to do", DIM),
            (Ok(()), false) => ("done", GREEN),
        };
        let time = format!("{:>8.1} ms", step.took.as_secs_f64() * 1000.0);
        if !self.second {
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

    /// From here on the boot is played again.
    pub fn again(&mut self) {
        self.line("");
        self.line(&format!(
            "{}: a second start of every step changes nothing",
            self.paint(BOLD, "again")
        ));
        self.second = true;
    }

    /// The tree the boot would leave.
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
