//! What no schema expresses about links.

pub(in crate::config) mod acl;
pub(in crate::config) mod address;
mod arrival;
pub(in crate::config) mod carried;
pub(in crate::config) mod cores;
pub(in crate::config) mod mtu;
pub(in crate::config) mod names;
pub(in crate::config) mod needed;
pub(in crate::config) mod nic;
mod packet;
pub(in crate::config) mod ra;
pub(in crate::config) mod switch;
pub(in crate::config) mod traffic;
pub(in crate::config) mod tunnel;
pub(in crate::config) mod vrrp;
pub(in crate::config) mod wireguard;
