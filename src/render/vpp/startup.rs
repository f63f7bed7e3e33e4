//! `startup-NAME.conf`: VPP reads it once, at its start.

use super::{is_core, placeholder};
use crate::config::{Attach, Bond, BondMode, Holds, Instance, Nat, NatMode, Needs, Room, UioDriver};
use crate::render::engine::Block;
use crate::render::grammar::Grammar;
use crate::render::{Bindings, Dataplane, RenderError};
use crate::types::{Bytes, IfName, InstanceName, NetnsName};
use minijinja::Value;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Debug, Serialize)]
pub(super) struct View<'m> {
    name: &'m InstanceName,
    poll_sleep_usec: Option<u32>,
    main_core: Option<u16>,
    workers: Option<String>,
    heap: Bytes,
    /// The memory the counters are in; only core has so many that VPP's default is too small.
    counters: Option<Bytes>,
    buffers: Option<u32>,
    plugins: Vec<&'static str>,
    uio_driver: &'static str,
    devices: Vec<Device>,
    /// The namespace linux-cp makes its interfaces in; only core has linux-cp.
    namespace: Option<&'m NetnsName>,
    extra: Value,
}

#[derive(Debug, Serialize)]
struct Device {
    pci: String,
    name: String,
    queues: usize,
}

/// VPP's own default in bytes, written out so that it can be seen.
const DEFAULT_HEAP: u64 = 1 << 30;
/// The heap of det44 grows in such steps: more than 20,000 inside addresses each.
const ROOM: u64 = 512 << 20;
/// The view of an instance; a CPU core that the machine does not have is left out with a message.
pub(super) fn view<'m>(
    dataplane: &'m Dataplane,
    bindings: &Bindings,
    name: &'m InstanceName,
    instance: &'m Instance,
    left_out: &mut Vec<String>,
) -> Result<View<'m>, RenderError> {
    let place = dataplane.place(instance.at);
    let mut has = |core: &u16| {
        let there = bindings.cpus.as_ref().is_none_or(|cpus| cpus.contains(*core));
        if !there {
            left_out.push(format!(
                "{place}: [vpp.{name}] uses core {core}, which this machine does not have: left out"
            ));
        }
        there
    };
    let main_core = instance.main_core.filter(&mut has);
    let workers: Vec<u16> = match &instance.corelist_workers {
        Some(cores) => cores.iter().filter(&mut has).collect(),
        None => Vec::new(),
    };
    let core = is_core(name);
    let devices = if core {
        devices(dataplane, bindings, workers.len().max(1))
    } else {
        Vec::new()
    };
    let nat = dataplane.nats.values().find(|nat| nat.instance == *name);
    Ok(View {
        name,
        poll_sleep_usec: instance.poll_sleep_usec,
        main_core,
        workers: ranges(&workers),
        heap: heap(instance, nat, core.then_some(dataplane.room), workers.len()),
        counters: core.then(|| Bytes::round_up_to_megabytes(dataplane.room.counters(workers.len()))),
        buffers: instance.buffers_per_numa,
        plugins: plugins(dataplane, bindings, core, nat),
        uio_driver: UioDriver::name(instance.uio_driver),
        devices,
        namespace: core.then_some(&dataplane.namespace),
        extra: extra(name, instance)?,
    })
}

/// The NICs of DPDK, each with the queues it asks for, else with one for each thread.
fn devices(dataplane: &Dataplane, bindings: &Bindings, threads: usize) -> Vec<Device> {
    let dpdk = bindings.nics.iter().filter(|(_, nic)| nic.attach == Attach::Dpdk);
    let asked = dataplane
        .nics()
        .filter_map(|(name, _, nic)| Some((name, nic.rx_queues?)));
    let asked: BTreeMap<&IfName, u8> = asked.collect();
    let device = |(name, nic): (&IfName, &crate::render::NicBinding)| Device {
        pci: nic
            .pci
            .map_or_else(|| placeholder(name, "pci"), |pci| pci.to_string()),
        name: name.to_string(),
        queues: asked.get(name).map_or(threads, |queues| usize::from(*queues)),
    };
    dpdk.map(device).collect()
}

/// A CPU list as VPP reads it, `2-5,8`.
fn ranges(cores: &[u16]) -> Option<String> {
    let mut parts: Vec<(u16, u16)> = Vec::new();
    for core in cores {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == *core => *last = *core,
            _ => parts.push((*core, *core)),
        }
    }
    let texts = parts.iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    (!cores.is_empty()).then(|| texts.collect::<Vec<_>>().join(","))
}

/// As written, or what the module or the routes need, and never less than VPP takes by itself. It is address space, and memory only where it
/// is used; a running instance takes what fits into it, and needs a restart for more. So det44, whose mappings change, has room.
fn heap(instance: &Instance, nat: Option<&Nat>, room: Option<Room>, workers: usize) -> Bytes {
    let derived = match nat.map(Nat::holds) {
        Some(holds @ Holds::InsideAddresses(_)) => {
            holds.least_heap(workers).next_multiple_of(ROOM).max(DEFAULT_HEAP)
        }
        Some(holds) => holds.least_heap(workers).max(DEFAULT_HEAP),
        None => room.map_or(0, Room::heap).max(DEFAULT_HEAP),
    };
    instance
        .main_heap_size
        .unwrap_or_else(|| Bytes::round_up_to_megabytes(derived))
}

/// The plugins the instance uses, and `ping` for the operator; no other is loaded.
fn plugins(dataplane: &Dataplane, bindings: &Bindings, core: bool, nat: Option<&Nat>) -> Vec<&'static str> {
    let attached = |attach| core && bindings.nics.values().any(|nic| nic.attach == attach);
    let bridges = core && !dataplane.bridges.is_empty();
    let steers = core && dataplane.nats.values().any(|nat| !nat.inside().is_empty());
    let mode = nat.map(|nat| &nat.mode);
    let needs = Needs {
        links: dataplane.links(),
        tunnels: dataplane.tunnels.values().map(|it| &it.way),
        filters: !dataplane.acls.is_empty(),
        export: &dataplane.export,
    };
    let needed = needs.plugins();
    let asked = |plugin| core && needed.contains(plugin);
    let is_lacp = |(_, bond): (&IfName, &Bond)| matches!(bond.mode, BondMode::Lacp { .. });
    let table = [
        ("dpdk", attached(Attach::Dpdk)),
        ("linux_cp", core),
        ("linux_nl", core),
        ("acl", steers || asked("acl")),
        ("abf", steers),
        ("lacp", core && dataplane.bonds().any(is_lacp)),
        ("memif", nat.is_some() || (core && !dataplane.nats.is_empty())),
        ("af_packet", attached(Attach::AfPacket) || bridges),
        ("gre", asked("gre")),
        ("vxlan", asked("vxlan")),
        ("wireguard", asked("wireguard")),
        ("det44", matches!(mode, Some(NatMode::Det44 { .. }))),
        ("nat", matches!(mode, Some(NatMode::Nat44Ed { .. }))),
        ("nat64", matches!(mode, Some(NatMode::Nat64 { .. }))),
        ("urpf", asked("urpf")),
        ("mss_clamp", asked("mss_clamp")),
        ("vrrp", asked("vrrp")),
        ("dhcp", asked("dhcp")),
        ("sflow", asked("sflow")),
        ("flowprobe", asked("flowprobe")),
        ("lldp", asked("lldp")),
        ("ping", true),
    ];
    table
        .into_iter()
        .filter_map(|(plugin, used)| used.then_some(plugin))
        .collect()
}

fn extra(name: &InstanceName, instance: &Instance) -> Result<Value, RenderError> {
    let text = instance.extra_startup.as_deref().unwrap_or_default();
    Grammar::VppStartup
        .lines(text)
        .map_err(|(line, words)| RenderError::Extra {
            key: "extra-startup-file",
            place: format!("[vpp.{name}]"),
            line,
            words: words.into_owned(),
        })?;
    Ok(Block::value(super::super::etc::with_newline(text)))
}
