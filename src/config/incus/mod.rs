//! `[incus]`: the bridges into VPP and the storage pools.

mod check;
pub(in crate::config) mod raw;

use crate::config::check::Checking;
use crate::config::code::E0607;
use crate::config::index::{Address, Index, Name};
use crate::config::keys::Field;
use crate::config::links::check::{address, names};
use crate::config::links::ra;
use crate::config::source::{Located, Span};
use crate::config::{At, RouterAdvertisement};
use crate::types::{AddrRange4, DatasetName, IfAddr, IfName, LvmSource, PoolName, RelPath, Target};
use ipnet::Ipv4Net;
use raw::{BridgeRaw, Driver, IncusRaw, PoolRaw};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// `[incus]`.
#[derive(Debug, Default)]
pub struct Incus {
    /// `bridges.NAME`; the names `NAME-dp` and `NAME-vpp` fit the kernel.
    pub bridges: BTreeMap<IfName, Bridge>,
    /// `storage-pools.NAME`.
    pub storage_pools: BTreeMap<PoolName, StoragePool>,
    /// `preseed-file`: what is handed to `incus admin init --preseed`, its lines without control characters.
    pub preseed: Option<Preseed>,
}

/// `[incus] preseed-file`.
#[derive(Debug)]
pub struct Preseed {
    /// Where the file is named.
    pub at: At,
    /// The file, below the configuration folder.
    pub file: RelPath,
    /// Its text.
    pub text: String,
}

/// `[incus.bridges.NAME]`: Incus's bridge on one side, VPP's host-interface on the other.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
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
    Lvm(LvmSource),
}

/// `[incus]`, checked.
pub(in crate::config) fn incus(field: &Field<IncusRaw>, cx: &mut Checking<'_>) -> Incus {
    let mut incus = Incus::default();
    let Some(raw) = field.get() else {
        return incus;
    };
    for (name, table) in raw.bridges.entries() {
        if let Some(bridge) = bridge(name, &table.value, table.span, cx) {
            incus.bridges.insert(name.value.clone(), bridge);
        }
    }
    for (name, table) in raw.storage_pools.entries() {
        if let Some(pool) = pool(&name.value, &table.value, table.span, cx) {
            incus.storage_pools.insert(name.value.clone(), pool);
        }
    }
    let hint = "it is passed to `incus admin init --preseed` unchanged";
    if let Some(file) = raw.preseed_file.located() {
        let at = cx.at(file.span);
        let text = cx.lines_of_file(file, E0607, hint);
        incus.preseed = text.map(|text| Preseed {
            at,
            file: file.value.clone(),
            text,
        });
    }
    incus
}

fn bridge(name: &Located<IfName>, raw: &BridgeRaw, span: Span, cx: &mut Checking<'_>) -> Option<Bridge> {
    let address = raw.address.copied().map(|address| address.map(|a| a.0));
    let own = address.and_then(|address| {
        let value = IfAddr::from_v4(address.value)?;
        Some(address.map(|_| value))
    });
    address::can_be_configured(own.as_slice(), cx);
    let gateway6 = raw.gateway6.copied().map(|gateway| gateway.map(|g| g.0));
    address::can_be_configured(gateway6.as_slice(), cx);
    let ra = ra::checked(&raw.ra, gateway6.as_slice(), cx);
    names::bridge_leaves_room(name, cx);
    names::incus_takes(name, cx);
    let gateway = raw.gateway.copied();
    if let (Some(address), Some(gateway)) = (address, gateway) {
        check::gateway_is_a_neighbour(address, gateway, cx);
        if let Some(range) = raw.dhcp_range.copied() {
            check::range_is_free(range, address, gateway, cx);
        }
    }
    Some(Bridge {
        at: cx.at(span),
        address: address?.value,
        gateway: gateway?.value,
        dhcp_range: raw.dhcp_range.value(),
        gateway6: gateway6.map(|g| g.value),
        ra,
    })
}

fn pool(name: &PoolName, raw: &PoolRaw, span: Span, cx: &mut Checking<'_>) -> Option<StoragePool> {
    let path = ["incus", "storage-pools", name.as_ref(), "source"];
    let source = raw.source.located()?;
    let driver = match raw.driver.value()? {
        Driver::Dir => PoolDriver::Dir(cx.parse::<Target>(source, &path)?),
        Driver::Zfs => PoolDriver::Zfs(cx.parse::<DatasetName>(source, &path)?),
        Driver::Btrfs => PoolDriver::Btrfs(cx.parse::<Target>(source, &path)?),
        Driver::Lvm => PoolDriver::Lvm(cx.parse::<LvmSource>(source, &path)?),
    };
    Some(StoragePool {
        at: cx.at(span),
        driver,
    })
}

/// Enters the bridges: their names and addresses, on the host's side and on VPP's.
pub(in crate::config) fn index_bridges(field: &Field<IncusRaw>, index: &mut Index) {
    let bridges = field.get().map_or(&[][..], |incus| incus.bridges.entries());
    for (name, table) in bridges {
        index_bridge(name, &table.value, table.span, index);
    }
}

fn index_bridge(name: &Located<IfName>, raw: &BridgeRaw, table: Span, index: &mut Index) {
    let bridge = name.value.as_ref();
    let named = |derived: String, what| Name {
        name: derived,
        what,
        span: name.span,
    };
    let veth = "the veth of a bridge";
    index.dataplane_names.push(named(bridge.to_owned(), "a bridge"));
    index.dataplane_names.push(named(format!("{bridge}-vpp"), veth));
    index.host_names.push(named(bridge.to_owned(), "a bridge"));
    index.host_names.push(named(format!("{bridge}-dp"), veth));
    index.l3.insert(bridge.to_owned(), table);
    let entry = |addr, span| Address {
        interface: bridge.to_owned(),
        addr,
        span,
    };
    if let Some(address) = raw.address.copied() {
        let own = IfAddr::from_v4(address.value.0);
        index
            .host_addresses
            .extend(own.map(|own| entry(own, address.span)));
        let vpp = raw.gateway.copied().and_then(|gateway| {
            let net = Ipv4Net::new(gateway.value, address.value.0.prefix_len()).ok()?;
            Some(entry(IfAddr::from_v4(net)?, gateway.span))
        });
        index.addresses.extend(vpp);
    }
    let gateway6 = raw.gateway6.copied();
    index.addresses.extend(gateway6.map(|g| entry(g.value.0, g.span)));
}

impl Incus {
    /// Whether nothing is asked of Incus: then it is not even started.
    pub fn is_empty(&self) -> bool {
        self.bridges.is_empty() && self.storage_pools.is_empty() && self.preseed.is_none()
    }
}

impl Bridge {
    /// VPP's own addresses on the bridge, with their lengths: the gateway's IPv4 one has the bridge's.
    pub fn addresses(&self) -> Vec<IfAddr> {
        let gateway = Ipv4Net::new(self.gateway, self.address.prefix_len()).ok();
        let gateway = gateway.and_then(|net| IfAddr::new(net.into()).ok());
        gateway.into_iter().chain(self.gateway6).collect()
    }
}
