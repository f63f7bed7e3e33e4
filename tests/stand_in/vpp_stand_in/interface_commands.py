"""Interfaces, addresses, routes, router advertisements."""

import ipaddress
import os
import re
import socket

from . import linuxcp
from .dispatch import command
from .words import Refused

PREFIX = re.compile(r"([0-9a-fA-F.:]+)/(\d+)$")


@command("set interface state")
def set_state(vpp, args):
    interface = vpp.interface(args)
    if args.take("up"):
        up = True
    elif args.take("down"):
        up = False
    else:
        raise Refused(f"unknown flags `{args.rest()}'")
    if up and interface.parent and not interface.parent.up:
        raise Refused(f"super-interface {interface.parent.name} must be up")
    interface.up = up
    linuxcp.sync_state(vpp, interface)
    if not up:
        for child in list(interface.children.values()):
            child.up = False
            linuxcp.sync_state(vpp, child)


@command("set interface mtu")
def set_mtu(vpp, args):
    kind = next((word for word in ("packet", "ip4", "ip6", "mpls") if args.take(word)), None)
    mtu = args.number()
    if mtu is None:
        raise args.unknown()
    interface = vpp.maybe_interface(args)
    if interface is None:
        raise args.unknown()
    if kind is None and interface.kind not in ("dpdk", "bond"):
        raise Refused("not supported")
    if kind in (None, "packet"):
        interface.mtu = mtu
        if interface in vpp.pairs and vpp.lcp_sync:
            if interface.parent and mtu > interface.parent.packet_mtu:
                interface.mtu = interface.parent.packet_mtu  # Linux clamps it and reports that
            if interface.packet_mtu < 1280:
                for address in [a for a in interface.addresses if a.version == 6]:
                    remove_address(vpp, interface, address)  # Linux drops them, and VPP follows
        linuxcp.sync_mtu(vpp, interface)
        if not interface.parent and interface in vpp.pairs and vpp.lcp_sync:
            # Linux reports it back, and then every sub-interface has it as well.
            vpp.later(linuxcp.ANSWER, lambda: [setattr(child, "mtu", mtu) for child in interface.children.values()])


@command("set interface promiscuous")
def set_promiscuous(vpp, args):
    on = not args.take("off")
    if on:
        args.take("on")
    vpp.interface(args).promiscuous = on


@command("set interface mac address")
def set_mac_address(vpp, args):
    interface = vpp.maybe_interface(args)
    mac = args.mac()
    if interface is None or interface.parent or mac is None:
        raise args.unknown()
    interface.mac = mac


@command("set interface rx-mode")
def set_rx_mode(vpp, args):
    interface = vpp.maybe_interface(args)
    if interface is None or interface.parent:
        raise args.unknown()
    if not any(args.take(word) for word in ("polling", "interrupt")):
        if not args.take("adaptive"):
            raise args.unknown()
        if interface.kind.startswith("host "):
            raise Refused(f"unable to set rx-mode on interface {interface.name} queue-id 4294967295.")


@command("set interface name", whole_line=True)
def set_name(vpp, args):
    interface = vpp.maybe_interface(args)
    if interface is None or interface.parent or args.end():
        raise Refused(f"parse error: '{args.rest()}'")
    name = args.next()
    if not args.end():
        raise Refused(f"parse error: '{args.rest()}'")
    interface.own_name = name  # a name that exists is taken as well: two interfaces then carry it


@command("set interface ip address")
def set_address(vpp, args):
    delete = args.take("del")
    interface = vpp.interface(args)
    if delete and args.take("all"):
        for address in interface.addresses[:]:
            remove_address(vpp, interface, address)
        return
    address = args.address()
    if address is None:
        raise Refused(f"expected IP4/IP6 address/length `{args.rest()}'")
    if delete:
        if address not in interface.addresses:
            raise Refused(f"{address} not found for interface {interface.name}")
        remove_address(vpp, interface, address)
        return
    for other in vpp.interfaces.values():
        for present in other.addresses:
            if other.tables[address.version] != interface.tables[address.version]:
                continue
            if address.version != present.version or not address.network.overlaps(present.network):
                continue
            same_subnet = other is interface and address.network == present.network
            if not same_subnet or address.ip == present.ip:
                raise Refused(
                    f"failed to add {address} on {interface.name} which conflicts with {present} "
                    f"for interface {other.name}"
                )
    if address.version == 6:
        interface.want_ip6()
    interface.addresses.append(address)
    linuxcp.sync_address(vpp, interface, address, True)


def remove_address(vpp, interface, address):
    same_subnet = [a for a in interface.addresses if a.network == address.network]
    interface.addresses.remove(address)
    linuxcp.sync_address(vpp, interface, address, False)
    if address.version == 4 and same_subnet[0] == address and not linuxcp.promotes(vpp, interface):
        for secondary in same_subnet[1:]:  # the kernel drops them with their primary, and VPP follows
            interface.addresses.remove(secondary)
            linuxcp.sync_address(vpp, interface, secondary, False)
    if address.version == 6:
        interface.unwant_ip6()


@command("enable ip6 interface")
def enable_ip6(vpp, args):
    interface = vpp.interface(args)
    was_on = interface.has_ip6()
    interface.want_ip6()
    if was_on:
        raise Refused("Failed")  # it stays on all the same when the last address goes


@command("disable ip6 interface")
def disable_ip6(vpp, args):
    interface = vpp.interface(args)
    if not interface.has_ip6():
        raise Refused("Failed")
    interface.unwant_ip6()


def route_path(vpp, args):
    """A path after `via`: (gateway or None, interface or None, special word or None), or None."""
    for word in ("drop", "local", "punt", "unreach", "prohibit"):
        if args.take(word):
            args.take("blackhole")
            return None, None, word
    gateway = args.ip()
    interface = vpp.maybe_interface(args)
    if gateway is None and interface is None:
        return None
    while any(args.number(word) is not None for word in ("weight", "preference", "next-hop-table")):
        pass
    return gateway, interface, None


def is_dead(path):
    """Whether the interface of the path was deleted: neither the path nor another can be added or deleted any more."""
    return path[1] is not None and path[1].deleted


@command("ip route", whole_line=True)
def ip_route(vpp, args):
    delete, table, prefixes, paths, answer = False, 0, [], [], []
    while not args.end():
        number = args.number("table")
        match = PREFIX.match(args.words[0])
        if number is not None:
            table = number
        elif match:
            try:
                network = ipaddress.ip_network(args.words[0], strict=False)  # host bits are masked
                prefixes.append(network)
            except ValueError:
                length = int(match.group(2))
                try:
                    ipaddress.ip_address(match.group(1))
                except ValueError:
                    raise Refused(f"parse error `{args.rest()}'") from None
                answer.append(f"Invalid prefix len: {length}")
                prefixes.append(None)
            args.next()
        elif args.take("via"):
            path = route_path(vpp, args)
            if path is None:
                raise Refused(f"parse error `via {args.rest()}'")
            paths.append(path)
        elif args.take("del"):
            delete = True
        elif not args.take("add"):
            raise Refused(f"parse error `{args.rest()}'")
    if not prefixes:
        raise Refused("expected ip4/ip6 destination address/length.")
    if not delete and not paths:
        raise Refused("expected paths.")
    known = vpp.nat.setdefault("tables", {})
    for network in filter(None, prefixes):
        if table and (network.version, table) not in known:
            raise Refused(f"Nonexistent table id {table}")
        present = vpp.routes.setdefault((table, network), [])
        if delete:
            present[:] = [path for path in present if paths and path not in paths]
        elif not any(is_dead(path) for path in present):
            # Once the interface of a path is gone, the route is dead until it is deleted whole: adding is silent and useless.
            present.extend(path for path in paths if path not in present)
        if not present:
            del vpp.routes[(table, network)]
    return "\n".join(answer)


@command("ip6 nd", whole_line=True)
def ip6_nd(vpp, args):
    interface = vpp.interface(args, message="invalid interface name {}'")
    if not interface.has_ip6():
        raise Refused(f"IP6 nt enabler interface {args.rest()}'")
    settings = interface.advertisement
    negated = args.take("no")
    if args.words[:1] not in (["ra-suppress"], ["prefix"]):
        settings["sent"] = True
    if args.take("ra-suppress"):
        settings["sent"] = negated
    elif args.words[:1] == ["ra-interval"]:
        longest = args.number("ra-interval")
        if longest is None:
            raise Refused(f"parse error `{args.rest()}'")
        shortest = args.number() or int(0.75 * longest)
        if negated:
            longest, shortest = 200, 150
        lifetime = settings.get("lifetime", 600)
        # out of range: silently nothing; what is no router at all may say so as rarely as it likes
        if (lifetime == 0 or longest < lifetime) and 3 <= shortest <= 0.75 * longest:
            settings["interval"] = (longest, shortest)
    elif args.words[:1] == ["ra-lifetime"]:
        lifetime = args.number("ra-lifetime")
        if lifetime is None:
            raise Refused(f"parse error `{args.rest()}'")
        if negated:
            lifetime = 600
        if lifetime == 0 or settings.get("interval", (200, 150))[0] < lifetime:
            settings["lifetime"] = min(lifetime, 9000)
    elif args.words[:1] == ["prefix"]:
        prefix = args.address("prefix")
        if prefix is not None:
            prefixes = settings.setdefault("prefixes", {})
            if negated:
                prefixes.pop(prefix.network, None)
            else:
                prefixes[prefix.network] = args.rest()
    elif args.take("ra-managed-config-flag"):
        settings["managed"] = not negated
    elif args.take("ra-other-config-flag"):
        settings["other"] = not negated
    # unknown words after this are lost in silence


@command("create sub-interfaces")
def create_sub_interfaces(vpp, args):
    parent = vpp.interface(args)
    if parent.parent:
        raise Refused(f"unknown interface `{parent.name}'")
    sub_id = args.number()
    if sub_id is None:
        raise Refused(f"expected ID or ID MIN-MAX, got `{args.rest()}'")
    dot1ad, tags, exact = False, (sub_id,), True
    if args.words[:1] in (["dot1q"], ["dot1ad"]):
        dot1ad = args.words[0] == "dot1ad"
        outer = args.number(args.words[0])
        if outer is None:
            raise args.unknown()
        tags = (outer,)
        inner = args.number("inner-dot1q")
        if inner is not None:
            tags = (outer, inner)
        exact = args.take("exact-match")
    for child in parent.children.values():
        if child.sub_id == sub_id:
            return None  # the same id again: silent
        if child.tags == tags and child.dot1ad == dot1ad:
            raise Refused("vlan is already in use")
    child = vpp.add_interface(None, "sub", parent.mac, parent, sub_id)
    child.tags, child.dot1ad, child.exact = tags, dot1ad, exact
    if vpp.auto_subint and vpp.pair_of(parent):
        linuxcp.create(vpp, child, f"{vpp.pair_of(parent).host_name}.{sub_id}", None)
    return child.name


@command("delete sub-interface")
def delete_sub_interface(vpp, args):
    interface = vpp.interface(args)
    if not interface.parent:
        raise Refused(f"unknown interface `{interface.name}'")
    if vpp.pair_of(interface) and vpp.auto_subint:
        return  # linux-cp makes it again a moment later
    delete(vpp, interface)


def delete(vpp, interface):
    """Its sub-interfaces, pairs and addresses go with it; routes and attachments stay behind."""
    vpp.detach_wire(interface)
    linuxcp.forget(vpp, interface)
    for child in list(interface.children.values()):
        delete(vpp, child)
    vpp.members.pop(interface, None)
    vpp.switched.pop(interface, None)
    vpp.rewrites.pop(interface, None)
    vpp.remove_interface(interface)


def linux_device_exists(name):
    pretended = os.environ.get("VPP_STAND_IN_LINKS")
    if pretended is not None:
        return name in pretended.split(",")
    return name in (entry for _, entry in socket.if_nameindex())


@command("create host-interface", plugin="af_packet", whole_line=True)
def create_host_interface(vpp, args):
    name, mac, sends = None, None, True
    while not args.end():
        if (value := args.value("name")) is not None:
            name = value
        elif (hardware := args.mac("hw-addr")) is not None:
            mac = hardware
        elif args.take("qdisc-bypass-disable") or args.take("cksum-gso-disable") or args.take("v2"):
            pass
        elif args.number("num-rx-queues") is not None:
            sends = False  # the number overwrites that of the queues to send with
        elif all(
            args.number(word) is None for word in ("rx-size", "tx-size", "rx-per-block", "num-tx-queues")
        ):
            raise args.unknown()
    if name is None:
        raise Refused("missing host interface name")
    if not linux_device_exists(name):
        raise Refused("Invalid interface name")
    for interface in vpp.interfaces.values():
        if interface.kind == f"host {name}":
            return interface.name  # again: silent, the name is printed
    interface = vpp.add_interface(f"host-{name}", f"host {name}", mac or f"02:fe:{os.urandom(4).hex(':')}")
    if sends:
        vpp.attach_wire(interface, name)
    return interface.name


@command("delete host-interface", plugin="af_packet", whole_line=True)
def delete_host_interface(vpp, args):
    name = args.value("name")
    if name is None or not args.end():
        raise args.unknown()
    for interface in list(vpp.interfaces.values()):
        if interface.kind == f"host {name}":
            delete(vpp, interface)


@command("create loopback interface")
def create_loopback(vpp, args):
    number, mac = None, None
    while True:
        if (instance := args.number("instance")) is not None:
            number = instance
        elif (hardware := args.mac("mac")) is not None:
            mac = hardware
        else:
            break
    taken = {i.kind for i in vpp.interfaces.values()}
    if number is None:
        number = next(n for n in range(len(taken) + 1) if f"loop {n}" not in taken)
    if f"loop {number}" in taken:
        raise Refused("vnet_create_loopback_interface failed")
    return vpp.add_interface(f"loop{number}", f"loop {number}", mac or f"de:ad:00:00:00:{number % 256:02x}").name


@command("delete loopback interface")
def delete_loopback(vpp, args):
    interface = vpp.maybe_interface(args, "intfc")
    if interface is None or not interface.kind.startswith("loop"):
        raise args.unknown()
    delete(vpp, interface)


@command("create bond", whole_line=True)
def create_bond(vpp, args):
    mode = args.value("mode")
    if mode == "lacp" and not vpp.startup.enabled("lacp"):
        raise Refused("LACP plugin is not loaded")
    number, mac = 0, None
    while not args.end():
        if (identity := args.number("id")) is not None:
            number = identity
        elif (hardware := args.mac("hw-addr")) is not None:
            mac = hardware
        elif args.value("load-balance") not in ("l2", "l23", "l34"):
            raise Refused("unknown input `'")
    if mode not in ("lacp", "xor", "round-robin", "active-backup", "broadcast"):
        raise Refused("Missing bond mode")
    if vpp.find(f"BondEthernet{number}"):
        return None  # nothing printed, nothing made
    made = vpp.add_interface(f"BondEthernet{number}", "bond", mac or f"02:fe:{os.urandom(4).hex(':')}")
    vpp.bonds[made] = (mode, number)
    return made.name


@command("bond add", whole_line=True)
def bond_add(vpp, args):
    bond = vpp.maybe_interface(args)
    member = vpp.maybe_interface(args)
    while args.take("passive") or args.take("long-timeout"):
        pass
    if bond is None or bond.kind != "bond" or member is None or not args.end():
        raise Refused("unknown input `'")
    if member.kind.startswith(("loop", "memif")) or member.parent or member in vpp.members:
        raise Refused("bond interface cannot be added")
    vpp.members[member] = bond
