//! 02xx: system, management, firewall, NICs, VPP, NAT and Incus.

use super::codes;

codes! { DATAPLANE:
    E0201 201 "not in this version"
        "The setting is understood but not supported yet: nothing is rendered until it has been tested on a real VPP.";
    E0202 202 "more than three name servers"
        "The C library uses the first three `nameserver` lines of resolv.conf and ignores the rest.";
    E0203 203 "a health check is listed twice"
        "A check in [boot] health either rejects a boot (`required`) or warns (`wanted`), and is listed once.";
    E0204 204 "an identity file does not exist"
        "[[identity.bind]] names a file that is not in /persistent/config/identity. The boot continues with the placeholder\nof the image; add the file or remove the entry.";
    E0205 205 "unknown identity file"
        "Files with a known name in /persistent/config/identity are bound over their placeholders. This name is not known and\nno [[identity.bind]] uses it, so the file has no effect: often a typo in the name.";
    E0206 206 "a derived name is too long"
        "The kernel limits interface names to 15 bytes. `PARENT.TAG` is the name of a sub-interface in VPP, Linux and\nfrr.conf; the ends of a bridge's veth are called `NAME-dp` and `NAME-vpp`. Shorten the name they are derived from.";
    E0207 207 "an extra file cannot be used"
        "The contents of an extra file are inserted unchanged in a marked place. Anything that would reach beyond it is\nrefused: an unbalanced brace, a control character, a backslash at the end of a line, `quit`, `exec`, the reserved\nmarker, `nosyslog`.";
    E0208 208 "duplicate VLAN tag"
        "A VLAN tag belongs to one sub-interface of a parent. Write tags without leading zeros.";
    E0209 209 "the match does not say which NIC"
        "An empty `match` would match any NIC. Select one by `pci`, `mac`, `driver` or `name`.";
    E0210 210 "a NIC is matched by something that can change"
        "The kernel names NICs in the order their drivers find them, and a driver may handle several. This works until the\nhardware changes; `mac` and `pci` are stable.";
    E0211 211 "two interfaces match the same NIC"
        "A NIC can be only one interface. The same PCI address, MAC address or kernel name, or the same driver and nothing\nelse, means the same NIC.";
    E0212 212 "the dataplane matches the management NIC"
        "The management NIC always stays in the host namespace, because it is how the router is reached when VPP is down. It\ncan never be moved.";
    E0213 213 "duplicate name in a namespace"
        "Interfaces, loopbacks and bridges share one set of names in VPP and the namespace. A bridge NAME also uses\n`NAME-vpp` there and `NAME-dp` in the host namespace, and a NIC attached by af-packet keeps its kernel name.";
    E0214 214 "a name that VPP uses itself"
        "VPP names new interfaces loop0, tap0, memif1/0, BondEthernet0 or host-DEVICE until they are renamed, and accepts a\nsecond interface of the same name without an error. Commands could then affect either of them.";
    E0215 215 "not a valid interface address"
        "An interface cannot have a network or broadcast address (/31 and /32 have none), an address in 127.0.0.0/8 or ::1, a\nlink-local IPv6 address (VPP derives it from the MAC address), or an IPv6 address without a host part.";
    E0216 216 "the same address on two interfaces"
        "An address belongs to one interface. VPP refuses the second one and stops there.";
    E0217 217 "overlapping subnets"
        "Subnets of two interfaces share addresses. VPP refuses the second one, and the rest of the configuration would not\nbe applied. A second address of the same subnet and length on the same interface is fine.";
    E0218 218 "the MTU of a sub-interface is larger than its parent's"
        "Linux limits the child to the parent's MTU, but VPP sends packets that the parent then drops. Raise the parent's MTU\n(9000 when not set) or lower the child's.";
    E0219 219 "the hardware address cannot be used here"
        "`hw-addr` is for the host-interface of attach = \"af-packet\"; `mac` is for any. No two interfaces may have the same\naddress.";
    E0220 220 "the MTU is too small for IPv6"
        "IPv6 needs links with an MTU of at least 1280 bytes (RFC 8200, section 5). Below that, Linux removes the addresses.";
    E0221 221 "nothing to advertise"
        "Router advertisements announce the /64 of each IPv6 address of the interface, because hosts form addresses from a\n/64 only (RFC 4862, section 5.5.3).";
    E0222 222 "a value is listed twice"
        "Values are compared by meaning, not as text: 2001:DB8::1/64 equals 2001:db8::1/64.";
    E0223 223 "two binds have the same target"
        "Of two binds with the same target only the second would be visible. This includes [[bind]] and [[identity.bind]]\ntogether.";
    E0224 224 "binding over this path is not allowed"
        "The kernel's file systems, the programs of the image, /persistent and /run are needed by the running system, and so\nare /etc and /var as a whole (paths below them may be bound over). Files of the identity folder with a known name\nare bound automatically.";
    E0225 225 "management has no addresses, or two sources of them"
        "[management] has either `dhcp = true` or `addresses` (optionally with `gateway` and `gateway6`).";
    E0226 226 "the management gateway is unreachable"
        "A gateway is another host in a subnet of `addresses`; `gateway6` may be link-local. A gateway that is on the link and in\nno subnet (hosters hand out an address of /32 with one) needs `onlink = true`.";
    E0227 227 "an allow entry does not say what it allows"
        "An entry has either `service` with a known name, or `port` together with `protocol`.";
    E0228 228 "`from` is empty or overlaps itself"
        "Without `from` everybody is let in; an empty list could mean either. A prefix inside another one of the same list\nhas no effect, and nftables refuses overlapping intervals in a set.";
    E0229 229 "a core is used twice"
        "VPP's threads poll continuously: two of them on one core get half of it each, without any error. The main core must\nnot be one of the workers, and no two instances may share a core.";
    E0230 230 "[vpp.core] is missing"
        "All interfaces, loopbacks, bridges and NAT modules depend on the instance `core`.";
    E0231 231 "an instance has nothing to do"
        "Every instance besides core serves the NAT module that names it as its `instance`. This one would only use memory\nand a core.";
    E0232 232 "the heap is too small for the NAT mappings"
        "VPP aborts when the heap is too small for what its module takes: 24,000 bytes per inside address of det44, 368 bytes\nper session of nat44-ed in each thread, 1.3 MB per pool address of nat64. The minimum is that plus 256 MB; without\n`main-heap-size` the heap is as large as it has to be.";
    E0233 233 "the key does not apply to this mode or type"
        "det44 has `mappings`; nat44-ed has `inside`, `pool`, `sessions`, `static` and `log`; nat64 has `prefix`, `pool` and\n`static`. VPP has no command for the timeouts of nat64, nor for the ports a module may use. A bond has\n`load-balance` with lacp and xor, `rate` and `passive` with lacp. A tunnel has `destination` with gre, ipip and vxlan,\n`vni` with vxlan, and `private-key-file`, `port` and `peers` with wireguard.";
    E0234 234 "unknown interface"
        "The name is not an interface, sub-interface (`internal.30`), loopback or bridge of this configuration.";
    E0235 235 "the NAT module has no instance of its own"
        "Each module runs in a [vpp.NAME] of its own that is joined to core by two memifs. The instance must exist, must not\nbe `core`, and must not be used by another module.";
    E0236 236 "a det44 mapping that would crash VPP"
        "VPP accepts these mappings and then dies with SIGFPE, SIGABRT or corrupted memory: an inside prefix smaller than the\noutside one, one wider than /10, or so many subscribers per address that no ports are left.";
    E0237 237 "NAT prefixes overlap"
        "An address belongs to one mapping, on either side and across all modules. VPP accepts overlapping ones and loses the\nreturn traffic of the later one.";
    E0238 238 "a NAT prefix overlaps a connected subnet"
        "Core routes outside prefixes (and those of NAT64) to the module. If one overlapped an interface's subnet, the hosts\nthere would be cut off.";
    E0239 239 "every destination is exempt"
        "With 0.0.0.0/0 in `exempt`, or a `bypass` of all that is inside, nothing is translated. Remove the module instead.";
    E0240 240 "most ports are never used"
        "det44 keeps at most 1,000 sessions per subscriber. With more than twice as many ports each, a longer outside prefix\nserves the same subscribers.";
    E0241 241 "the pool cannot be used"
        "A pool contains host addresses only, at most 65,536 of them, because they are added one by one.";
    E0242 242 "a static mapping is never used"
        "Its outside address must be in `pool` (core routes nothing else to the module) and its inside address in `inside`\n(other replies are not translated), or for nat64 outside of `prefix`. No two mappings\nmay share outside address, protocol and port.";
    E0243 243 "the bridge's gateway cannot be used"
        "`gateway` is VPP's address on the bridge and the default router of the containers: a host address in the subnet of\n`address`, other than `address` itself, which belongs to the bridge.";
    E0244 244 "the DHCP range cannot be used"
        "The range must lie inside the bridge's subnet, without the network and broadcast addresses and the addresses of the\nbridge and the gateway.";
    E0245 245 "the subnet contains addresses of the links to NAT modules"
        "Core and each NAT module are joined by two links with four addresses between 169.254.1.0 and 169.254.254.255. The\nmodule's name decides which, and they keep away from the subnets of interfaces as long as there is room.";
    E0246 246 "the name of the bridge is too short"
        "Incus takes names of networks of at least two characters.";
    E0270 270 "a VLAN cannot be up while its parent is down"
        "With `enabled = false` on an interface, its VLANs are down as well. Remove `enabled` from one of them.";
    E0271 271 "an interface is more than one thing"
        "An interface is a NIC (`match`), a bond of NICs (`bond`), or made by the operator's own commands (`made-by`).";
    E0272 272 "not a NIC that can be a member of a bond"
        "The members of a bond are NICs: tables [interfaces.NAME] with a `match`. Each belongs to one bond, and no bond to\nanother.";
    E0273 273 "a member of a bond says more than its NIC"
        "A member carries the frames of its bond and nothing else. VPP takes addresses, VLANs and more on a member, and does\nnothing with them. Its table has `match`, `attach`, `hw-addr`, `promiscuous`, `rx-queues`, `rx-mode` and `enabled`;\neverything else stands in the table of the bond.";
    E0274 274 "the key is for a NIC"
        "A bond, and what extra commands make, have no driver, no queues and no host-interface of their own.";
    E0275 275 "the interface has no Linux side"
        "With `lcp = false` an interface is in VPP alone. Linux and FRR do not know it, so it takes no part in OSPF, IS-IS,\nBGP or static routes, and a VLAN on it has no Linux side either.";
    E0276 276 "802.1ad needs attach = \"dpdk\""
        "The kernel takes the tag off before VPP sees the frame, and VPP puts it back as one of 802.1Q, whatever it was. Not one\npacket arrives. Write `attach = \"dpdk\"` in the table of the NIC, or of every member of the bond.";
    E0277 277 "802.1ad has not been tested with traffic"
        "A warning. VPP makes the interface and its Linux side; whether frames pass has not been seen on hardware.";
    E0278 278 "no command makes the interface"
        "With `made-by = \"extra-commands\"` the file in [vpp.core] extra-commands-file makes the interface, so a line of it has\nits name. What the configuration says of the interface follows after those commands.";
    E0279 279 "two hardware addresses"
        "`hw-addr` is the address of an af-packet host-interface; `mac` is that of any interface. Write one of them.";
    E0395 395 "not of a host-interface"
        "With attach = \"af-packet\" a NIC has one queue, which is waited for or polled. When it is told how many queues to receive\nwith, VPP 25.06 gives it none to send with; VPP refuses the mode \"adaptive\".";
}
