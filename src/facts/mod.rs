//! What the machine is, as plain data. Everything here reads and nothing changes.

pub mod instance;
pub mod netlink;
pub mod netns;
