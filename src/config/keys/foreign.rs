//! Things other routers have and this one has not, by the words their operators type.

use super::Value;

/// What to say of each. Words of other systems for things that are here stand at our keys, with `also`.
const MISSING: &[(&[&str], &str)] = &[
    (
        &["pppoe", "ppp", "pppoe-server", "access-concentrator"],
        "PPPoE sessions are for accel-ppp or osvbng, beside this router",
    ),
    (
        &["ipoe", "bng", "subscribers", "radius", "aaa"],
        "subscriber sessions and RADIUS are for accel-ppp or osvbng, beside this router",
    ),
    (
        &["evpn", "l2vpn", "vni", "l3vni", "vtep", "nve"],
        "VPP has no EVPN control plane",
    ),
    (
        &[
            "mpls",
            "ldp",
            "rsvp",
            "segment-routing",
            "srv6",
            "l3vpn",
            "vpnv4",
            "vpnv6",
            "vpls",
            "rd",
            "route-distinguisher",
            "route-target",
        ],
        "there is no MPLS or segment routing yet",
    ),
    (
        &["rip", "ripng", "eigrp", "babel"],
        "OSPF, IS-IS and BGP are the routing protocols yet",
    ),
    (
        &["pim", "igmp", "multicast", "mld"],
        "there is no multicast routing yet",
    ),
    (
        &["ipsec", "openvpn", "l2tp", "vpn"],
        "WireGuard is the only encrypted tunnel yet",
    ),
    (
        &["dhcp-server", "dhcpd"],
        "there is no DHCP server of the dataplane; a container on an Incus bridge can be one, with `dhcp-relay` to it",
    ),
    (
        &[
            "speed",
            "duplex",
            "fec",
            "autoneg",
            "auto-negotiation",
            "negotiation",
            "link-speed",
        ],
        "VPP takes what the NIC and the other end agree on",
    ),
    (
        &[
            "extcommunity",
            "ext-community",
            "extended-community",
            "extcommunity-list",
            "extcommunity-lists",
        ],
        "extended communities pass as they are; nothing matches or sets them yet",
    ),
];

/// Where things are said here that other systems say at the place of these words.
const ELSEWHERE: &[(&[&str], &str)] = &[
    (
        &[
            "address-family",
            "address-families",
            "afi",
            "afi-safi",
            "ipv4-unicast",
            "ipv6-unicast",
            "activate",
        ],
        "there are no address families: a neighbour has that of its address, and with `extended-nexthop` IPv4, too",
    ),
    (
        &[
            "local-preference",
            "local-pref",
            "localpref",
            "med",
            "metric-out",
            "prepend",
            "as-path-prepend",
        ],
        "a route-map sets it: `set` of an entry of [[route-maps.NAME]]",
    ),
    (
        HOLDERS,
        "what it holds stands by itself: [bgp], [ospf], [routes], [snmp]",
    ),
    (
        &["policy-options", "policy-statement", "policy-statements"],
        "they are [[route-maps]], [prefix-lists], [community-lists] and [as-path-lists]",
    ),
    (&["login"], "those who log in are [users]"),
    (
        &["ssh", "sshd", "openssh"],
        "sshd is set up by the image; `[firewall] allow = [{ service = \"ssh\" }]` lets it in",
    ),
];

/// What is only a place for other things elsewhere: the first of them that is known is what was meant.
const HOLDERS: &[&str] = &["protocols", "service", "services", "set"];

/// The same for words that mean this in one table alone.
const ELSEWHERE_IN: &[(&str, &[&str], &str)] = &[
    (
        "",
        &["routing-options"],
        "the AS and the router id are `[bgp] asn` and `router-id`, the static routes [routes]",
    ),
    (
        "",
        &["security"],
        "NAT is [nat.NAME], the filters of forwarded packets are [[acls.NAME]]",
    ),
    (
        "",
        &["vlans"],
        "a VLAN is `vlan` below its interface, [interfaces.NAME.vlan.10]; several that are one Ethernet are [bridges.NAME]",
    ),
    (
        "firewall",
        &[
            "family", "filter", "filters", "ipv4", "ipv6", "forward", "name", "zone", "zones", "policer",
        ],
        "the filters of forwarded packets are [[acls.NAME]]; [firewall] protects this host alone",
    ),
];

/// What other systems call words of keys here: theirs, and ours. A word may mean another thing at another key.
const WORDS: &[(&[&str], &str)] = &[
    (&["802.3ad", "active", "lag"], "lacp"),
    (&["balance-xor", "static"], "xor"),
    (&["balance-rr"], "round-robin"),
    (&["backup", "failover"], "active-backup"),
    (&["layer2"], "l2"),
    (&["layer2+3", "layer3", "l3"], "l23"),
    (&["layer3+4", "layer4", "l4"], "l34"),
    (&["short"], "fast"),
    (&["long"], "slow"),
    (&["accept", "allow", "pass"], "permit"),
    (&["reject", "drop", "discard", "block"], "deny"),
    (&["p2p", "ptp"], "point-to-point"),
    (&["level-2", "level2", "l2", "2"], "level-2-only"),
    (&["level1", "l1", "1"], "level-1"),
    (&["both"], "level-1-2"),
    (&["ebgp", "auto"], "external"),
    (&["ibgp"], "internal"),
    (&["direct", "local"], "connected"),
    (&["ospf3", "ospfv3"], "ospf6"),
    (&["is-is"], "isis"),
    (&["unknown"], "notfound"),
    (&["upstream", "transit"], "provider"),
    (&["downstream", "client"], "customer"),
    (&["route-server", "rs"], "rs-server"),
    (&["ingress", "input", "rx", "inbound"], "in"),
    (&["egress", "output", "tx", "outbound"], "out"),
    (&["feasible"], "loose"),
    (&["sit", "6in4", "ipip6", "ip6ip6"], "ipip"),
    (&["wg"], "wireguard"),
    (
        &["gretap", "gre-bridge", "ip6gretap", "l2tpv3", "eoip", "geneve"],
        "vxlan",
    ),
    (&["ip6gre"], "gre"),
    (&["nat44", "snat", "masquerade", "napt", "nat44-ei"], "nat44-ed"),
    (&["cgnat", "cgn"], "det44"),
];

/// Why a thing is not here, when the word is known for one.
pub(super) fn missing(word: &str) -> Option<&'static str> {
    said_of(word, MISSING)
}

/// Where a thing is said, when the word is known for it in the table of that path.
pub(super) fn elsewhere(table: &str, word: &str, value: &Value<'_>) -> Option<&'static str> {
    let held = HOLDERS
        .contains(&word)
        .then(|| value.keys())
        .into_iter()
        .flatten();
    let of_held = || held.filter_map(|word| said_of(word, ELSEWHERE)).next();
    let mut here = ELSEWHERE_IN.iter().filter(|(path, ..)| *path == table);
    here.find(|(_, words, _)| words.contains(&word))
        .map(|(.., said)| *said)
        .or_else(of_held)
        .or_else(|| said_of(word, ELSEWHERE))
}

fn said_of(word: &str, table: &[(&[&str], &'static str)]) -> Option<&'static str> {
    let known = table.iter().find(|(words, _)| words.contains(&word));
    known.map(|(_, said)| *said)
}

/// The one of a key's words that another system calls so.
pub(super) fn meant(typed: &str, words: &[&'static str]) -> Option<&'static str> {
    let typed = typed.to_ascii_lowercase();
    let mut known = WORDS
        .iter()
        .filter(|(theirs, _)| theirs.contains(&typed.as_str()))
        .map(|(_, ours)| *ours);
    known.find(|ours| words.contains(ours))
}
