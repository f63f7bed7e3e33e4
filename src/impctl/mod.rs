//! `impctl`: what an operator types. Results go to standard output, errors and warnings to standard error.
//!
//! A command is declared in [`table`]; [`parse`] turns the arguments into a [`Command`], and [`run`] hands it to its module.

mod apply;
mod boot;
mod check;
mod columns;
pub mod completion;
mod deploy;
mod diff;
mod edit;
mod explain;
pub mod graph;
pub mod health;
pub mod help;
pub mod history;
mod import;
pub mod logs;
pub mod metrics;
pub mod nat;
pub mod nics;
mod out;
mod render;
mod schema;
pub mod status;
pub mod table;
mod typed;
mod why;

use crate::exit::{Failure, Kind};
use crate::host::paths::CONFIG;
use crate::plan::nat::Asked;
use crate::step::supervisor;
use graph::Drawing;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

pub use typed::parse;

/// How a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// A command with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// `--help`.
    Help,
    /// `--version`.
    Version,
    /// `check`.
    Check(Format),
    /// `diff`.
    Diff(diff::Request),
    /// `explain`, with the code or key as it was typed.
    Explain(Option<String>),
    /// `schema`.
    Schema,
    /// `render`.
    Render {
        /// The directory to write below.
        output: PathBuf,
        /// The bindings.json of a machine.
        bindings: Option<PathBuf>,
    },
    /// `import`.
    Import(import::Request),
    /// `rehearse`.
    Rehearse,
    /// `apply`.
    Apply(apply::Options),
    /// `confirm`.
    Confirm,
    /// `rollback`.
    Rollback(apply::Target, apply::Options),
    /// `history`.
    History(Format),
    /// `show`, with the number or the id as it was typed.
    Show(String),
    /// `edit`, with the file that was named.
    Edit(Option<String>),
    /// `status`, and how often with `--watch`.
    Status(Format, Option<Duration>),
    /// `nics`.
    Nics(Format),
    /// `logs`.
    Logs(logs::Request),
    /// `metrics`, and the file to write.
    Metrics(Option<PathBuf>),
    /// `why`.
    Why(Format),
    /// `graph`.
    Graph(Drawing),
    /// `nat who`.
    NatWho {
        /// The address, and the port.
        asked: Asked,
        /// `--at`.
        at: Option<SystemTime>,
        /// How it is printed.
        format: Format,
    },
    /// `boot`.
    Boot(boot::Verb, Format),
    /// `boot deploy`.
    Deploy(deploy::Request),
    /// `health`.
    Health(Format),
    /// `completion`, for bash.
    Completion,
}

impl Command {
    /// How it shows findings, if it examines documents.
    fn examines(&self) -> Option<Format> {
        match self {
            Self::Check(format) => Some(*format),
            Self::Diff(request) => Some(request.format),
            Self::Render { .. } | Self::Rehearse => Some(Format::Text),
            _ => None,
        }
    }
}

/// Runs the command that was typed.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Result<(), Failure> {
    let args: Vec<OsString> = args.into_iter().collect();
    let (root, command) = parse(args.iter().cloned())?;
    if let Some(format) = command.examines()
        && let Some(end) = supervisor::command(&root, &args)
    {
        return end.unwrap_or_else(|how| match command {
            Command::Diff(_) => diff::without_answer(format, &how),
            _ => check::without_answer(&root, format, &how),
        });
    }
    match command {
        Command::Help => out::print(&help::text()),
        Command::Version => out::print(&format!("impctl {}\n", env!("CARGO_PKG_VERSION"))),
        Command::Check(format) => check::run(&root, format),
        Command::Diff(request) => diff::run(&root, &request),
        Command::Explain(typed) => explain::run(typed.as_deref()),
        Command::Schema => schema::run(),
        Command::Render { output, bindings } => render::run(&root, &output, bindings.as_deref()),
        Command::Import(request) => import::run(&request),
        Command::Rehearse => {
            check::readable(&root.join(CONFIG), "rehearse")?;
            crate::step::rehearse::rehearse(&root)
        }
        Command::Apply(options) => apply::run(&root, &options),
        Command::Confirm => apply::confirm(&root),
        Command::Rollback(target, options) => apply::rollback(&root, &target, &options),
        Command::History(format) => history::run(&root, format),
        Command::Show(wanted) => history::show(&root, &wanted),
        Command::Edit(file) => edit::run(&root, file.as_deref()),
        Command::Status(format, None) => status::run(&root, format),
        Command::Status(format, Some(every)) => status::watch(&root, format, every),
        Command::Nics(format) => nics::run(&root, format),
        Command::Logs(request) => logs::run(&root, &request),
        Command::Metrics(output) => metrics::run(&root, output.as_deref()),
        Command::Why(format) => why::run(&root, format),
        Command::Graph(drawing) => graph::run(&root, drawing),
        Command::NatWho { asked, at, format } => nat::who(&root, asked, at, format),
        Command::Deploy(request) => deploy::run(&root, &request),
        Command::Boot(verb, format) => boot::run(&root, &verb, format),
        Command::Health(format) => health::run(&root, format),
        Command::Completion => out::print(&completion::bash()),
    }
}

fn misuse(problem: impl std::fmt::Display) -> Failure {
    Failure::new(Kind::Usage, format!("{problem} (see 'impctl --help')"))
}
