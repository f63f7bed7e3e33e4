//! `[management]`: the NIC that stays in the host namespace.

use super::{At, NicMatch};
use crate::types::IfAddr;
use std::net::{Ipv4Addr, Ipv6Addr};

/// `[management]`.
#[derive(Debug)]
pub struct Management {
    /// Where it was written.
    pub at: At,
    /// Which NIC; never one the dataplane matches.
    pub matches: NicMatch,
    /// How it gets its addresses.
    pub addressing: ManagementAddressing,
}

/// DHCP or fixed addresses, never both.
#[derive(Debug)]
pub enum ManagementAddressing {
    /// `dhcp = true`.
    Dhcp,
    /// `addresses`, `gateway`, `gateway6`.
    Static {
        /// At least one.
        addresses: Vec<IfAddr>,
        /// Inside one of the connected subnets.
        gateway: Option<Ipv4Addr>,
        /// Inside one of the connected subnets, or link-local.
        gateway6: Option<Ipv6Addr>,
    },
}
