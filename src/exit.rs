//! How every binary starts and ends: options in, exit code out. The only place that maps errors to codes.

use crate::log;
use crate::types::Root;
use std::fmt;
use std::process::ExitCode;

/// Why a step ended without success; each is one exit code of the contract (sysexits.h where it has one).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 1: the step failed.
    Failed = 1,
    /// 2: there is a difference (`impctl diff`).
    Difference = 2,
    /// 64: wrong options.
    Usage = 64,
    /// 69: hardware or a component is missing.
    Missing = 69,
    /// 75: a deadline passed.
    Timeout = 75,
    /// 77: not allowed.
    Privilege = 77,
    /// 78: the configuration is invalid.
    Config = 78,
}

impl Kind {
    /// The kind of failure that a program with this exit code reports; none for 0, and for a code that is not of the contract.
    pub fn of_code(code: i32) -> Option<Self> {
        const ALL: [Kind; 7] = [
            Kind::Failed,
            Kind::Difference,
            Kind::Usage,
            Kind::Missing,
            Kind::Timeout,
            Kind::Privilege,
            Kind::Config,
        ];
        ALL.into_iter().find(|kind| *kind as i32 == code)
    }
}

/// An error on its way out of a binary: one line (or a finished report), and the code it ends with.
#[derive(Debug)]
pub struct Failure {
    kind: Kind,
    message: String,
}

impl Failure {
    /// A failure of this kind; an empty message ends the program silently with the code.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// The failure of an error and all its sources, joined as `outer: inner`. What an error said of its source is not repeated.
    pub fn from_error(kind: Kind, error: &dyn std::error::Error) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let words = cause.to_string();
            if !message.ends_with(&words) {
                message.push_str(": ");
                message.push_str(&words);
            }
            source = cause.source();
        }
        Self { kind, message }
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// What a binary was started with.
#[derive(Debug)]
pub struct Start {
    /// The machine: `/`, or `--root DIR`.
    pub root: Root,
    /// The words and `--flags` that are not `--root`, in order.
    pub words: Vec<String>,
}

impl Start {
    /// The first word, or this default if there is none.
    pub fn verb_or<'a>(&'a self, default: &'a str) -> &'a str {
        self.words.first().map_or(default, String::as_str)
    }

    /// The usage error for an unknown word.
    pub fn usage(&self, usage: &str) -> Failure {
        Failure::new(
            Kind::Usage,
            format!("unknown command '{}'; usage: {usage}", self.words.join(" ")),
        )
    }
}

/// Runs a step: parses `--root` and the words, opens the log, logs the failure once, returns its code.
pub fn run(name: &'static str, step: impl FnOnce(&Start) -> Result<(), Failure>) -> ExitCode {
    log::open(name);
    end(parse(std::env::args_os().skip(1)).and_then(|start| step(&start)))
}

/// Logs a failure once and gives its code.
pub fn end(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.message.is_empty() {
                tracing::error!("{failure}");
            }
            ExitCode::from(failure.kind as u8)
        }
    }
}

/// Reads `--root DIR` and everything else as words.
pub fn parse(args: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Start, Failure> {
    use lexopt::prelude::{Long, Short, Value};
    let usage = |error: lexopt::Error| Failure::new(Kind::Usage, error.to_string());
    let mut parser = lexopt::Parser::from_args(args);
    let mut start = Start {
        root: Root::new("/"),
        words: Vec::new(),
    };
    while let Some(arg) = parser.next().map_err(usage)? {
        match arg {
            Long("root") => start.root = Root::new(parser.value().map_err(usage)?),
            Long(flag) => start.words.push(format!("--{flag}")),
            Short(flag) => start.words.push(format!("-{flag}")),
            Value(word) => start.words.push(word.to_string_lossy().into_owned()),
        }
    }
    Ok(start)
}
