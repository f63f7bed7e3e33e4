"""What VPP counts and uses, and lists of what it switches and filters with."""

from .dispatch import command
from .words import Refused


@command("show errors")
def show_errors(vpp, _):
    lines = [f"{'Count':>10}{'Node':^40}{'Reason':^50}{'Severity':>10}"]
    if vpp.interfaces:
        lines.append(f"{3:>10}{'ip4-local':^40}{'ip4 source lookup miss':^50}{'error':>10}")
    return "\n".join(lines)


@command("show buffers")
def show_buffers(vpp, _):
    total = int(vpp.startup.get("buffers", "buffers-per-numa", "16800"))
    return "\n".join([
        "Pool Name            Index NUMA  Size  Data Size  Total  Avail  Cached   Used",
        f"default-numa-0         0     0   2496     2048    {total}  {total - 24}    0      24",
    ])


@command("show memory main-heap")
def show_main_heap(vpp, _):
    return "\n".join([
        "Thread 0 vpp_main",
        f"  base 0x7f0000000000, size {vpp.startup.heap}, locked, unmap-on-destroy, name 'main heap'",
        "    page stats: page-size 4K, total 262144, mapped 20437, not-mapped 241707",
        "    total: 1023.99M, used: 74.53M, free: 949.46M, trimmable: 949.13M",
    ])


@command("show bond")
def show_bond(vpp, args):
    if not args.end() and not args.take("details"):
        raise args.unknown()
    lines = []
    bonds = [one for one in vpp.interfaces.values() if one.kind == "bond"]
    for instance, bond in enumerate(bonds):
        mode, number = vpp.bonds[bond]
        members = [member.name for member, of in vpp.members.items() if of is bond]
        active = [member.name for member, of in vpp.members.items() if of is bond and member.up]
        lines += [f"BondEthernet{number}", f"  mode: {mode}", "  load balance: l34"]
        lines += [f"  number of active members: {len(active)}", *(f"    {name}" for name in active)]
        lines += [f"  number of members: {len(members)}", *(f"    {name}" for name in members)]
        lines += [f"  device instance: {instance}", f"  interface id: {number}", f"  sw_if_index: {bond.index}"]
        lines += [f"  hw_if_index: {bond.index}"]
    return "\n".join(lines)


@command("show lacp", plugin="lacp")
def show_lacp(vpp, _):
    members = [(member, of) for member, of in vpp.members.items() if vpp.bonds[of][0] == "lacp"]
    if not members:
        return ""
    bits = "exp/def/dis/col/syn/agg/tim/act"
    lines = [f"{' ':55} {'actor state':32} {'partner state':32}"]
    lines.append(f"{'interface name':25} {'sw_if_index':12} {'bond interface':16} {bits:31}  {bits:31}")
    for member, bond in members:
        state = "  0   0   1   1   1   1   1   1    0   0   1   1   1   1   1   1"
        lines.append(f"{member.name:25} {member.index:<12} {bond.name:16} {state}")
        ends = "(ffff,02-fe-00-00-00-01,0000,00ff,0001), (ffff,02-00-5e-00-53-01,0009,00ff,0001)"
        lines.append(f"  LAG ID: [{ends}]")
        mux = "COLLECTING_DISTRIBUTING" if member.up else "DETACHED"
        lines.append(f"  RX-state: CURRENT, TX-state: TRANSMIT, MUX-state: {mux}, PTX-state: PERIODIC_TX")
    return "\n".join(lines)


@command("show bridge-domain")
def show_bridge_domain(vpp, args):
    only, details = args.number(), False
    if only is not None:
        details = args.take("int") or args.take("detail")
        if only not in vpp.domains:
            raise Refused(f"No such bridge domain {only}")
    lines = []
    for index, number in enumerate(vpp.domains, 1):
        if only not in (None, number):
            continue
        ports = [(port, to[1]) for port, to in vpp.switched.items() if to[0] == number]
        bvi = next((port.name for port, role in ports if role.startswith("bvi")), "N/A")
        if not lines:
            heads = ["BD-ID", "Index", "BSN", "Age(min)", "Learning", "U-Forwrd", "UU-Flood", "Flooding", "ARP-Term"]
            lines.append("  ".join([*heads, "arp-ufwd", "Learn-count", "Learn-limit", "BVI-Intf"]))
        cells = [number, index, 0, "off", "on", "on", "flood", "on", "off", "off", 0, 16777216, bvi]
        lines.append("".join(f"{cell!s:^10}" for cell in cells))
        if details and ports:
            heads = f"{'If-idx':^7}{'ISN':^5}{'SHG':^5}{'BVI':^5}{'TxFlood':^9}{'VLAN-Tag-Rewrite':^30}"
            lines += ["", f"{'Interface':^30}{heads}"]
        for port, role in ports if details else []:
            own = "*" if role.startswith("bvi") else "-"
            lines.append(f"{port.name:^30}{port.index:^7}{1:^5}{0:^5}{own:^5}{'*':^9}{'none':^30}")
    return "\n".join(lines) or "no bridge-domains in use"


def show_tunnels(vpp, kind, words):
    lines = []
    for one in vpp.interfaces.values():
        if one.tunnel and one.tunnel[0] == kind:
            _, source, destination, *vni = one.kind.split()
            ends = f"instance {one.tunnel[1]} src {source} dst {destination}"
            lines.append(f"[{len(lines)}] {ends} {words(one, vni)} ")
    return "\n".join(lines) or f"No {kind.upper() if kind != 'vxlan' else kind} tunnels configured..."


@command("show gre tunnel", plugin="gre")
def show_gre(vpp, _):
    return show_tunnels(vpp, "gre", lambda one, _: f"fib-idx 0 sw-if-idx {one.index} payload L3 point-to-point")


@command("show ipip tunnel")
def show_ipip(vpp, _):
    return show_tunnels(vpp, "ipip", lambda one, _: f"table-ID 0 sw-if-idx {one.index} flags [none] dscp CS0")


@command("show vxlan tunnel", plugin="vxlan")
def show_vxlan(vpp, _):
    ports = "src_port 4789 dst_port 4789"
    return show_tunnels(
        vpp, "vxlan", lambda one, vni: f"{ports} vni {vni[0]} fib-idx 0 sw-if-idx {one.index} encap-dpo-idx 12"
    )


@command("show policer")
def show_policer(vpp, _):
    lines = []
    for index, (name, (words, numbers, actions)) in enumerate(vpp.policers.items()):
        rates = " ".join(f"{key} {number}" for key, number in numbers.items())
        lines += [f'Name "{name}" type {words["type"]} {rates}']
        lines += [f"rate type {words['rate']}, round type {words['round']}"]
        lines += [", ".join(f"{on} action {action}" for on, action in actions.items()), " "]
        lines += [f"Policer at index {index}: single rate, not color-aware"]
        lines += ["conform 10 packets, 900 bytes", "exceed 2 packets, 120 bytes", "violate 0 packets, 0 bytes", ""]
        lines.append("-----------")
    return "\n".join(lines)
