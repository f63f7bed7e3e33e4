//! `[incus]`: the bridges into VPP and the storage pools.

pub(in crate::config) mod check;

use crate::config::code::E0607;
use crate::config::index::{Address, Name};
use crate::config::links::ra;
use crate::config::reader::{Cx, Located, Table};
use crate::config::source::Span;
use crate::config::{At, RouterAdvertisement, check as checks};
use crate::types::{AddrRange4, DatasetName, IfAddr, IfName, LvmSource, PoolName, Target};
use ipnet::{IpNet, Ipv4Net};
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
    /// Its text.
    pub text: String,
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

pub(in crate::config) fn decode(document: &mut Table<'_, '_>) -> Incus {
    let mut incus = Incus::default();
    let Some(mut table) = document.table("incus") else {
        return incus;
    };
    for (name, bridge) in table.named::<IfName>("bridges") {
        if let Some(bridge) = decode_bridge(&name, bridge) {
            incus.bridges.insert(name.value, bridge);
        }
    }
    for (name, pool) in table.named::<PoolName>("storage-pools") {
        if let Some(pool) = decode_pool(pool) {
            incus.storage_pools.insert(name.value, pool);
        }
    }
    incus.preseed = table.value("preseed-file").and_then(|value| {
        let text = value.lines_of_file(E0607, "it is handed to `incus admin init --preseed` as it is")?;
        Some(Preseed { at: value.at(), text })
    });
    table.finish();
    incus
}

fn decode_bridge(name: &Located<IfName>, mut table: Table<'_, '_>) -> Option<Bridge> {
    let (cx, span, at) = (table.cx(), table.span(), table.at());
    let address = decode_address(&mut table);
    let gateway: Option<Located<Ipv4Addr>> = table
        .required("gateway", "\"10.0.0.5\"")
        .and_then(|value| value.text_as("an IPv4 address, like 10.234.116.5"));
    let dhcp_range = table.text::<AddrRange4>("dhcp-range");
    let gateway6 = decode_gateway6(&mut table);
    let ra = ra::decode(&mut table, gateway6.as_slice());
    table.finish();
    checks::names::bridge_leaves_room(cx, name);
    if let (Some(address), Some(gateway)) = (address, gateway) {
        check::gateway_is_a_neighbour(cx, address, gateway);
        if let Some(range) = dhcp_range {
            check::range_is_free(cx, range, address, gateway);
        }
    }
    enter(cx, name, span, address, gateway, gateway6);
    Some(Bridge {
        at,
        address: address?.value,
        gateway: gateway?.value,
        dhcp_range: dhcp_range.map(|r| r.value),
        gateway6: gateway6.map(|g| g.value),
        ra,
    })
}

fn decode_address(table: &mut Table<'_, '_>) -> Option<Located<Ipv4Net>> {
    let value = table.required("address", "\"10.234.116.1/24\"")?;
    let address: Located<IfAddr> = value.text()?;
    match address.value.net() {
        IpNet::V4(net) => {
            checks::address::can_be_configured(table.cx(), &address);
            Some(Located {
                value: net,
                span: address.span,
            })
        }
        IpNet::V6(_) => {
            value.refuse_grammar("expected an IPv4 address with its prefix length; IPv6 goes to `gateway6`");
            None
        }
    }
}

fn decode_gateway6(table: &mut Table<'_, '_>) -> Option<Located<IfAddr>> {
    let value = table.value("gateway6")?;
    let gateway: Located<IfAddr> = value.text()?;
    if gateway.value.is_v4() {
        value.refuse_grammar("expected an IPv6 address with its prefix length, like 2001:db8:116::5/64");
        return None;
    }
    checks::address::can_be_configured(table.cx(), &gateway);
    Some(gateway)
}

/// Enters the bridge's names and addresses, on the host's side and on VPP's.
fn enter(
    cx: &Cx<'_>,
    name: &Located<IfName>,
    table: Span,
    address: Option<Located<Ipv4Net>>,
    gateway: Option<Located<Ipv4Addr>>,
    gateway6: Option<Located<IfAddr>>,
) {
    let mut index = cx.index.borrow_mut();
    let bridge = name.value.as_ref();
    let named = |derived: String, what| Name {
        name: derived,
        what,
        span: name.span,
    };
    index.dataplane_names.push(named(bridge.to_owned(), "a bridge"));
    index
        .dataplane_names
        .push(named(format!("{bridge}-vpp"), "the veth of a bridge"));
    index.host_names.push(named(bridge.to_owned(), "a bridge"));
    index
        .host_names
        .push(named(format!("{bridge}-dp"), "the veth of a bridge"));
    index.l3.insert(bridge.to_owned(), table);
    let entry = |addr, span| Address {
        interface: bridge.to_owned(),
        addr,
        span,
    };
    if let Some(address) = address {
        let own = IfAddr::from_v4(address.value);
        index
            .host_addresses
            .extend(own.map(|own| entry(own, address.span)));
        let vpp = gateway.and_then(|gateway| {
            let net = Ipv4Net::new(gateway.value, address.value.prefix_len()).ok()?;
            Some(entry(IfAddr::from_v4(net)?, gateway.span))
        });
        index.addresses.extend(vpp);
    }
    index
        .addresses
        .extend(gateway6.map(|gateway| entry(gateway.value, gateway.span)));
}

fn decode_pool(mut table: Table<'_, '_>) -> Option<StoragePool> {
    #[derive(Clone, Copy)]
    enum Driver {
        Dir,
        Zfs,
        Btrfs,
        Lvm,
    }
    let at = table.at();
    let words = [
        ("dir", Driver::Dir),
        ("zfs", Driver::Zfs),
        ("btrfs", Driver::Btrfs),
        ("lvm", Driver::Lvm),
    ];
    let driver = table
        .required("driver", "\"zfs\"")
        .and_then(|value| value.choice(&words));
    let source = table.required("source", "\"tank/incus\"");
    table.finish();
    let source = source?;
    let driver = match driver?.value {
        Driver::Dir => PoolDriver::Dir(source.text::<Target>()?.value),
        Driver::Zfs => PoolDriver::Zfs(source.text::<DatasetName>()?.value),
        Driver::Btrfs => PoolDriver::Btrfs(source.text::<Target>()?.value),
        Driver::Lvm => PoolDriver::Lvm(source.text::<LvmSource>()?.value),
    };
    Some(StoragePool { at, driver })
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
