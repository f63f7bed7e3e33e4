//! What the document says of the packets that pass an interface: ACLs, policers, mirrors, virtual routers, relays.

use crate::config::keys::{
    Filled, NET_OR_NAME, Named, NotYet, OneOrMore, Reading, Shape, Takes, Value, bounded, normal, table,
    words,
};
use crate::config::links::traffic::{Direction, Urpf};
use crate::config::routing::policy::Action;
use crate::types::{BitRate, Burst, HostAddr, LinkName, MacAddr, PolicyName, Prefix, TypeError};
use std::fmt;
use std::str::FromStr;

/// `[acls]`.
pub(in crate::config) type AclsRaw = Named<PolicyName, Filled<AclRuleRaw>>;
/// `[policers]`.
pub(in crate::config) type PolicersRaw = Named<PolicyName, PolicerRaw>;
/// `neighbors` of an interface.
pub(in crate::config) type StaticNeighborsRaw = Named<HostAddr, StaticNeighborRaw>;

table! {
    /// The ACLs of an interface.
    struct InterfaceAclsRaw {
        /// What it receives, for this router too, but for multicast: it has to let the answers in that this router waits for.
        "in" => inward: PolicyName, since("0.3.0"), example("\"EDGE\""), otherwise("everything passes"), also(&["input", "ingress", "inbound"]);
        /// What it forwards out of it; what this router itself sends is not asked.
        "out" => outward: PolicyName, since("0.3.0"), example("\"EDGE-OUT\""), otherwise("everything passes"), also(&["output", "egress", "outbound"]);
    }

    /// A rule of an ACL: the first one that matches a packet decides, and what none matches is dropped.
    struct AclRuleRaw {
        /// Whether the packet passes.
        "action" => action: Action, required(), since("0.3.0"), example("\"permit\"");
        /// Where it comes from: prefixes, or what a prefix-list without `deny` holds.
        "source" => source: OneOrMore<Prefixes>, since("0.3.0"), example("\"203.0.113.0/24\""), otherwise("anywhere, in the families of the rest"), also(&["src", "from", "source-address", "src-ip"]);
        /// Where it goes to: prefixes, or what a prefix-list without `deny` holds.
        "destination" => destination: OneOrMore<Prefixes>, since("0.3.0"), example("[\"192.0.2.0/24\", \"2001:db8::/32\"]"), otherwise("anywhere, in the families of the rest"), also(&["dst", "to", "destination-address", "dst-ip"]);
        /// Its protocol.
        "protocol" => protocol: IpProtocol, since("0.3.0"), example("\"tcp\""), otherwise("any"), also(&["proto", "ip-protocol", "next-header"]);
        /// The ports it comes from, of TCP, UDP and SCTP.
        "source-port" => source_port: OneOrMore<Ports>, since("0.3.0"), example("\"1024-65535\""), otherwise("any"), also(&["sport", "src-port", "l4-src-port"]);
        /// The ports it goes to, of TCP, UDP and SCTP.
        "port" => port: OneOrMore<Ports>, since("0.3.0"), example("[22, \"8000-8099\"]"), otherwise("any"), also(&["dport", "dst-port", "destination-port", "l4-dst-port"]);
        /// The type of ICMP.
        "icmp-type" => icmp_type: IcmpNumber, since("0.3.0"), example("8"), otherwise("any"), also(&["icmptype"]);
        /// The code of ICMP.
        "icmp-code" => icmp_code: IcmpNumber, since("0.3.0"), example("0"), otherwise("any"), also(&["icmpcode"]);
        /// Flags of TCP that have to be set, or with ! not set.
        "tcp-flags" => tcp_flags: Filled<TcpFlag>, since("0.3.0"), example("[\"syn\", \"!ack\"]"), otherwise("any"), also(&["flags"]);
        /// Whether the answers pass as well, on the other side of the interface, whatever its ACL says.
        "reflect" => reflect: bool, since("0.3.0"), example("true"), default("false"), also(&["stateful", "state", "reflexive"]);
    }

    /// The policers of an interface.
    struct InterfacePolicersRaw {
        /// Of what it receives, all its VLANs together.
        "in" => inward: PolicyName, since("0.3.0"), example("\"GOLD\""), otherwise("none"), also(&["input", "ingress"]);
        /// Of what it forwards out of it.
        "out" => outward: PolicyName, since("0.3.0"), example("\"GOLD\""), otherwise("none"), also(&["output", "egress"]);
    }

    /// A policer: it drops what exceeds its rate. All interfaces that name it share the one rate.
    struct PolicerRaw {
        /// The rate.
        "rate" => rate: BitRate, required(), since("0.3.0"), example("\"100M\""), unit("bits per second"), also(&["cir", "bandwidth", "rate-limit"]);
        /// How much may come at once.
        "burst" => burst: Burst, since("0.3.0"), example("\"1M\""), unit("bytes"), otherwise("what comes in 100 ms"), also(&["cb", "cbs", "burst-size"]);
    }

    /// A copy of everything that passes an interface.
    struct MirrorRaw {
        /// The interface that gets the copies.
        "to" => to: String, required(), since("0.3.0"), example("\"incusbr0\""), also(&["destination", "dst"]);
        /// What is copied: what comes in, what goes out, or both.
        "direction" => direction: Direction, since("0.3.0"), example("\"in\""), default("\"both\"");
    }

    /// A neighbour that is not asked for its hardware address.
    struct StaticNeighborRaw {
        /// Its hardware address.
        "mac" => mac: MacAddr, required(), since("0.3.0"), example("\"02:00:5e:00:53:09\""), also(&["lladdr", "mac-address", "hardware-address"]);
    }

    /// A virtual router (VRRPv3): of several routers with the same, one has its addresses.
    struct VirtualRouterRaw {
        /// Its addresses; those of IPv4 and those of IPv6 are elected for separately.
        "addresses" => addresses: Filled<HostAddr>, required(), since("0.3.0"), example("[\"198.51.100.254\"]"), also(&["address", "virtual-address", "virtual-ip", "vip"]);
        /// The highest of the routers that are there has the addresses; 255 is whose own they are.
        "priority" => priority: VrrpPriority, since("0.3.0"), example("200"), default("100");
        /// The time between two advertisements, in steps of 10.
        "interval" => interval: VrrpInterval, since("0.3.0"), example("500"), unit("milliseconds"), default("1000"), also(&["advertise-interval", "advertisement-interval", "advert-int"]);
        /// Whether it takes over from a router of lower priority.
        "preempt" => preempt: bool, since("0.3.0"), example("false"), default("true");
        /// Whether it answers to the addresses itself while it has them: a ping, a session.
        "accept" => accept: bool, since("0.3.0"), example("true"), default("false"), also(&["accept-mode", "accept-data"]);
        /// Interfaces, and how much its priority falls while each of them is down.
        "track" => track: Named<LinkName, TrackPriority>, since("0.3.0"), example("{ \"external.25\" = 60 }"), otherwise("it keeps its priority"), also(&["track-interface", "tracking", "track-if", "interface-tracking"]);
        /// The routers that it tells of itself, in place of everybody on the link.
        "peers" => peers: Filled<HostAddr>, since("0.3.0"), example("[\"198.51.100.3\"]"), otherwise("it tells everybody on the link"), unordered(), also(&["unicast-peers", "unicast-peer", "peer-address"]);
        /// How long it waits before it takes over.
        "preempt-delay" => preempt_delay: NotYet, since("0.3.0"), example("30"), not_yet("VPP takes over at once or, with `preempt = false`, not at all"), also(&["hold-time", "preempt-hold-time", "startup-delay"]);
    }

    /// A DHCP relay.
    struct RelayRaw {
        /// The servers; each gets every request.
        "servers" => servers: Filled<HostAddr>, required(), since("0.3.0"), example("[\"10.234.116.10\"]"), unordered(), also(&["server", "helper-address", "dhcp-servers"]);
        /// The own address that requests come from; the servers answer to it.
        "source" => source: HostAddr, required(), since("0.3.0"), example("\"100.64.0.1\""), also(&["src-address", "source-address", "giaddr"]);
    }
}

bounded! {
    /// A type or code of ICMP.
    IcmpNumber(u8) = 0..=255, "a number from 0 to 255";
    /// The largest segment of TCP over IPv4, in bytes.
    MssClamp(u16) = 536..=65_495, "a segment size from 536 to 65495 bytes";
    /// The priority of a virtual router.
    VrrpPriority(u8) = 1..=255, "a priority from 1 to 255";
    /// How much the priority of a virtual router falls.
    TrackPriority(u8) = 1..=253, "a number from 1 to 253";
    /// Milliseconds between advertisements of VRRP; its packets have 12 bits for hundredths of a second.
    VrrpInterval(u16) = 10..=40_950, "milliseconds from 10 to 40950";
}

words! {
    Urpf { "strict" => Urpf::Strict, "loose" => Urpf::Loose }
    Direction { "in" => Direction::In, "out" => Direction::Out, "both" => Direction::Both }
}

/// The protocol of an IP packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) struct IpProtocol(u8);

const PROTOCOLS: [(&str, u8); 10] = [
    ("tcp", 6),
    ("udp", 17),
    ("icmp", 1),
    ("icmp6", 58),
    ("sctp", 132),
    ("gre", 47),
    ("esp", 50),
    ("ah", 51),
    ("ospf", 89),
    ("vrrp", 112),
];

impl IpProtocol {
    /// Its number in IP's header.
    pub(in crate::config) fn get(self) -> u8 {
        self.0
    }
}

impl Takes for IpProtocol {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        if value.is_text() {
            let typed = value.text(reading)?;
            let known = PROTOCOLS.iter().find(|(word, _)| *word == typed);
            return match known {
                Some((_, number)) => Some(Self(*number)),
                None => reading.no_such_word(value, typed, &PROTOCOLS.map(|(word, _)| word)),
            };
        }
        // VPP takes 0 for any protocol.
        let number = u8::try_from(value.number(reading)?)
            .ok()
            .filter(|number| *number > 0);
        let wrong = || TypeError::expected("the number of a protocol, from 1 to 255");
        value.checked(reading, number.map(Self).ok_or_else(wrong))
    }

    fn shape() -> Shape {
        Shape::Either(vec![
            Shape::Words(PROTOCOLS.map(|(word, _)| word).to_vec()),
            Shape::Number {
                about: "the number of a protocol, from 1 to 255",
                least: 1,
                greatest: 255,
            },
        ])
    }
}

/// A port, or a range of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) struct Ports {
    pub(in crate::config) first: u16,
    pub(in crate::config) last: u16,
}

impl FromStr for Ports {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let wrong = || match text.contains([',', ' ']) {
            true => {
                TypeError::expected("a port, or a range like 8000-8099; several are a list, as in [22, 80]")
            }
            false => TypeError::expected("a port, or a range like 8000-8099"),
        };
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let port = |text: &str| {
            let plain = text.bytes().all(|b| b.is_ascii_digit());
            text.parse::<u16>().ok().filter(|_| plain)
        };
        let (first, last) = port(first).zip(port(last)).ok_or_else(wrong)?;
        match first <= last {
            true => Ok(Self { first, last }),
            false => Err(TypeError::expected(
                "a range whose first port is not above its last",
            )),
        }
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.first == self.last {
            true => self.first.fmt(f),
            false => write!(f, "{}-{}", self.first, self.last),
        }
    }
}

impl Takes for Ports {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        if value.is_text() {
            return value.parse(reading);
        }
        let port = u16::try_from(value.number(reading)?);
        let wrong = |_| TypeError::expected("a port from 0 to 65535");
        let one = |port| Self {
            first: port,
            last: port,
        };
        value.checked(reading, port.map(one).map_err(wrong))
    }

    fn shape() -> Shape {
        Shape::Either(vec![
            Shape::Number {
                about: "a port from 0 to 65535",
                least: 0,
                greatest: 65_535,
            },
            Shape::Text {
                about: "a range of ports like 8000-8099",
                pattern: "^[0-9]{1,5}(-[0-9]{1,5})?$",
                normal: normal::<Self>,
            },
        ])
    }
}

/// A prefix, or all that are in a prefix-list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::config) enum Prefixes {
    One(Prefix),
    List(PolicyName),
}

impl FromStr for Prefixes {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        match (text.parse(), text.parse()) {
            (Ok(prefix), _) => Ok(Self::One(prefix)),
            (Err(_), Ok(name)) => Ok(Self::List(name)),
            (Err(error), Err(_)) => Err(error),
        }
    }
}

impl fmt::Display for Prefixes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(prefix) => prefix.fmt(f),
            Self::List(name) => name.fmt(f),
        }
    }
}

impl Takes for Prefixes {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        value.parse(reading)
    }

    fn shape() -> Shape {
        Shape::Text {
            about: "a prefix like 192.0.2.0/24, or the name of a prefix-list",
            pattern: NET_OR_NAME,
            normal: normal::<Self>,
        }
    }
}

/// A flag of TCP, and whether it has to be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::config) struct TcpFlag {
    pub(in crate::config) bit: u8,
    pub(in crate::config) is_set: bool,
}

const FLAGS: [(&str, &str, u8); 6] = [
    ("fin", "!fin", 1),
    ("syn", "!syn", 2),
    ("rst", "!rst", 4),
    ("psh", "!psh", 8),
    ("ack", "!ack", 16),
    ("urg", "!urg", 32),
];

impl Takes for TcpFlag {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let typed = value.text(reading)?;
        let known = FLAGS.iter().find_map(|(set, unset, bit)| match typed {
            _ if typed == *set => Some((*bit, true)),
            _ if typed == *unset => Some((*bit, false)),
            _ => None,
        });
        match known {
            Some((bit, is_set)) => Some(Self { bit, is_set }),
            None => reading.no_such_word(value, typed, &FLAGS.map(|(set, ..)| set)),
        }
    }

    fn shape() -> Shape {
        Shape::Words(FLAGS.iter().flat_map(|(set, unset, _)| [*set, *unset]).collect())
    }
}
