//! The steps of a boot: each reads the facts, asks for a plan and carries it out. What the mains and `impctl rehearse`
//! share.

pub mod identity;
pub mod machine_id;
pub mod netns;
pub mod nic;

use crate::exit::{Failure, Kind};
use crate::plan::Notice;

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
