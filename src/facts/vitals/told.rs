//! What a VPP passes on to others: requests of DHCP, samples, flows.

use super::words;
use serde::Serialize;

/// A relay of DHCP: VPP has one for each family and table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RelayState {
    /// Whether it is that of IPv6.
    pub ipv6: bool,
    /// The table of the interfaces whose requests are relayed.
    pub table: u32,
    /// The address that requests are sent from.
    pub source: String,
    /// The servers.
    pub servers: Vec<String>,
}

/// sFlow, and what it did since VPP started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SflowState {
    /// The interfaces that are sampled.
    pub interfaces: Vec<String>,
    /// The packets of which samples were handed on.
    pub sent: u64,
    /// Those of which samples were lost.
    pub dropped: u64,
}

/// The answer to `show dhcp proxy` or `show dhcpv6 proxy`: `      0          192.0.2.1    0,10.0.0.1  0,10.0.0.2  `.
pub(super) fn relays(shown: &str, ipv6: bool) -> Vec<RelayState> {
    let relay = |line: &str| match words(line)[..] {
        [table, source, ref servers @ ..] => Some(RelayState {
            ipv6,
            table: table.parse().ok()?,
            source: source.to_owned(),
            servers: servers
                .iter()
                .filter_map(|server| Some(server.split_once(',')?.1.to_owned()))
                .collect(),
        }),
        _ => None,
    };
    shown.lines().filter_map(relay).collect()
}

/// `sflow enable external`, and `  packet samples sent: 12`; nothing where no interface is sampled.
pub(super) fn sflow(shown: &str) -> Option<SflowState> {
    let mut state = SflowState::default();
    for line in shown.lines() {
        match words(line)[..] {
            ["sflow", "enable", name] => state.interfaces.push(name.to_owned()),
            ["packet", "samples", "sent:", count] => state.sent = count.parse().unwrap_or_default(),
            ["packet", "samples", "dropped:", count] => state.dropped = count.parse().unwrap_or_default(),
            _ => {}
        }
    }
    (!state.interfaces.is_empty()).then_some(state)
}

/// The interfaces whose flows are reported, in an answer to `show flowprobe feature`: ` external ip4 rx`.
pub(super) fn flows(shown: &str) -> Vec<String> {
    let interface = |line: &str| match words(line)[..] {
        [name, "ip4" | "ip6" | "l2", "rx" | "tx" | "both"] => Some(name.to_owned()),
        _ => None,
    };
    shown.lines().filter_map(interface).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relays_have_servers_behind_their_tables() {
        let shown = "    RX FIB      Src Address   Servers FIB,Address\n      0          192.0.2.1    0,10.234.116.10  0,10.234.116.11  \n";
        assert_eq!(
            relays(shown, false),
            [RelayState {
                ipv6: false,
                table: 0,
                source: "192.0.2.1".to_owned(),
                servers: vec!["10.234.116.10".to_owned(), "10.234.116.11".to_owned()],
            }]
        );
        assert_eq!(relays("show: unknown input `dhcpv6 proxy'", true), []);
    }

    #[test]
    fn sampling_has_interfaces_and_counts() {
        let shown = "sflow sampling-rate 1000\nsflow sampling-direction ingress\nsflow polling-interval 20\nsflow header-bytes 128\n\
            sflow enable external\nStatus\n  interfaces enabled: 1\n  packet samples sent: 12\n  packet samples dropped: 3\n  \
            counter samples sent: 4\n  counter samples dropped: 0\n";
        let expected = SflowState {
            interfaces: vec!["external".to_owned()],
            sent: 12,
            dropped: 3,
        };
        assert_eq!(sflow(shown), Some(expected));
        assert_eq!(sflow("show: unknown input `sflow'"), None);
        assert_eq!(
            flows(" external ip4 rx\n internal.30 ip4 rx\n"),
            ["external", "internal.30"]
        );
        assert_eq!(flows("show: unknown input `flowprobe feature'"), [""; 0]);
    }
}
