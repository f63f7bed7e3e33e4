//! 0730 to 0749: NAT modules.

use super::codes;

codes! { NAT:
    E0730 730 "a pool cannot be the address of an interface"
        "A NAT module runs in an instance of its own, and what is sent to an address of core is core's: VPP would take it for\nthe router and not for a session. Give the module an address that nothing else has and that is routed to this router;\none is enough, `pool = \"203.0.113.134\"`.";
    E0731 731 "a bypass of what is not translated"
        "A warning. The module translates what comes from its inside prefixes. A pair whose source has no address of them changes\nnothing.";
    E0732 732 "the session log cannot work"
        "Records are sent to the collector from an address of the pool, or from one of this router. An address of the pool is\nthe module's own, so no collector can have it.";
    E0733 733 "the inside of a static mapping is of the other family"
        "A static mapping of nat44-ed leads to an IPv4 host, one of nat64 to an IPv6 host.";
    E0734 734 "static mappings of nat64 with several workers"
        "With more than one worker VPP keeps each mapping in the worker that the inside address belongs to, and gives packets\nfrom the outside to another: it refuses most ports above 1024, and those below do not work. Give the instance of\nthe module one worker, or none.";
    E0735 735 "no BGP session here announces a NAT pool"
        "A warning. [bgp] announces nothing, so replies reach this router only if the router that announces the pool leads them\nhere. If it does, all is well; otherwise add a network that holds the pool to [bgp] networks.";
    E0736 736 "an extra command names an ABF policy that comes after it"
        "The policies that steer traffic into NAT modules are made after the extra commands, so that those have the first numbers\nof ACLs for themselves. VPP refuses to attach a policy that is not there yet. Add the interface to `from` of the module.";
}
