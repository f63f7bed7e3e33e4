//! Every integration test, in one binary: one link instead of ten. The rooms are what a test needs.
#![allow(clippy::unwrap_used)]

mod boot_entry;
mod netns;
mod nspawn;
mod patience;
mod pure;
mod qemu;
mod skip;
mod tree;
