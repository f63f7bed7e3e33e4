//! Things other routers have and this one has not, by the words their operators type.

/// What to say of each. Words of other systems for things that are here stand at our keys, with `also`.
const MISSING: [(&[&str], &str); 13] = [
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
        &["vrf", "vrfs", "routing-instances"],
        "there is one routing table for the dataplane yet",
    ),
    (
        &["rip", "ripng", "eigrp", "babel"],
        "OSPF, IS-IS and BGP are the routing protocols yet",
    ),
    (&["vrrp", "carp", "hsrp"], "there is no first-hop redundancy yet"),
    (
        &["pim", "igmp", "multicast", "mld"],
        "there is no multicast routing yet",
    ),
    (
        &["wireguard", "ipsec", "openvpn", "l2tp", "vpn"],
        "there are no encrypted tunnels yet",
    ),
    (
        &["qos", "policer", "policers", "shaper", "traffic-policy"],
        "there is no traffic shaping yet",
    ),
    (
        &["acl", "acls", "access-list", "access-lists", "urpf", "rpf-check"],
        "there are no filters of the dataplane yet; [firewall] is that of the host",
    ),
    (
        &["mirror", "span", "monitor-session"],
        "there is no port mirroring yet",
    ),
    (
        &["dhcp-server", "dhcp-relay", "dhcpd"],
        "there is no DHCP server or relay of the dataplane yet; a container on an Incus bridge can be one",
    ),
];

/// Why a thing is not here, when the word is known for one.
pub(super) fn missing(word: &str) -> Option<&'static str> {
    let known = MISSING.iter().find(|(words, _)| words.contains(&word));
    known.map(|(_, why)| *why)
}
