//! VPP's binary API: a connection, and the few messages that run CLI commands over it.

pub mod client;
pub mod wire;

pub use client::{Client, ClientError, Unanswered};
