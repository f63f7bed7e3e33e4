//! What the document says of links: every key of `[interfaces]`, `[loopbacks]`, `[bridges]`, `[tunnels]`, `[dataplane]` and `[vpp]`.

mod bridge;
mod tunnel;

pub(in crate::config) use bridge::{BridgeDomainRaw, BridgeDomainsRaw};
pub(in crate::config) use tunnel::{TunnelRaw, TunnelType, TunnelsRaw, WIREGUARD_PORT, WireguardPeerRaw};

mod traffic;

pub(in crate::config) use traffic::*;

use crate::config::keys::{Filled, Named, NotYet, bounded, lasting, table, words};
use crate::config::links::carrier::{Balance, MadeBy, RxMode};
use crate::config::links::dataplane::UioDriver;
use crate::config::links::nic::Attach;
use crate::config::links::ra::RouterPreference;
use crate::config::links::startup::StartupRaw;
use crate::config::links::traffic::Urpf;
use crate::config::links::vlan::{TagType, Tagged};
use crate::config::routing::raw::{InterfaceIsisRaw, InterfaceOspfRaw};
use crate::config::source::Located;
use crate::types::{
    Bytes, CpuList, DriverName, HostName, IfAddr, IfName, InstanceName, KernelName, Line, MacAddr, Mtu,
    NetnsName, PciAddress, Prefix, RelPath, VirtualRouterId, VrfName,
};
use std::net::Ipv6Addr;

/// `[interfaces]`.
pub(in crate::config) type InterfacesRaw = Named<IfName, InterfaceRaw>;
/// `[loopbacks]`.
pub(in crate::config) type LoopbacksRaw = Named<IfName, LoopbackRaw>;
/// `[vpp]`.
pub(in crate::config) type InstancesRaw = Named<InstanceName, InstanceRaw>;

table! {
    /// An interface of the dataplane: a NIC, a bond of NICs, or one that extra commands make.
    struct InterfaceRaw includes link: LinkRaw {
        /// How the NIC is recognised.
        "match" => matches: MatchRaw, example("{ pci = \"0000:65:00.0\" }"), otherwise("it is a bond, or extra commands make it"), also(&["hw-id", "device"]);
        /// How VPP accesses the NIC.
        "attach" => attach: Attach, example("\"af-packet\""), otherwise("dpdk for a NIC with a PCI address, else af-packet");
        /// The address of the host-interface, with attach = "af-packet" alone; `mac` is for any.
        "hw-addr" => hw_addr: MacAddr, example("\"02:00:5e:00:53:01\""), otherwise("derived from the NIC's own");
        /// The hardware address that it has in place of the NIC's, or of its first member's.
        "mac" => mac: MacAddr, since("0.3.0"), example("\"02:00:5e:00:53:01\""), otherwise("the NIC's own, of a bond its first member's"), also(&["mac-address", "macaddr"]);
        /// Whether it accepts frames for any address; virtio NICs drop tagged frames without it.
        "promiscuous" => promiscuous: bool, example("true"), default("false");
        /// How many queues the NIC spreads received packets over, with dpdk alone: a host-interface has one.
        "rx-queues" => rx_queues: RxQueues, since("0.3.0"), example("4"), otherwise("with dpdk one for each worker, else 1"), also(&["num-rx-queues", "queues", "num-queues"]);
        /// How a thread learns of received packets; what the driver has no interrupts for is refused at the start.
        "rx-mode" => rx_mode: RxMode, since("0.3.0"), example("\"adaptive\""), otherwise("as the driver begins");
        /// Several NICs bonded into one interface.
        "bond" => bond: BondRaw, since("0.3.0"), example("{ members = [\"a\", \"b\"], mode = \"lacp\" }"), otherwise("none"),
            also(&["members", "slaves", "bond-mode", "lag", "lacp", "aggregate", "gigether-options", "bonding", "portchannel"]);
        /// That something else makes it; then everything about it comes after those commands.
        "made-by" => made_by: MadeBy, since("0.3.0"), example("\"extra-commands\""), otherwise("a NIC or bond");
        /// Its sub-interfaces, by their tag.
        "vlan" => vlan: Tagged<VlanRaw>, example("{ 25 = { addresses = [\"198.51.100.2/30\"] } }"), also(&["vif", "vlans", "vlan-id", "unit", "subinterface", "sub-interface", "subinterfaces", "sub-interfaces", "vlan-tagging"]);
    }

    /// NICs that carry the frames of one interface. Each is an `[interfaces.NAME]` that says which NIC, and nothing else.
    struct BondRaw {
        /// Its NICs; those that are there at the start carry it.
        "members" => members: Filled<IfName>, required(), unordered(), example("[\"a\", \"b\"]"), also(&["slaves", "interfaces", "ports"]);
        /// How it chooses the member of a frame, and what it tells the other end.
        "mode" => mode: BondModeRaw, required(), example("\"lacp\""), also(&["bond-mode", "type"]);
        /// What decides the member: addresses of Ethernet (l2), of IP too (l23), or addresses and ports (l34).
        "load-balance" => load_balance: Balance, example("\"l34\""), default("\"l34\""), modes(&["lacp", "xor"]), also(&["hash-policy", "xmit-hash-policy", "transmit-hash-policy"]);
        /// How often the other end is to send LACP: every second, or every 30.
        "rate" => rate: RateRaw, example("\"slow\""), default("\"fast\""), modes(&["lacp"]), also(&["lacp-rate", "periodic", "fast-rate"]);
        /// How many members it needs to be up.
        "min-links" => min_links: NotYet, example("2"), not_yet("VPP keeps a bond up as long as one member is"), also(&["minimum-links"]);
        /// Whether it only answers LACP; one of both ends has to begin.
        "passive" => passive: bool, example("true"), default("false"), modes(&["lacp"]);
    }

    /// A VLAN of an interface.
    struct VlanRaw includes link: LinkRaw {
        /// VLANs inside it, by their tag: QinQ.
        "inner" => inner: Tagged<LinkRaw>, since("0.3.0"), example("{ 200 = { addresses = [\"198.51.100.6/30\"] } }"), otherwise("none"), also(&["inner-dot1q", "vif-c", "inner-vlan", "vlan"]);
        /// What its frames are marked with.
        "type" => kind: TagType, since("0.3.0"), example("\"dot1ad\""), default("\"dot1q\""), also(&["dot1ad", "vif-s", "qinq", "ethertype", "protocol"]);
    }

    /// What every interface can say that packets pass, whichever its kind.
    struct LinkRaw includes protocols: ProtocolsRaw {
        /// The largest packet it carries; that of a VLAN is not above its parent's.
        "mtu" => mtu: Mtu, example("9000"), unit("bytes"), otherwise("of a VLAN its parent's, else VPP's, 9000"), also(&["mtu-size", "l3-mtu", "ip-mtu"]);
        /// Whether it is up; everything else about it is configured all the same.
        "enabled" => enabled: bool, since("0.3.0"), example("false"), otherwise("it is, a VLAN if its parent is"), also(&["enable", "disable", "disabled", "shutdown", "state", "admin-state", "admin-status", "admin_status"]);
        /// Whether it has a Linux side, which FRR needs.
        "lcp" => lcp: bool, since("0.3.0"), example("false"), otherwise("it has; a VLAN if its parent has, and not what extra commands make");
        /// Its addresses; those of a parent are untagged.
        "addresses" => addresses: Vec<Located<IfAddr>>, example("[\"198.51.100.2/30\"]"), default("[]"), also(&["address", "ip", "ipv4", "ipv6"]);
        /// Addresses by DHCP.
        "dhcp" => dhcp: NotYet, since("0.3.0"), example("true"), not_yet("the dataplane has no DHCP client: write `addresses`, and the default route in [routes]"), also(&["dhcp-client", "dhcp4", "dhcp6"]);
        /// The interface whose addresses it borrows.
        "unnumbered" => unnumbered: NotYet, since("0.3.0"), example("\"lo0\""), not_yet("an interface has addresses of its own; BGP by its name and OSPFv3 need none"), also(&["ip-unnumbered", "unnumbered-address"]);
        /// The interface that its frames go out of, and whose frames go out of it: nothing is routed on the two.
        "xconnect" => xconnect: String, since("0.3.0"), example("\"internal.25\""), otherwise("it routes"), also(&["cross-connect", "l2xc", "vlan-passthrough", "l2-xconnect"]);
        /// The router advertisements it sends.
        "ra" => ra: RaRaw, example("{ max-interval = 30 }"), otherwise("none are sent"), also(&["router-advert", "router-advertisement", "ipv6-nd"]);
        /// The ACLs that what passes it is held against.
        "acl" => acl: InterfaceAclsRaw, since("0.3.0"), example("{ in = \"EDGE\" }"), otherwise("everything passes"), also(&["acls", "access-group", "access-list", "filter", "firewall"]);
        /// Drops what could not be answered: `strict` what is routed out of another interface, `loose` what no route leads to.
        "urpf" => urpf: Urpf, since("0.3.0"), example("\"strict\""), otherwise("nothing is dropped"), also(&["rpf", "rpf-check", "source-validation", "verify"]);
        /// The policers that limit what passes it.
        "policer" => policer: InterfacePolicersRaw, since("0.3.0"), example("{ out = \"GOLD\" }"), otherwise("no limit"), also(&["policers", "service-policy", "qos", "traffic-policy", "rate-limit"]);
        /// The largest segment that TCP connections through it agree on; over IPv6 it is 20 bytes less.
        "mss-clamp" => mss_clamp: MssClamp, since("0.3.0"), example("1452"), unit("bytes"), otherwise("what the hosts say"), also(&["adjust-mss", "tcp-mss", "mss", "tcp-mss-clamp"]);
        /// Another interface that gets a copy of what passes it and its VLANs.
        "mirror" => mirror: MirrorRaw, since("0.3.0"), example("{ to = \"incusbr0\" }"), otherwise("none"), also(&["span", "monitor", "port-mirror", "mirror-session"]);
        /// Neighbours on its link that are not asked for their hardware addresses, by address.
        "neighbors" => neighbors: StaticNeighborsRaw, since("0.3.0"), example("{ \"198.51.100.9\" = { mac = \"02:00:5e:00:53:09\" } }"), otherwise("each is asked"), also(&["arp", "static-arp", "neighbor", "neigh", "static-neighbors"]);
        /// The virtual routers it takes part in, by their numbers.
        "vrrp" => vrrp: Named<VirtualRouterId, VirtualRouterRaw>, since("0.3.0"), example("{ 10 = { addresses = [\"198.51.100.254\"], priority = 200 } }"), otherwise("none"), also(&["vrrp-group", "vrrp6", "carp", "hsrp"]);
        /// The DHCP servers of the clients on its link; VPP relays for all links of a table, so all say the same.
        "dhcp-relay" => dhcp_relay: RelayRaw, since("0.3.0"), example("{ servers = [\"10.234.116.10\"], source = \"100.64.0.1\" }"), otherwise("none"), also(&["dhcp-helper", "helper-address", "ip-helper", "dhcp_servers"]);
        /// The same for DHCPv6; routes to delegated prefixes are not made.
        "dhcp6-relay" => dhcp6_relay: RelayRaw, since("0.3.0"), example("{ servers = [\"2001:db8:a::10\"], source = \"2001:db8::1\" }"), otherwise("none"), also(&["dhcpv6-relay", "dhcpv6_servers"]);
    }

    /// What every interface can say, whether packets pass it or it is a loopback.
    struct ProtocolsRaw {
        /// The VRF that its addresses and its packets are in; a VLAN is not in its parent's.
        "vrf" => vrf: VrfName, since("0.3.0"), example("\"CUST\""), otherwise("the main table"), also(&["vrf-name", "routing-instance", "vrf-binding", "ip-vrf", "routing-table"]);
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
        /// The largest packet it carries.
        "mtu" => mtu: Mtu, since("0.3.0"), example("1500"), unit("bytes"), otherwise("VPP's, 9000");
        /// Its hardware address.
        "mac" => mac: MacAddr, since("0.3.0"), example("\"02:00:5e:00:53:01\""), otherwise("derived from its name");
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

    /// Router advertisements, with the /64 of each IPv6 address. Those with name servers, domains or a preference come from FRR.
    struct RaRaw {
        /// The longest time between two of them.
        "max-interval" => max_interval: MaxInterval, example("30"), unit("seconds"), default("600"), also(&["max-rtr-adv-interval", "max-advertisement-interval"]);
        /// The shortest time between two of them, at most three quarters of the longest.
        "min-interval" => min_interval: MinInterval, example("10"), unit("seconds"), otherwise("half of max-interval, at least 3"), also(&["min-rtr-adv-interval", "min-advertisement-interval"]);
        /// For how long this router is a default router; 0s: it is none. Longer than max-interval.
        "lifetime" => lifetime: RaLifetime, since("0.3.0"), example("\"30m\""), otherwise("ten minutes, or three times a max-interval above 200"), also(&["default-lifetime", "router-lifetime", "ra-lifetime"]);
        /// Whether hosts get their addresses by DHCPv6.
        "managed" => managed: bool, since("0.3.0"), example("true"), default("false"), also(&["managed-flag", "managed-config-flag", "adv-managed-flag"]);
        /// Whether hosts get other settings by DHCPv6.
        "other" => other: bool, since("0.3.0"), example("true"), default("false"), also(&["other-config-flag", "other-flag", "adv-other-config-flag"]);
        /// What is said of a prefix, or a further prefix.
        "prefixes" => prefixes: Named<Prefix, RaPrefixRaw>, since("0.3.0"), example("{ \"2001:db8:30::/64\" = { autonomous = false } }"), otherwise("the /64 of each address, for ever"), also(&["prefix"]);
        /// The name servers of the hosts.
        "rdnss" => rdnss: Vec<Located<Ipv6Addr>>, since("0.3.0"), example("[\"2001:db8::53\"]"), default("[]"), unordered(), also(&["name-server", "name-servers", "dns", "nameserver", "nameservers"]);
        /// The domains that hosts look names up in.
        "dnssl" => dnssl: Vec<Located<HostName>>, since("0.3.0"), example("[\"example.net\"]"), default("[]"), unordered(), also(&["search", "domain-search", "search-domains"]);
        /// How this router compares with others on the link (RFC 4191).
        "preference" => preference: RouterPreference, since("0.3.0"), example("\"high\""), default("\"medium\""), also(&["default-preference", "router-preference"]);
        /// The prefix of NAT64.
        "pref64" => pref64: NotYet, example("\"64:ff9b::/96\""), not_yet("neither VPP nor FRR can say it; DNS64 tells hosts the prefix as well"), also(&["nat64prefix"]);
    }

    /// A prefix in router advertisements.
    struct RaPrefixRaw {
        /// Whether it is advertised at all.
        "advertise" => advertise: bool, since("0.3.0"), example("false"), default("true");
        /// Whether hosts form addresses of it.
        "autonomous" => autonomous: bool, since("0.3.0"), example("false"), default("true"), also(&["autonomous-flag", "autoconfig"]);
        /// Whether it is the link's own.
        "on-link" => on_link: bool, since("0.3.0"), example("false"), default("true"), also(&["on-link-flag", "onlink"]);
        /// For how long it is valid.
        "valid-lifetime" => valid_lifetime: PrefixLifetime, since("0.3.0"), example("86400"), unit("seconds"), otherwise("for ever"), also(&["valid"]);
        /// For how long addresses of it are preferred, at most as long as it is valid.
        "preferred-lifetime" => preferred_lifetime: PrefixLifetime, since("0.3.0"), example("14400"), unit("seconds"), otherwise("as long as it is valid"), also(&["preferred"]);
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
    /// Queues of a NIC.
    RxQueues(u8) = 1..=64, "a number from 1 to 64";
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
    /// Seconds that a prefix holds.
    PrefixLifetime(u32) = 0..=31_536_000, "seconds from 0 to 31536000, a year";
}

lasting! {
    /// How long a boot waits for NICs.
    NicWait = 0..=600, "a duration from 0s to 10m";
    /// How long a router is a default router; VPP cuts a longer one.
    RaLifetime = 0..=9000, "a duration from 0s to 150m";
}

words! {
    Attach { "dpdk" => Attach::Dpdk, "af-packet" => Attach::AfPacket }
    UioDriver { "vfio-pci" => UioDriver::VfioPci, "uio_pci_generic" => UioDriver::UioPciGeneric }
    RxMode { "polling" => RxMode::Polling, "interrupt" => RxMode::Interrupt, "adaptive" => RxMode::Adaptive }
    MadeBy { "extra-commands" => MadeBy::ExtraCommands }
    TagType { "dot1q" => TagType::Dot1q, "dot1ad" => TagType::Dot1ad }
    Balance { "l2" => Balance::L2, "l23" => Balance::L23, "l34" => Balance::L34 }
    RouterPreference { "high" => RouterPreference::High, "medium" => RouterPreference::Medium, "low" => RouterPreference::Low }
    RateRaw { "fast" => RateRaw::Fast, "slow" => RateRaw::Slow }
    BondModeRaw {
        "lacp" => BondModeRaw::Lacp,
        "xor" => BondModeRaw::Xor,
        "active-backup" => BondModeRaw::ActiveBackup,
        "round-robin" => BondModeRaw::RoundRobin,
        "broadcast" => BondModeRaw::Broadcast,
    }
}

/// `bond.mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) enum BondModeRaw {
    Lacp,
    Xor,
    ActiveBackup,
    RoundRobin,
    Broadcast,
}

/// `bond.rate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) enum RateRaw {
    Fast,
    Slow,
}
