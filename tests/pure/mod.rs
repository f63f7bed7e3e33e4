//! Tests that need nothing but the crate: values in, values out.

mod boot_model;
pub mod config;
mod difference;
mod extra;
mod frr;
pub mod health;
mod hostile;
mod import;
mod layers;
mod lists;
mod man;
mod management;
mod names;
pub mod nat;
pub mod nic;
mod readme;
mod reload;
mod report;
mod routing;
mod slips;
mod status;
mod subjects;
mod types;
mod vpp;
pub mod vpp_change;
mod vpp_surplus;
