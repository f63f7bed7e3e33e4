//! Tests on files in a temporary root, with our own programs and stand-ins for others: no privilege, no namespace.

pub mod bench;
mod bus;
mod config_step;
mod difference;
mod edit;
mod evidence;
mod file;
mod generator;
mod graph;
mod health;
mod impctl;
mod incus;
mod language;
mod load;
mod nat;
mod ostree;
mod rehearse;
mod rejects;
pub mod render;
mod routers;
mod status;
mod systemd_boot;
mod unclassified;
mod units;
pub mod vpp;
mod zfs;
