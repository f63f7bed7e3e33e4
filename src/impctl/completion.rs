//! `impctl completion`: what the shell offers after TAB, made from the table of commands, the codes and the keys of the configuration.

use super::table::{COMMANDS, GLOBAL, Spec, Value};
use crate::config::code::explanations;
use crate::config::key_paths;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const BEGINNING: &str = "\
# bash completion for impctl(8), written by `impctl completion bash`; changes here are lost.

_impctl() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command='' options='' word i skip=
    # readline makes a word of its own of the '=' in --root=DIR.
    [ \"$cur\" = = ] && cur=
    [ \"$prev\" = = ] && prev=${COMP_WORDS[COMP_CWORD - 2]}
    COMPREPLY=()
";

/// The completion script for bash.
pub fn bash() -> String {
    let mut text = BEGINNING.to_owned();
    command_line(&mut text);
    values(&mut text);
    options(&mut text);
    arguments(&mut text);
    text.push_str("}\ncomplete -F _impctl impctl\n");
    text
}

/// After an option that takes a value, its values and nothing else.
fn values(text: &mut String) {
    let usual = options_with_a_value();
    text.push_str("    case \"$command $prev\" in\n");
    for command in COMMANDS {
        let values = command
            .options
            .iter()
            .filter_map(|option| Some((option.name, option.value()?)));
        for (name, value) in values.filter(|(name, value)| usual.get(name) != Some(value)) {
            let words = command.words;
            let _ = writeln!(
                text,
                "        '{words} --{name}'|'{words} '*' --{name}') {}; return ;;",
                offer(value)
            );
        }
    }
    text.push_str("    esac\n    case $prev in\n");
    for (name, value) in usual {
        let _ = writeln!(text, "        --{name}) {}; return ;;", offer(value));
    }
    text.push_str("    esac\n");
}

/// What most commands mean by an option: the first that has it.
fn options_with_a_value() -> BTreeMap<&'static str, Value> {
    let all = GLOBAL
        .iter()
        .chain(COMMANDS.iter().flat_map(|command| command.options));
    let mut usual = BTreeMap::new();
    for option in all {
        if let Some(value) = option.value() {
            usual.entry(option.name).or_insert(value);
        }
    }
    usual
}

/// The command typed so far, without options and their values.
fn command_line(text: &mut String) {
    let skipped: Vec<String> = options_with_a_value()
        .keys()
        .map(|name| format!("--{name}"))
        .collect();
    let _ = writeln!(
        text,
        "    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${{COMP_WORDS[i]}}
        case $word in
            {}|=) skip=yes ;;
            -*) ;;
            *) [ -n \"$skip\" ] || command+=${{command:+ }}$word; skip= ;;
        esac
    done",
        skipped.join("|")
    );
}

/// The options of the command, and those of every command.
fn options(text: &mut String) {
    text.push_str("    case $command in\n");
    for command in COMMANDS.iter().filter(|command| !command.options.is_empty()) {
        let names: Vec<String> = command
            .options
            .iter()
            .map(|option| format!("--{}", option.name))
            .collect();
        let _ = writeln!(
            text,
            "        '{0}'|'{0} '*) options='{1}' ;;",
            command.words,
            names.join(" ")
        );
    }
    let global: Vec<String> = GLOBAL.iter().map(|option| format!("--{}", option.name)).collect();
    let _ = writeln!(
        text,
        "    esac
    case $cur in
        -*) mapfile -t COMPREPLY < <(compgen -W \"$options {}\" -- \"$cur\"); return ;;
    esac",
        global.join(" ")
    );
}

/// The next word of the command, or its argument.
fn arguments(text: &mut String) {
    text.push_str("    case $command in\n");
    for (typed, next) in next_words() {
        let _ = writeln!(text, "        '{typed}') {} ;;", words(&next.join(" ")));
    }
    for Spec {
        words: typed,
        argument,
        ..
    } in COMMANDS
    {
        if let Some(argument) = argument {
            let _ = writeln!(text, "        '{typed}') {} ;;", offer(argument.value));
        }
    }
    text.push_str("    esac\n");
}

/// What may follow nothing, and what may follow the first word of a command of two.
fn next_words() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for command in COMMANDS {
        let (first, second) = match command.words.split_once(' ') {
            Some((first, second)) => (first, Some(second)),
            None => (command.words, None),
        };
        let start = next.entry("").or_default();
        if !start.contains(&first) {
            start.push(first);
        }
        if let Some(second) = second {
            next.entry(first).or_default().push(second);
        }
    }
    next
}

fn offer(value: Value) -> String {
    match value {
        Value::Directory => files(r#"compgen -d -- "$cur""#),
        Value::File => files(r#"compgen -f -- "$cur""#),
        Value::FileNamed(suffix) => files(&format!(
            r#"compgen -d -- "$cur"; compgen -f -X '!*{suffix}' -- "$cur""#
        )),
        // Only root may ask the loader, and it takes longer than a TAB should.
        Value::Name | Value::Text => ":".to_owned(),
        Value::OneOf(list) => words(&list.join(" ")),
        Value::Explained => words(&explained()),
    }
}

fn files(command: &str) -> String {
    format!("compopt -o filenames; mapfile -t COMPREPLY < <({command})")
}

fn words(list: &str) -> String {
    format!(r#"mapfile -t COMPREPLY < <(compgen -W '{list}' -- "$cur")"#)
}

/// Every code, and every key by its path.
fn explained() -> String {
    let codes = explanations().map(|it| it.code.to_string());
    let all: Vec<String> = codes.chain(key_paths()).collect();
    all.join(" ")
}
