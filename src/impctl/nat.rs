//! `impctl nat who`: which subscriber an address and a port were, and the way back.

use super::{Format, out};
use crate::config::Protocol;
use crate::exit::{Failure, Kind};
use crate::host::clock;
use crate::plan::nat::{Asked, Does, Finding};
use crate::step::nat::{self, Answer};
use crate::types::Root;
use serde::Serialize;
use serde_json::json;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::time::SystemTime;

/// Prints what is known. Exit code 1 when that names no subscriber, or others may have had the address as well.
pub fn who(root: &Root, asked: Asked, at: Option<SystemTime>, format: Format) -> Result<(), Failure> {
    let answer = nat::who(root, asked, at)?;
    out::print(&match format {
        Format::Text => text(asked, &answer),
        Format::Json => document(asked, at, &answer),
    })?;
    let mut does = answer.findings.iter().map(|finding| &finding.does);
    match does.clone().any(Does::is_known) && !does.any(Does::is_dynamic) {
        true => Ok(()),
        false => Err(Failure::new(Kind::Failed, "")),
    }
}

/// The answer for people.
pub fn text(asked: Asked, answer: &Answer) -> String {
    let mut text = findings(asked, &answer.findings);
    let _ = match (&answer.generation, &answer.ran) {
        (Some(id), Some(ran)) => {
            let until = ran.until.map_or("now".to_owned(), clock::local);
            writeln!(
                text,
                "generation {id} ran from {} to {until}",
                clock::local(ran.since)
            )
        }
        (Some(id), None) => writeln!(text, "generation {id} runs"),
        (None, _) => writeln!(text, "from the documents: no generation runs here"),
    };
    for (ran, said) in &answer.otherwise {
        let when = match ran
            .until
            .filter(|until| answer.ran.as_ref().is_some_and(|it| it.since >= *until))
        {
            Some(until) => format!("until {}", clock::local(until)),
            None => format!("from {} on", clock::local(ran.since)),
        };
        let _ = write!(
            text,
            "\nwithin ten minutes of that time it was different. {when}, with generation {}:\n{}",
            ran.id,
            findings(asked, said)
        );
    }
    text
}

fn findings(asked: Asked, findings: &[Finding]) -> String {
    if findings.is_empty() {
        return format!("no NAT module translates from or to {}\n", asked.address);
    }
    let of_a_mapping = |finding: &Finding| {
        let beside = |it: &Finding| it.nat == finding.nat && it.does.is_known();
        findings.iter().any(beside)
    };
    let lines = findings.iter().map(|it| line(asked, it, of_a_mapping(it)));
    lines.collect()
}

/// What a module does, in a line, and where that is written. Beside a static mapping of one port, the sessions are those of the
/// others.
fn line(asked: Asked, Finding { nat, place, does }: &Finding, beside_a_mapping: bool) -> String {
    let mapping = |inside, outside| format!("  {inside} to {outside}, [nat.{nat}] at {place}\n");
    match does {
        Does::Subscriber {
            inside,
            outside,
            subscriber,
            address,
            first_port,
            last_port,
        } => format!(
            "{subscriber} has ports {first_port} to {last_port} of {address}\n{}",
            mapping(inside, outside)
        ),
        Does::Shared {
            inside,
            outside,
            first,
            last,
            ports,
        } => format!(
            "{first} to {last} share {}, each with {ports} ports; ask with a port\n{}",
            asked.address,
            mapping(inside, outside)
        ),
        Does::Nobody { inside, outside } => format!(
            "no subscriber has this port of {}\n{}",
            asked.address,
            mapping(inside, outside)
        ),
        Does::Static {
            protocol,
            inside,
            inside_port,
            outside,
            outside_port,
        } => format!(
            "{} is {}{}\n  static mapping, [nat.{nat}] at {place}\n",
            end(IpAddr::V4(*outside), *outside_port),
            end(*inside, *inside_port),
            protocol.map_or("", word)
        ),
        Does::Dynamic {
            mode,
            collector,
            of_pool,
        } => {
            let what = match (of_pool, beside_a_mapping) {
                (true, false) => format!("which host had {asked}"),
                (true, true) => format!("which host had another port of {}", asked.address),
                (false, false) => format!("which outside address and ports {} had", asked.address),
                (false, true) => format!("which outside address and ports {} had otherwise", asked.address),
            };
            let record = match collector {
                Some(collector) => format!("and the record of them is at the collector {collector}"),
                None => "and keeps no record of them".to_owned(),
            };
            format!(
                "{what} cannot be known here: {mode} hands out ports as they are needed, {record}\n  \
                 [nat.{nat}] at {place}\n"
            )
        }
    }
}

fn end(address: IpAddr, port: Option<u16>) -> String {
    match port {
        Some(port) => SocketAddr::new(address, port).to_string(),
        None => address.to_string(),
    }
}

fn word(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => ", TCP",
        Protocol::Udp => ", UDP",
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Said<'a> {
    generation: Option<String>,
    since: Option<String>,
    until: Option<String>,
    findings: &'a [Finding],
}

/// The answer for programs; times in UTC.
fn document(asked: Asked, at: Option<SystemTime>, answer: &Answer) -> String {
    let ran = answer.ran.as_ref();
    let said = Said {
        generation: answer.generation.as_ref().map(ToString::to_string),
        since: ran.map(|ran| clock::rfc3339(ran.since)),
        until: ran.and_then(|ran| ran.until).map(clock::rfc3339),
        findings: &answer.findings,
    };
    let otherwise = answer.otherwise.iter().map(|(ran, findings)| Said {
        generation: Some(ran.id.to_string()),
        since: Some(clock::rfc3339(ran.since)),
        until: ran.until.map(clock::rfc3339),
        findings,
    });
    let document = json!({
        "asked": { "address": asked.address, "port": asked.port },
        "at": at.map(clock::rfc3339),
        "answer": said,
        "otherwise-nearby": otherwise.collect::<Vec<_>>(),
    });
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}
