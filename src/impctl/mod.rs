//! `impctl`: what an operator types. Results go to standard output, everything about them to standard error.

mod check;
mod explain;
mod out;
mod render;
mod status;

use crate::config::did_you_mean;
use crate::exit::{Failure, Kind};
use crate::types::Root;
use lexopt::prelude::{Long, Short, Value};
use std::ffi::OsString;
use std::path::PathBuf;

const HELP: &str = "\
impctl: look at the configuration of this router, without changing anything

usage: impctl [--root DIR] COMMAND [OPTION...]

  check                    say everything that is wrong with DIR/persistent/config
  explain [CODE]           say what a code means, or list them all
  render --output DIR      write every file the configuration makes below another directory
         [--bindings FILE]   with the NICs and cores of the machine this bindings.json is from
  rehearse                 play the whole boot in throw-away namespaces, as any user
  status                   say what this router runs and how it is

  --root DIR       the machine, `/` by default
  --format json    for programs (check, status)
  -h, --help       this text
  -V, --version    the version

exit codes: 0 good, 1 failed, 64 usage, 69 something is missing, 75 too late, 77 not allowed, 78 configuration refused
";

/// How a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// A command and what it works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// `--help`.
    Help,
    /// `--version`.
    Version,
    /// `check`.
    Check(Format),
    /// `explain`, with the code as it was typed.
    Explain(Option<String>),
    /// `render`.
    Render {
        /// Where to.
        output: PathBuf,
        /// A machine's own bindings.
        bindings: Option<PathBuf>,
    },
    /// `rehearse`.
    Rehearse,
    /// `status`.
    Status(Format),
}

const COMMANDS: [&str; 5] = ["check", "explain", "render", "rehearse", "status"];

/// Runs what was typed.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Result<(), Failure> {
    let (root, command) = parse(args)?;
    match command {
        Command::Help => out::print(HELP),
        Command::Version => out::print(&format!("impctl {}\n", env!("CARGO_PKG_VERSION"))),
        Command::Check(format) => check::run(&root, format),
        Command::Explain(code) => explain::run(code.as_deref()),
        Command::Render { output, bindings } => render::run(&root, &output, bindings.as_deref()),
        Command::Rehearse => crate::act::rehearse::rehearse(&root),
        Command::Status(format) => status::run(&root, format),
    }
}

/// The options of all commands, as they were found.
#[derive(Default)]
struct Options {
    root: Option<PathBuf>,
    format: Option<Format>,
    output: Option<PathBuf>,
    bindings: Option<PathBuf>,
    words: Vec<String>,
}

/// What was typed, understood; an option that the command does not take is an error.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<(Root, Command), Failure> {
    let mut options = Options::default();
    let mut parser = lexopt::Parser::from_args(args);
    while let Some(arg) = parser.next().map_err(misuse)? {
        match arg {
            Short('h') | Long("help") => return Ok((Root::new("/"), Command::Help)),
            Short('V') | Long("version") => return Ok((Root::new("/"), Command::Version)),
            Long("root") => options.root = Some(parser.value().map_err(misuse)?.into()),
            Long("output") => options.output = Some(parser.value().map_err(misuse)?.into()),
            Long("bindings") => options.bindings = Some(parser.value().map_err(misuse)?.into()),
            Long("format") => options.format = Some(format(&parser.value().map_err(misuse)?)?),
            Value(word) => options.words.push(word.to_string_lossy().into_owned()),
            Short(_) | Long(_) => return Err(misuse(arg.unexpected())),
        }
    }
    let root = Root::new(options.root.take().unwrap_or_else(|| "/".into()));
    Ok((root, command(options)?))
}

fn command(mut options: Options) -> Result<Command, Failure> {
    if options.words.is_empty() {
        return Err(misuse("a command is missing"));
    }
    let name = options.words.remove(0);
    let format = options.format.take();
    let command = match name.as_str() {
        "check" => Command::Check(format.unwrap_or_default()),
        "status" => Command::Status(format.unwrap_or_default()),
        _ if format.is_some() => return Err(misuse(format_args!("{name} has no --format"))),
        "explain" => Command::Explain((!options.words.is_empty()).then(|| options.words.remove(0))),
        "rehearse" => Command::Rehearse,
        "render" => Command::Render {
            output: options
                .output
                .take()
                .ok_or_else(|| misuse("render needs --output DIR"))?,
            bindings: options.bindings.take(),
        },
        unknown => return Err(unknown_command(unknown)),
    };
    if options.output.is_some() || options.bindings.is_some() {
        return Err(misuse(format_args!(
            "--output and --bindings belong to render, not to {name}"
        )));
    }
    match options.words.first() {
        Some(word) => Err(misuse(format_args!("'{word}' is one word too many"))),
        None => Ok(command),
    }
}

fn format(word: &std::ffi::OsStr) -> Result<Format, Failure> {
    match word.to_str() {
        Some("text") => Ok(Format::Text),
        Some("json") => Ok(Format::Json),
        _ => Err(misuse("--format is text or json")),
    }
}

fn unknown_command(typed: &str) -> Failure {
    match did_you_mean(typed, COMMANDS) {
        Some(command) => misuse(format_args!("'{typed}' is no command, '{command}' is")),
        None => misuse(format_args!("'{typed}' is no command")),
    }
}

fn misuse(problem: impl std::fmt::Display) -> Failure {
    Failure::new(
        Kind::Usage,
        format!("{problem}; `impctl --help` shows what is understood"),
    )
}
