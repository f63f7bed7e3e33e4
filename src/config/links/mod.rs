//! Interfaces, loopbacks and the VPP instances they are in.

pub(in crate::config) mod acl;
pub(in crate::config) mod bond;
pub(in crate::config) mod bridge;
pub(in crate::config) mod carrier;
pub(in crate::config) mod check;
pub(in crate::config) mod dataplane;
pub(in crate::config) mod export;
pub(in crate::config) mod interface;
pub(in crate::config) mod link;
pub(in crate::config) mod nic;
pub(in crate::config) mod plugin;
pub(in crate::config) mod ra;
pub(in crate::config) mod raw;
pub(in crate::config) mod relay;
pub(in crate::config) mod startup;
pub(in crate::config) mod switched;
pub(in crate::config) mod traffic;
pub(in crate::config) mod tunnel;
pub(in crate::config) mod vlan;
pub(in crate::config) mod vrf;
pub(in crate::config) mod vrrp;
pub(in crate::config) mod wireguard;
