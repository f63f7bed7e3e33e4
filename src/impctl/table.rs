//! Every command and option, declared once. The parser, `--help`, the completion and the test of impctl(8) read this table.

use super::logs;
use crate::config::did_you_mean;
use crate::import::SOURCES;

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

/// Every command, in the order help lists them.
pub const COMMANDS: &[Spec] = &[
    Spec {
        name: Name::Check,
        words: "check",
        argument: None,
        options: &[FORMAT],
        about: "report every error in the configuration",
    },
    Spec {
        name: Name::Diff,
        words: "diff",
        argument: argument("[N [M]]", Value::Name),
        options: &[flag("verbose", "list every member, command and line"), FORMAT],
        about: "show what applying the configuration changes and costs; changes nothing",
    },
    Spec {
        name: Name::Explain,
        words: "explain",
        argument: argument("[WHAT]", Value::Explained),
        options: &[],
        about: "explain an error code or a key (interfaces.NAME.mtu), or list all codes",
    },
    Spec {
        name: Name::Schema,
        words: "schema",
        argument: None,
        options: &[],
        about: "print the JSON Schema of the configuration, for editors",
    },
    Spec {
        name: Name::Render,
        words: "render",
        argument: None,
        options: &[
            option(
                "output",
                "DIR",
                Value::Directory,
                "where to write them (required)",
            ),
            option(
                "bindings",
                "FILE",
                Value::File,
                "use the NICs and cores in this bindings.json",
            ),
        ],
        about: "write every generated file below a directory",
    },
    Spec {
        name: Name::Import,
        words: "import",
        argument: argument("PATH", Value::File),
        options: &[
            option(
                "from",
                "KIND",
                Value::OneOf(SOURCES),
                "what it is the configuration of (required)",
            ),
            option(
                "output",
                "FILE",
                Value::File,
                "write it there, and its secrets beside it, instead of printing it",
            ),
            flag("force", "replace files that are there"),
        ],
        about: "turn another system's configuration into a document",
    },
    Spec {
        name: Name::Rehearse,
        words: "rehearse",
        argument: None,
        options: &[],
        about: "run the whole boot in throw-away namespaces; needs no root",
    },
    Spec {
        name: Name::Apply,
        words: "apply",
        argument: None,
        options: &[CONFIRM, MESSAGE],
        about: "apply the edited configuration, and wait until it runs",
    },
    Spec {
        name: Name::Confirm,
        words: "confirm",
        argument: None,
        options: &[],
        about: "keep a change that was applied with --confirm",
    },
    Spec {
        name: Name::Rollback,
        words: "rollback",
        argument: argument("[N]", Value::Name),
        options: &[
            flag("unconfirmed", "instead: take back what waits for a confirmation"),
            CONFIRM,
            MESSAGE,
        ],
        about: "put a generation's documents back (1: the one before) and apply them",
    },
    Spec {
        name: Name::History,
        words: "history",
        argument: None,
        options: &[FORMAT],
        about: "list the generations that are kept",
    },
    Spec {
        name: Name::Show,
        words: "show",
        argument: argument("N", Value::Name),
        options: &[],
        about: "print the documents of a generation",
    },
    Spec {
        name: Name::Edit,
        words: "edit",
        argument: argument("[FILE]", Value::Name),
        options: &[],
        about: "edit the configuration; it is replaced only by a valid one",
    },
    Spec {
        name: Name::Status,
        words: "status",
        argument: None,
        options: &[
            option(
                "watch",
                "[SECONDS]",
                Value::Text,
                "show it again every 2 seconds, or as often as this",
            ),
            FORMAT,
        ],
        about: "show what runs, what is wrong, and how every part is",
    },
    Spec {
        name: Name::Nics,
        words: "nics",
        argument: None,
        options: &[FORMAT],
        about: "list the NICs, what uses each, and the match line for each",
    },
    Spec {
        name: Name::Logs,
        words: "logs",
        argument: argument("[PART]", Value::OneOf(&logs::NAMES)),
        options: &[flag("follow", "go on with what is logged from now on")],
        about: "show the journal of this boot, of a part or of everything",
    },
    Spec {
        name: Name::Metrics,
        words: "metrics",
        argument: None,
        options: &[option(
            "output",
            "FILE",
            Value::File,
            "write them into a file, at once and whole",
        )],
        about: "print the state of this router for Prometheus",
    },
    Spec {
        name: Name::Health,
        words: "health",
        argument: None,
        options: &[FORMAT],
        about: "run every health check once; changes nothing",
    },
    Spec {
        name: Name::Why,
        words: "why",
        argument: None,
        options: &[FORMAT],
        about: "explain the last failed boot and what to do about it",
    },
    Spec {
        name: Name::Graph,
        words: "graph",
        argument: None,
        options: &[option(
            "format",
            "FORMAT",
            Value::OneOf(&["text", "json", "dot", "svg"]),
            "text (the default), json, dot for Graphviz or svg for a browser",
        )],
        about: "draw the router: NICs, VPP, FRR and bridges, and how each is",
    },
    Spec {
        name: Name::NatWho,
        words: "nat who",
        argument: argument("ADDRESS", Value::Name),
        options: &[
            option(
                "at",
                "TIME",
                Value::Name,
                "then: 2026-03-01T12:00Z, or local '2026-03-01 12:00'",
            ),
            FORMAT,
        ],
        about: "name the subscriber behind OUTSIDE:PORT, or what INSIDE has",
    },
    Spec {
        name: Name::BootStatus,
        words: "boot status",
        argument: None,
        options: &[FORMAT],
        about: "show whether this boot is good and what the next one starts",
    },
    Spec {
        name: Name::BootList,
        words: "boot list",
        argument: None,
        options: &[FORMAT],
        about: "list the images on this machine",
    },
    Spec {
        name: Name::BootDeploy,
        words: "boot deploy",
        argument: argument("SOURCE", Value::FileNamed(".zfs.zst")),
        options: &[
            flag(
                "force",
                "even if it failed before, may not fit, or the router is unhealthy",
            ),
            flag("no-arm", "receive and check it, but do not arm it"),
            REBOOT,
        ],
        about: "receive, check and arm an image: a .zfs.zst file or a name",
    },
    Spec {
        name: Name::BootArm,
        words: "boot arm",
        argument: argument("IMAGE", Value::Name),
        options: &[
            flag(
                "explain",
                "instead: how images are tried on this machine, and why",
            ),
            flag("force", "even if it failed before or the router is unhealthy"),
            REBOOT,
            FORMAT,
        ],
        about: "try an image at the next boot, once",
    },
    Spec {
        name: Name::BootDisarm,
        words: "boot disarm",
        argument: None,
        options: &[],
        about: "cancel the trial that is armed",
    },
    Spec {
        name: Name::BootDrill,
        words: "boot drill",
        argument: None,
        options: &[
            flag(
                "force",
                "even if a drill failed before or the router is unhealthy",
            ),
            REBOOT,
        ],
        about: "test the way back with a copy of the running image",
    },
    Spec {
        name: Name::BootBless,
        words: "boot bless",
        argument: None,
        options: &[],
        about: "make the running image the default",
    },
    Spec {
        name: Name::Completion,
        words: "completion",
        argument: argument("SHELL", Value::OneOf(&["bash"])),
        options: &[],
        about: "print the completion script for a shell",
    },
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
