//! The only code that changes the machine. Everything here does what a plan says and decides nothing.

pub mod file;
pub mod generator;
pub mod netlink;
pub mod privilege;

pub use file::Outcome;
