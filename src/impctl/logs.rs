//! `impctl logs`: the journal of this boot, of our units or of a part of them.

use crate::config::did_you_mean;
use crate::exit::{Failure, Kind};
use crate::facts::output;
use crate::host::process::become_program;
use crate::types::{InstanceName, Root};

/// Each part with the units it is made of; a star stands for any letters, as journalctl takes it.
const PARTS: [(&str, &[&str]); 9] = [
    (
        "all",
        &[
            "imp-*",
            "netns-*",
            "vpp-*",
            "frr.service",
            "frr-config.service",
            "incus-dataplane.service",
        ],
    ),
    (
        "config",
        &[
            "imp-config.service",
            "imp-config-verdict.service",
            "imp-config-watch.service",
        ],
    ),
    (
        "nic",
        &[
            "netns-dataplane.service",
            "netns-move-interfaces.service",
            "imp-nic-again.service",
        ],
    ),
    ("vpp", &["vpp-*"]),
    ("frr", &["frr.service", "frr-config.service"]),
    ("incus", &["incus-dataplane.service", "incus.service"]),
    ("identity", &["imp-identity.service", "imp-machine-id.service"]),
    ("firewall", &["imp-nftables.service"]),
    ("boot", &["imp-boot-*"]),
];

/// The words a part is named by, for help and completion.
pub const NAMES: [&str; PARTS.len()] = {
    let mut names = [""; PARTS.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = PARTS[index].0;
        index += 1;
    }
    names
};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The part; all without one.
    pub part: Option<String>,
    /// The instance, after `vpp`.
    pub instance: Option<String>,
    /// `--follow`.
    pub follow: bool,
}

/// This process becomes journalctl, whose exit code is what the caller sees. Another root's journal is read from its files.
pub fn run(root: &Root, request: &Request) -> Result<(), Failure> {
    let arguments = arguments(root, request)?;
    let error = become_program("journalctl", &arguments);
    Err(Failure::new(
        Kind::Missing,
        format!("start 'journalctl': {error}"),
    ))
}

/// What journalctl is started with.
pub fn arguments(root: &Root, request: &Request) -> Result<Vec<String>, Failure> {
    let mut arguments = match root.is_machine() {
        true => vec!["--boot".to_owned()],
        false => vec![format!("--root={}", root.path().display())],
    };
    if request.follow {
        arguments.push("--follow".to_owned());
    }
    let units = units(root, request)?;
    arguments.extend(units.into_iter().map(|unit| format!("--unit={unit}")));
    Ok(arguments)
}

fn units(root: &Root, request: &Request) -> Result<Vec<String>, Failure> {
    let part = request.part.as_deref().unwrap_or("all");
    match (PARTS.iter().find(|(name, _)| *name == part), &request.instance) {
        (None, _) => Err(unknown("part", part, NAMES.iter().copied())),
        (Some(("vpp", _)), Some(instance)) => of_instance(root, instance),
        (Some((name, _)), Some(word)) => {
            let text = format!("unexpected argument '{word}' after '{name}'");
            Err(Failure::new(Kind::Usage, text))
        }
        (Some((_, units)), None) => Ok(units.iter().map(|unit| (*unit).to_owned()).collect()),
    }
}

/// An instance that ran earlier and is gone from the configuration still has its journal; a name that can be none has not.
fn of_instance(root: &Root, typed: &str) -> Result<Vec<String>, Failure> {
    let known = output::instances(root);
    let known: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
    match typed.parse::<InstanceName>() {
        Ok(_) if known.is_empty() || known.contains(&typed) => Ok(vec![
            format!("vpp-{typed}.service"),
            format!("vpp-{typed}-config.service"),
        ]),
        _ => Err(unknown("VPP instance", typed, known.into_iter())),
    }
}

fn unknown<'k>(what: &str, typed: &str, known: impl Iterator<Item = &'k str> + Clone) -> Failure {
    let list: Vec<&str> = known.clone().collect();
    let list = list.join(", ");
    let text = match did_you_mean(typed, known) {
        Some(near) => format!("unknown {what} '{typed}'; did you mean '{near}'? All of them: {list}"),
        None => format!("unknown {what} '{typed}'; there is: {list}"),
    };
    Failure::new(Kind::Usage, text)
}
