"""What is done with packets before they are routed: uRPF, segments of TCP; and the relays of DHCP."""

from .dispatch import command
from .feature_commands import tables
from .words import Refused


@command("set urpf", plugin="urpf", whole_line=True)
def urpf(vpp, args):
    interface, family, mode = None, "ip4", "strict"
    while not args.end():
        # Its words are interfaces first: one called `rx` is never a direction.
        if (found := vpp.maybe_interface(args)) is not None:
            interface = found
        elif args.words[0] in ("strict", "loose", "off"):
            mode = args.next()
        elif args.words[0] in ("ip4", "ip6"):
            family = args.next()
        elif not args.take("rx"):
            raise args.unknown()
    if interface is None:
        raise Refused("unknown interface `'")
    # By number, whatever has it: what an interface that is gone had, the next one of its number is believed to have.
    number, table = interface.index, interface.tables.get(4 if family == "ip4" else 6)
    if vpp.urpf_known.get((number, family), ("off", None)) == (mode, table):
        return
    vpp.urpf_known[(number, family)] = (mode, table)
    if mode == "off":
        vpp.urpf.pop((interface, family), None)
    else:
        vpp.urpf[(interface, family)] = mode


@command("show interface features")
def show_features(vpp, args):
    interface = vpp.interface(args)
    polices = {side for side, of in vpp.policed if of is interface}
    arcs = {
        "device-input": ["policer-input"] if "input" in polices else [],
        "ip4-unicast": ["ip4-not-enabled"],
        "ip6-unicast": ["ip6-not-enabled"],
        "ip4-output": ["policer-output"] if "output" in polices else [],
        "ip6-output": ["policer-output"] if "output" in polices else [],
    }
    for (of, family), mode in vpp.urpf.items():
        if of is interface:
            arcs[f"{family}-unicast"].insert(0, f"{family}-rx-urpf-{mode}")
    lines = [f"Feature paths configured on {interface.name}..."]
    for arc, features in arcs.items():
        lines += ["", f"{arc}:"] + [f"  {feature}" for feature in features or ["none configured"]]
    return "\n".join(lines)


@command("set interface tcp-mss-clamp", plugin="mss_clamp")
def mss_clamp(vpp, args):
    interface, directions, sizes = None, {}, {}
    while not args.end():
        family = args.words[0]
        if family in ("ip4", "ip6") and args.words[1:2] in (["enable"], ["disable"], ["rx"], ["tx"]):
            args.next()
            directions[family] = args.next()
        elif family in ("ip4-mss", "ip6-mss"):
            sizes[family[:3]] = args.number(family)
        elif interface is None and (found := vpp.maybe_interface(args)) is not None:
            interface = found
        else:
            break
    if interface is None:
        raise Refused("Please specify an interface")
    if len(directions) < 2:
        raise Refused("Please specify the MSS clamping direction for ip4 and ip6")
    for family, direction in directions.items():
        if direction != "disable" and not sizes.get(family):
            raise Refused(f"Please specify the Max Segment Size for {family}")
    if all(direction == "disable" for direction in directions.values()):
        vpp.segments.pop(interface, None)
    else:
        vpp.segments[interface] = (directions, sizes)


@command("show interface tcp-mss-clamp", plugin="mss_clamp")
def show_mss_clamp(vpp, _):
    lines = []
    for interface, (directions, sizes) in vpp.segments.items():
        of = {f: str(sizes[f]) if directions[f] != "disable" else "disabled" for f in ("ip4", "ip6")}
        lines.append(f"{interface.name}: ip4: {of['ip4']} ip6: {of['ip6']}")
    return "\n".join(lines)


def set_relay(vpp, args, version):
    delete, server, source = args.take("del"), None, None
    server_table, links_table = 0, 0
    while not args.end():
        if args.words[0] == "server" and (found := args.ip("server")) is not None:
            server = found
        elif args.words[0] == "src-address" and (found := args.ip("src-address")) is not None:
            source = found
        elif (found := args.number("server-fib-id")) is not None:
            server_table = found
        elif (found := args.number("rx-fib-id")) is not None:
            links_table = found
        else:
            break
    if server is None or source is None or server.version != version or source.version != version:
        raise Refused(f"parse error`{args.rest()}'")
    known = vpp.relays.get((version, links_table))
    server = (server_table, server)
    if delete:
        if known is None:
            raise Refused(f"Fib id {links_table}: no per-fib DHCP server configured")
        if server in known["servers"]:  # an absent one: silent
            known["servers"].remove(server)
        if not known["servers"]:
            del vpp.relays[(version, links_table)]
        return
    for table in (server_table, links_table):
        if table:
            tables(vpp)[(version, table)] = True  # it makes the tables it names
    if known is None:
        vpp.relays[(version, links_table)] = {"source": source, "servers": [server]}
    elif server not in known["servers"]:
        known["servers"].append(server)  # the source stays that of the first


@command("set dhcp proxy", plugin="dhcp")
def dhcp_proxy(vpp, args):
    set_relay(vpp, args, 4)


@command("set dhcpv6 proxy", plugin="dhcp")
def dhcpv6_proxy(vpp, args):
    set_relay(vpp, args, 6)


def show_relay(vpp, version):
    lines = [f"{'RX FIB':^14}{'Src Address':^16}Servers FIB,Address"]
    for (of, links_table), relay in sorted(vpp.relays.items(), key=lambda item: item[0]):
        if of == version:
            servers = "".join(f"{table},{server}  " for table, server in relay["servers"])
            lines.append(f"{links_table:^14}{str(relay['source']):^16}{servers}")
    return "\n".join(lines)


@command("show dhcp proxy", plugin="dhcp")
def show_dhcp_proxy(vpp, _):
    return show_relay(vpp, 4)


@command("show dhcpv6 proxy", plugin="dhcp")
def show_dhcpv6_proxy(vpp, _):
    return show_relay(vpp, 6)
