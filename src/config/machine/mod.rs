//! The machine itself: its name, its management, its firewall, what is bound over its root.

pub(in crate::config) mod check;
pub(in crate::config) mod firewall;
pub(in crate::config) mod identity;
pub(in crate::config) mod management;
pub(in crate::config) mod raw;
pub(in crate::config) mod system;
