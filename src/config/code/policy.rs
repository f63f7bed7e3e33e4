//! 07xx: lists of AS paths and communities, route-maps and RPKI.

use super::codes;

codes! { POLICY:
    E0701 701 "undefined as-path-list"
        "The name is used but [as-path-lists] does not define it. In FRR a match on it silently never matches, so a deny entry\nlets everything through, and a neighbour that names it exchanges nothing. Define the list or correct the name.";
    E0702 702 "undefined large-community-list"
        "The name is used but [large-community-lists] does not define it. In FRR such an entry silently never matches, and\nnothing is deleted. Define the list or correct the name.";
    E0703 703 "entries out of order"
        "FRR evaluates the entries of a route-map in the order of their numbers. Here they are evaluated as they are written,\nso each `seq` is above those before it. Move the entry, or correct the number. Entries without\n`seq` get one between, so that there has to be room for them; one over a list of both families takes two.";
    E0704 704 "route-maps that call each other in a circle"
        "`call` asks another route-map. When a chain of calls comes back to where it began, zebra and bgpd end with a\nsegmentation fault as soon as they load it, whoever uses the map. Remove one of the calls.";
    E0705 705 "`then` in a deny entry"
        "A denied route is dropped and goes nowhere else. FRR silently leaves out the whole entry. Probably `action = \"permit\"`\nwas meant.";
    E0706 706 "`then` leads nowhere"
        "`then = N` goes on at the entry with `seq = N` of the same map, which has to stand behind this one: FRR silently\nleaves out an entry that leads back. Give the entry that is meant a `seq`, or write `then = \"next\"`.\nBehind the last entry there is nothing to go to.";
    E0707 707 "a match on RPKI without caches"
        "Whether a route is valid is what the caches of [rpki] say. Without them nothing ever matches: a deny entry lets\ninvalid routes through, a permit entry drops everything. Add `[rpki]` with `caches.\"ADDRESS\" = { port = 3323 }`.";
    E0708 708 "everything is dropped while no RPKI cache is in sync"
        "A warning. Until a cache is in sync, and when none answers any more, a route is neither valid, invalid nor notfound.\nThis map permits valid and notfound alone, so it lets nothing through then. Deny what is invalid, and permit the rest.";
    E0709 709 "`src` where no routes go into the kernel"
        "FRR sets the source address of routes in maps of zebra alone: `ip protocol bgp route-map NAME` in [frr] extra-file. In\na map of BGP or OSPF it silently does nothing.";
    E0710 710 "two RPKI caches with one preference"
        "FRR leaves out the second of two caches with the same preference. The default is 1; give each cache its own.";
    E0711 711 "a list that deletes more than it matches"
        "A warning. An entry of several communities matches routes that carry all of them, but `delete-community` takes away\neach of its communities by itself, also from routes that carry only one.";
    E0712 712 "FRR 8 cannot match the source protocol in BGP"
        "bgpd of FRR 8 leaves out this condition, and the entry then takes every route; FRR 10 has it. Redistribute each\nprotocol with a route-map of its own instead.";
    E0713 713 "OSPF does not set this"
        "A warning. The value belongs to BGP; ospfd and ospf6d leave the setting out. Remove it, or give OSPF a map of its own.";
    E0714 714 "nothing asks the RPKI caches"
        "A warning. The caches say which routes are invalid, and no route-map acts on it: add an entry with `action = \"deny\"`\nand `match = { rpki = \"invalid\" }` to the maps for what comes in.";
    E0715 715 "communities at once beside a regular expression"
        "A list is either one of communities or, with a regular expression in it, one of expressions. An entry of several\ncommunities that a route has to carry all of is none. Use two lists.";
    E0716 716 "the heap may be too small for the routes"
        "A warning. VPP aborts when its main heap is full. A route takes up to 1 kB of it, and everything else 512 MB. Without\n`main-heap-size` in [vpp.core] the heap is as large as `rib-limit` or the neighbours' `maximum-prefix` need.";
    E0717 717 "more routes may come than there is room for"
        "A warning. VPP's memory is made for as many routes as `rib-limit` says, and VPP aborts when it is full. A neighbour may\nsend more than that. Raise `rib-limit`, or lower the neighbour's `maximum-prefix`.";
    E0718 718 "a protocol on an interface that is down"
        "A warning. The interface has `enabled = false`, itself or its parent, so that no neighbour is found on it. FRR says\nnothing of it. That may be meant, when the link is not there yet.";
    E0719 719 "FRR 10 asks no caches about the routes of a VRF"
        "FRR 10.3 has RPKI caches in each VRF. Those of [rpki] are in the main table, and a map of a neighbour in a VRF asks\nthose of the VRF: there are none, so that a match of `rpki` never holds, and invalid routes are accepted. FRR 8.4 has\none set of caches for all. Take the condition out of the map, and have what is invalid dropped in the main table.";
    E0882 882 "RPKI judges routes once"
        "A warning. When the data of the caches change FRR looks again at what a neighbour with `soft-reconfiguration` sent, and\nat nothing of the others: a route that has become invalid stays until the neighbour sends it anew. With\n`soft-reconfiguration = true` FRR keeps every route as it came, at the price of memory.";
}
