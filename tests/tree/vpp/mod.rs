//! `imp-vpp` and its client against the VPP stand-in; and the stand-in against what VPP was seen to do.

mod apply;
mod cli;
mod drift;
mod features;
mod nat;
mod reload;
pub mod stand_in;
mod startup;
mod wait;
mod wireguard;

pub use stand_in::{has_python, run_through_stand_in};
