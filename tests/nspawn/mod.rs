//! Real boots: our package in a bookworm root, systemd as PID 1, real FRR, under systemd-nspawn.
//!
//! `tests/run` builds the root and names it in `IMP_TEST_ROOT`; without it each test says `skipped: …` and ends.
#![allow(clippy::unwrap_used)]

mod machine;
mod network;
mod peer;
mod router;

mod again;
mod arrival;
mod assess;
mod example;
mod frr;
mod health;
mod identity;
mod incus;
mod nic;
mod package;
mod refused;
mod reload;
mod skeleton;
mod vpp;
mod why;
