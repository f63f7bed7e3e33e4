//! VPP: its commands applied one by one over the binary API, read back, and recorded.

pub mod apply;
pub mod client;
pub mod process;
pub mod wire;

pub use apply::{ApplyError, apply};
pub use client::{Client, ClientError};
