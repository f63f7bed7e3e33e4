//! `[incus]`: the bridges into VPP and the storage pools.

use super::At;
use crate::types::{AddrRange4, DatasetName, IfAddr, IfName, Target};
use ipnet::Ipv4Net;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// `[incus]`.
#[derive(Debug, Default)]
pub struct Incus {
    /// `bridges.NAME`; the names `NAME-dp` and `NAME-vpp` fit the kernel.
    pub bridges: BTreeMap<IfName, Bridge>,
    /// `storage-pools.NAME`.
    pub storage_pools: BTreeMap<IfName, StoragePool>,
}

/// `[incus.bridges.NAME]`: Incus's bridge on one side, VPP's host-interface on the other.
#[derive(Debug)]
pub struct Bridge {
    /// Where it was written.
    pub at: At,
    /// The bridge's own address (dnsmasq).
    pub address: Ipv4Net,
    /// VPP's address, inside the subnet and not the bridge's: the containers' default router.
    pub gateway: Ipv4Addr,
    /// What DHCP hands out: inside the subnet, without the bridge's and the gateway's address.
    pub dhcp_range: Option<AddrRange4>,
    /// VPP's IPv6 address.
    pub gateway6: Option<IfAddr>,
    /// RA sent by VPP; only with `gateway6`, whose prefix is then a /64.
    pub ra: Option<RouterAdvertisement>,
}

/// `ra = { max-interval, min-interval, lifetime }`.
#[derive(Debug, Clone, Copy)]
pub struct RouterAdvertisement {
    /// Seconds between advertisements, 4 to 1800 (RFC 4861).
    pub max_interval: u16,
    /// 3 to three quarters of `max_interval`. Default: half of it, at least 3.
    pub min_interval: u16,
}

/// `[incus.storage-pools.NAME]`.
#[derive(Debug)]
pub struct StoragePool {
    /// Where it was written.
    pub at: At,
    /// The driver with its source.
    pub driver: PoolDriver,
}

/// A pool's driver and where it keeps its data.
#[derive(Debug)]
pub enum PoolDriver {
    /// `dir`, a directory.
    Dir(Target),
    /// `zfs`, a dataset.
    Zfs(DatasetName),
    /// `btrfs`, a mount point or block device.
    Btrfs(Target),
    /// `lvm`, a block device or the name of a volume group.
    Lvm(String),
}
