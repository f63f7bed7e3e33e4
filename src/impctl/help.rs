//! `impctl --help`, made from the table of commands.

use super::table::{Argument, COMMANDS, GLOBAL, Opt};
use std::fmt::Write as _;

const INTRODUCTION: &str = "\
impctl: inspect this router's configuration and health, and manage its boot images

usage: impctl [--root DIR] COMMAND [OPTION...]

";

const EXIT_CODES: &str = "
exit codes: 0 success, 1 failed, 2 there is a difference, 64 wrong usage,
            69 something is missing, 75 timed out, 77 not permitted, 78 configuration refused

see also: impctl(8), imp(7), imp-boot(7)
";

/// The whole text.
pub fn text() -> String {
    let mut text = INTRODUCTION.to_owned();
    for command in COMMANDS {
        let shown = shown(command.words, command.argument.as_ref());
        let _ = writeln!(text, "  {shown:<22}  {}", command.about);
        for option in command.options.iter().filter(|option| !option.is_usual_format()) {
            describe(&mut text, "    ", option);
        }
    }
    text.push('\n');
    for option in &GLOBAL {
        describe(&mut text, "  ", option);
    }
    let formatted = COMMANDS.iter().filter(|command| command.takes("format"));
    let formatted: Vec<&str> = formatted.map(|command| command.words).collect();
    let _ = writeln!(text, "  {:<22}  for programs; taken by", "--format json");
    for line in lines(&formatted) {
        let _ = writeln!(text, "  {:<22}  {line}", "");
    }
    text + EXIT_CODES
}

/// Names with commas between them, in lines that a terminal of 80 columns shows whole.
fn lines(names: &[&str]) -> Vec<String> {
    const LONGEST: usize = 53;
    let mut lines = vec![String::new()];
    for (index, name) in names.iter().enumerate() {
        let comma = if index + 1 < names.len() { "," } else { "" };
        let word = format!("{name}{comma}");
        match lines.last_mut() {
            Some(line) if line.is_empty() => *line = word,
            Some(line) if line.len() + 1 + word.len() <= LONGEST => *line += &format!(" {word}"),
            _ => lines.push(word),
        }
    }
    lines
}

fn describe(text: &mut String, indent: &str, option: &Opt) {
    let shown = shown(&format!("--{}", option.name), option.argument.as_ref());
    let width = 24 - indent.len();
    let _ = writeln!(text, "{indent}{shown:<width$}  {}", option.about);
}

fn shown(name: &str, argument: Option<&Argument>) -> String {
    match argument {
        Some(argument) => format!("{name} {}", argument.shown),
        None => name.to_owned(),
    }
}
