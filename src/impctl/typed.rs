//! What was typed, as a command.

use super::graph::Drawing;
use super::table::{self, Name, Spec};
use super::{Command, Format, apply, boot, deploy, diff, import, logs, misuse, status};
use crate::exit::Failure;
use crate::host::clock;
use crate::types::Root;
use lexopt::prelude::{Long, Short, Value};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

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

    /// An option whose value may be left out: `--watch`, `--watch=5` or `--watch 5`. The outer is none without the option.
    fn optional(&mut self, name: &str) -> Option<Option<String>> {
        self.flag(name).then(|| {
            let value = self.value(name).map(|value| value.to_string_lossy().into_owned());
            value.or_else(|| self.words.pop())
        })
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
            Short('m') => table::MESSAGE,
            Short(letter) => return Err(misuse(format_args!("unknown option '-{letter}'"))),
            Long(name) => table::find_option(name).ok_or_else(|| misuse(table::unknown_option(name)))?,
            Value(word) => {
                typed.words.push(word.to_string_lossy().into_owned());
                continue;
            }
        };
        let value = match option.argument {
            // Without one it means something too: its value comes with '=', or is the next word that can be one.
            Some(argument) if argument.shown.starts_with('[') => parser.optional_value(),
            Some(_) => Some(parser.value().map_err(misuse)?),
            None => None,
        };
        typed.options.push((option.name, value));
    }
    let root = Root::new(typed.path("root").unwrap_or_else(|| "/".into()));
    Ok((root, command(typed)?))
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
    let format = match name {
        Name::Graph => Format::default(),
        _ => typed.format()?,
    };
    Ok(match name {
        Name::Graph => Command::Graph(drawing(typed)?),
        Name::NatWho => nat_who(typed, format)?,
        Name::Check => Command::Check(format),
        Name::Diff => Command::Diff(diff::Request {
            from: typed.word("").ok(),
            to: typed.word("").ok(),
            verbose: typed.flag("verbose"),
            format,
        }),
        Name::Explain => Command::Explain(typed.word("").ok()),
        Name::Render => Command::Render {
            output: typed
                .path("output")
                .ok_or_else(|| misuse("'render' needs --output DIR"))?,
            bindings: typed.path("bindings"),
        },
        Name::Schema => Command::Schema,
        Name::Import => Command::Import(import_request(typed)?),
        Name::Rehearse => Command::Rehearse,
        Name::Apply => Command::Apply(apply_options(typed)?),
        Name::Confirm => Command::Confirm,
        Name::Rollback => rollback(typed)?,
        Name::History => Command::History(format),
        Name::Show => {
            Command::Show(typed.word("'show' needs the number of a generation; 'impctl history' lists them")?)
        }
        Name::Edit => Command::Edit(typed.word("").ok()),
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
fn watch(typed: &mut Typed) -> Result<Option<Duration>, Failure> {
    const MOST: u64 = 86_400;
    let value = match typed.optional("watch") {
        None => return Ok(None),
        Some(None) => return Ok(Some(status::EVERY)),
        Some(Some(value)) => value,
    };
    let seconds = value.parse().ok().filter(|seconds| (1..=MOST).contains(seconds));
    match seconds {
        Some(seconds) => Ok(Some(Duration::from_secs(seconds))),
        None => Err(misuse(format_args!(
            "--watch takes 1 to {MOST} seconds, not '{value}'"
        ))),
    }
}

fn apply_options(typed: &mut Typed) -> Result<apply::Options, Failure> {
    let confirm = match typed.optional("confirm") {
        None => None,
        Some(None) => Some(apply::Asked::Default),
        Some(Some(value)) => Some(apply::Asked::parse(&value).map_err(misuse)?),
    };
    let message = typed
        .value("message")
        .map(|value| value.to_string_lossy().into_owned());
    if let Some(message) = &message
        && message.chars().any(char::is_control)
    {
        return Err(misuse("a message is one line of text"));
    }
    Ok(apply::Options { confirm, message })
}

fn rollback(typed: &mut Typed) -> Result<Command, Failure> {
    if typed.flag("unconfirmed") {
        return Ok(Command::Rollback(
            apply::Target::Confirmed,
            apply::Options::default(),
        ));
    }
    // Its own word comes first, whatever --confirm takes.
    let is_number = |word: &String| word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let wanted = match typed.words.first().is_some_and(is_number) {
        true => Some(typed.word("")?),
        false => None,
    };
    let options = apply_options(typed)?;
    Ok(Command::Rollback(apply::Target::Generation(wanted), options))
}

fn drawing(typed: &Typed) -> Result<Drawing, Failure> {
    match typed.value("format").map(|value| value.to_str()) {
        None | Some(Some("text")) => Ok(Drawing::Text),
        Some(Some("json")) => Ok(Drawing::Json),
        Some(Some("dot")) => Ok(Drawing::Dot),
        Some(Some("svg")) => Ok(Drawing::Svg),
        Some(_) => Err(misuse("--format must be text, json, dot or svg")),
    }
}

fn nat_who(typed: &mut Typed, format: Format) -> Result<Command, Failure> {
    let missing = "'nat who' needs an address, and the port if it is an outside one: 203.0.113.5:31337";
    let asked = typed.word(missing)?;
    let asked = asked
        .parse()
        .map_err(|error| misuse(format_args!("'{asked}': {error}")))?;
    let at = typed.value("at").map(|text| text.to_string_lossy());
    let at = at.map(|text| clock::moment(&text).map_err(|error| misuse(format_args!("--at: {error}"))));
    Ok(Command::NatWho {
        asked,
        at: at.transpose()?,
        format,
    })
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

fn import_request(typed: &mut Typed) -> Result<import::Request, Failure> {
    let from = typed.value("from").map(|name| name.to_string_lossy());
    let from = from.ok_or_else(|| misuse("'import' needs --from and what kind of configuration it is"))?;
    Ok(import::Request {
        source: import::source(&from).map_err(misuse)?,
        output: typed.path("output"),
        force: typed.flag("force"),
        path: typed
            .word("'import' needs the path of what it imports; - is standard input")?
            .into(),
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
