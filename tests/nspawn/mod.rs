//! Real boots: our package in a Debian root, systemd as PID 1, real FRR, under systemd-nspawn.
//!
//! `tests/run` builds a root of bookworm and one of trixie and names them in `IMP_TEST_ROOT` and `IMP_TEST_TRIXIE`; without
//! its root each test says `skipped: …` and ends. What may depend on the release boots on both.
#![allow(clippy::unwrap_used)]

mod machine;
mod network;
mod peer;
mod router;

mod again;
mod arrival;
mod assess;
mod change;
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
