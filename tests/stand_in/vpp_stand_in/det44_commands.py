"""det44, and the lines that kill VPP with it."""

import ipaddress

from .dispatch import command
from .state import crash
from .words import Refused

SESSION_BYTES_PER_HOST = 24000
HEAP_BASE = 64 << 20


def det44(vpp):
    return vpp.nat.setdefault("det44", {"on": False, "interfaces": [], "maps": [], "broken": False})


@command("det44 plugin", plugin="det44", whole_line=True)
def det44_plugin(vpp, args):
    state = det44(vpp)
    if args.take("enable"):
        if not args.end():
            raise args.unknown()
        if state["on"]:
            raise Refused("plugin enable failed")
        state["on"] = True
    elif args.take("disable"):
        if state["broken"]:
            crash("SIGABRT")
        if not state["on"]:
            raise Refused("plugin disable failed")
        vpp.nat.pop("det44")
    else:
        raise args.unknown()


@command("set interface det44", plugin="det44", whole_line=True)
def det44_interface(vpp, args):
    state, named, delete = det44(vpp), [], False
    while not args.end():
        if (found := vpp.maybe_interface(args, "inside")) is not None:
            named.append(("inside", found))
        elif (found := vpp.maybe_interface(args, "outside")) is not None:
            named.append(("outside", found))
        elif args.take("del"):
            delete = True
        else:
            raise args.unknown()
    for side, interface in named:
        present = [entry for entry in state["interfaces"] if entry[1] is interface]
        if delete != bool(present):
            raise Refused(f"{'del' if delete else 'add'} {side} {interface.name} failed")
        if delete:
            state["interfaces"].remove(present[0])
            state["broken"] = True  # the feature was added a second time instead
        else:
            state["interfaces"].append((side, interface))


def masked(word):
    """The network of `a.b.c.d/n` with host bits masked; above 32 VPP makes it 0.0.0.0."""
    address, _, length = word.partition("/")
    if not length.isdigit():
        raise ValueError
    ipaddress.IPv4Address(address)
    return ipaddress.ip_network("0.0.0.0/32" if int(length) > 32 else word, strict=False)


@command("det44 add", plugin="det44", whole_line=True)
def det44_add(vpp, args):
    state, inside, outside, delete = det44(vpp), None, None, False
    while not args.end():
        try:
            if args.words[0] in ("in", "out") and len(args.words) > 1:
                network = masked(args.words[1])
                inside, outside = (network, outside) if args.words[0] == "in" else (inside, network)
                del args.words[:2]
            elif args.take("del"):
                delete = True
            else:
                raise args.unknown()
        except ValueError:
            raise args.unknown() from None
    if (inside, outside) in state["maps"]:
        if not delete:
            raise Refused("snat_det_add_map return -81")
        state["maps"].remove((inside, outside))
        return
    if delete:
        raise Refused("snat_det_add_map return -6")
    if inside is None or outside is None or inside.prefixlen > outside.prefixlen:
        crash("SIGFPE")  # the sharing ratio is 0 and divides
    if inside.prefixlen > 8:  # a /8 overflows 32 bits and is accepted with 0 ports
        hosts = sum(net.num_addresses for net, _ in state["maps"]) + inside.num_addresses
        if hosts * SESSION_BYTES_PER_HOST > vpp.startup.heap - HEAP_BASE:
            crash("SIGABRT")
    state["maps"].append((inside, outside))


TIMEOUTS = {"udp": 300, "tcp established": 7440, "tcp transitory": 240, "icmp": 60}


@command("set det44 timeouts", plugin="det44", whole_line=True)
def set_timeouts(vpp, args):
    timeouts = det44(vpp).setdefault("timeouts", dict(TIMEOUTS))
    while not args.end():
        for name in TIMEOUTS:
            if (number := args.number(*name.split())) is not None:
                timeouts[name] = number
                break
        else:
            raise args.unknown()


@command("show det44 timeouts", plugin="det44")
def show_timeouts(vpp, _):
    timeouts = det44(vpp).get("timeouts", TIMEOUTS)
    return "\n".join(f"{name} timeout: {number}sec" for name, number in timeouts.items())


@command("show det44 mappings", plugin="det44")
def show_det44_mappings(vpp, _):
    lines = ["NAT44 deterministic mappings:"]
    for inside, outside in det44(vpp)["maps"]:
        ratio = 2 ** (outside.prefixlen - inside.prefixlen)
        lines.append(f" in {inside} out {outside}")
        lines.append(f"  outside address sharing ratio: {ratio}")
        lines.append(f"  number of ports per inside host: {64512 // ratio}")
        lines.append("  sessions number: 0")
    return "\n".join(lines)


@command("show det44 interfaces", plugin="det44")
def show_det44_interfaces(vpp, _):
    names = {"inside": "in", "outside": "out"}
    return "\n".join(
        ["DET44 interfaces:"] + [f" {i.name} {names[side]}" for side, i in det44(vpp)["interfaces"]]
    )
