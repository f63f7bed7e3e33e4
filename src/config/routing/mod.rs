//! Everything that becomes FRR's: static routes, BGP, BFD, OSPF, IS-IS, policy and the extra lines.

pub(in crate::config) mod bfd;
pub(in crate::config) mod bgp;
pub(in crate::config) mod check;
pub(in crate::config) mod extra;
pub(in crate::config) mod isis;
pub(in crate::config) mod list;
pub(in crate::config) mod log;
pub(in crate::config) mod origin;
pub(in crate::config) mod ospf;
pub(in crate::config) mod policy;
pub(in crate::config) mod prefix_list;
pub(in crate::config) mod raw;
mod reach;
pub(in crate::config) mod room;
pub(in crate::config) mod route;
pub(in crate::config) mod route_map;
pub(in crate::config) mod rpki;
pub(in crate::config) mod session;
pub(in crate::config) mod vrf;
