"""nat44-ed and nat64: what was seen of them without traffic."""

import ipaddress

from .dispatch import command
from .state import crash
from .words import Refused

NAT64_LENGTHS = (32, 40, 48, 56, 64, 96)
# Taken of the main heap; it aborts when there is less.
SESSION_BYTES, POOL_ADDRESS_BYTES = 363, 1_280_000
HEAP_BASE = 64 << 20


def take(vpp, wanted):
    if wanted > vpp.startup.heap - HEAP_BASE:
        crash("SIGABRT")


def nat44(vpp):
    return vpp.nat.setdefault("nat44", {"on": False, "interfaces": [], "addresses": [], "static": []})


@command("nat44 plugin", plugin="nat", whole_line=True)
def nat44_plugin(vpp, args):
    state = nat44(vpp)
    if args.take("enable"):
        sessions = 63 << 10
        while not args.end():
            if (number := args.number("sessions")) is None:
                raise args.unknown()
            sessions = number
        if state["on"]:
            raise Refused("already enabled")
        take(vpp, sessions * SESSION_BYTES * (1 + vpp.startup.workers))
        state["on"] = True
    elif args.take("disable"):
        if not state["on"]:
            raise Refused("already disabled")
        vpp.nat.pop("nat44")
    else:
        raise args.unknown()


def toggle(entries, entry, delete, message):
    if delete == (entry not in entries):
        raise Refused("no such entry" if delete else message)
    (entries.remove if delete else entries.append)(entry)


def nat_interfaces(vpp, args, entries, strict=False):
    """`in A out B [del]`; the same again is silent."""
    named = []
    while not args.end() and args.words[0] in ("in", "out"):
        side = args.next()
        named.append((side, vpp.interface(args)))
    if not named:
        raise args.unknown()
    delete = args.take("del")
    if not args.end():
        raise args.unknown()
    for entry in named:
        if (entry in entries) == delete:
            (entries.remove if delete else entries.append)(entry)
        elif delete and strict:
            raise Refused("no such entry")


@command("set interface nat44", plugin="nat", whole_line=True)
def nat44_interface(vpp, args):
    nat_interfaces(vpp, args, nat44(vpp)["interfaces"])


@command("nat44 add address", plugin="nat", whole_line=True)
def nat44_address(vpp, args):
    one_by_one(nat44(vpp)["addresses"], address_range(args), args.take("del"), "NAT address already in use")


@command("nat44 forwarding", plugin="nat", whole_line=True)
def nat44_forwarding(vpp, args):
    on = args.take("enable")
    if not on and not args.take("disable"):
        raise args.unknown()
    nat44(vpp)["forwarding"] = on


def one_by_one(pool, addresses, delete, message):
    """The addresses of a range, up to the first that is there already, or is not."""
    first, last = addresses
    while first <= last:
        toggle(pool, first, delete, message)
        first += 1


def address_range(args):
    first = args.ip()
    last = args.ip("-") or first
    if first is None:
        raise args.unknown()
    if last < first:
        raise Refused("Start address is after end address")
    return first, last


@command("nat44 add static mapping", plugin="nat", whole_line=True)
def nat44_static(vpp, args):
    protocol = next((word for word in ("tcp", "udp", "icmp") if args.take(word)), None)
    local, local_port = args.ip("local"), protocol and args.number()
    external, external_port = args.ip("external"), protocol and args.number()
    if local is None or external is None or (protocol and None in (local_port, external_port)):
        raise args.unknown()
    entry = (protocol, local, local_port, external, external_port)
    delete = args.take("del")
    if not delete and any(known[:3] == entry[:3] for known in nat44(vpp)["static"]):
        raise Refused("Mapping already exist")
    toggle(nat44(vpp)["static"], entry, delete, "Mapping already exist")
    if not args.end():
        raise args.unknown()


def nat64(vpp):
    return vpp.nat.setdefault("nat64", {"on": False, "interfaces": [], "prefixes": [], "pool": [], "bib": []})


@command("nat64 plugin", plugin="nat64", whole_line=True)
def nat64_plugin(vpp, args):
    state = nat64(vpp)
    if args.take("enable"):
        if state["on"]:
            raise Refused("plugin enable failed")
        state["on"] = True
    elif args.take("disable"):
        if state["interfaces"]:
            crash("SIGSEGV")  # with the next packet: the interface keeps the feature
        vpp.nat.pop("nat64")
    else:
        raise args.unknown()


@command("set interface nat64", plugin="nat64", whole_line=True)
def nat64_interface(vpp, args):
    nat_interfaces(vpp, args, nat64(vpp)["interfaces"], strict=True)


@command("nat64 add prefix", plugin="nat64", whole_line=True)
def nat64_prefix(vpp, args):
    prefix = args.address()
    if prefix is None or prefix.version != 6:
        raise args.unknown()
    if prefix.network.prefixlen not in NAT64_LENGTHS:
        raise Refused("Invalid prefix length")
    # There is one: another replaces it without a word, and any is deleted by naming any.
    if args.take("del"):
        if not nat64(vpp)["prefixes"]:
            raise Refused("no such entry")
        nat64(vpp)["prefixes"] = []
    else:
        nat64(vpp)["prefixes"] = [prefix.network]


@command("nat64 add pool address", plugin="nat64", whole_line=True)
def nat64_pool(vpp, args):
    addresses, delete = address_range(args), args.take("del")
    if not delete:
        count = len(nat64(vpp)["pool"]) + int(addresses[1]) - int(addresses[0]) + 1
        take(vpp, count * POOL_ADDRESS_BYTES)
    one_by_one(nat64(vpp)["pool"], addresses, delete, "NAT64 pool address exist")
    if delete:  # with all that is translated to it
        gone = range(int(addresses[0]), int(addresses[1]) + 1)
        nat64(vpp)["bib"] = [entry for entry in nat64(vpp)["bib"] if int(entry[2]) not in gone]


@command("nat64 add static bib", plugin="nat64", whole_line=True)
def nat64_static(vpp, args):
    state = nat64(vpp)
    inside, inside_port = args.ip(), args.number()
    outside, outside_port = args.ip(), args.number()
    protocol = next((word for word in ("tcp", "udp", "icmp") if args.take(word)), None)
    delete = args.take("del")
    if None in (inside, outside, protocol) or inside.version != 6 or outside.version != 4 or not args.end():
        raise args.unknown()
    if not inside_port or not outside_port:
        raise Refused("port and address  must be set")
    entry = (inside, inside_port, outside, outside_port, protocol)
    same = [known for known in state["bib"] if known[:2] + known[4:] == entry[:2] + entry[4:]]
    if delete:
        if not same:
            raise Refused("NAT64 BIB entry not exist.")
        state["bib"].remove(same[0])
    elif same:
        raise Refused("NAT64 BIB entry exist.")
    elif any(known[2:] == entry[2:] for known in state["bib"]):
        raise Refused(f"Outside address {outside} and port {outside_port} already in use.")
    else:
        state["bib"].append(entry)


@command("show nat64 bib", plugin="nat64")
def show_nat64_bib(vpp, args):
    only = args.next()
    lines = [f"NAT64 {only} BIB entries:"]
    for inside, inside_port, outside, outside_port, protocol in nat64(vpp)["bib"]:
        if only in ("all", protocol):
            ends = f"{inside} {inside_port} {outside} {outside_port}"
            lines.append(f" {ends} protocol {protocol} vrf 0 static 0 sessions")
    return "\n".join(lines)


TIMEOUTS = {"udp": 300, "tcp-established": 7440, "tcp-transitory": 240, "icmp": 60}


@command("set nat timeout", plugin="nat", whole_line=True)
def set_timeouts(vpp, args):
    timeouts = nat44(vpp).setdefault("timeouts", dict(TIMEOUTS))
    while not args.end():
        for name in TIMEOUTS:
            if (number := args.number(name)) is not None:
                timeouts[name] = number
                break
        else:
            if not args.take("reset"):
                raise args.unknown()
            timeouts.update(TIMEOUTS)


@command("show nat timeouts", plugin="nat")
def show_timeouts(vpp, _):
    timeouts = nat44(vpp).get("timeouts", TIMEOUTS)
    return "\n".join(f"{name} timeout: {number}sec" for name, number in timeouts.items())


@command("set ipfix exporter", whole_line=True)
def set_exporter(vpp, args):
    collector = source = ipaddress.ip_address("0.0.0.0")
    port = 4739
    while not args.end():
        if (address := args.ip("collector")) is not None:
            collector = address
        elif (address := args.ip("src")) is not None:
            source = address
        elif (number := args.number("port")) is not None:
            port = number
        else:
            raise args.unknown()
    if int(collector) and not int(source):
        raise Refused("src address required")
    vpp.nat["exporter"] = (collector, port, source)
    if not int(collector):
        return "IPFIX Collector is disabled"
    return (
        f"Collector {collector}, src address {source}, fib index -1, path MTU 512, "
        "template resend interval 20s, udp checksum disabled"
    )


@command("nat ipfix logging", plugin="nat", whole_line=True)
def ipfix_logging(vpp, args):
    on = args.take("enable")
    if not on and not args.take("disable"):
        raise args.unknown()
    domain = args.number("domain") or 1
    if not args.end():
        raise args.unknown()
    logging = vpp.nat.get("logging")
    if on and logging is None:
        vpp.nat["logging"] = domain
    elif not on and logging is not None:
        if logging != domain:
            raise Refused("ipfix logging enable failed")
        del vpp.nat["logging"]


@command("show nat44 addresses", plugin="nat")
def show_nat44_addresses(vpp, _):
    return "\n".join(["NAT44 pool addresses:"] + [f"{address}" for address in nat44(vpp)["addresses"]])


@command("show nat44 interfaces", plugin="nat")
def show_nat44_interfaces(vpp, _):
    return "\n".join(["NAT44 interfaces:"] + [f" {i.name} {side}" for side, i in nat44(vpp)["interfaces"]])


@command("show nat44 static mappings", plugin="nat")
def show_nat44_static(vpp, _):
    lines = ["NAT44 static mappings:"]
    for protocol, local, local_port, external, external_port in nat44(vpp)["static"]:
        if protocol:
            lines.append(f" {protocol.upper()} local {local}:{local_port} external {external}:{external_port} vrf 0")
        else:
            lines.append(f" local {local} external {external} vrf 0")
    return "\n".join(lines)


@command("show nat64 prefix", plugin="nat64")
def show_nat64_prefix(vpp, _):
    return "\n".join(["NAT64 prefix:"] + [f" {prefix} tenant-vrf 0" for prefix in nat64(vpp)["prefixes"]])


@command("show nat64 pool", plugin="nat64")
def show_nat64_pool(vpp, _):
    return "\n".join(["NAT64 pool:"] + [f" {address} tenant VRF independent" for address in nat64(vpp)["pool"]])


@command("show nat64 interfaces", plugin="nat64")
def show_nat64_interfaces(vpp, _):
    return "\n".join(["NAT64 interfaces:"] + [f" {i.name} {side}" for side, i in nat64(vpp)["interfaces"]])
