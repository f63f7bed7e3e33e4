//! Packets that pass an interface: ACLs, uRPF, policers, mirrors, virtual routers, relays.

use super::codes;

codes! { TRAFFIC:
    E0830 830 "a rule of an ACL that no packet matches"
        "Source, destination and protocol of a packet are of one family, and so are those of a rule in VPP. A rule may name\nprefixes of both: it stands for the pairs of each. One of its prefixes has no counterpart, so nothing ever matches\nit.";
    E0831 831 "undefined ACL"
        "The interface names an ACL that is not in [[acls]]. Correct the name, or define it.";
    E0832 832 "undefined policer"
        "The interface names a policer that is not in [policers]. Correct the name, or define it.";
    E0833 833 "a rule of an ACL about something its protocol does not have"
        "VPP looks for ports in TCP, UDP and SCTP, for types and codes in ICMP and for flags in TCP. In any other rule it\ndoes not look at them, and the rule would match more than it says. Name the protocol.";
    E0834 834 "an ACL with too many rules"
        "Each source of a rule counts with each destination and each range of ports, and VPP looks at all of them for a new\nflow. 5,000 are the most.";
    E0835 835 "an ACL drops what this router needs"
        "A warning. What an interface receives for this router itself is held against its ACL as well, and what no rule\nmatches is dropped: answers to what FRR sends (VPP does not see that it was asked for), BGP, OSPF, neighbour\ndiscovery, what comes out of tunnels, BFD, unicast VRRP, the relayed DHCP. Multicast passes.";
    E0836 836 "the name of an ACL is too long"
        "VPP knows the ACL by a tag of at most 63 characters, `acl-NAME`, and makes no ACL with a longer one.";
    E0837 837 "reflect in a rule that denies"
        "`reflect` lets the answers to a permitted packet pass. What is denied has none.";
    E0838 838 "uRPF cannot be used here"
        "uRPF is for the families the interface has addresses of. With IPv6, VPP also drops what link-local addresses send\nto this router alone, because no route leads to them: OSPFv3, VRRP with `peers` and a neighbour of BGP on the interface\ndo not come up.";
    E0839 839 "what comes in cannot be policed here"
        "VPP polices what a NIC receives before it looks at tags, and before it is a bond's, a bridge's or out of a tunnel. The\npolicer of a NIC counts all its VLANs together; `out` of a VLAN, a bond, a bridge or a tunnel is its own.";
    E0840 840 "this cannot be mirrored"
        "A mirror copies whole frames, from an interface to another one that is there: not from a VLAN, because VPP copies\nbefore it looks at tags, and not to one, because the copies have tags of their own. What gets them\nsends frames of others: a NIC, a bond, a tunnel of VXLAN, a bridge of Incus. What comes in is copied where a NIC\nreceives it, before it is a bond's, a bridge's or out of a tunnel: of these only what goes out.";
    E0841 841 "a static neighbour that is not on the link"
        "A static neighbour is another host of a subnet of the interface. VPP would take any address, and never use it.";
    E0842 842 "a virtual address that is not on the link"
        "The addresses of a virtual router are in a subnet of the interface, or link-local: hosts on the link send to them.";
    E0843 843 "whose address a virtual router has"
        "A priority of 255 is for the router whose own addresses they are: they stay on its interface. Any other router has\nthem while it is elected, so they are nobody's own. VPP owns none of IPv6.";
    E0844 844 "one address of two virtual routers"
        "An address of a link belongs to one virtual router. VPP refuses the second one.";
    E0845 845 "a DHCP relay that cannot relay"
        "Servers know by the first address of the interface which network a client is in, and answer to `source`, which is\nan address of this router. All of them are of one family: `dhcp-relay` is for IPv4, `dhcp6-relay` for IPv6.";
    E0846 846 "DHCP relays that differ"
        "VPP has one relay in each family, which relays what arrives on any interface. So every interface names the same\nservers and the same source.";
    E0847 847 "router advertisements that contradict themselves"
        "A router is a default router for longer than it takes until it advertises itself again, or not at all (`lifetime =\n\"0s\"`); a prefix is preferred for at most as long as it is valid; and only IPv6 prefixes are advertised.";
    E0880 880 "router advertisements that FRR would send otherwise"
        "VPP has no words for name servers, domains and preferences, so FRR's zebra sends the advertisements of an interface\nthat has some. It sends one every max-interval, advertises the /64 of every address of the interface, and gives a router\nwhose lifetime is 0 no preference, whatever it is told.";
    E0883 883 "hosts wait for the next router advertisement"
        "A warning. A host that comes to a link asks for a router. VPP answers where it sends the advertisements; where FRR sends\nthem, because they name servers, domains or a preference, VPP drops the question and FRR does not hear it. The host\nwaits for the next advertisement, `max-interval` seconds at most: write a short one.";
    E0850 850 "an interval VRRP cannot count"
        "VRRP counts the time between two advertisements in hundredths of a second: a multiple of 10 milliseconds.";
    E0875 875 "a virtual router cannot track this"
        "While an interface in `track` is down, the priority of the virtual router falls by the number. It is less than the\npriority, of another interface than the router's own, and not for a priority of 255.";
    E0876 876 "the peers of a virtual router do not fit"
        "With `peers` a virtual router tells only them that it is there. VPP elects a router for each family of its addresses,\nso there are peers of the same families, and none is this router.";
    E0877 877 "a prefix-list that cannot be used in an ACL"
        "A rule of an ACL that names a prefix-list is about every address in the prefixes that it permits, whatever `ge` and\n`le` say of routes. What a list denies has no such meaning. The prefixes are joined where they touch, and each counts\nas a rule.";
}
