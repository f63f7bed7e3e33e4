//! Where the machine is not what the configuration says.

use super::finding::Weight;
use super::look::words;
use super::report::Drift;
use crate::boot::trial::outcome::{CheckOutcome, CheckState};
use crate::facts;
use crate::facts::vitals::Vitals;
use crate::facts::vpp::Record;
use crate::health::routing::{Running, look_running};
use crate::host::netlink::Link;
use crate::host::vpp::Client;
use crate::host::{file, paths};
use crate::plan::frr;
use crate::plan::vpp::{self, Enslaved, Surplus};
use crate::types::{InstanceName, Root};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// Of so many routes that may be surplus VPP is asked where they are from: of more, something else is wrong.
const ROUTES: usize = 100;

/// A check that failed. Those of VPP are the instance's own.
pub fn of_check(outcome: CheckOutcome) -> Option<Drift> {
    let failed = outcome.state == CheckState::Failed && !outcome.name.starts_with("vpp ");
    failed.then_some(Drift {
        weight: match outcome.required {
            true => Weight::Wrong,
            false => Weight::Warning,
        },
        about: outcome.name,
        expected: outcome.expected,
        observed: outcome.observed,
    })
}

/// Where FRR runs something else than frr.conf says.
pub fn of_frr(root: &Root) -> Result<Vec<Drift>, String> {
    let differences = match look_running(root)? {
        Running::Loading => return Err("frr.conf is still being loaded".to_owned()),
        Running::Loaded(differences) => differences,
    };
    let drift = |it: frr::Difference| Drift {
        about: match it.block.is_empty() {
            true => "frr".to_owned(),
            false => format!("frr, {}", it.block),
        },
        expected: it.wanted.map_or_else(
            || "nothing".to_owned(),
            |(line, text)| format!("'{text}' (frr.conf:{line})"),
        ),
        observed: it
            .running
            .map_or_else(|| "nothing".to_owned(), |text| format!("'{text}'")),
        weight: match it.is_extra {
            true => Weight::Warning,
            false => Weight::Wrong,
        },
    };
    Ok(differences.into_iter().map(drift).collect())
}

/// Where a VPP lacks something that its commands made, and where it has something that none of them made.
pub fn of_vpp(root: &Root, name: &InstanceName) -> Result<Vec<Drift>, String> {
    let path = Record::Commands.path(root, name);
    let text = file::read_text(&path).map_err(|error| words(&error))?;
    let script = vpp::parse(&text.unwrap_or_default()).map_err(|error| words(&error))?;
    let socket = root.join(paths::vpp_api(name.as_ref()));
    let mut client = Client::connect(&socket, Duration::ZERO, None).map_err(|error| words(&error))?;
    let checks = vpp::checks(&script.commands);
    let (mut asked, mut shown) = (HashSet::new(), HashSet::new());
    for question in checks.iter().flat_map(|check| check.fact.questions()) {
        if asked.insert(question.clone()) {
            shown.extend(vpp::shown(&question, &ask(&mut client, &question)?));
        }
    }
    let shown = vpp::as_if_fresh(shown, &checks);
    let missing = vpp::missing(&checks, &shown).into_iter();
    let missing = missing.map(|(check, what)| (&check.command, what));
    let vitals = Vitals::ask(&mut client).map_err(|error| words(&error))?;
    let absent = vpp::absent(&script.commands, &vitals);
    let absent = absent
        .iter()
        .map(|(command, what)| (command, format!("does not have {what}")));
    let missing = missing.chain(absent).map(|(command, observed)| Drift {
        about: format!("vpp {name}"),
        expected: match &command.origin {
            Some(origin) => format!("'{}' ({origin})", command.text),
            None => format!("'{}'", command.text),
        },
        observed,
        weight: Weight::Wrong,
    });
    let surplus = surplus(&mut client, &script.commands)?.into_iter();
    let surplus = surplus.map(|what| Drift {
        about: format!("vpp {name}"),
        expected: "nothing".to_owned(),
        observed: format!("has {what}, which no command of its configuration made"),
        weight: Weight::Warning,
    });
    let outside = outside(root, name, &script.commands)?;
    Ok(missing.chain(surplus).chain(outside).collect())
}

/// The Linux sides that are not in the VRF of their interface: what FRR knows of them is in another table.
fn outside(root: &Root, name: &InstanceName, commands: &[vpp::Command]) -> Result<Vec<Drift>, String> {
    let enslaved = vpp::enslaved(commands);
    if enslaved.is_empty() {
        return Ok(Vec::new());
    }
    let links = facts::netns::links(root).map_err(|error| words(&error))?;
    let devices = Devices::of(&links);
    let outside = enslaved.into_iter().filter_map(|it| {
        let observed = devices.elsewhere(&it)?;
        let origin = it.command.origin.as_ref().map(|origin| format!(" ({origin})"));
        Some(Drift {
            about: format!("vpp {name}"),
            expected: format!(
                "'{}' in the VRF of table {}{}",
                it.device,
                it.table,
                origin.unwrap_or_default()
            ),
            observed,
            weight: Weight::Wrong,
        })
    });
    Ok(outside.collect())
}

/// The devices of the namespace.
struct Devices<'l> {
    by_name: HashMap<&'l str, &'l Link>,
    by_index: HashMap<u32, &'l Link>,
}

impl<'l> Devices<'l> {
    fn of(links: &'l [Link]) -> Self {
        Self {
            by_name: links.iter().map(|link| (link.name.as_ref(), link)).collect(),
            by_index: links.iter().map(|link| (link.index, link)).collect(),
        }
    }

    /// Where the device is instead; `None`: where it belongs.
    fn elsewhere(&self, it: &Enslaved<'_>) -> Option<String> {
        let Some(link) = self.by_name.get(it.device) else {
            return Some("there is no such device".to_owned());
        };
        let master = link.master.and_then(|index| self.by_index.get(&index));
        match master.map(|master| (&master.name, master.table)) {
            Some((_, Some(table))) if table == it.table => None,
            Some((name, Some(table))) => Some(format!("it is in the VRF '{name}' of table {table}")),
            Some((name, None)) => Some(format!("it is a port of '{name}'")),
            None => Some("it is in the main table".to_owned()),
        }
    }
}

/// What a VPP has that its commands did not make, each as a person names it.
fn surplus(client: &mut Client, commands: &[vpp::Command]) -> Result<Vec<String>, String> {
    let known = Surplus::of(commands);
    let mut found = Vec::new();
    for question in known.questions() {
        found.extend(known.of_list(question, &ask(client, question)?));
    }
    for question in known.of_all_routes() {
        for prefix in known.routes_in(&ask(client, question)?).into_iter().take(ROUTES) {
            if Surplus::is_of_a_command(prefix, &ask(client, &format!("{question} {prefix}"))?) {
                found.push(format!("a route for {prefix}"));
            }
        }
    }
    Ok(found)
}

/// VPP's answer; empty where it refuses the question, because the plugin it is for is not loaded.
fn ask(client: &mut Client, question: &str) -> Result<String, String> {
    let reply = client.run(question).map_err(|error| words(&error))?;
    Ok(match reply.status {
        0 => reply.text,
        _ => String::new(),
    })
}
