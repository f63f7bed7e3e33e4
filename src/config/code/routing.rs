//! 03xx: routes, BGP, OSPF, BFD and policy.

use super::codes;

codes! { ROUTING:
    E0301 301 "undefined route-map"
        "The name is used but no [[route-maps.NAME]] defines it. FRR accepts that silently and lets nothing through: the\nsession comes up without any routes. Define the route-map or correct the name.";
    E0302 302 "undefined prefix-list"
        "A route-map matches on a prefix-list that [prefix-lists] does not define. In FRR such an entry silently never\nmatches, so a deny entry lets everything through. Define the list or correct the name.";
    E0303 303 "undefined community-list"
        "A route-map matches on a community-list that [community-lists] does not define. In FRR such an entry silently never\nmatches. Define the list or correct the name.";
    E0304 304 "undefined BFD profile"
        "`bfd = \"NAME\"` names a profile that [bfd.profiles] does not define; FRR would use its default timers instead.\nDefine the profile, or write `bfd = true` for the defaults.";
    E0305 305 "undefined peer-group"
        "`peer-group = \"NAME\"` names a group that [bgp.peer-groups] does not define. FRR refuses the neighbour. Define the\ngroup or correct the name.";
    E0306 306 "defined but never used"
        "A warning. Nothing refers to this route-map, list, profile or peer-group, so it has no effect. A mistyped reference\nis reported separately. Use it or remove it.";
    E0310 310 "a route needs exactly one target"
        "A static route has a next hop (`via`), an `interface`, both, or `blackhole = true`. This one has none of them, or a\nblackhole together with another target. Several routes to one prefix are a list: `\"0.0.0.0/0\" = [{ via =\n\"198.51.100.1\" }, { via = \"198.51.100.5\", distance = 250 }]`.";
    E0311 311 "a next hop is unreachable"
        "No interface has an address in the subnet of the next hop, and no other route leads to it, so FRR would keep the route\ninactive, visible only in `show ip route`. Correct the next hop, give an interface an address in its subnet, or add a\nstatic route to it. FRR 8.4 does not follow the default route to a next hop, 10.3 does.";
    E0312 312 "a next hop of the other address family"
        "FRR would accept an IPv4 prefix with an IPv6 next hop, but this has not been tested with VPP and is not in this\nversion. Use a next hop of the prefix's own family.";
    E0313 313 "a link-local next hop without an interface"
        "fe80:: addresses exist on every link, so the address alone is ambiguous. Add the interface: `{ via = \"fe80::1\",\ninterface = \"external.25\" }`.";
    E0314 314 "duplicate route"
        "Two routes have the same table, prefix and target. Prefixes are compared by value: \"2001:DB8::/32\" equals\n\"2001:db8::/32\". FRR keeps only the last of the two, with its distance and tag. Remove one.";
    E0315 315 "a static route to a connected prefix"
        "A warning. A connected subnet has distance 0 and always wins; this route is used only while the interface is down.\nRemove it unless that is intended.";
    E0316 316 "a next hop is this router itself"
        "The next hop is an address of one of this router's own interfaces. Use the address of the neighbour.";
    E0317 317 "both a blackhole and another route"
        "FRR refuses a blackhole and a next hop for one prefix with the same distance. Give the blackhole a distance of its\nown, so that it is used only when the other route is gone: `{ blackhole = true, distance = 254 }`.";
    E0318 318 "an unknown interface"
        "The name is not an interface, sub-interface (`external.25`), loopback or bridge of this configuration. FRR accepts\nany name and keeps the route inactive, or the session down. Correct the name or define the interface.";
    E0319 319 "not a host address"
        "The next hop or neighbour is the first or last address of a connected IPv4 subnet: nobody answers at the network or\nbroadcast address. Use the address of the router on the other side.";
    E0320 320 "invalid prefix-list entry"
        "An entry is `[permit|deny] PREFIX [ge N] [le N]`, for example \"10.0.0.0/8 le 24\"; the default is permit. The\nprefix must not have host bits: FRR refuses such lines or clears the bits, and the list would filter something else\nthan intended.";
    E0321 321 "impossible bounds in a prefix-list entry"
        "`ge` and `le` limit the length of matching prefixes: at least the entry's own length, at most 32 (IPv4) or 128\n(IPv6), and ge not above le. FRR refuses the line otherwise.";
    E0322 322 "a prefix-list entry repeats an earlier one"
        "A warning. An earlier entry matches exactly the same prefixes, so this one can never match; FRR drops such a line\nsilently, and every reload would try to add it again. It is ignored. Generated lists often contain such lines; if\nthe two disagree (permit and deny), decide which one you want.";
    E0323 323 "an empty list"
        "A prefix-list, community-list or route-map without entries does not exist for FRR, and a route-map that matches on\nit would silently match nothing. Add an entry, or remove the list and everything that uses it.";
    E0326 326 "`set` in a deny entry"
        "A warning. A deny entry drops the route, so what it sets has no effect. Probably `action = \"permit\"` was meant.";
    E0327 327 "additive without a community"
        "`additive` adds communities to those of the route instead of replacing them. This entry sets none.";
    E0328 328 "an entry is never reached"
        "A warning. A member of a prefix-list behind one for every prefix decides nothing. A route-map entry without `match`,\nor over a prefix-list that permits everything, takes every route of its family, so later entries are never evaluated.\nNarrow the earlier entry, or move it to the end.";
    E0330 330 "an eBGP neighbour without route-maps"
        "FRR exchanges no routes with an eBGP neighbour that has no policy in a direction (RFC 8212), and shows that only as\n\"(Policy)\" in `show bgp summary`. Set both directions, here or in the peer-group: `route-map = { in =\n\"TRANSIT-IN\", out = \"ANNOUNCE\" }`. A route-map that permits everything is one entry with `action = \"permit\"`.";
    E0331 331 "a neighbour has no remote-as, or two"
        "The AS number of a neighbour is set either at the neighbour or in its peer-group. Without it there is no session;\nwith two, FRR silently uses the group's.";
    E0332 332 "route-reflector-client on an eBGP neighbour"
        "Route reflection applies to iBGP only (RFC 4456): clients have this router's own AS number. FRR refuses the line for\nothers. Remove it or correct remote-as.";
    E0333 333 "a setting for eBGP on another neighbour"
        "An iBGP session may cross several hops anyway, and its paths are passed as they are. So `ebgp-multihop`,\n`ttl-security`, `disable-connected-check`, `local-as`, `local-role`, `enforce-first-as` and `remove-private-as` are for\neBGP: FRR refuses them on iBGP or drops them without a word, and `local-role` within a confederation, too. Probably\nremote-as is wrong; otherwise remove the key.";
    E0334 334 "update-source cannot be used"
        "The source of a session is an address of this router, of the neighbour's address family, or an interface that has\none. FRR accepts anything else, but the session never comes up. Usually it is lo0 or its address.";
    E0335 335 "a neighbour is this router itself"
        "The neighbour's address is one of this router's own. FRR refuses it. Use the address of the other side.";
    E0336 336 "a neighbour is unreachable"
        "An eBGP neighbour is in a connected subnet or has `ebgp-multihop`. An iBGP neighbour is in a connected subnet, or\nOSPF or a static route leads to it. Otherwise the session stays Idle.";
    E0337 337 "incompatible timers"
        "The hold time is at least 3 s, and the keepalive at most a third of it (RFC 4271); `{ keepalive = 0, hold = 0 }`\nturns the timers off. FRR silently changes other values.";
    E0338 338 "a password-file cannot be read"
        "The file does not exist or cannot be read; the operating system's own message follows. The path is relative to\n/persistent/config, for example `password-file = \"secrets/bgp-transit-a\"`. Without the password the session would\ncome up unauthenticated or not at all, so nothing is rendered.";
    E0339 339 "a password-file has too many permissions"
        "A secret may be writable by root and readable by its group: mode 0640 or stricter. Run `chmod 0640 FILE`.";
    E0340 340 "a password-file has no usable password"
        "The password is one line of 1 to 80 visible ASCII characters without spaces (RFC 2385). One line end after it is\nignored. It is never shown, here or elsewhere.";
    E0341 341 "a NAT pool is not announced"
        "A warning. The addresses that packets leave with are not in any network of [bgp] networks, so replies come back only\nif another router announces them and leads them here. Otherwise add a network that contains the pool.";
    E0342 342 "no router id"
        "BGP and OSPF identify this router by a number in the form of an IPv4 address: `router-id`, or else the first IPv4\naddress of [loopbacks.lo0]. Without either the first address of an interface is used, with a warning: when it\nchanges, every session is reset. Give lo0 an address or set `router-id`.";
    E0344 344 "the default route is announced but not routed"
        "Each announced network gets a blackhole unless it is routed otherwise. For the default route that blackhole would\ndrop every packet. Add a default route to [routes], or remove it from networks.";
    E0345 345 "a neighbour with a link-local address"
        "An fe80:: address belongs to an interface and means nothing without it. Name the interface in place of the address,\n`[bgp.neighbors.\"external.25\"]`, or write the neighbour's global address.";
    E0347 347 "a peer-group with iBGP and eBGP neighbours"
        "The members of a peer-group are either all iBGP or all eBGP: FRR refuses the first of the other kind. Use one group\nfor each.";
    E0349 349 "duplicate neighbour"
        "Two keys are the same address, compared by value: \"2001:DB8::1\" equals \"2001:db8::1\". Remove one.";
    E0350 350 "the dead interval is not longer than the hello interval"
        "A neighbour is declared dead when no hello arrives during the dead interval, so it must be longer than the hello\ninterval. FRR's defaults are 10 s and 40 s. Use a dead-interval of about four times the hello-interval.";
    E0351 351 "no default route to originate"
        "A warning. FRR announces the default route into OSPF only while it has one, and [routes] has none. That is fine if\nBGP provides it; otherwise add it to [routes].";
    E0352 352 "OSPF or IS-IS without an interface"
        "A warning. The table exists, but no interface has `ospf = { area = 0 }` (or `ospf6`, or `isis = {}`), so nothing\nhappens.";
    E0353 353 "OSPF or IS-IS on an interface without an address of its family"
        "A warning. `ospf` needs an IPv4 address, `ospf6` an IPv6 one and `isis` one of either: an interface without it takes\nno part, and FRR does not report it. Add an address, or use the other key.";
    E0355 355 "nothing to redistribute"
        "A warning. `redistribute = [\"bgp\"]` has no effect without a [bgp] table, and BGP's `redistribute = { ospf = {} }`\nnone without an interface that takes part in OSPF.";
    E0360 360 "a line of extra-file would break frr.conf"
        "The file named by [frr] extra-file is appended to frr.conf unchanged. It must be UTF-8 text; with a control or\ninvisible character FRR would read something else than what is displayed.";
    E0361 361 "no route leads to a neighbour"
        "A warning. The neighbour is several hops away, and neither a static route nor OSPF leads to it. FRR 8.4 does not\nlook for neighbours by the default route (FRR 10.3 does), so the session stays in Active and nothing says why, unless\nBGP brings a route from another neighbour. Add a route to the neighbour to [routes].";
    E0370 370 "a line of extra-file ends the configuration"
        "`end`, and `exit` or `quit` outside of any block, leave the configuration: FRR does not read what follows. A block\nends with `exit`; remove the others.";
    E0371 371 "extra-file is for another AS"
        "A router has one AS number. FRR refuses a second `router bgp` with another one, and everything in its block is lost.\nWrite the number of [bgp] asn; a BGP instance of a VRF may have another.";
    E0372 372 "a line of extra-file undoes what is generated"
        "The kernel of VPP's namespace must not forward beside VPP, and the generated lines are written for FRR's traditional\ndefaults and one integrated file. What is logged is said once, by `log` or by a line, and route-maps with a slash in\ntheir names are derived ones. Remove the line.";
    E0373 373 "all of BGP into OSPF"
        "An error without a route-map, a warning with one that lets everything pass. A full table in OSPF exhausts every router\nof the area. Choose what goes in: `redistribute = [{ from = \"bgp\", route-map = \"NAME\" }]`.";
    E0374 374 "a list that permits nothing"
        "A warning. A route matches a list when a member permits it. This list has deny members alone, so nothing ever matches\nit: a permit entry over it lets nothing through, a deny entry drops nothing, and a neighbour that has the list itself\nexchanges nothing. Write the members without `deny` and give the entry the action; or permit the rest, by `0.0.0.0/0 le\n32` in a prefix-list and by `.*` in one of AS paths or communities.";
    E0375 375 "no route of the family is let through"
        "A warning. The neighbour's address is of one family and every prefix-list of the map's permit entries has members of\nthe other one alone, or the neighbour's own prefix-list has: the session comes up and exchanges nothing. Add the\nprefixes of its family.";
    E0376 376 "a next hop of the other address family is not set"
        "A warning. FRR sets an IPv4 next hop on IPv4 routes and an IPv6 one on IPv6 routes; routes of the other family pass\nthe entry with the next hop they had. `next-hop` takes one of each: `next-hop = [\"192.0.2.9\", \"2001:db8::9\"]`.";
    E0377 377 "a network that no neighbour is sent"
        "A warning. The network is announced, but no neighbour has a session for its address family, or the out route-map of\neach that has drops it. Add such a neighbour, or the network to what an out route-map permits, or remove it.";
    E0378 378 "everything from one transit is announced to another"
        "A warning. Both maps of both neighbours let every route through, so the two networks may exchange their traffic over\nthis router (a route leak, RFC 7908). Let out only your own routes and those of your customers.";
    E0379 379 "an update-source that OSPF does not carry"
        "A warning. OSPF leads to the iBGP neighbour, but the address the session comes from is on an interface without OSPF:\nthe other side has no route back. Add the interface to OSPF, with `passive = true`.";
    E0380 380 "an iBGP neighbour without update-source"
        "A warning. The neighbour is reached over other routers, so its session would come from whichever interface leads\nthere, while the other side expects one address, usually that of lo0.";
    E0381 381 "a routing table that nothing reads"
        "A warning. Packets are looked up in the main table. A route with `table` is installed and never used, unless the\nextra lines of FRR or the extra commands of VPP refer to that table.";
    E0382 382 "a static route that leads nowhere"
        "A warning. On an Ethernet every packet needs the address of the next router; a default route over an interface alone\nasks the link for every destination. Addresses of the link, the host and multicast groups are never routed.";
    E0383 383 "a next hop outside of the interface's subnets"
        "A warning. The route names an interface, and its next hop is in none of the interface's subnets. That works when the\nnext hop answers on that link, and FRR has to be told: `onlink = true`.";
    E0384 384 "`onlink` without a next hop on an interface"
        "FRR accepts `onlink` without an interface and never installs the route. Write `via`, `interface` and `onlink`\ntogether.";
    E0385 385 "nothing leads to the inside of a NAT module"
        "A warning. The inside prefix is neither connected nor routed, and no protocol could bring a route to it, so its\nsubscribers are never reached. Correct the prefix, or add a route to it.";
    E0386 386 "no protocol announces a NAT pool"
        "A warning. OSPF is the only protocol here and does not announce the pool, so replies reach this router only if\nanother one leads them here. A blackhole route to the pool and `redistribute = [\"static\"]` announce it.";
    E0387 387 "startup.conf would name something twice"
        "The plugins an instance needs, the `dev` of every NIC and the settings of [vpp.NAME] are in the generated\nstartup.conf. VPP ends when a plugin or a device is named a second time, and of two settings it takes the last.\nRemove it from the extra file.";
    E0388 388 "VPP does not know a stanza"
        "VPP ends with \"unknown input\" at a stanza it does not know, and so does not start at all. Correct the name.";
    E0389 389 "OSPF or IS-IS cannot match this"
        "Communities and the like belong to BGP. ospfd, ospf6d and isisd leave out a condition they do not know, and the entry\nthen matches every route. Match a prefix-list or a tag. A prefix-list of both families is fine: each daemon of OSPF gets\na copy of the map with the entries of its own family, unless extra-file adds to the map.";
    E0390 390 "an ACL is named by its number"
        "VPP gives a new ACL the lowest free number. Those of the extra commands are made first and are numbered from 0; those\nthat steer traffic into NAT modules come after them. A number that no extra command made before is nobody's, or that of\na NAT module: VPP says nothing and filters nothing, or the wrong thing.";
    E0391 391 "the inside of a NAT module is not steered into it"
        "A warning. What comes in on the interfaces of `from` is translated. The inside prefix is on the link of an interface\nthat is not among them, so its subscribers go out with the addresses they have. Add the interface to `from`.";
    E0392 392 "a name that nobody can look up"
        "A warning. A server is given by its name, and there are no name servers: neither `nameservers` in [system] nor DHCP on\nthe management port. Write its address, or add name servers.";
    E0393 393 "a network that an aggregate stands for"
        "A warning. An aggregate with `summary-only` suppresses all routes inside of it, those of `networks` too: neighbours get\nthe aggregate alone. That may be meant, when the network keeps the aggregate alive.";
    E0394 394 "an AS number that matches inside of longer ones"
        "A warning. An expression over the AS path is looked for anywhere in its text: `64496` matches 164496 and 644960, too.\n`_` stands for the beginning, the end or a blank: `_64496_` is the AS anywhere, `^64496_` the neighbour, `_64496$` the\norigin.";
}
