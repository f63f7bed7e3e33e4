//! Every command and option, declared once. The parser, `--help`, the completion and the test of impctl(8) read this table.

mod commands;

pub use commands::COMMANDS;

use crate::config::did_you_mean;

/// Which command it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // the words in the table say it
pub enum Name {
    Check,
    Diff,
    Explain,
    Schema,
    Render,
    Import,
    Rehearse,
    Apply,
    Confirm,
    Rollback,
    History,
    Show,
    Edit,
    Status,
    Nics,
    Logs,
    Metrics,
    Health,
    Why,
    Graph,
    NatWho,
    BootStatus,
    BootList,
    BootDeploy,
    BootArm,
    BootDisarm,
    BootDrill,
    BootBless,
    Completion,
}

/// What a command or an option takes as its one argument; completion offers the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// A directory.
    Directory,
    /// A file.
    File,
    /// A file whose name ends like this, or a name.
    FileNamed(&'static str),
    /// A name only this machine knows.
    Name,
    /// Any text.
    Text,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A code or a key that `impctl explain` knows.
    Explained,
}

/// An argument as help shows it, and what it is.
#[derive(Debug, Clone, Copy)]
pub struct Argument {
    /// `IMAGE`, or `[CODE]` where it may be left out.
    pub shown: &'static str,
    /// What it is.
    pub value: Value,
}

/// An option.
#[derive(Debug, Clone, Copy)]
pub struct Opt {
    /// Its name, without the dashes.
    pub name: &'static str,
    /// Its value; `None` for a flag.
    pub argument: Option<Argument>,
    /// What it does, in a line.
    pub about: &'static str,
}

/// A command.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Which.
    pub name: Name,
    /// What is typed: `boot arm`.
    pub words: &'static str,
    /// Its argument.
    pub argument: Option<Argument>,
    /// The options it takes besides [`GLOBAL`].
    pub options: &'static [Opt],
    /// What it does, in a line.
    pub about: &'static str,
}

impl Opt {
    /// Whether it is the choice between text and JSON, which is described once for all commands.
    pub fn is_usual_format(&self) -> bool {
        self.name == FORMAT.name && self.value() == FORMAT.value()
    }

    /// What its argument is.
    pub fn value(&self) -> Option<Value> {
        self.argument.map(|argument| argument.value)
    }
}

impl Spec {
    /// Whether it takes an option of this name.
    pub fn takes(&self, option: &str) -> bool {
        self.options.iter().any(|known| known.name == option)
    }
}

const fn argument(shown: &'static str, value: Value) -> Option<Argument> {
    Some(Argument { shown, value })
}

const fn flag(name: &'static str, about: &'static str) -> Opt {
    Opt {
        name,
        argument: None,
        about,
    }
}

const fn option(name: &'static str, shown: &'static str, value: Value, about: &'static str) -> Opt {
    Opt {
        name,
        argument: argument(shown, value),
        about,
    }
}

const FORMAT: Opt = option(
    "format",
    "FORMAT",
    Value::OneOf(&["text", "json"]),
    "text for people (the default), json for programs",
);
const REBOOT: Opt = flag("reboot", "reboot as soon as it is armed");

/// `-m`, too.
pub const MESSAGE: Opt = option(
    "message",
    "TEXT",
    Value::Text,
    "what the change is for (-m); 'history' shows it",
);
const CONFIRM: Opt = option(
    "confirm",
    "[TIME]",
    Value::OneOf(&["auto", "10m"]),
    "go back after this time unless confirmed; auto: unless all works",
);

/// What every command takes.
pub const GLOBAL: [Opt; 3] = [
    option(
        "root",
        "DIR",
        Value::Directory,
        "the machine to work on; / by default",
    ),
    flag("help", "print this text (-h)"),
    flag("version", "print the version (-V)"),
];

/// The option of this name, of whichever command.
pub fn find_option(name: &str) -> Option<Opt> {
    let all = GLOBAL
        .iter()
        .chain(COMMANDS.iter().flat_map(|command| command.options));
    all.copied().find(|option| option.name == name)
}

/// The command the words begin with, and how many of them name it; else the problem, with the nearest command as a hint.
pub fn find_command(words: &[String]) -> Result<(&'static Spec, usize), String> {
    let typed = match words {
        [] => return Err("no command given".to_owned()),
        [group, verb, ..] if is_group(group) => format!("{group} {verb}"),
        [group] if is_group(group) => return Err(format!("'{group}' needs a command: {}", verbs(group))),
        [word, ..] => word.clone(),
    };
    match COMMANDS.iter().find(|command| command.words == typed) {
        Some(command) => Ok((command, typed.split(' ').count())),
        None => Err(unknown_command(&typed)),
    }
}

/// The problem with an option no command takes, with the nearest one as a hint.
pub fn unknown_option(name: &str) -> String {
    let commands = COMMANDS.iter().flat_map(|command| command.options);
    let known = GLOBAL.iter().chain(commands).map(|option| option.name);
    match did_you_mean(name, known) {
        Some(near) => format!("unknown option '--{name}'; did you mean '--{near}'?"),
        None => format!("unknown option '--{name}'"),
    }
}

fn unknown_command(typed: &str) -> String {
    match did_you_mean(typed, COMMANDS.iter().map(|command| command.words)) {
        Some(near) => format!("unknown command '{typed}'; did you mean '{near}'?"),
        None => format!("unknown command '{typed}'"),
    }
}

fn is_group(word: &str) -> bool {
    COMMANDS
        .iter()
        .filter_map(|command| command.words.split_once(' '))
        .any(|(group, _)| group == word)
}

fn verbs(group: &str) -> String {
    let of_group = |command: &Spec| match command.words.split_once(' ') {
        Some((first, verb)) if first == group => Some(verb),
        _ => None,
    };
    COMMANDS
        .iter()
        .filter_map(of_group)
        .collect::<Vec<_>>()
        .join(", ")
}
