//! Things other routers have and this one has not, by the words their operators type.

/// What to say of each. Words of other systems for things that are here stand at our keys, with `also`.
const MISSING: [(&[&str], &str); 8] = [
    (
        &["pppoe", "ppp", "pppoe-server", "access-concentrator"],
        "PPPoE sessions are for accel-ppp or osvbng, beside this router",
    ),
    (
        &["ipoe", "bng", "subscribers", "radius", "aaa"],
        "subscriber sessions and RADIUS are for accel-ppp or osvbng, beside this router",
    ),
    (&["evpn", "l2vpn"], "VPP has no EVPN control plane"),
    (
        &["mpls", "ldp", "rsvp", "segment-routing", "srv6"],
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
];

/// Why a thing is not here, when the word is known for one.
pub(super) fn missing(word: &str) -> Option<&'static str> {
    let known = MISSING.iter().find(|(words, _)| words.contains(&word));
    known.map(|(_, why)| *why)
}
