//! 085x and 086x: VRFs.

use super::codes;

codes! { VRF:
    E0851 851 "an undefined VRF"
        "An interface is in a VRF that is not there. `[vrfs.NAME]` with its `table` makes one.";
    E0852 852 "a VRF without an interface"
        "A warning. Nothing is routed in a VRF that no interface is in: `vrf = \"NAME\"` at an interface, VLAN, tunnel, bridge\nor loopback puts it there.";
    E0853 853 "an IGP in a VRF"
        "OSPF, OSPFv3 and IS-IS run in the main table alone yet. In a VRF there are BGP and static routes.";
    E0854 854 "an interface of another table"
        "Routes lead over interfaces of their own table, and neighbours are on them: those of [routes] and [bgp] over interfaces\nwithout `vrf`, those of [vrfs.NAME] over the ones that say `vrf = \"NAME\"`.";
    E0855 855 "a table that a VRF decides"
        "The routes of a VRF are in [vrfs.NAME.routes] and have no `table`: they are in that of the VRF. Routes of [routes] may\nname another table, but not that of a VRF.";
    E0856 856 "two VRFs of one table"
        "VPP and Linux know a VRF by the number of its table: each VRF has its own.";
    E0857 857 "NAT in a VRF"
        "Traffic is steered into a NAT module out of any table, and what comes back is routed in the main one, where the\nsubscribers of a VRF are not.";
    E0858 858 "BGP in a VRF without an AS number"
        "BGP in a VRF has the AS number of [bgp], unless it says its own. Without [bgp] it has to.";
    E0860 860 "a Linux side is not in its VRF"
        "The Linux side of an interface in a VRF is put into the kernel's VRF of that table as soon as it is there: FRR's routes\nwould be in the main table otherwise. The kernel has no such VRF, or refused; VPP is given nothing further.";
    E0861 861 "a VRF cannot be made"
        "A device in the dataplane's namespace has the name of a VRF and is something else, or the kernel makes no VRFs\n(CONFIG_NET_VRF, module `vrf`). Rename one of the two, or boot a kernel with the module.";
}
