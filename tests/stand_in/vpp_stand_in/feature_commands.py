"""Bonds' members, bridges, mirrors, policers, virtual routers, neighbours: what stands on interfaces."""

import ipaddress
import re

from .dispatch import command
from .interface_commands import delete
from .words import Refused


@command("bond del", whole_line=True)
def bond_del(vpp, args):
    member = vpp.maybe_interface(args)
    if member is None or not args.end() or member not in vpp.members:
        raise Refused("unknown input `'")
    del vpp.members[member]


@command("delete bond", whole_line=True)
def delete_bond(vpp, args):
    bond = vpp.maybe_interface(args)
    if bond is None or bond.kind != "bond":
        raise args.unknown()
    vpp.members = {member: of for member, of in vpp.members.items() if of is not bond}
    delete(vpp, bond)


@command("create bridge-domain", whole_line=True)
def bridge_domain(vpp, args):
    number = args.number()
    if number is None:
        raise args.unknown()
    if args.take("del"):
        if number not in vpp.domains or any(to[0] == number for to in vpp.switched.values()):
            raise Refused("bridge domain in use or unknown")
        del vpp.domains[number]
    elif number in vpp.domains:
        raise Refused("bridge-domain in use")
    else:
        vpp.domains[number] = args.rest()
        return f"bridge-domain {number}"
    return None


@command("set interface l2 bridge", whole_line=True)
def l2_bridge(vpp, args):
    interface, number = vpp.interface(args), args.number()
    if number not in vpp.domains:
        raise Refused("invalid bridge domain")
    vpp.switched[interface] = (number, args.rest())


@command("set interface l2 xconnect", whole_line=True)
def l2_xconnect(vpp, args):
    interface = vpp.interface(args)
    vpp.switched[interface] = ("to", vpp.interface(args).name)


@command("set interface l2 tag-rewrite", whole_line=True)
def l2_tag_rewrite(vpp, args):
    interface = vpp.interface(args)
    if not interface.parent:
        raise Refused("vlan tag rewrite is not for this interface")
    if args.take("disable"):
        vpp.rewrites.pop(interface, None)
    elif args.words != ["pop", "1"]:
        raise args.unknown()
    else:
        vpp.rewrites[interface] = args.rest()


@command("set interface l3")
def l3(vpp, args):
    vpp.switched.pop(vpp.interface(args), None)


@command("set interface span", whole_line=True)
def span(vpp, args):
    interface = vpp.interface(args)
    if args.take("disable"):
        vpp.mirrors.pop(interface, None)
        return
    to = vpp.maybe_interface(args, "destination")
    if to is None:
        raise args.unknown()
    vpp.mirrors.setdefault(interface, []).append(f"{to.name} {args.rest()}")


@command("policer add", whole_line=True)
def policer_add(vpp, args):
    name = args.value("name")
    if name is None:
        raise args.unknown()
    settings = policer_settings(args)
    if name in vpp.policers:
        raise Refused("Policer already exists")
    vpp.policers[name] = settings


def policer_settings(args):
    """Everything it has not been told is 0, or the first of its kind."""
    words = {"type": "1r2c", "rate": "kbps", "round": "closest"}
    numbers = {"cir": 0, "eir": 0, "cb": 0, "eb": 0}
    actions = {"conform": "drop", "exceed": "drop", "violate": "drop"}
    while not args.end():
        word = args.next()
        action = word.removesuffix("-action")
        if word in words:
            words[word] = args.next()
        elif word in numbers and (number := args.number()) is not None:
            numbers[word] = number
        elif action in actions:
            actions[action] = args.next()
            if actions[action] == "mark-and-transmit":
                actions[action] += f" {args.next()}"
        else:
            raise args.unknown()
    if numbers["cb"] and not numbers["cir"] or words["type"] == "1r2c" and (numbers["eir"] or numbers["eb"]):
        raise Refused("Config failed sanity check")
    return words, numbers, actions


@command("configure policer", whole_line=True)
def policer_configure(vpp, args):
    name = args.value("name")
    settings = policer_settings(args)
    if name not in vpp.policers:
        raise Refused("Update policer failure")
    vpp.policers[name] = settings


@command("policer del", whole_line=True)
def policer_del(vpp, args):
    name = args.value("name")
    if name not in vpp.policers:
        raise Refused("No such policer")
    del vpp.policers[name]  # where it was applied, the index stays: the next policer takes effect there
    for key, of in vpp.policed.items():
        if of == name:
            vpp.policed[key] = "the next one"


def apply_policer(vpp, args, side):
    undo = args.take("unapply")
    name = args.value("name")
    interface = vpp.interface(args)
    if name not in vpp.policers or undo and vpp.policed.get((side, interface)) != name:
        raise Refused("failed: `-6'")
    if undo:
        del vpp.policed[(side, interface)]
    else:
        vpp.policed[(side, interface)] = name


@command("policer input", whole_line=True)
def policer_input(vpp, args):
    apply_policer(vpp, args, "input")


@command("policer output", whole_line=True)
def policer_output(vpp, args):
    apply_policer(vpp, args, "output")


def virtual_router(vpp, args):
    interface = vpp.interface(args)
    number = args.number("vr_id")
    if number is None:
        raise args.unknown()
    return interface, number, "ipv6" in args.words


def parsed(word):
    try:
        return ipaddress.ip_address(word)
    except ValueError:
        return None


@command("vrrp vr add", plugin="vrrp", whole_line=True)
def vrrp_add(vpp, args):
    key = virtual_router(vpp, args)
    if key in vpp.routers:
        raise Refused("vrrp_vr_add_del returned -81")
    addresses = [address for address in map(parsed, args.words) if address is not None]
    if not addresses:
        raise Refused("Failed to add VR with no IP addresses")
    if any(address.version != (6 if key[2] else 4) for address in addresses):
        raise Refused("Mismatched address families")
    if key[2] and not addresses[0].is_link_local:
        raise Refused("vrrp_vr_add_del returned -105")
    own = [address.ip for address in key[0].addresses]
    owns = "priority 255" in args.rest()
    if owns and any(address not in own for address in addresses):
        raise Refused("Failed to add VR with priority 255 - VR IP addresses not configured on interface")
    priority = re.search(r"priority (\d+)", args.rest())
    # Its words, whether it runs, its peers, what it tracks, its priority.
    vpp.routers[key] = [args.rest(), False, [], {}, int(priority[1]) if priority else 100]


@command("vrrp vr del", plugin="vrrp", whole_line=True)
def vrrp_del(vpp, args):
    if vpp.routers.pop(virtual_router(vpp, args), None) is None:
        raise Refused("vrrp_vr_add_del returned -6")


def start_stop(vpp, args, runs):
    router = vpp.routers.get(virtual_router(vpp, args))
    if router is None:
        raise Refused("vrrp_vr_start_stop returned -6")
    if runs and "unicast" in router[0].split() and not router[2]:
        raise Refused("Cannot start unicast VR without peers")
    router[1] = runs


@command("vrrp peers", plugin="vrrp", whole_line=True)
def vrrp_peers(vpp, args):
    router = vpp.routers.get(virtual_router(vpp, args))
    if router is None:
        raise Refused("vrrp_vr_set_peers returned -6")
    if "unicast" not in router[0].split():
        raise Refused("Peers can only be set on a unicast VR")
    if router[1]:
        raise Refused("Cannot set peers on a running VR")
    peers = [word for word in args.words if parsed(word) is not None]
    if not peers:
        raise Refused("No peer addresses provided")
    router[2] = peers


@command("vrrp vr track-if", plugin="vrrp", whole_line=True)
def vrrp_track(vpp, args):
    verb = args.next()
    key = virtual_router(vpp, args)
    router = vpp.routers.get(key)
    if router is None:
        raise Refused("VR not found")
    args.take("ipv6")
    while not args.end():
        index, priority = args.number("track-index"), args.number("priority")
        if index is None or priority is None:
            break
        if index not in vpp.interfaces:
            raise Refused(f"tracked intf sw_if_index {index} invalid")
        if not 0 < priority < router[4]:
            raise Refused(f"tracked intf priority must be less than VR priority ({router[4]})")
        if vpp.interfaces[index] is key[0]:
            raise Refused("vrrp_vr_tracking_ifs_add_del returned -10")
        if verb == "del":
            router[3].pop(index, None)
        else:
            router[3].setdefault(index, priority)  # again: silently the old one stays


@command("vrrp proto start", plugin="vrrp", whole_line=True)
def vrrp_start(vpp, args):
    start_stop(vpp, args, True)


@command("vrrp proto stop", plugin="vrrp", whole_line=True)
def vrrp_stop(vpp, args):
    start_stop(vpp, args, False)


@command("show vrrp vr", plugin="vrrp")
def show_vrrp(vpp, _):
    lines = []
    for number, ((interface, identity, ipv6), (words, runs, peers, tracked, priority)) in enumerate(vpp.routers.items()):
        said = words.split()
        interval = re.search(r"interval (\d+)", words)
        interval = interval[1] if interval else "100"
        down = sum(by for index, by in tracked.items() if not vpp.interfaces[index].up)
        yes = lambda is_so: "yes" if is_so else "no"
        addresses = " ".join(word for word in words.split() if parsed(word) is not None)
        state = "Initialize" if not runs else "Interface Down" if not interface.up else "Master"
        lines.append(f"[{number}] sw_if_index {interface.index} VR ID {identity} IPv{6 if ipv6 else 4}")
        lines.append(
            f"   state {state} flags: preempt {yes('no_preempt' not in said)} accept {yes('accept_mode' in said)}"
            f" unicast {yes('unicast' in said)}"
        )
        lines.append(f"   priority: configured {priority} adjusted {max(priority - down, 1)}")
        lines.append(f"   timers: adv interval {interval} master adv {interval} skew 0 master down 0")
        lines.append("   virtual MAC 00:00:5e:00:01:00")
        lines.append(f"   addresses {addresses} ")
        lines.append(f"   peer addresses {' '.join(peers)} ")
        watched = "".join(f"sw_if_index {index} priority {by} " for index, by in tracked.items())
        lines.append(f"   tracked interfaces {watched}")
    return "\n".join(lines)


@command("set ip neighbor", whole_line=True)
def neighbour(vpp, args):
    delete, fixed, interface = False, False, None
    while not args.end():
        if args.take("del"):
            delete = True
        elif args.take("static"):
            fixed = True
        elif (interface := vpp.maybe_interface(args)) is not None:
            address, mac = args.ip(), args.mac()
            if address is None or mac is None:
                raise args.unknown()
        else:
            raise args.unknown()
    if interface is None:
        raise Refused("specify interface, IP address and MAC")
    if delete:
        vpp.neighbours.pop((interface, address), None)  # an absent one: silent
    else:
        vpp.neighbours[(interface, address)] = (mac, fixed)


@command("show ip neighbors")
def show_neighbours(vpp, _):
    lines = [f"{'Age':^12}{'IP':^40}{'Flags':^6}{'Ethernet':^20}{'Interface'}"]
    for (interface, address), (mac, fixed) in vpp.neighbours.items():
        if not interface.deleted:
            lines.append(f"{0.5:^12}{str(address):^40}{'S' if fixed else 'D':^6}{mac:^20}{interface.name}")
    return "\n".join(lines)


def tables(vpp):
    return vpp.nat.setdefault("tables", {})


# For the first of these, it makes a table of its own choice, and prints its number.
UNSPECIFIED, CHOSEN = 2**32 - 1, 1013904223


def ip_table(vpp, args, version):
    delete = args.take("del")
    args.take("add")
    number = args.number()
    if number is None:
        raise args.unknown()
    if not delete:
        made = CHOSEN if number == UNSPECIFIED else number
        tables(vpp)[(version, made)] = True  # again: silent
        return str(made) if made != number else None
    used = any(interface.tables[version] == number for interface in vpp.interfaces.values())
    if not used:  # else it stays until the last user is gone
        tables(vpp).pop((version, number), None)


@command("ip table", whole_line=True)
def ip4_table(vpp, args):
    return ip_table(vpp, args, 4)


@command("ip6 table", whole_line=True)
def ip6_table(vpp, args):
    return ip_table(vpp, args, 6)


@command("ip mroute", whole_line=True)
def ip_mroute(vpp, args):
    """Of an entry its flags or its path to us: what is both is made in two."""
    delete, table, groups, flags, local = False, 0, None, False, False
    while not args.end():
        if args.take("del"):
            delete = True
        elif (number := args.number("table")) is not None:
            table = number
        elif args.take("AA"):
            flags = True
        elif args.take("via", "local", "Forward"):
            local = True
        elif (found := args.address()) is not None:
            groups = found.network
        elif not args.take("add"):
            raise args.unknown()
    if groups is None:
        raise Refused("specify the groups")
    if table and (groups.version, table) not in tables(vpp):
        raise Refused(f"Nonexistent table id {table}")
    known = vpp.nat.setdefault("multicast", {})
    entry = known.setdefault((table, groups), {"AA": False, "for us": False})
    if delete and not local:
        del known[table, groups]  # an absent one: silent
    elif flags:
        entry["AA"] = True
    else:
        entry["for us"] = not delete
        if not any(entry.values()):
            del known[table, groups]


def show_mfib(vpp, args, version):
    """Of one entry: the others are VPP's own."""
    table = args.number("table") or 0
    groups = args.address()
    if groups is None or not args.end():
        raise args.unknown()
    if table and (version, table) not in tables(vpp):
        return ""
    entry = vpp.nat.get("multicast", {}).get((table, groups.network))
    lines = [f"ipv{version}-VRF:{table}, fib_index:{1 if table else 0} flags:none"]
    if entry is None:
        return "\n".join([*lines, f"(*, {'0.0.0.0' if version == 4 else '::'}/0):  flags:Drop,", "  Interfaces:"])
    flags = "  flags:Accept-all-itf," if entry["AA"] else " "
    lines += [f"(*, {groups.network}):{flags}", " fib:0 index:8 locks:1", f"  src:CLI flags:none locks:1:{flags}"]
    if entry["for us"]:
        lines += [
            f"      path:[13] pl-index:13 ip{version} weight=1 pref=0 receive:  oper-flags:resolved, cfg-flags:local,",
            "        [@0]: dpo-receive",
        ]
    return "\n".join([*lines, "    Interface-Forwarding:", "", "  Interfaces:"])


@command("show ip mfib", whole_line=True)
def show_ip4_mfib(vpp, args):
    return show_mfib(vpp, args, 4)


@command("show ip6 mfib", whole_line=True)
def show_ip6_mfib(vpp, args):
    return show_mfib(vpp, args, 6)


def set_table(vpp, args, version):
    interface, number = vpp.interface(args), args.number()
    if number is None or number and (version, number) not in tables(vpp):
        raise Refused(f"no such table {number}")
    if any(address.version == version for address in interface.addresses):
        raise Refused("interface has addresses")
    interface.tables[version] = number


@command("set interface ip table")
def set_ip4_table(vpp, args):
    set_table(vpp, args, 4)


@command("set interface ip6 table")
def set_ip6_table(vpp, args):
    set_table(vpp, args, 6)
