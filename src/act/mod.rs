//! Executes the actions of a plan and decides nothing.

mod apply;
pub mod frr;
pub mod incus;
pub mod mount;
pub mod netns;
pub mod nic;
pub mod vpp;

pub use apply::{ActError, Failed, Report, apply};
