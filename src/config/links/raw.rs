//! What the document says of links: every key of `[interfaces]`, `[loopbacks]`, `[dataplane]` and `[vpp]`.

use crate::config::code::E0208;
use crate::config::diag::Diagnostic;
use crate::config::keys::{
    Named, NotYet, Reading, Shape, Takes, Value, bounded, lasting, name, table, words,
};
use crate::config::links::dataplane::UioDriver;
use crate::config::links::nic::Attach;
use crate::config::links::startup::StartupRaw;
use crate::config::routing::raw::{InterfaceIsisRaw, InterfaceOspfRaw};
use crate::config::source::Located;
use crate::types::{
    Bytes, CpuList, DriverName, IfAddr, IfName, InstanceName, KernelName, Line, MacAddr, Mtu, NetnsName,
    PciAddress, RelPath, VlanId,
};
use std::collections::BTreeMap;

/// `[interfaces]`.
pub(in crate::config) type InterfacesRaw = Named<IfName, InterfaceRaw>;
/// `[loopbacks]`.
pub(in crate::config) type LoopbacksRaw = Named<IfName, LoopbackRaw>;
/// `[vpp]`.
pub(in crate::config) type InstancesRaw = Named<InstanceName, InstanceRaw>;

table! {
    /// A NIC of the dataplane.
    struct InterfaceRaw includes link: LinkRaw {
        /// How the NIC is recognised.
        "match" => matches: MatchRaw, required(), example("{ pci = \"0000:65:00.0\" }"), also(&["hw-id", "device"]);
        /// How VPP accesses the NIC.
        "attach" => attach: Attach, example("\"af-packet\""), otherwise("dpdk for a NIC with a PCI address, else af-packet");
        /// The address of the host-interface, with attach = "af-packet" alone.
        "hw-addr" => hw_addr: MacAddr, example("\"02:00:5e:00:53:01\""), otherwise("derived from the NIC's own"), also(&["mac", "mac-address"]);
        /// Whether it accepts frames for any address; virtio NICs drop tagged frames without it.
        "promiscuous" => promiscuous: bool, example("true"), default("false");
        /// Its sub-interfaces, by their tag.
        "vlan" => vlan: VlansRaw, example("{ 25 = { addresses = [\"198.51.100.2/30\"] } }"), also(&["vif", "vlans", "vlan-id", "unit", "subinterface", "vlan-tagging"]);
        /// Several NICs bonded into one interface.
        "bond" => bond: NotYet, example("{ members = [\"a\", \"b\"], mode = \"lacp\" }"), not_yet("linux-cp on bonds has not been tested yet"),
            also(&["members", "slaves", "bond-mode", "lag", "lacp", "aggregate", "gigether-options", "bonding"]);
    }

    /// A VLAN of an interface.
    struct VlanRaw includes link: LinkRaw {
        /// A second tag behind the first.
        "inner-dot1q" => inner_dot1q: NotYet, example("200"), not_yet("linux-cp on QinQ has not been tested yet"), also(&["inner", "vif-c", "inner-vlan"]);
        /// An outer tag of 802.1ad.
        "dot1ad" => dot1ad: NotYet, example("true"), not_yet("linux-cp on QinQ has not been tested yet"), also(&["vif-s", "qinq"]);
    }

    /// What every interface can say that packets pass, whichever its kind.
    struct LinkRaw includes protocols: ProtocolsRaw {
        /// The largest packet it carries; that of a VLAN is not above its parent's.
        "mtu" => mtu: Mtu, example("9000"), unit("bytes"), otherwise("of a VLAN its parent's, else VPP's, 9000"), also(&["mtu-size", "l3-mtu"]);
        /// Whether it is up; everything else about it is configured all the same.
        "enabled" => enabled: bool, since("0.3.0"), example("false"), otherwise("it is, a VLAN if its parent is"), also(&["enable", "disable", "disabled", "shutdown", "admin-state", "admin-status"]);
        /// Its addresses; those of a parent are untagged.
        "addresses" => addresses: Vec<Located<IfAddr>>, example("[\"198.51.100.2/30\"]"), default("[]"), also(&["address", "ip", "ipv4", "ipv6"]);
        /// The router advertisements it sends.
        "ra" => ra: RaRaw, example("{ max-interval = 30 }"), otherwise("none are sent"), also(&["router-advert", "router-advertisement", "ipv6-nd"]);
    }

    /// What FRR is told of an interface.
    struct ProtocolsRaw {
        /// A description for operators.
        "description" => description: Line, example("\"Transit A\""), also(&["descr", "comment", "alias"]);
        /// Its OSPF settings for IPv4; without them it takes no part.
        "ospf" => ospf: InterfaceOspfRaw, example("{ area = 0 }"), otherwise("no part"), also(&["ospfv2", "ospf4"]);
        /// Its OSPF settings for IPv6; without them it takes no part.
        "ospf6" => ospf6: InterfaceOspfRaw, example("{ area = 0 }"), otherwise("no part"), also(&["ospfv3"]);
        /// Its IS-IS settings; without them it takes no part.
        "isis" => isis: InterfaceIsisRaw, since("0.3.0"), example("{ metric = 100 }"), otherwise("no part"), also(&["is-is"]);
    }

    /// A loopback in VPP and Linux: the router's own addresses.
    struct LoopbackRaw includes protocols: ProtocolsRaw {
        /// Its addresses.
        "addresses" => addresses: Vec<Located<IfAddr>>, required(), example("[\"192.0.2.1/32\"]"), also(&["address", "ip", "ipv4", "ipv6"]);
    }

    /// Which NIC: every key that is set has to match.
    struct MatchRaw {
        /// Its PCI address.
        "pci" => pci: PciAddress, example("\"0000:65:00.0\""), also(&["bus", "path", "pci-address"]);
        /// Its permanent MAC address.
        "mac" => mac: MacAddr, example("\"3c:ec:ef:00:00:01\""), also(&["macaddress", "hwaddr", "permanent-mac-address", "hw-id"]);
        /// Its kernel driver; several NICs may have it.
        "driver" => driver: DriverName, example("\"virtio_net\"");
        /// Its name in the kernel, which may change with the hardware.
        "name" => name: KernelName, example("\"enp101s0f0\""), also(&["original-name", "device", "ifname"]);
    }

    /// Router advertisements, with the /64 of each IPv6 address.
    struct RaRaw {
        /// The longest time between two of them.
        "max-interval" => max_interval: MaxInterval, example("30"), unit("seconds"), default("600"), also(&["max-rtr-adv-interval", "max-advertisement-interval"]);
        /// The shortest time between two of them, at most three quarters of the longest.
        "min-interval" => min_interval: MinInterval, example("10"), unit("seconds"), otherwise("half of max-interval, at least 3"), also(&["min-rtr-adv-interval", "min-advertisement-interval"]);
    }

    /// The namespace that all forwarding happens in.
    struct DataplaneRaw {
        /// The name of the network namespace.
        "namespace" => namespace: NetnsName, example("\"dataplane\""), default("\"dataplane\""), also(&["netns"]);
        /// How long a boot waits for its NICs; then it goes on without them.
        "nic-wait" => nic_wait: NicWait, example("\"30s\""), default("\"30s\"");
    }

    /// A VPP process.
    struct InstanceRaw {
        /// The core of its main thread.
        "main-core" => main_core: CpuNumber, example("1"), otherwise("VPP's choice");
        /// The cores of its workers.
        "corelist-workers" => corelist_workers: CpuList, example("\"2-5\""), otherwise("no workers"), also(&["workers", "worker-cores"]);
        /// The size of its main heap.
        "main-heap-size" => main_heap_size: Bytes, example("\"3G\""), otherwise("1G, or what its NAT mappings or the routes need"), also(&["heap-size", "heapsize"]);
        /// Packet buffers for each NUMA node.
        "buffers-per-numa" => buffers_per_numa: BuffersPerNuma, example("131072"), otherwise("VPP's"), also(&["buffers"]);
        /// How long the main loop sleeps between two polls.
        "poll-sleep-usec" => poll_sleep_usec: PollSleep, example("100"), unit("microseconds"), otherwise("it never sleeps");
        /// The kernel driver DPDK gets its NICs through.
        "uio-driver" => uio_driver: UioDriver, example("\"vfio-pci\""), default("\"vfio-pci\"");
        /// A file with extra lines for startup.conf.
        "extra-startup-file" => extra_startup_file: StartupRaw, example("\"extra/startup.conf\"");
        /// A file with extra VPP commands, run after the generated ones; in core before the ACLs of NAT modules.
        "extra-commands-file" => extra_commands_file: RelPath, example("\"extra/commands.txt\"");
    }
}

bounded! {
    /// A CPU's number.
    CpuNumber(u16) = 0..=1023, "a CPU number from 0 to 1023";
    /// Buffers of a NUMA node.
    BuffersPerNuma(u32) = 1024..=4_194_304, "a number from 1,024 to 4,194,304";
    /// Microseconds between two polls.
    PollSleep(u32) = 1..=10_000, "microseconds from 1 to 10,000";
    /// Seconds, MaxRtrAdvInterval.
    MaxInterval(u16) = 4..=1800, "seconds from 4 to 1800 (RFC 4861)";
    /// Seconds, MinRtrAdvInterval.
    MinInterval(u16) = 3..=1350, "seconds from 3 to 1350 (RFC 4861)";
}

lasting! {
    /// How long a boot waits for NICs.
    NicWait = 0..=600, "a duration from 0s to 10m";
}

words! {
    Attach { "dpdk" => Attach::Dpdk, "af-packet" => Attach::AfPacket }
    UioDriver { "vfio-pci" => UioDriver::VfioPci, "uio_pci_generic" => UioDriver::UioPciGeneric }
}

/// `vlan.N`, in the order of the document; no tag is there twice.
#[derive(Debug, Clone)]
pub(in crate::config) struct VlansRaw(pub(in crate::config) Vec<(Located<VlanId>, Located<VlanRaw>)>);

impl Takes for VlansRaw {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let mut tags = BTreeMap::new();
        let mut vlans = Vec::new();
        for entry in value.entries(reading)? {
            let number = entry.key.value.parse().ok();
            // `025` is no second way to write 25.
            if let Some(first) = number.and_then(|number: u64| tags.insert(number, entry.key.span)) {
                let message = format!("duplicate tag {} on this parent", entry.key.value);
                reading.report(
                    Diagnostic::error(E0208, entry.key.span, message)
                        .label("the same tag, written differently")
                        .also(first, "first here"),
                );
                continue;
            }
            let span = entry.value.span();
            if let Some(tag) = name(value, entry.key, reading)
                && let Some(value) = VlanRaw::read(&entry.value, reading)
            {
                vlans.push((tag, Located { value, span }));
            }
        }
        Some(Self(vlans))
    }

    fn shape() -> Shape {
        Named::<VlanId, VlanRaw>::shape()
    }
}
