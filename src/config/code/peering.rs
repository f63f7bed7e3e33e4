//! 036x: what BGP's instance and sessions cannot be.

use super::codes;

codes! { PEERING:
    E0362 362 "settings that exclude each other"
        "FRR refuses the second of the two, or takes both and acts on one: `ttl-security` and `ebgp-multihop` both say how far\naway the neighbour is; `maximum-prefix` closes the session or only warns; `replace-as` is for `no-prepend` alone; a\n`local-as` is neither ours nor the neighbour's. Keep the one that is meant.";
    E0363 363 "a member cannot undo what its peer-group sets"
        "FRR takes `no neighbor X next-hop-self` and the like for a member of a group that has it, does not print it, and goes on\nas the group says. Set it at the members that need it, or make another peer-group without it.";
    E0364 364 "a listen range that FRR refuses"
        "Who calls from a range is known by its peer-group alone: the group says the AS (`remote-as = \"external\"`, or a number)\nand is of one address family, and a caller is in one range only. FRR refuses the range otherwise, or exchanges routes of\nthe other family with every member.";
    E0365 365 "an aggregate of a single address"
        "An aggregate stands for longer prefixes inside of it; there is none inside of a /32 or /128, and FRR refuses the line.\nAnnounce the address with `networks`.";
    E0366 366 "a neighbour on an interface that cannot be there"
        "An unnumbered session runs between the IPv6 link-local addresses of a link. The interface needs an IPv6 address to have\none; the session never leaves the link, so `ebgp-multihop` and `update-source` do not apply, and FRR refuses or drops\nthem.";
    E0907 907 "a neighbour on an interface that FRR does not find"
        "A warning. FRR finds the neighbour on the link of an interface by its router advertisements. VPP 25.06 drops those\nitself, whatever else it hands on, so the session stays Idle (measured). Give the link addresses, a /31 or a /64, and\nwrite the neighbour's address in place of the interface.";
    E0368 368 "a number twice in the confederation"
        "`peers` lists the other member ASes. FRR 8.4 leaves our own out and says so to nobody; FRR 10.3 takes it. `identifier`\nis the number that others see, and is that of no member.";
    E0369 369 "a role that FRR does not show"
        "FRR 8.4 takes `local-role` of a neighbour that is in a peer-group and does not show it; FRR 10.3 takes `strict-mode` of\na peer-group and shows the role without it. What runs would differ from what was asked for ever. Give a neighbour with a\nrole of its own no peer-group.";
    E0396 396 "a neighbour and a peer-group of one name"
        "A neighbour on an interface is known by the interface's name, and FRR looks for peer-groups under the same names: it\nrefuses whichever comes second. Rename the peer-group.";
    E0399 399 "an interface that no received route matches"
        "A warning. bgpd compares the interface of a condition with that of the route's next hop, which it knows of routes from\na neighbour on an interface and of its own. A route from the address of a neighbour has none yet when its map is asked:\na permit entry accepts nothing, a deny entry drops nothing. Match the neighbour with `peer`.";
    E0881 881 "a choice between paths that nothing depends on"
        "`as-path-confed` and `med-confed` of `bestpath` are about member ASes of a confederation, and there are none in any path\nwithout one. With `as-path-ignore` the length of a path is not looked at, so that nothing changes what counts for it.";
    E0884 884 "BGP makes this router the default router of a link"
        "A warning. With `extended-nexthop` of a neighbour with an IPv6 address, bgpd has zebra send router advertisements on its\nlink: every 10 seconds, with a lifetime of 30, and each /64 for hosts to form addresses in. Nothing else asked for them.\nOn a LAN with others, an exchange say, they take this router for their default one. Use it on links between two routers:\na /127 has room for nobody else, and is not warned of.";
}
