//! Pure: turns Model and Facts into a printable list of Actions. Nothing is decided while executing.

mod action;
pub mod back;
pub mod consequence;
pub mod frr;
pub mod graph;
pub mod host;
pub mod identity;
mod impact;
pub mod incus;
mod input;
pub mod management;
pub mod nat;
pub mod netns;
pub mod nic;
mod notice;
pub mod output;
pub mod reload;
pub mod unit;
pub mod vpp;

pub use action::{Action, Group, Link, Place, Plan};
pub use impact::Impact;
pub use input::Input;
pub use notice::Notice;
