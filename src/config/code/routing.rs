//! 03xx: routes, BGP, OSPF, BFD and policy.

use super::codes;

codes! { ROUTING:
    E0301 301 "undefined route-map"
        "The name is used but no [[route-maps.NAME]] defines it. FRR accepts that silently and lets nothing through, so the\nsession comes up and carries no route. Define the route-map, or correct the name.";
    E0302 302 "undefined prefix-list"
        "A route-map matches on a prefix-list that [prefix-lists] does not define. In FRR such an entry never matches,\nwithout a word about it: a deny entry lets everything through. Define the list, or correct the name.";
    E0303 303 "undefined community-list"
        "A route-map matches on a community-list that [community-lists] does not define. In FRR such an entry never matches,\nwithout a word about it. Define the list, or correct the name.";
    E0304 304 "undefined BFD profile"
        "`bfd = \"NAME\"` names a profile that [bfd.profiles] does not define; FRR would run the session with its default\ntimers instead. Define the profile, or write `bfd = true` for the defaults.";
    E0305 305 "undefined peer-group"
        "`peer-group = \"NAME\"` names a group that [bgp.peer-groups] does not define. FRR refuses the neighbour. Define the\ngroup, or correct the name.";
    E0306 306 "defined but never used"
        "A warning. Nothing names this route-map, list, profile or peer-group, so it has no effect. A mistyped use of it is\nreported separately. Use it, or remove it.";
    E0310 310 "a route does not lead to exactly one place"
        "A static route has a next hop (`via`), an `interface`, both of them, or `blackhole = true`. This one has none of\nthem, or a blackhole beside another target. Write one target; several routes to a prefix are a list: `\"0.0.0.0/0\" =\n[{ via = \"198.51.100.1\" }, { via = \"198.51.100.5\", distance = 250 }]`.";
    E0311 311 "a next hop cannot be reached"
        "No interface has an address in the subnet of the next hop, so FRR would keep the route inactive for ever, and say so\nonly in `show ip route`. Correct the next hop, or give an interface an address in its subnet.";
    E0312 312 "a next hop of the other address family"
        "FRR would take an IPv4 prefix over an IPv6 next hop, but what VPP does with such a route was not measured yet, so it\nis not in this version. Write a next hop of the prefix's own family.";
    E0313 313 "a link-local next hop without an interface"
        "fe80:: addresses exist on every link, so the address alone leads nowhere. Write the interface beside it: `{ via =\n\"fe80::1\", interface = \"external.25\" }`.";
    E0314 314 "a route stands twice"
        "Two routes have the same table, prefix and target. Prefixes are compared as parsed: \"2001:DB8::/32\" is\n\"2001:db8::/32\". FRR keeps only the last of the two, with its distance and tag. Remove one.";
    E0315 315 "a static route to a connected prefix"
        "A warning. A connected subnet has distance 0 and always wins; this route is used only while the interface is down.\nIf that is not meant, remove the route.";
    E0316 316 "a next hop is this router itself"
        "The next hop is an address of one of this router's own interfaces. Packets would be sent to itself. Write the\naddress of the neighbour.";
    E0317 317 "a blackhole beside another route"
        "FRR refuses a blackhole and a next hop for one prefix with one distance. Give the blackhole a distance of its own,\nso that it is used only when the other route is not there: `{ blackhole = true, distance = 254 }`.";
    E0318 318 "a route over an interface that does not exist"
        "The name is no interface, sub-interface (`external.25`), loopback or bridge of this document. FRR takes any name and\nkeeps the route inactive. Correct the name, or define the interface.";
    E0319 319 "no host has this address"
        "A next hop or neighbour with the first or last address of a connected IPv4 subnet: the network and the broadcast\naddress answer nobody. Write the address of the router on the other side.";
    E0320 320 "no member of a prefix-list"
        "A member is `[permit|deny] PREFIX [ge N] [le N]`, for example \"10.0.0.0/8 le 24\"; permit is meant when nothing is\nwritten. The prefix has no bits set behind its length. FRR refuses other lines or clears the bits, and the list\nwould filter something else than what was asked for.";
    E0321 321 "the bounds of a prefix-list member fit no prefix"
        "`ge` and `le` bound the length of the prefixes that match: not below the member's own length, not above 32 (IPv4) or\n128 (IPv6), and ge not above le. FRR refuses the line otherwise.";
    E0322 322 "a prefix-list member is decided by an earlier one"
        "A warning. An earlier member matches exactly the same prefixes, so this one can never match; FRR drops such a line\nsilently, and every reload would try to add it again. It is left out. Generated lists often have such lines; if the\ntwo disagree (permit and deny), decide.";
    E0323 323 "an empty list"
        "A prefix-list, community-list or route-map without members does not exist for FRR, and a route-map that matches on\nit would silently match nothing. Write at least one member, or remove the list and its uses.";
    E0326 326 "a deny entry with set"
        "A warning. A deny entry drops the route; what it sets is never seen. Probably `action = \"permit\"` was meant.";
    E0327 327 "additive without a community"
        "`additive` adds communities to those a route has, instead of replacing them. This entry sets none.";
    E0328 328 "a route-map entry is never reached"
        "A warning. An entry without `match` takes every route, so no entry behind it is looked at. Give the earlier one a\nmatch, or move it to the end.";
    E0330 330 "an eBGP neighbour without route-maps"
        "FRR exchanges nothing with an eBGP neighbour that has no policy in a direction (RFC 8212), and shows it only as\n\"(Policy)\" in `show bgp summary`. Write both directions, here or in the peer-group: `route-map = { in =\n\"TRANSIT-IN\", out = \"ANNOUNCE\" }`. A route-map that permits everything is one entry with `action = \"permit\"`.";
    E0331 331 "a neighbour has no remote-as, or two"
        "The AS number of a neighbour stands either at the neighbour or at its peer-group. With none there is no session;\nwith two FRR silently takes the group's.";
    E0332 332 "route-reflector-client on an eBGP neighbour"
        "Route reflection is a matter of iBGP (RFC 4456): its clients have this router's own AS number. FRR refuses the line\nfor others. Remove it, or correct remote-as.";
    E0333 333 "ebgp-multihop on an iBGP neighbour"
        "An iBGP session crosses hops by itself, and FRR drops ebgp-multihop on it without a word. Probably remote-as is\nwrong; otherwise remove it.";
    E0334 334 "update-source is not usable"
        "The source of a session is an address of this router, of the neighbour's family. FRR takes any other too, and the\nsession never opens. Usually it is an address of lo0.";
    E0335 335 "a neighbour is this router itself"
        "The neighbour's address is one of this router's own. FRR refuses it. Write the address of the other side.";
    E0336 336 "a neighbour cannot be reached"
        "An eBGP neighbour is in a connected subnet, or has `ebgp-multihop`. An iBGP neighbour is in a connected subnet, or\nOSPF or a static route leads to it. Otherwise the session stays Idle.";
    E0337 337 "timers that do not go together"
        "The hold time is at least 3 s, and a keepalive at most every third of it (RFC 4271); `{ keepalive = 0, hold = 0 }`\nswitches the timers off. FRR silently changes other values.";
    E0338 338 "a password-file cannot be read"
        "The file does not exist or may not be read; the operating system's own words follow. The path is relative to\n/persistent/config, for example `password-file = \"secrets/bgp-transit-a\"`. Without the password the session would\nopen unauthenticated or not at all, so nothing is rendered.";
    E0339 339 "a password-file is readable by too many"
        "A secret may be written by root and read by its group: mode 0640 or narrower. `chmod 0640 FILE`.";
    E0340 340 "a password-file holds no usable password"
        "The password is one line of 1 to 80 visible ASCII characters (RFC 2385), without blanks. One line end behind it is\nignored. It is never shown, here or elsewhere.";
    E0341 341 "a NAT pool is not announced"
        "The addresses packets leave with lie in no network of [bgp] networks. They would go out, and no answer would find\nits way back. Add a network that holds the pool to [bgp] networks.";
    E0342 342 "no router id"
        "BGP and OSPF identify this router by a number shaped like an IPv4 address. It is `router-id`, or the first IPv4\naddress of [loopbacks.lo0]; neither is there. FRR would pick one of its interfaces' addresses, another one after\nevery change. Give lo0 an address, or write `router-id`.";
    E0344 344 "the default route is announced but not routed"
        "Each announced network gets a blackhole unless it is routed otherwise. For the default route that blackhole would\nswallow every packet. Add a default route to [routes], or remove it from networks.";
    E0345 345 "a neighbour with a link-local address"
        "Not in this version: a session over fe80:: addresses belongs to an interface. Write the neighbour's global address.";
    E0347 347 "a peer-group of iBGP and eBGP neighbours"
        "The members of a peer-group are all iBGP or all eBGP: FRR refuses the first of the other kind. Make one group for\neach.";
    E0349 349 "a neighbour stands twice"
        "Two keys are the same address, compared as parsed: \"2001:DB8::1\" is \"2001:db8::1\". Remove one.";
    E0350 350 "the dead interval is not above the hello interval"
        "A neighbour is declared dead when no hello came for the dead interval; with one that is not above the hello interval\nit always is. FRR's defaults are 10 s and 40 s. Write a dead-interval of about four times the hello-interval.";
    E0351 351 "no default route to originate"
        "A warning. FRR announces the default route into OSPF only while it has one itself, and [routes] has none. That is\nright where BGP brings it; otherwise add it to [routes].";
    E0352 352 "OSPF without an interface"
        "A warning. The table is there, but no interface has `ospf = { area = 0 }` (or `ospf6`), so nothing happens.";
    E0353 353 "OSPF on an interface without an IPv4 address"
        "A warning. OSPF for IPv4 runs on subnets; an interface without one takes no part, and FRR does not say so. Add an\naddress, or use `ospf6`.";
    E0355 355 "nothing to redistribute"
        "A warning. `redistribute = [\"bgp\"]` without a [bgp] table has no effect.";
    E0360 360 "a line of extra-file breaks frr.conf"
        "The file of [frr] extra-file is appended to frr.conf as it is. It is UTF-8 text; a control or invisible character\nwould make FRR read something else than what is seen.";
}
