//! `impctl`: what an operator types. Results go to standard output, everything about them to standard error.

mod boot;
mod check;
mod deploy;
mod explain;
pub mod health;
mod out;
mod render;
mod schema;
mod status;
mod why;

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
  explain [CODE|KEY]       say what a code or a key means (E0311, interfaces.NAME.mtu), or list the codes
  schema                   print the JSON Schema of the configuration, for editors
  render --output DIR      write every file the configuration makes below another directory
         [--bindings FILE]   with the NICs and cores of the machine this bindings.json is from
  rehearse                 play the whole boot in throw-away namespaces, as any user
  status                   say what this router runs and how it is
  health                   run every check of this router once; nothing follows from it
  why                      say what became of the last boot that was not good, and what to do
  boot status              say whether this boot is a good one, and what the next one starts
  boot list                show the images of this machine
  boot deploy FILE.zfs.zst|IMAGE
                           receive an image, look at it, arm it: [--reboot] [--force] [--no-arm]
  boot arm IMAGE           try an image at the next boot, once: [--reboot] [--force]
  boot arm --explain       say how images are tried here, why so, and what that does not cover
  boot disarm              take that back
  boot drill               prove the way back with a copy of the image that runs: [--reboot] [--force]
  boot bless               make the image that runs the one power-on starts

  --root DIR       the machine, `/` by default
  --format json    for programs (check, status, health, why, boot status, boot list, boot arm --explain)
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
    /// `explain`, with the code or key as it was typed.
    Explain(Option<String>),
    /// `schema`.
    Schema,
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
    /// `why`.
    Why(Format),
    /// `boot`.
    Boot(boot::Verb, Format),
    /// `boot deploy`.
    Deploy(deploy::Request),
    /// `health`.
    Health(Format),
}

const COMMANDS: [&str; 9] = [
    "boot", "check", "explain", "health", "render", "rehearse", "schema", "status", "why",
];
const VERBS: [&str; 7] = ["arm", "bless", "deploy", "disarm", "drill", "list", "status"];
/// Options without a value.
const FLAGS: [&str; 4] = ["explain", "force", "no-arm", "reboot"];

/// Runs what was typed.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Result<(), Failure> {
    let (root, command) = parse(args)?;
    match command {
        Command::Help => out::print(HELP),
        Command::Version => out::print(&format!("impctl {}\n", env!("CARGO_PKG_VERSION"))),
        Command::Check(format) => check::run(&root, format),
        Command::Explain(typed) => explain::run(typed.as_deref()),
        Command::Schema => schema::run(),
        Command::Render { output, bindings } => render::run(&root, &output, bindings.as_deref()),
        Command::Rehearse => crate::act::rehearse::rehearse(&root),
        Command::Status(format) => status::run(&root, format),
        Command::Why(format) => why::run(&root, format),
        Command::Deploy(request) => deploy::run(&root, &request),
        Command::Boot(verb, format) => boot::run(&root, &verb, format),
        Command::Health(format) => health::run(&root, format),
    }
}

/// The options of all commands, as they were found.
#[derive(Default)]
struct Options {
    root: Option<PathBuf>,
    format: Option<Format>,
    output: Option<PathBuf>,
    bindings: Option<PathBuf>,
    flags: Vec<&'static str>,
    words: Vec<String>,
}

impl Options {
    /// Whether a flag was given; asked for, it is understood.
    fn flag(&mut self, name: &str) -> bool {
        let before = self.flags.len();
        self.flags.retain(|flag| *flag != name);
        self.flags.len() < before
    }

    /// The next word, or what is missing.
    fn word(&mut self, missing: &str) -> Result<String, Failure> {
        if self.words.is_empty() {
            return Err(misuse(missing));
        }
        Ok(self.words.remove(0))
    }
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
            Long(flag) if FLAGS.contains(&flag) => {
                options.flags.extend(FLAGS.iter().find(|known| **known == flag));
            }
            Value(word) => options.words.push(word.to_string_lossy().into_owned()),
            Short(_) | Long(_) => return Err(misuse(arg.unexpected())),
        }
    }
    let root = Root::new(options.root.take().unwrap_or_else(|| "/".into()));
    Ok((root, command(options)?))
}

fn command(mut options: Options) -> Result<Command, Failure> {
    let name = options.word("a command is missing")?;
    let format = options.format.take();
    let command = match name.as_str() {
        "check" => Command::Check(format.unwrap_or_default()),
        "status" => Command::Status(format.unwrap_or_default()),
        "why" => Command::Why(format.unwrap_or_default()),
        "boot" if options.words.first().is_some_and(|word| word == "deploy") => {
            options.words.remove(0);
            Command::Deploy(deploy_request(&mut options)?)
        }
        "boot" => Command::Boot(boot_verb(&mut options)?, format.unwrap_or_default()),
        "health" => Command::Health(format.unwrap_or_default()),
        _ if format.is_some() => return Err(misuse(format_args!("{name} has no --format"))),
        "schema" => Command::Schema,
        "explain" => Command::Explain((!options.words.is_empty()).then(|| options.words.remove(0))),
        "rehearse" => Command::Rehearse,
        "render" => Command::Render {
            output: options
                .output
                .take()
                .ok_or_else(|| misuse("render needs --output DIR"))?,
            bindings: options.bindings.take(),
        },
        unknown => return Err(unknown_command(unknown, COMMANDS)),
    };
    if options.output.is_some() || options.bindings.is_some() {
        return Err(misuse(format_args!(
            "--output and --bindings belong to render, not to {name}"
        )));
    }
    if let Some(flag) = options.flags.first() {
        return Err(misuse(format_args!("--{flag} does not belong to {name}")));
    }
    match options.words.first() {
        Some(word) => Err(misuse(format_args!("'{word}' is one word too many"))),
        None => Ok(command),
    }
}

fn deploy_request(options: &mut Options) -> Result<deploy::Request, Failure> {
    let request = deploy::Request {
        source: options.word("deploy needs a file that ends in .zfs.zst, or the name of an image")?,
        force: options.flag("force"),
        arm: !options.flag("no-arm"),
        reboot: options.flag("reboot"),
    };
    match request {
        deploy::Request {
            arm: false,
            reboot: true,
            ..
        } => Err(misuse(
            "--reboot without arming would only start the image that runs",
        )),
        request => Ok(request),
    }
}

fn boot_verb(options: &mut Options) -> Result<boot::Verb, Failure> {
    let word = options.word("boot needs a word: arm, bless, deploy, disarm, drill, list or status")?;
    Ok(match word.as_str() {
        "arm" if options.flag("explain") => boot::Verb::Explain,
        "arm" => boot::Verb::Arm {
            image: options.word("arm needs the name of an image; 'impctl boot list' shows them")?,
            force: options.flag("force"),
            reboot: options.flag("reboot"),
        },
        "bless" => boot::Verb::Bless,
        "disarm" => boot::Verb::Disarm,
        "drill" => boot::Verb::Drill {
            force: options.flag("force"),
            reboot: options.flag("reboot"),
        },
        "list" => boot::Verb::List,
        "status" => boot::Verb::Status,
        unknown => return Err(unknown_command(unknown, VERBS)),
    })
}

fn format(word: &std::ffi::OsStr) -> Result<Format, Failure> {
    match word.to_str() {
        Some("text") => Ok(Format::Text),
        Some("json") => Ok(Format::Json),
        _ => Err(misuse("--format is text or json")),
    }
}

fn unknown_command<const N: usize>(typed: &str, known: [&str; N]) -> Failure {
    match did_you_mean(typed, known) {
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
