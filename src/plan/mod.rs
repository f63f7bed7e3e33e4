//! Pure: turns Model and Facts into a printable list of Actions. Nothing is decided while executing.

mod action;
pub mod back;
pub mod consequence;
pub mod frr;
pub mod graph;
mod group;
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
pub mod service;
pub mod sysctl;
pub mod timezone;
pub mod unit;
pub mod user;
pub mod vpp;

pub use action::{Action, Link, Place};
pub use group::{Group, Plan};
pub use impact::Impact;
pub use input::Input;
pub use notice::Notice;
