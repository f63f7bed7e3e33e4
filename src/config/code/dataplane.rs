//! 02xx: system, management, firewall, NICs, VPP, NAT and Incus.

use super::codes;

codes! { DATAPLANE:
    E0201 201 "not in this version"
        "The configuration is understood, but what VPP does with it was not measured yet, and nothing is rendered from\nmemory: bonds and QinQ (linux-cp on them).";
    E0202 202 "more than three name servers"
        "The C library asks the first three `nameserver` lines of resolv.conf and ignores the rest.";
    E0203 203 "a health check stands in the lists twice"
        "A check of [boot] health either rejects a boot (`required`) or warns (`wanted`).";
    E0204 204 "an identity file does not exist"
        "[[identity.bind]] names a file that is not in /persistent/config/identity. The boot goes on with the placeholder of\nthe image; put the file there, or remove the entry.";
    E0205 205 "unknown identity file"
        "Files with a known name in /persistent/config/identity are bound over their placeholder. This name is none of them\nand no [[identity.bind]] uses it, so nothing happens with it: often a slip in the name.";
    E0206 206 "a derived name is too long"
        "The kernel's interface names have at most 15 bytes. `PARENT.TAG` is the name of a sub-interface in VPP, Linux and\nfrr.conf alike; a bridge's veth has the ends `NAME-dp` and `NAME-vpp`. Shorten the name they derive from.";
    E0207 207 "an extra file cannot be used"
        "The text of an extra file is appended as it is, in a marked place. What would reach out of that place is refused: a\nbrace without its partner, a control character, a backslash at the end of a line, `quit`, `exec`, the proof marker,\n`nosyslog`.";
    E0208 208 "one tag twice on a parent"
        "A VLAN tag belongs to one sub-interface of a parent. Write tags without leading zeros.";
    E0209 209 "the match names no NIC"
        "An empty `match` would take any NIC. Name one by `pci`, `mac`, `driver` or `name`.";
    E0210 210 "a NIC is matched by something that changes"
        "The kernel numbers its names in the order drivers find NICs, and a driver may have several. It works until the\nhardware changes; `mac` and `pci` stay.";
    E0211 211 "two interfaces match one NIC"
        "A NIC can be one interface only. The same PCI address, MAC address, kernel name, or nothing but the same driver,\nmeans the same NIC.";
    E0212 212 "the dataplane matches the management NIC"
        "The management NIC stays in the host namespace, whatever happens to the dataplane: it is how the router is reached\nwhen VPP is down. It can never be moved.";
    E0213 213 "two things of one namespace have one name"
        "Interfaces, loopbacks and bridges share VPP's names and those of the namespace; a bridge NAME also has the veth\n`NAME-vpp` there and `NAME-dp` in the host namespace, and a NIC attached by af-packet keeps its kernel name.";
    E0214 214 "a name VPP gives by itself"
        "VPP calls what it makes loop0, tap0, memif1/0, BondEthernet0 or host-DEVICE until it is renamed, and accepts a\nsecond interface of the same name without a word. Commands then reach either of them.";
    E0215 215 "not an address an interface can have"
        "Network and broadcast addresses (a /31 and /32 have none), 127.0.0.0/8 and ::1, link-local IPv6 (VPP makes it from the\nMAC address), and IPv6 addresses without a host part.";
    E0216 216 "one address on two interfaces"
        "An address belongs to one interface. VPP refuses the second and stops there.";
    E0217 217 "overlapping subnets"
        "Two interfaces of one table with subnets that share addresses: VPP refuses the second (\"overlap\") and would leave\nthe rest of the configuration out. A second address of the same subnet and length on the same interface is fine.";
    E0218 218 "a sub-interface's MTU is above its parent's"
        "Linux clamps the child to the parent, VPP sends what the parent then drops. Raise the parent's MTU (9000 when\nit has none written) or lower the child's.";
    E0219 219 "hw-addr cannot be used here"
        "Only the host-interface of attach = \"af-packet\" can be given an address; DPDK keeps the NIC's own. No two may be the\nsame.";
    E0220 220 "the MTU does not carry IPv6"
        "IPv6 needs links that carry 1280 bytes (RFC 8200, section 5). Below, Linux removes the addresses.";
    E0221 221 "nothing to advertise"
        "Router advertisements announce the /64 of each IPv6 address of the interface: hosts make addresses from /64 only\n(RFC 4862, 5.5.3).";
    E0222 222 "a value is listed twice"
        "Values are compared as parsed: 2001:DB8::1/64 equals 2001:db8::1/64.";
    E0223 223 "a target is bound over twice"
        "Of two binds with one target only the second is seen. This includes [[bind]] and [[identity.bind]] together.";
    E0224 224 "nothing may be bound over this"
        "The kernel's file systems, the programs of the image, /persistent and /run hold the running system; /etc and /var as\na whole do too (what lies below may be bound). Files of the identity folder with a known\nname are bound by that name.";
    E0225 225 "management has no addresses, or two ways to get them"
        "[management] says either `dhcp = true` or `addresses` (with `gateway` and `gateway6` where there are any).";
    E0226 226 "the management gateway cannot be reached"
        "A gateway is another host in a subnet of `addresses`; `gateway6` may be link-local.";
    E0227 227 "an allow entry does not say what it allows"
        "Either `service` with a known name, or `port` together with `protocol`.";
    E0228 228 "`from` is empty or overlaps itself"
        "Without `from` everybody is let in; an empty list could mean either. A prefix inside another of the same list does\nnothing, and nftables refuses overlapping intervals in a set.";
    E0229 229 "a core has two owners"
        "VPP's threads poll: two of them on a core get half of it each, without a message. Main core and workers of an instance\ndiffer, and no two instances share a core.";
    E0230 230 "there is no [vpp.core]"
        "All interfaces, loopbacks, bridges and NAT modules hang on the instance `core`.";
    E0231 231 "an instance has nothing to do"
        "Every instance beside core serves the NAT module that names it with `instance`. This one only takes memory and a core.";
    E0232 232 "the heap does not hold the NAT mappings"
        "det44 takes 24,000 bytes for each inside address at once, and VPP aborts when the heap is smaller: 24,000 times the\ninside addresses of the instance, plus 256 MB. Without `main-heap-size` that is what it gets.";
    E0233 233 "the key belongs to another NAT mode"
        "det44 has `mappings`, nat44-ed has `inside`, `pool`, `sessions` and `static`, nat64 has `prefix` and `pool`.";
    E0234 234 "there is no such interface"
        "The name is of no interface, sub-interface (`internal.30`), loopback or bridge of this document.";
    E0235 235 "the NAT module has no instance of its own"
        "Each module runs in a [vpp.NAME] of its own, joined to core by two memifs: it exists, it is not `core`, and no other\nmodule uses it.";
    E0236 236 "a det44 mapping VPP dies of"
        "VPP accepts these and ends with SIGFPE, SIGABRT or corrupted memory (facts/vpp.md, sections 6 and 8): an inside prefix\nsmaller than the outside one, one wider than /10, or so many subscribers on an address that none has a port.";
    E0237 237 "NAT prefixes overlap"
        "An address is translated by one mapping, from or to. VPP takes overlapping ones and loses the return traffic of the\nlater. This holds across modules.";
    E0238 238 "a NAT prefix is connected to an interface"
        "Core routes outside prefixes (and those of NAT64) to the module. On an interface's subnet the hosts there would be\ncut off.";
    E0239 239 "every destination is exempt"
        "With 0.0.0.0/0 in `exempt` nothing is translated. Remove the module instead.";
    E0240 240 "most ports are never used"
        "det44 keeps at most 1,000 sessions for a subscriber. With more than twice as many ports each, a shorter outside prefix\nserves the same subscribers.";
    E0241 241 "the pool cannot be used"
        "Pools hold addresses of hosts, at most 65,536: they are added one by one.";
    E0242 242 "a static mapping is never used"
        "Its outside address lies in `pool` (core routes nothing else to the module), its inside address in `inside` (replies\nof others are not translated), and no two have one outside address, protocol and port.";
    E0243 243 "the bridge's gateway is no neighbour"
        "`gateway` is VPP's address on the bridge and the containers' default router: a host's address in the subnet of\n`address`, and not `address` itself, which is the bridge's.";
    E0244 244 "the DHCP range cannot be handed out"
        "It lies in the bridge's subnet, without the network and broadcast addresses, the bridge's and the gateway's.";
    E0245 245 "the subnet holds addresses of the links to NAT modules"
        "Core and each NAT module are joined by two links, with addresses from 169.254.1.0 upward: two for each link.";
}
