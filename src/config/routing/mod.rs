//! Everything that becomes FRR's: static routes, BGP, BFD, OSPF, policy and the extra lines.

pub(in crate::config) mod bgp;
pub(in crate::config) mod check;
pub(in crate::config) mod frr;
pub(in crate::config) mod ospf;
pub(in crate::config) mod policy;
pub(in crate::config) mod prefix_list;
pub(in crate::config) mod raw;
pub(in crate::config) mod route;
