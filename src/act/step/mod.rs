//! The steps of a boot: each reads the facts, asks for a plan and carries it out. What the mains and `impctl rehearse`
//! share.

pub mod config;
pub mod identity;
pub mod machine_id;
pub mod netns;
pub mod nic;
pub mod reload;

use super::generation::Store;
use crate::config::{Folder, Model, parse};
use crate::exit::{Failure, Kind};
use crate::plan::Notice;
use crate::types::Root;

/// The Model of the generation this boot runs: what `imp-config` accepted, whatever the folder of the operator holds by
/// now.
pub fn running_model(root: &Root) -> Result<Model, Failure> {
    let store = Store::new(root);
    if !store.running().is_dir() {
        return Err(Failure::new(
            Kind::Config,
            "no configuration runs: there is no good one yet",
        ));
    }
    parse(&Folder::new(store.running())).model.ok_or_else(|| {
        let text =
            "the running generation is not readable by this version; run 'systemctl restart imp-config'";
        Failure::new(Kind::Config, text)
    })
}

/// Says what an operator should know, each under its code.
fn say(notices: &[Notice]) {
    for notice in notices {
        tracing::warn!(code = %notice.code, "{notice}");
    }
}

/// A step that could not even look at the machine.
fn unreadable(error: impl std::error::Error) -> Failure {
    Failure::from_error(Kind::Failed, &error)
}
