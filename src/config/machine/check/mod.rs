//! What no schema expresses about the machine.

pub(in crate::config) mod firewall;
pub(in crate::config) mod management;
pub(in crate::config) mod sysctl;
pub(in crate::config) mod system;
pub(in crate::config) mod user;
