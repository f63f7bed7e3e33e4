//! Things other routers have and this one has not, by the words their operators type.

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
        &["protocols", "service", "services", "set"],
        "what it holds stands by itself: [bgp], [ospf], [routes], [snmp]",
    ),
    (
        &["policy-options", "policy-statement", "policy-statements"],
        "they are [[route-maps]], [prefix-lists], [community-lists] and [as-path-lists]",
    ),
    (&["login"], "those who log in are [users]"),
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

/// Where a thing is said, when the word is known for it.
pub(super) fn elsewhere(word: &str) -> Option<&'static str> {
    said_of(word, ELSEWHERE)
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
