//! What the document says of Incus.

use crate::config::keys::{Named, Reading, Shape, Takes, Value, normal, table, words};
use crate::config::links::raw::RaRaw;
use crate::types::{AddrRange4, IfAddr, IfName, PoolName, RelPath, TypeError};
use ipnet::{IpNet, Ipv4Net};
use std::net::Ipv4Addr;

table! {
    /// The bridges between containers and VPP, and what Incus is set up with at first.
    struct IncusRaw {
        /// The bridges, by name.
        "bridges" => bridges: Named<IfName, BridgeRaw>, example("{ incusbr0 = { address = \"10.234.116.1/24\", gateway = \"10.234.116.5\" } }"), also(&["bridge", "networks", "network"]);
        /// The storage pools, by name; made at the first boot only.
        "storage-pools" => storage_pools: Named<PoolName, PoolRaw>, example("{ default = { driver = \"zfs\", source = \"tank/incus\" } }"), also(&["storage_pools", "storage", "pools"]);
        /// A file that is handed to `incus admin init --preseed` at the first boot.
        "preseed-file" => preseed_file: RelPath, example("\"incus/preseed.yaml\""), also(&["preseed"]);
    }

    /// A bridge: Incus is on one side, VPP on the other.
    struct BridgeRaw {
        /// The bridge's own address.
        "address" => address: BridgeAddress, required(), example("\"10.234.116.1/24\""), also(&["ipv4.address"]);
        /// VPP's address on it: the default router of the containers.
        "gateway" => gateway: Ipv4Addr, required(), example("\"10.0.0.5\""), also(&["ipv4.dhcp.gateway"]);
        /// What DHCP hands out.
        "dhcp-range" => dhcp_range: AddrRange4, example("\"10.234.116.100-10.234.116.254\""), otherwise("Incus's choice"), also(&["ipv4.dhcp.ranges", "dhcp-ranges"]);
        /// VPP's IPv6 address on it.
        "gateway6" => gateway6: Gateway6, example("\"2001:db8:116::5/64\""), otherwise("no IPv6"), also(&["ipv6.address"]);
        /// The router advertisements VPP sends on it.
        "ra" => ra: RaRaw, example("{ max-interval = 30 }"), otherwise("none are sent");
    }

    /// A storage pool of Incus.
    struct PoolRaw {
        /// Its driver.
        "driver" => driver: Driver, required(), example("\"zfs\"");
        /// Where it keeps its data: a dataset, a directory, a device or a volume group.
        "source" => source: String, required(), example("\"tank/incus\"");
    }
}

/// The driver of a storage pool.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) enum Driver {
    Dir,
    Zfs,
    Btrfs,
    Lvm,
}

words! {
    Driver { "dir" => Driver::Dir, "zfs" => Driver::Zfs, "btrfs" => Driver::Btrfs, "lvm" => Driver::Lvm }
}

/// The IPv4 address of a bridge, with its prefix length.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct BridgeAddress(pub(in crate::config) Ipv4Net);

impl Takes for BridgeAddress {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let address = match value.parse::<IfAddr>(reading)?.net() {
            IpNet::V4(net) => Ok(Self(net)),
            IpNet::V6(_) => Err(TypeError::expected(
                "an IPv4 address with its prefix length; IPv6 goes to `gateway6`",
            )),
        };
        value.checked(reading, address)
    }

    fn shape() -> Shape {
        Shape::Text {
            about: "an IPv4 address with its prefix length like 10.234.116.1/24",
            pattern: "^[0-9.]+/[0-9]+$",
            normal: normal::<IfAddr>,
        }
    }
}

/// An IPv6 address with its prefix length.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct Gateway6(pub(in crate::config) IfAddr);

impl Takes for Gateway6 {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let address: IfAddr = value.parse(reading)?;
        let wrong = || TypeError::expected("an IPv6 address with its prefix length, like 2001:db8:116::5/64");
        value.checked(
            reading,
            Some(Self(address)).filter(|_| !address.is_v4()).ok_or_else(wrong),
        )
    }

    fn shape() -> Shape {
        Shape::Text {
            about: "an IPv6 address with its prefix length like 2001:db8:116::5/64",
            pattern: "^[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]+/[0-9]+$",
            normal: normal::<IfAddr>,
        }
    }
}
