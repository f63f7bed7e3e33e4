//! What the document says of NAT.

use super::pool::PoolRange;
use crate::config::keys::{OneOrMore, Reading, Shape, Takes, Value, bounded, lasting, normal, table, words};
use crate::config::machine::firewall::Protocol;
use crate::config::machine::raw::Port;
use crate::config::source::Located;
use crate::types::{InstanceName, Prefix, TypeError};
use ipnet::{Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr};

table! {
    /// A NAT module, in a VPP instance of its own.
    struct NatRaw {
        /// The [vpp.NAME] it runs in.
        "instance" => instance: InstanceName, required(), example("\"nat\"");
        /// What it does.
        "mode" => mode: Mode, required(), example("\"det44\""), also(&["type"]);
        /// The interfaces whose traffic is steered into it.
        "from" => from: Vec<Located<String>>, required(), example("[\"internal.30\"]"), modes(&["det44", "nat44-ed"]), unordered(), also(&["inside-interface", "inbound-interface"]);
        /// Destinations that are never translated.
        "exempt" => exempt: Vec<Located<Ipv4Net>>, example("[\"10.0.0.0/8\"]"), default("[]"), modes(&["det44", "nat44-ed"]), unordered(), also(&["exclude"]);
        /// Pairs of a source and a destination between which nothing is translated.
        "bypass" => bypass: Vec<Located<BypassRaw>>, since("0.3.0"), example("[{ source = \"10.0.0.0/24\", destination = \"192.0.2.0/24\" }]"), default("[]"), modes(&["det44", "nat44-ed"]), unordered(), also(&["bypass-pairs", "no-nat"]);
        /// Which subscribers share which addresses.
        "mappings" => mappings: Vec<Located<MappingRaw>>, required(), example("[{ inside = \"100.64.0.0/22\", outside = \"203.0.113.0/28\" }]"), modes(&["det44"]), unordered(), also(&["mapping", "map"]);
        /// What is steered into it.
        "inside" => inside: Vec<Located<Ipv4Net>>, required(), example("[\"10.0.0.0/24\"]"), modes(&["nat44-ed"]), unordered(), also(&["source"]);
        /// The addresses it translates to.
        "pool" => pool: OneOrMore<PoolRange>, required(), example("\"203.0.113.32-203.0.113.47\""), modes(&["nat44-ed", "nat64"]), also(&["translation", "address-pool", "outside"]);
        /// How many sessions it holds.
        "sessions" => sessions: Sessions, example("65536"), default("65536"), modes(&["nat44-ed"]), also(&["max-sessions"]);
        /// Ports and addresses that are forwarded to the inside.
        "static" => statics: Vec<Located<StaticRaw>>, example("[{ inside = \"10.0.0.7\", outside = \"203.0.113.33\" }]"), default("[]"), modes(&["nat44-ed", "nat64"]), unordered(), also(&["destination", "port-forward", "dnat", "bib"]);
        /// The prefix that IPv4 addresses are reached by.
        "prefix" => prefix: Nat64Prefix, example("\"64:ff9b::/96\""), default("\"64:ff9b::/96\""), modes(&["nat64"]);
        /// How long it keeps a session that is idle.
        "timeouts" => timeouts: TimeoutsRaw, since("0.3.0"), example("{ udp = \"2m\" }"), otherwise("VPP's"), modes(&["det44", "nat44-ed"]), also(&["timeout", "session-timeout"]);
        /// Where its sessions are logged to, by IPFIX.
        "log" => log: LogRaw, since("0.3.0"), example("{ collector = \"192.0.2.50\" }"), otherwise("they are not logged"), modes(&["nat44-ed"]), also(&["ipfix", "logging", "netflow", "syslog"]);
    }

    /// Subscribers and the addresses they share.
    struct MappingRaw {
        /// The subscribers.
        "inside" => inside: Ipv4Net, required(), example("\"100.64.0.0/22\"");
        /// The public addresses.
        "outside" => outside: Ipv4Net, required(), example("\"203.0.113.0/28\"");
    }

    /// A source and a destination between which nothing is translated.
    struct BypassRaw {
        /// Where packets come from.
        "source" => source: Ipv4Net, since("0.3.0"), required(), example("\"10.0.0.0/24\""), also(&["src", "from"]);
        /// Where they go to.
        "destination" => destination: Ipv4Net, since("0.3.0"), required(), example("\"192.0.2.0/24\""), also(&["dst", "to"]);
    }

    /// How long a session is kept that is idle.
    struct TimeoutsRaw {
        /// One of UDP.
        "udp" => udp: SessionTimeout, since("0.3.0"), example("\"2m\""), default("\"5m\"");
        /// A TCP connection that stands.
        "tcp-established" => tcp_established: SessionTimeout, since("0.3.0"), example("\"2h\""), default("\"124m\""), also(&["tcp"]);
        /// A TCP connection that begins or ends.
        "tcp-transitory" => tcp_transitory: SessionTimeout, since("0.3.0"), example("\"1m\""), default("\"4m\"");
        /// One of ICMP.
        "icmp" => icmp: SessionTimeout, since("0.3.0"), example("\"30s\""), default("\"1m\"");
    }

    /// The IPFIX collector that is told of each session when it begins and ends.
    struct LogRaw {
        /// Its address.
        "collector" => collector: Ipv4Addr, since("0.3.0"), required(), example("\"192.0.2.50\""), also(&["host", "server"]);
        /// Its UDP port.
        "port" => port: Port, since("0.3.0"), example("2055"), default("4739");
        /// The address the records come from: one of the pool, or of this router.
        "source" => source: Ipv4Addr, since("0.3.0"), example("\"203.0.113.32\""), otherwise("the first of the pool"), also(&["src"]);
        /// The observation domain, by which the collector tells modules apart.
        "domain" => domain: Domain, since("0.3.0"), example("7"), default("1");
    }

    /// A port, or without `protocol` a whole address, that is forwarded to the inside; of nat64 always a port.
    struct StaticRaw {
        /// The inside address; of nat64 an IPv6 one.
        "inside" => inside: IpAddr, required(), example("\"10.0.0.7\"");
        /// The outside address.
        "outside" => outside: Ipv4Addr, required(), example("\"203.0.113.33\"");
        /// The protocol of the ports; without it the whole address is mapped.
        "protocol" => protocol: Protocol, example("\"tcp\""), otherwise("the whole address"), also(&["proto"]);
        /// The port inside, with `protocol`.
        "inside-port" => inside_port: Port, example("443");
        /// The port outside, with `protocol`.
        "outside-port" => outside_port: Port, example("443");
    }
}

/// What a module does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) enum Mode {
    Det44,
    Nat44Ed,
    Nat64,
}

impl Mode {
    /// As it is written.
    pub(in crate::config) fn word(self) -> &'static str {
        match self {
            Self::Det44 => "det44",
            Self::Nat44Ed => "nat44-ed",
            Self::Nat64 => "nat64",
        }
    }
}

words! {
    Mode { "det44" => Mode::Det44, "nat44-ed" => Mode::Nat44Ed, "nat64" => Mode::Nat64 }
}

bounded! {
    /// How many sessions a module holds.
    Sessions(u32) = 1024..=16_777_216, "a number from 1,024 to 16,777,216";
    /// An observation domain of IPFIX; VPP takes 0 for 1.
    Domain(u32) = 1..=u32::MAX, "a number from 1 to 4,294,967,295";
}

lasting! {
    /// How long a session is kept that is idle.
    SessionTimeout = 1..=86_400, "a duration from 1s to 24h";
}

/// A prefix VPP takes for NAT64: of six lengths (RFC 6052, section 2.2).
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct Nat64Prefix(pub(in crate::config) Ipv6Net);

impl Takes for Nat64Prefix {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let net = value.parse::<Prefix>(reading)?.v6();
        let net = net.filter(|net| matches!(net.prefix_len(), 32 | 40 | 48 | 56 | 64 | 96));
        let wrong = || TypeError::expected("an IPv6 prefix of length 32, 40, 48, 56, 64 or 96");
        value.checked(reading, net.map(Self).ok_or_else(wrong))
    }

    fn shape() -> Shape {
        Shape::Text {
            about: "an IPv6 prefix of length 32, 40, 48, 56, 64 or 96",
            pattern: "^[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]+/(32|40|48|56|64|96)$",
            normal: normal::<Prefix>,
        }
    }
}
