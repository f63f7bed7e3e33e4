//! Every integration test, in one binary: one link instead of ten.

mod bench;
mod boot;
mod bus;
mod config;
mod config_step;
mod file;
mod generator;
mod hostile;
mod identity;
mod impctl;
mod layers;
mod load;
mod netns;
mod nic;
mod readme;
mod rehearse;
mod rejects;
mod reload;
mod render;
mod report;
mod routing;
mod sandbox;
mod slips;
mod types;
mod units;
mod vpp;
