//! What the document says of those who watch the traffic: every key of `[sflow]`, `[ipfix]` and `lldp`.

use crate::config::keys::{Filled, Form, bounded, lasting, table, words};
use crate::config::links::export::Layer;
use crate::types::{IfName, LinkName};
use std::net::{IpAddr, Ipv4Addr};

/// `lldp = true`, or a table.
pub(in crate::config) type LldpForm = Form<bool, LldpRaw>;

table! {
    /// sFlow: VPP samples packets, hsflowd sends the samples.
    struct SflowRaw {
        /// Where hsflowd sends the samples, out of the dataplane's namespace.
        "collectors" => collectors: Filled<IpAddr>, required(), since("0.3.0"), example("[\"192.0.2.77\"]"), unordered(), also(&["collector", "server", "servers"]);
        /// The port of the collectors.
        "port" => port: ExportPort, since("0.3.0"), example("16343"), default("6343"), also(&["collector-port"]);
        /// The NICs whose packets are sampled, with all their VLANs.
        "interfaces" => interfaces: Filled<IfName>, required(), since("0.3.0"), example("[\"external\"]"), unordered(), also(&["interface", "ports"]);
        /// One of how many packets is sampled.
        "rate" => rate: SampleRate, since("0.3.0"), example("1000"), default("10000"), unit("packets"), also(&["sampling-rate", "sampling", "sample-rate"]);
        /// How often the counters are sent.
        "polling" => polling: Polling, since("0.3.0"), example("\"30s\""), default("\"20s\""), also(&["polling-interval", "poll"]);
        /// How much of a packet is sent: 64 to 256, a multiple of 32.
        "header" => header: HeaderBytes, since("0.3.0"), example("256"), default("128"), unit("bytes"), also(&["header-bytes", "max-header-size", "snaplen"]);
    }

    /// IPFIX: VPP reports the IPv4 flows that come in.
    struct IpfixRaw {
        /// Where the reports go.
        "collector" => collector: Ipv4Addr, required(), since("0.3.0"), example("\"192.0.2.78\""), also(&["server", "collectors", "destination"]);
        /// The port of the collector.
        "port" => port: ExportPort, since("0.3.0"), example("2055"), default("4739"), also(&["collector-port"]);
        /// The address they come from, one of the dataplane's.
        "source" => source: Ipv4Addr, required(), since("0.3.0"), example("\"192.0.2.1\""), also(&["source-address", "src"]);
        /// The interfaces and VLANs whose flows are reported.
        "interfaces" => interfaces: Filled<LinkName>, required(), since("0.3.0"), example("[\"external.25\"]"), unordered(), also(&["interface"]);
        /// What a flow is told apart by.
        "record" => record: Filled<Layer>, since("0.3.0"), example("[\"l3\"]"), default("[\"l3\", \"l4\"]"), unordered();
        /// How often a flow is reported that goes on.
        "active" => active: FlowTimer, since("0.3.0"), example("\"30s\""), default("\"15s\""), also(&["active-timeout"]);
        /// After how long without a packet it is taken for ended; not below `active`.
        "passive" => passive: FlowTimer, since("0.3.0"), example("\"60s\""), default("\"2m\""), also(&["inactive", "inactive-timeout", "passive-timeout"]);
    }

    /// LLDP: VPP tells its neighbours on the wire who it is, and learns who they are.
    struct LldpRaw {
        /// The NICs it speaks on.
        "interfaces" => interfaces: Filled<IfName>, required(), since("0.3.0"), example("[\"external\"]"), unordered(), also(&["interface", "ports"]);
    }
}

bounded! {
    /// A port of UDP.
    ExportPort(u16) = 1..=65_535, "a port from 1 to 65535";
    /// One of how many packets is sampled.
    SampleRate(u32) = 1..=10_000_000, "a number of packets from 1 to 10000000";
    /// How much of a packet is sent.
    HeaderBytes(u16) = 64..=256, "a number of bytes from 64 to 256";
}

lasting! {
    /// How often counters are sent.
    Polling = 1..=3600, "a duration from 1s to 1h";
    /// A timer of flows.
    FlowTimer = 1..=3600, "a duration from 1s to 1h";
}

words! {
    Layer { "l2" => Layer::L2, "l3" => Layer::L3, "l4" => Layer::L4 }
}
