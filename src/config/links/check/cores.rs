//! VPP instances: cores, heaps, and the text operators append.

use crate::config::code::{E0229, E0230, E0231};
use crate::config::diag::Diagnostic;
use crate::config::diag::Findings;
use crate::config::index::Index;
use crate::config::overlap::in_order;
use crate::config::source::Span;
use crate::types::InstanceName;
use std::collections::{HashMap, HashSet};

/// The instance all interfaces are in.
const CORE: &str = "core";
/// The longest line of startup.conf that VPP reads in one piece, and its longest token: it cuts longer ones silently.
const STARTUP_LINE: usize = 4094;
const STARTUP_TOKEN: usize = 1023;

/// Whatever is in VPP is in `core`, directly or behind it.
pub(in crate::config) fn core_is_there(index: &Index, found: &mut Findings) {
    if index.instances.keys().any(|name| name.as_ref() == CORE) {
        return;
    }
    let first = index.l3.iter().min_by_key(|(_, span)| **span);
    if let Some((name, span)) = first {
        found.report(
            Diagnostic::error(E0230, *span, "[vpp.core] is missing")
                .label(format!("'{name}' needs it"))
                .hint("add `[vpp.core]`; `main-core = 1` is enough"),
        );
    }
}

/// No core runs two threads: both would poll, each half of the time.
pub(in crate::config) fn cores_have_one_owner(index: &Index, found: &mut Findings) {
    let mut owners: HashMap<u16, (&str, &InstanceName, Span)> = HashMap::new();
    let mains = index
        .main_cores
        .iter()
        .map(|(name, core)| ("the main thread", name, core.value, core.span));
    let workers = index.workers.iter().flat_map(|(name, cores)| {
        let of = move |core| ("a worker", name, core, cores.span);
        cores.value.iter().map(of)
    });
    let by = |thread, name| format!("by {thread} of '{name}'");
    let mut reported = HashSet::new();
    for (thread, name, core, span) in mains.chain(workers) {
        let own = (thread, name, span);
        let Some(other) = owners.insert(core, own) else {
            continue;
        };
        let ((first_thread, first_name, first), (thread, name, span)) = in_order(other, own, |it| it.2);
        if reported.insert((first, span)) {
            found.report(
                Diagnostic::error(E0229, span, format!("core {core} is used twice"))
                    .label(by(thread, name))
                    .also(first, by(first_thread, first_name)),
            );
        }
    }
}

/// Every instance beside core does NAT. Among errors this would often be the echo of one.
pub(in crate::config) fn instances_have_work(index: &Index, found: &mut Findings) {
    if found.errors() > 0 {
        return;
    }
    let used: HashSet<&InstanceName> = index.nat_instances.iter().map(|i| &i.value).collect();
    for (name, span) in &index.instances {
        if name.as_ref() != CORE && !used.contains(name) {
            found.report(
                Diagnostic::warning(E0231, *span, format!("nothing uses the instance '{name}'"))
                    .label("it would run with nothing to do")
                    .hint("make it the `instance` of a NAT module, or remove it"),
            );
        }
    }
}

/// Text for startup.conf leaves the stanzas around it whole.
pub(in crate::config) fn startup_text_is_whole(text: &str) -> Result<(), String> {
    let mut depth = 0_i32;
    for (number, line) in (1..).zip(text.lines()) {
        no_controls(number, line)?;
        if line.len() > STARTUP_LINE {
            return Err(format!(
                "line {number}: longer than the {STARTUP_LINE} bytes VPP reads at once"
            ));
        }
        for token in line
            .split_ascii_whitespace()
            .take_while(|token| !token.starts_with('#'))
        {
            if token.len() > STARTUP_TOKEN {
                return Err(format!("line {number}: a word longer than {STARTUP_TOKEN} bytes"));
            }
            if token == "nosyslog" {
                return Err(format!(
                    "line {number}: 'nosyslog' would hide VPP's error messages"
                ));
            }
            depth += braces(token);
            if depth < 0 {
                return Err(format!("line {number}: a closing brace without an opening one"));
            }
        }
    }
    match depth {
        0 => Ok(()),
        _ => Err("an opening brace without a closing one".to_owned()),
    }
}

/// Commands stay the lines they are: nothing in one reaches into the next, ends the run, or fakes its proof.
pub(in crate::config) fn commands_stay_lines(text: &str) -> Result<(), String> {
    for (number, line) in (1..).zip(text.lines()) {
        no_controls(number, line)?;
        let command = line.split('#').next().unwrap_or_default().trim();
        let reason = match command.split_ascii_whitespace().next() {
            _ if command.ends_with('\\') => "the backslash would join the next line to this one",
            _ if braces(command) != 0 => "an unbalanced brace would swallow what follows",
            Some("quit" | "q" | "exec") => "this would end or replace the run",
            Some("vpplog") if command.contains("imp-") => {
                "this command is reserved: it proves that everything was applied"
            }
            _ => continue,
        };
        return Err(format!("line {number}: {reason}"));
    }
    Ok(())
}

fn braces(text: &str) -> i32 {
    text.bytes().fold(0, |depth, byte| match byte {
        b'{' => depth + 1,
        b'}' => depth - 1,
        _ => depth,
    })
}

fn no_controls(number: u32, line: &str) -> Result<(), String> {
    match line.chars().find(|c| c.is_control() && *c != '\t') {
        None => Ok(()),
        Some(c) => Err(format!("line {number}: the control character U+{:04X}", c as u32)),
    }
}
