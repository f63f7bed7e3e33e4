"""Tunnels: known by their ends, and each but IP in IP deleted by them."""

from .dispatch import command
from .interface_commands import delete
from .words import Refused

NAMES = {"gre": "gre", "ipip": "ipip", "vxlan": "vxlan_tunnel"}


def tunnel(vpp, args, kind):
    source, destination, vni, instance, remove = None, None, None, None, False
    while not args.end():
        if args.take("del") and kind != "ipip":
            remove = True
        elif (number := args.number("instance")) is not None:
            instance = number
        elif args.take("src"):
            source = args.ip()
        elif args.take("dst"):
            destination = args.ip()
        elif kind == "vxlan" and (number := args.number("vni")) is not None:
            vni = number
        else:
            raise args.unknown()
    if source is None or destination is None or (kind == "vxlan" and not vni):
        raise Refused("mandatory argument(s) missing")
    if source.version != destination.version:
        raise Refused("src and dst address must be the same AF")
    if source == destination:
        raise Refused("src and dst are identical")
    ends = f"{kind} {source} {destination}" + (f" {vni}" if vni else "")
    known = next((one for one in vpp.interfaces.values() if one.kind == ends), None)
    if remove:
        if known is None:
            raise Refused("tunnel doesn't exist")
        number = next(number for number, one in vpp.interfaces.items() if one is known)
        delete(vpp, known)
        return f"DELETED ({number})" if kind == "gre" else ""
    if known is not None:
        raise Refused("tunnel already exists...")
    taken = {one.tunnel for one in vpp.interfaces.values() if one.tunnel}
    if instance is None:
        instance = next(n for n in range(len(taken) + 1) if (kind, n) not in taken)
    if (kind, instance) in taken:
        raise Refused("Instance is in use")
    made = vpp.add_interface(f"{NAMES[kind]}{instance}", ends, f"02:fe:74:00:{instance >> 8:02x}:{instance & 255:02x}")
    made.tunnel = (kind, instance)
    return made.name


@command("create gre tunnel", plugin="gre", whole_line=True)
def gre(vpp, args):
    return tunnel(vpp, args, "gre")


@command("create ipip tunnel", whole_line=True)
def ipip(vpp, args):
    return tunnel(vpp, args, "ipip")


@command("create vxlan tunnel", plugin="vxlan", whole_line=True)
def vxlan(vpp, args):
    return tunnel(vpp, args, "vxlan")


@command("delete ipip tunnel", whole_line=True)
def delete_ipip(vpp, args):
    number = args.number("sw_if_index")
    if number is None or not args.end():
        raise args.unknown()
    found = vpp.interfaces.get(number)
    if found is not None and found.tunnel and found.tunnel[0] == "ipip":
        delete(vpp, found)  # of another number: silently nothing
