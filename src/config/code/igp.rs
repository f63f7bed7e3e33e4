//! OSPF, IS-IS, and what is pasted into the extra lines.

use super::codes;

codes! { IGP:
    E0720 720 "an area that no interface is in"
        "The area has settings, but no interface is in it, so they do nothing. Correct its number, or give an interface\n`ospf = { area = N }` (or `ospf6`).";
    E0721 721 "an area cannot be of this kind"
        "Area 0 joins all others and is neither a stub nor an NSSA: FRR 10 refuses the line and says so nowhere. `no-summary`\nand `default-cost` are for areas with `type = \"stub\"` or `type = \"nssa\"`, and ospf6 has no `default-cost`.";
    E0722 722 "a range of the other address family"
        "The areas of [ospf] have ranges of IPv4, those of [ospf6] of IPv6.";
    E0723 723 "the key of OSPF cannot be used"
        "A key of OSPF for IPv4 is at most 16 characters long: FRR cuts a longer one silently, and the neighbour's is another\nthen. Its key-id is 1 to 255, and it is MD5. For ospf6 a key-id may be up to 65535.";
    E0724 724 "IS-IS without a net"
        "The interface has `isis`, but there is no [isis] table. IS-IS knows a router by its network entity title and does\nnothing without one: add `[isis]` with `net = \"49.0001.1920.0000.2001.00\"`, whose middle three groups no other router\nhas.";
    E0725 725 "a range of routes that are hidden has no cost"
        "Other areas do not see a range with `advertise = false`, so its cost means nothing. Remove one of the two.";
    E0726 726 "an interface that takes no part in IS-IS's level"
        "The interface is in another level than the router, so no neighbour is ever found there. Correct one of the two.";
    E0727 727 "a passive interface with settings of adjacencies"
        "A warning. On a passive interface no hello is sent and no neighbour found: BFD, keys, priorities and timers do\nnothing there. Remove them, or `passive`.";
    E0908 908 "IS-IS over VPP"
        "A warning. IS-IS talks in frames without an EtherType. VPP 25.06 drops them as those of an unknown protocol, and\nlinux-cp hands none of them on, so FRR hears no hello and no adjacency comes up (measured). Use OSPF, or BGP.";
    E0397 397 "areas that nothing joins"
        "A warning. Routes go from one area to another through area 0 alone, and this router has interfaces in several areas and\nnone in 0: FRR takes it for no border of areas, and those in one of them do not hear of the others. That may be meant,\nwhen they are networks that are not to meet.";
    E0398 398 "nothing from outside of OSPF enters a stub"
        "A warning. Stubs have no routes from outside of OSPF. What this router redistributes or originates is such a route, and\nall of its interfaces are in stubs, so that nobody hears of it. An NSSA takes what its own routers redistribute, and a\nstub has a default route from the router that joins it with others.";
    E0728 728 "a line of extra-file is left out"
        "A warning. The line comes with `show running-config` and changes nothing here: FRR's version, its traditional\ndefaults, the host's name and the last `end` are generated. Remove it.";
}
