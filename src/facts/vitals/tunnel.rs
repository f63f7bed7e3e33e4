//! Tunnels and their ends.

use super::{InterfaceCount, Names, words};
use serde::Serialize;

/// A tunnel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct TunnelState {
    /// The interface.
    pub name: String,
    /// `gre`, `ipip`, `vxlan` or `wireguard`; of the latter there is one for each peer.
    pub kind: String,
    /// The own end.
    pub source: String,
    /// The other end.
    pub destination: String,
    /// The network of a VXLAN.
    pub vni: Option<u32>,
    /// Whether it is administratively up.
    pub up: bool,
    /// Whether the other end has answered; a tunnel without keys does not know.
    pub established: Option<bool>,
}

/// The kinds whose tunnels are listed, each by a question of its own.
pub(super) const KINDS: [&str; 3] = ["gre", "ipip", "vxlan"];

/// `[0] instance 7 src 192.0.2.1 dst 198.51.100.77 fib-idx 0 sw-if-idx 5 payload L3 point-to-point`
pub(super) fn tunnels(
    kind: &str,
    shown: &str,
    names: &Names<'_>,
    interfaces: &[InterfaceCount],
) -> Vec<TunnelState> {
    let tunnel = |line: &str| {
        let words = words(line);
        let after = |word: &str| {
            let place = words.iter().position(|it| *it == word)?;
            words.get(place + 1).copied()
        };
        let name = names.of_number(after("sw-if-idx")?);
        let is_up = interfaces.iter().any(|it| it.name == name && it.up);
        Some(TunnelState {
            up: is_up,
            name,
            kind: kind.to_owned(),
            source: after("src")?.to_owned(),
            destination: after("dst")?.to_owned(),
            vni: after("vni").and_then(|vni| vni.parse().ok()),
            established: None,
        })
    };
    shown.lines().filter_map(tunnel).collect()
}

/// The answer to `show wireguard peer`, which has no private key: `[0] endpoint:[192.0.2.1:51820->198.51.100.7:51820] t1
/// keep-alive:25 flags: 2, api-clients count: 0`.
pub(super) fn peers(shown: &str, interfaces: &[InterfaceCount]) -> Vec<TunnelState> {
    /// The bit of an established peer.
    const ESTABLISHED: u32 = 2;
    let peer = |line: &str| {
        let [_, ends, name, _, "flags:", flags, ..] = words(line)[..] else {
            return None;
        };
        let ends = ends.strip_prefix("endpoint:[")?.strip_suffix(']')?;
        let (source, destination) = ends.split_once("->")?;
        let (source, _) = source.rsplit_once(':')?;
        let flags: u32 = flags.trim_end_matches(',').parse().ok()?;
        Some(TunnelState {
            name: name.to_owned(),
            kind: "wireguard".to_owned(),
            source: source.to_owned(),
            destination: destination.to_owned(),
            vni: None,
            up: interfaces.iter().any(|it| it.name == name && it.up),
            established: Some(flags & ESTABLISHED != 0),
        })
    };
    shown.lines().filter_map(peer).collect()
}

#[cfg(test)]
mod tests {
    use super::super::interfaces;
    use super::*;

    #[test]
    fn a_tunnel_has_two_ends_whatever_its_kind() {
        let shown = "              Name               Idx    State  MTU (L3/IP4/IP6/MPLS)     Counter          Count\n\
            t1                                5      up          1476/0/0/0\n\
            t2                                6     down         1500/0/0/0\n\
            vxlan_tunnel3                     7      up             0/0/0/0\n";
        let (names, all) = (Names::of(shown), interfaces(shown));
        let tunnel = |name: &str, kind: &str, destination: &str, vni, up| TunnelState {
            name: name.to_owned(),
            kind: kind.to_owned(),
            source: "192.0.2.1".to_owned(),
            destination: destination.to_owned(),
            vni,
            up,
            established: None,
        };
        let gre = "[0] instance 7 src 192.0.2.1 dst 198.51.100.77 fib-idx 0 sw-if-idx 5 payload L3 point-to-point \n";
        assert_eq!(
            tunnels("gre", gre, &names, &all),
            [tunnel("t1", "gre", "198.51.100.77", None, true)]
        );
        let ipip =
            "[0] instance 7 src 192.0.2.1 dst 198.51.100.78 table-ID 0 sw-if-idx 6 flags [none] dscp CS0\n";
        assert_eq!(
            tunnels("ipip", ipip, &names, &all),
            [tunnel("t2", "ipip", "198.51.100.78", None, false)]
        );
        let vxlan = "[0] instance 3 src 192.0.2.1 dst 198.51.100.79 src_port 4789 dst_port 4789 vni 10 fib-idx 0 sw-if-idx 7 encap-dpo-idx 12 \n";
        assert_eq!(
            tunnels("vxlan", vxlan, &names, &all),
            [tunnel("vxlan_tunnel3", "vxlan", "198.51.100.79", Some(10), true)]
        );
        let peer = "[0] endpoint:[192.0.2.1:51820->198.51.100.80:51821] t1 keep-alive:25 flags: 2, api-clients count: 0\n  adj:\n  key:x 00\n  allowed-ips: 10.0.0.0/8\n";
        let established = TunnelState {
            established: Some(true),
            ..tunnel("t1", "wireguard", "198.51.100.80:51821", None, true)
        };
        assert_eq!(peers(peer, &all), [established]);
        assert_eq!(tunnels("gre", "No GRE tunnels configured...", &names, &all), []);
    }
}
