//! What each binary does at boot.

pub mod boot;
pub mod deploy;
