//! The only code that changes the machine. Everything here does what a plan says and decides nothing.

mod apply;
pub mod bus;
pub mod candidate;
pub mod file;
pub mod frr;
pub mod generation;
pub mod generator;
pub mod incus;
pub mod mount;
pub mod netlink;
pub mod netns;
pub mod nic;
pub mod notify;
mod pipe;
pub mod pipeline;
pub mod privilege;
pub mod process;
pub mod rehearse;
pub mod step;
pub mod verdict;
pub mod vpp;

pub use apply::{ActError, Failed, Report, apply};
pub use file::Outcome;
