//! The steps of a boot: each reads the facts, asks for a plan and carries it out. What the mains and `impctl rehearse`
//! share.

pub mod apply;
pub mod back;
pub mod boot;
pub mod candidate;
pub mod config;
pub mod deploy;
pub mod difference;
pub mod frr;
pub mod generation;
pub mod generator;
pub mod graph;
pub mod identity;
pub mod incus;
pub mod input;
pub mod machine;
pub mod machine_id;
pub mod nat;
pub mod netns;
pub mod nic;
pub mod rehearse;
pub mod reload;
pub mod supervisor;
pub mod verdict;
pub mod vpp;

use self::generation::Store;
use crate::config::code::E0531;
use crate::config::{Folder, Model, parse};
use crate::exit::{Failure, Kind};
use crate::facts;
use crate::host::file::{self, Effect};
use crate::host::paths::CONFIG;
use crate::host::privilege;
use crate::types::Root;
use std::path::Path;

/// The Model of the generation this boot runs: what `imp-config` accepted, whatever the folder of the operator holds by
/// now.
pub fn running_model(root: &Root) -> Result<Model, Failure> {
    let store = Store::new(root);
    if !store.running().is_dir() {
        return Err(Failure::new(
            Kind::Config,
            "no configuration is running: none was accepted yet",
        ));
    }
    readable(store.running(), &[])?;
    parse(&Folder::new(store.running())).model.ok_or_else(|| {
        let text = "this version cannot read the running generation; run 'systemctl restart imp-config'";
        Failure::new(Kind::Config, text)
    })
}

/// The Model of the documents in `/persistent/config`, whether they run or not.
pub fn configured_model(root: &Root) -> Result<Model, Failure> {
    let folder = root.join(CONFIG);
    // Of the identity only the names count.
    readable(&folder, &["identity"])?;
    parse(&Folder::new(&folder)).model.ok_or_else(|| {
        let text = format!("{} is refused; 'impctl check' says why", folder.display());
        Failure::new(Kind::Config, text)
    })
}

/// Whoever calls may read the folder, but for these parts of it.
fn readable(folder: &Path, but: &[&str]) -> Result<(), Failure> {
    match privilege::first_hidden(folder, but) {
        None => Ok(()),
        Some((path, error)) => {
            let text = format!("{}: {error}; try again as root", path.display());
            Err(Failure::new(Kind::Privilege, text))
        }
    }
}

/// The notices of this boot's steps: lines that begin with their code.
pub fn notices(root: &Root) -> Vec<String> {
    let records = [nic::NOTICES, identity::NOTICES, incus::NOTICES, frr::NOTICES]
        .map(|record| file::read_text(&root.join(record)).ok().flatten());
    let texts = records.into_iter().flatten();
    let lines = texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    lines.chain(without_commands(root)).collect()
}

/// Why VPP instances do not have their commands, a line each that begins with its code.
pub fn without_commands(root: &Root) -> Vec<String> {
    let failures = facts::vpp::failures(root);
    failures
        .into_iter()
        .map(|words| format!("{E0531}: {words}"))
        .collect()
}

/// Logs notices for the operator. Those that the last start of the step logged are repeated only if `again` is set.
fn say_once(root: &Root, record: &str, notices: &[String], again: bool) {
    let record = root.join(record);
    let recorded = match notices {
        [] => file::remove(&record),
        some => file::write(&record, (some.join("\n") + "\n").as_bytes(), 0o644),
    };
    // Without a record everything is said: too much, never too little.
    let known = matches!(recorded, Ok(Effect::Unchanged));
    if again || !known {
        for notice in notices {
            tracing::warn!("{notice}");
        }
    }
}

/// The failure of a step that could not read the machine's state.
fn unreadable(error: impl std::error::Error) -> Failure {
    Failure::from_error(Kind::Failed, &error)
}
