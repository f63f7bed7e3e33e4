//! The machine itself: its name, its management, its firewall, its users, what is bound over its root.

pub(in crate::config) mod check;
pub(in crate::config) mod firewall;
pub(in crate::config) mod identity;
pub(in crate::config) mod management;
pub(in crate::config) mod monitoring;
pub(in crate::config) mod raw;
pub(in crate::config) mod sysctl;
pub(in crate::config) mod system;
pub(in crate::config) mod user;
