//! `impctl`: what an operator types. Results go to standard output, errors and warnings to standard error.
//!
//! A command is declared in [`table`]; [`parse`] turns the arguments into a [`Command`], and [`run`] hands it to its module.

mod boot;
mod check;
mod columns;
pub mod completion;
mod deploy;
mod explain;
pub mod health;
pub mod help;
pub mod logs;
pub mod metrics;
pub mod nics;
mod out;
mod render;
mod schema;
pub mod status;
pub mod table;
mod why;

use crate::exit::{Failure, Kind};
use crate::step::supervisor;
use crate::types::Root;
use lexopt::prelude::{Long, Short, Value};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;
use table::{Name, Spec};

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
    /// `rehearse`.
    Rehearse,
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
        return end.unwrap_or_else(|how| check::without_answer(&root, format, &how));
    }
    match command {
        Command::Help => out::print(&help::text()),
        Command::Version => out::print(&format!("impctl {}\n", env!("CARGO_PKG_VERSION"))),
        Command::Check(format) => check::run(&root, format),
        Command::Explain(typed) => explain::run(typed.as_deref()),
        Command::Schema => schema::run(),
        Command::Render { output, bindings } => render::run(&root, &output, bindings.as_deref()),
        Command::Rehearse => crate::step::rehearse::rehearse(&root),
        Command::Status(format, None) => status::run(&root, format),
        Command::Status(format, Some(every)) => status::watch(&root, format, every),
        Command::Nics(format) => nics::run(&root, format),
        Command::Logs(request) => logs::run(&root, &request),
        Command::Metrics(output) => metrics::run(&root, output.as_deref()),
        Command::Why(format) => why::run(&root, format),
        Command::Deploy(request) => deploy::run(&root, &request),
        Command::Boot(verb, format) => boot::run(&root, &verb, format),
        Command::Health(format) => health::run(&root, format),
        Command::Completion => out::print(&completion::bash()),
    }
}

/// What was typed: options with their values, and the other words.
#[derive(Default)]
struct Typed {
    options: Vec<(&'static str, Option<OsString>)>,
    words: Vec<String>,
}

impl Typed {
    /// Whether a flag was given.
    fn flag(&self, name: &str) -> bool {
        self.options.iter().any(|(option, _)| *option == name)
    }

    /// The value of an option; the last one where it was given more than once.
    fn value(&self, name: &str) -> Option<&OsString> {
        let given = self.options.iter().rev().find(|(option, _)| *option == name);
        given.and_then(|(_, value)| value.as_ref())
    }

    /// The value of an option that names a file or a directory.
    fn path(&self, name: &str) -> Option<PathBuf> {
        self.value(name).map(PathBuf::from)
    }

    fn format(&self) -> Result<Format, Failure> {
        match self.value("format").map(|value| value.to_str()) {
            None | Some(Some("text")) => Ok(Format::Text),
            Some(Some("json")) => Ok(Format::Json),
            Some(_) => Err(misuse("--format must be text or json")),
        }
    }

    /// The next word, or the error that it is missing.
    fn word(&mut self, missing: &str) -> Result<String, Failure> {
        match self.words.is_empty() {
            true => Err(misuse(missing)),
            false => Ok(self.words.remove(0)),
        }
    }
}

/// The command and the root that were typed. Every option has to be one the command takes, and no word may be left over.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<(Root, Command), Failure> {
    let mut typed = Typed::default();
    let mut parser = lexopt::Parser::from_args(args);
    while let Some(arg) = parser.next().map_err(misuse)? {
        let option = match arg {
            Short('h') | Long("help") => return Ok((Root::new("/"), Command::Help)),
            Short('V') | Long("version") => return Ok((Root::new("/"), Command::Version)),
            Short(letter) => return Err(misuse(format_args!("unknown option '-{letter}'"))),
            Long(name) => table::find_option(name).ok_or_else(|| misuse(table::unknown_option(name)))?,
            Value(word) => {
                typed.words.push(word.to_string_lossy().into_owned());
                continue;
            }
        };
        let value = match option.argument {
            Some(argument) if argument.is_optional() => optional(&mut parser)?,
            Some(_) => Some(parser.value().map_err(misuse)?),
            None => None,
        };
        typed.options.push((option.name, value));
    }
    let root = Root::new(typed.path("root").unwrap_or_else(|| "/".into()));
    Ok((root, command(typed)?))
}

/// A value that may be left out: what follows a `=`, or the next word where that is a number.
fn optional(parser: &mut lexopt::Parser) -> Result<Option<OsString>, Failure> {
    if let Some(value) = parser.optional_value() {
        return Ok(Some(value));
    }
    let is_number = |word: &OsStr| {
        let text = word.to_string_lossy();
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut rest = parser.raw_args().map_err(misuse)?;
    Ok(rest.next_if(is_number))
}

fn command(mut typed: Typed) -> Result<Command, Failure> {
    let (spec, named_by) = table::find_command(&typed.words).map_err(misuse)?;
    typed.words.drain(..named_by);
    refuse_other_options(spec, &typed)?;
    let command = build(spec.name, &mut typed)?;
    match typed.words.first() {
        Some(word) => Err(misuse(format_args!("unexpected argument '{word}'"))),
        None => Ok(command),
    }
}

fn refuse_other_options(spec: &Spec, typed: &Typed) -> Result<(), Failure> {
    let names = typed.options.iter().map(|(name, _)| *name);
    let other = names
        .into_iter()
        .find(|name| *name != "root" && !spec.takes(name));
    other.map_or(Ok(()), |name| {
        Err(misuse(format_args!("'{}' does not take --{name}", spec.words)))
    })
}

fn build(name: Name, typed: &mut Typed) -> Result<Command, Failure> {
    let format = typed.format()?;
    Ok(match name {
        Name::Check => Command::Check(format),
        Name::Explain => Command::Explain(typed.word("").ok()),
        Name::Render => Command::Render {
            output: typed
                .path("output")
                .ok_or_else(|| misuse("'render' needs --output DIR"))?,
            bindings: typed.path("bindings"),
        },
        Name::Schema => Command::Schema,
        Name::Rehearse => Command::Rehearse,
        Name::Status => Command::Status(format, watch(typed)?),
        Name::Nics => Command::Nics(format),
        Name::Logs => Command::Logs(logs::Request {
            part: typed.word("").ok(),
            instance: typed.word("").ok(),
            follow: typed.flag("follow"),
        }),
        Name::Metrics => Command::Metrics(typed.path("output")),
        Name::Health => Command::Health(format),
        Name::Why => Command::Why(format),
        Name::BootStatus => Command::Boot(boot::Verb::Status, format),
        Name::BootList => Command::Boot(boot::Verb::List, format),
        Name::BootDeploy => Command::Deploy(deploy_request(typed)?),
        Name::BootArm => Command::Boot(arm(typed)?, format),
        Name::BootDisarm => Command::Boot(boot::Verb::Disarm, format),
        Name::BootDrill => Command::Boot(
            boot::Verb::Drill {
                force: typed.flag("force"),
                reboot: typed.flag("reboot"),
            },
            format,
        ),
        Name::BootBless => Command::Boot(boot::Verb::Bless, format),
        Name::Completion => match typed
            .word("'completion' needs the name of a shell: bash")?
            .as_str()
        {
            "bash" => Command::Completion,
            other => {
                return Err(misuse(format_args!(
                    "there is no completion for '{other}', only for bash"
                )));
            }
        },
    })
}

/// How often `--watch` looks; none without it.
fn watch(typed: &Typed) -> Result<Option<Duration>, Failure> {
    const MOST: u64 = 86_400;
    let Some(value) = typed.value("watch") else {
        return Ok(typed.flag("watch").then_some(status::EVERY));
    };
    let seconds = value.to_str().and_then(|text| text.parse().ok());
    match seconds.filter(|seconds| (1..=MOST).contains(seconds)) {
        Some(seconds) => Ok(Some(Duration::from_secs(seconds))),
        None => Err(misuse(format_args!("--watch takes 1 to {MOST} seconds"))),
    }
}

fn arm(typed: &mut Typed) -> Result<boot::Verb, Failure> {
    if typed.flag("explain") {
        return Ok(boot::Verb::Explain);
    }
    Ok(boot::Verb::Arm {
        image: typed.word("'boot arm' needs the name of an image; 'impctl boot list' shows them")?,
        force: typed.flag("force"),
        reboot: typed.flag("reboot"),
    })
}

fn deploy_request(typed: &mut Typed) -> Result<deploy::Request, Failure> {
    let request = deploy::Request {
        source: typed.word("'boot deploy' needs a .zfs.zst file or the name of an image")?,
        force: typed.flag("force"),
        arm: !typed.flag("no-arm"),
        reboot: typed.flag("reboot"),
    };
    if request.reboot && !request.arm {
        return Err(misuse(
            "--reboot and --no-arm contradict each other: the reboot would start the image that is running now",
        ));
    }
    Ok(request)
}

fn misuse(problem: impl std::fmt::Display) -> Failure {
    Failure::new(Kind::Usage, format!("{problem} (see 'impctl --help')"))
}
