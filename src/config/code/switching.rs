//! 079x to 081x: bridge domains, cross-connects and tunnels.

use super::codes;

codes! { SWITCHING:
    E0790 790 "not an interface that frames pass"
        "Members of a bridge and both ends of a cross-connect carry Ethernet frames: NICs, VLANs (`internal.10`) and VXLAN\ntunnels. Loopbacks, Incus bridges and other tunnels carry packets.";
    E0791 791 "the frames of an interface go two ways"
        "An interface is a member of one bridge, or one end of one cross-connect. VPP takes the later of two without a word.\nA cross-connect holds for both ends: `xconnect` at one of them is enough.";
    E0792 792 "a switched interface does not route"
        "A member of a bridge and an end of a cross-connect pass frames on as they are: VPP takes addresses on them and ignores\nthem. What this router is to have on a bridge is said at the bridge: [bridges.NAME] has `addresses`, `ospf`, `ra` and\nall else that interfaces have.";
    E0793 793 "a switched interface where one is needed that routes"
        "Frames that are switched are never routed, and the interface has no Linux side: no route leads over it, and nothing of\nit is steered into a NAT module. Name the bridge itself, on which this router has addresses.";
    E0794 794 "a VLAN routes on a parent that is switched"
        "The Linux side of a VLAN hangs on its parent's, and a switched interface has none. Give the untagged traffic a VLAN of\nits own and switch that one, or switch the VLANs as well.";
    E0795 795 "a bridge that does nothing"
        "A bridge joins at least two members, or one member and this router, which is on it with `addresses`. Without addresses\nthere is no interface that an MTU, OSPF or router advertisements could be of.";
    E0796 796 "the source of a tunnel is not this router's"
        "VPP takes a packet out of a tunnel only when it comes to an address that VPP has.";
    E0797 797 "the ends of a tunnel do not fit"
        "Both ends are global addresses of one family: this router's and another's.";
    E0798 798 "a tunnel leads into itself"
        "The way to the destination leads through the tunnel: each packet would be wrapped again and again. Give the destination\na route outside of it.";
    E0799 799 "a VXLAN tunnel in no bridge"
        "VXLAN carries Ethernet frames. It is a member of a bridge, whose `addresses` are this router's, or cross-connected.\nThe VXLAN tunnels of one bridge pass no frames to each other: the routers at their ends are joined with one another.";
    E0800 800 "the MTU of a tunnel is larger than its path"
        "GRE adds 24 bytes to each packet, IP in IP 20, VXLAN 50, and 20 more over IPv6. Without `mtu`, a tunnel has what is left\nof the MTU of the interface with its source address, and of 1500 bytes at most.";
    E0801 801 "two tunnels with the same ends"
        "VPP knows a tunnel by its type, source and destination, a VXLAN also by its VNI. It refuses the second, and the rest of\nthe configuration would not be applied.";
    E0802 802 "the MTU of a bridge is larger than a member's"
        "Frames are not divided on their way through a bridge: a packet that a member does not carry is lost. Without `mtu`,\nthis router's interface on a bridge has the least MTU of the members that say one; a VXLAN tunnel has 1450 bytes.";
    E0870 870 "a key of WireGuard that cannot be a peer's"
        "Each router has a key of its own. VPP knows a peer by its key alone, so no two of all tunnels have the same, and none\nhas this router's: `wg genkey > secrets/wireguard` makes a private key, `wg pubkey < secrets/wireguard` prints the\npublic one, which is what the other routers are told. Without wireguard-tools, `openssl rand -base64 32` makes a\nprivate key as well.";
    E0871 871 "an address of two peers of WireGuard"
        "A packet is sent to the peer that has its next hop in `allowed-ips`. VPP takes the first one it finds, and not the one\nthat says it most exactly, so the prefixes of two peers of a tunnel have no address in common, and none is this\nrouter's.";
    E0872 872 "a next hop in a WireGuard tunnel that is no peer's"
        "VPP finds the peer by the next hop. It has to be an address that the peer has by itself in its `allowed-ips`, as\n10.9.0.2/32; a route that names the interface alone, or a next hop that no peer has, is dropped.";
    E0873 873 "a peer of WireGuard may not send from where a route leads"
        "A warning. What comes out of the tunnel is dropped unless the peer has its source in `allowed-ips`.";
    E0874 874 "not for a tunnel that carries packets"
        "WireGuard carries packets to one peer at a time. It has no Ethernet frames and no multicast, so OSPF, IS-IS, router\nadvertisements, VRRP and DHCP relays do not work in it. BGP and static routes do. A tunnel of GRE or IP in IP has\nmulticast, and OSPF works in it; of frames it has none either, so VPP refuses to advertise itself there, and IS-IS,\nVRRP, static neighbours and DHCP relays do nothing.";
    E0878 878 "VPP would keep a private key"
        "With the stanza `api-trace`, VPP keeps the messages that it gets and writes them into a file when it dies. The private\nkey of a WireGuard tunnel is in one of them.";
}
