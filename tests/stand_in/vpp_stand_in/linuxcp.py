"""linux-cp: a TAP for each paired interface, kept in step with it (VPP to Linux only)."""

import os
import re

from . import link
from .dispatch import command
from .words import Refused

VALUE_EXIST, INVALID_SW_IF_INDEX, INVALID_ARGUMENT = -81, -2, -73
NO_VHOST, NO_NETNS = -11, -12
ANSWER = 0.05  # until VPP has read what Linux says
HOST_NAME = re.compile(r"[A-Za-z0-9_%@:.-]{1,15}$")


class Pair:
    """An interface and its TAP."""

    def __init__(self, number, host_name, netns, tap):
        self.number, self.host_name, self.netns, self.tap = number, host_name, netns, tap
        self.addresses = []  # what Linux was told of


def failed(vpp, status, reason):
    """The reason is only in the log; the command returns a number."""
    vpp.note("error", "linux-cp/if", f"pair_create: {reason}")
    return Refused(f"linux-cp pair creation failed ({status})")


def netns_path(name):
    return os.path.join(os.environ.get("VPP_STAND_IN_NETNS_DIR", "/run/netns"), name)


def create(vpp, interface, host_name, netns):
    netns = netns or vpp.netns
    if interface in vpp.pairs:
        raise failed(vpp, VALUE_EXIST, "already created")
    if not HOST_NAME.match(host_name):
        raise failed(vpp, INVALID_ARGUMENT, f"invalid host-if-name '{host_name}'")
    if interface.parent and not interface.exact:
        raise failed(vpp, INVALID_ARGUMENT, "can't create LCP for a sub-interface without exact-match set")
    if interface.parent and interface.parent not in vpp.pairs:
        raise failed(vpp, INVALID_SW_IF_INDEX, f"can't find LCP for {interface.parent.name}")
    if len(interface.tags) > 1:
        outer = (interface.tags[:1], interface.dot1ad)
        if not any((pair.tags, pair.dot1ad) == outer and pair.parent is interface.parent for pair in vpp.pairs):
            raise failed(vpp, INVALID_ARGUMENT, f"can't find LCP for outer vlan {interface.tags[0]}")
    if netns and not os.path.exists(netns_path(netns)):
        raise failed(vpp, NO_NETNS, f"could not create tap, retval:{NO_NETNS}")
    if os.environ.get("VPP_STAND_IN_NO_VHOST"):
        raise failed(vpp, NO_VHOST, "open '/dev/vhost-net': No such file or directory")
    try:
        tap = make_tap(host_name, interface, netns)
    except OSError as error:
        raise failed(vpp, INVALID_ARGUMENT, str(error)) from None
    taken = {pair.number for pair in vpp.pairs.values()}
    number = next(n for n in range(len(taken) + 1) if n not in taken)
    vpp.pairs[interface] = Pair(number, host_name, netns, tap)
    if not isinstance(tap, link.NoTap):
        vpp.watch(tap, lambda: [vpp.to_wire(interface, frame) for frame in tap.receive()])
    # The state is copied now; addresses from before are not, until `lcp lcp-sync on` or a down and up.
    tap.set_up(interface.up)


def make_tap(host_name, interface, netns):
    if os.environ.get("VPP_STAND_IN_NO_TAP"):
        return link.NoTap()
    mtu = min(interface.packet_mtu, interface.hardware.packet_mtu)
    path = netns and netns_path(netns)
    if path and not os.path.samefile(path, "/proc/self/ns/net"):
        with link.InNamespace(path):
            return link.Tap(host_name, interface.mac, mtu)
    return link.Tap(host_name, interface.mac, mtu)


def in_namespace(pair, act):
    """Runs what addresses the TAP by name or index where the TAP lives."""
    path = pair.netns and netns_path(pair.netns)
    try:
        if path and not isinstance(pair.tap, link.NoTap) and not os.path.samefile(path, "/proc/self/ns/net"):
            with link.InNamespace(path):
                act()
        else:
            act()
    except OSError:
        pass  # VPP logs and continues; its own tables hold the request


def forget(vpp, interface):
    """Removes the pair and its TAP, if there is one."""
    pair = vpp.pairs.pop(interface, None)
    inside = [
        other
        for other in interface.parent.children.values()
        if len(other.tags) > 1 and (other.tags[:1], other.dot1ad) == (interface.tags, interface.dot1ad)
    ] if interface.parent else []
    for child in [*interface.children.values(), *inside] if pair else ():
        if child in vpp.pairs:  # its device hung on this one
            vpp.pairs[child].host_name, vpp.pairs[child].addresses = "<no-host-if>", []
    if pair and not isinstance(pair.tap, link.NoTap):
        vpp.unwatch(pair.tap)
        pair.tap.close()
    return pair


def sync_state(vpp, interface):
    pair = vpp.pairs.get(interface)
    if not pair or not vpp.lcp_sync:
        return
    in_namespace(pair, lambda: pair.tap.set_up(interface.up))
    if interface.up:
        sync_addresses(vpp, interface)
    # Of a device that is gone nothing is read any more.
    vpp.later(ANSWER, lambda: vpp.pairs.get(interface) is pair and interface.follow_linux())


def sync_mtu(vpp, interface):
    if not vpp.lcp_sync:
        return
    for one in [interface, *interface.children.values()]:
        pair = vpp.pairs.get(one)
        if pair:
            mtu = min(one.packet_mtu, one.hardware.packet_mtu)
            in_namespace(pair, lambda pair=pair, mtu=mtu: pair.tap.set_mtu(mtu))


def sync_address(vpp, interface, address, add):
    pair = vpp.pairs.get(interface)
    if pair and vpp.lcp_sync:
        pair.addresses = [known for known in pair.addresses if known != address] + [address] * add
        in_namespace(pair, lambda: (pair.tap.add_address if add else pair.tap.del_address)(address))


def promotes(vpp, interface):
    """Whether Linux keeps the other addresses of a subnet when the first one goes."""
    pair = vpp.pairs.get(interface)
    if not pair or not vpp.lcp_sync:
        return True
    if isinstance(pair.tap, link.NoTap):
        return not os.environ.get("VPP_STAND_IN_NO_PROMOTE")
    found = []

    def read():
        with open("/proc/sys/net/ipv4/conf/all/promote_secondaries", encoding="ascii") as file:
            found.append(file.read().strip() == "1")

    in_namespace(pair, read)
    return all(found)


def sync_addresses(vpp, interface):
    for address in interface.addresses:
        sync_address(vpp, interface, address, True)


@command("lcp create", plugin="linux_cp", whole_line=True)
def lcp_create(vpp, args):
    interface, host_name, netns = None, None, None
    while not args.end():
        if (number := args.number()) is not None:
            interface = vpp.interfaces.get(number)
            if interface is None:
                raise failed(vpp, INVALID_SW_IF_INDEX, f"invalid phy index {number}")
        elif (value := args.value("host-if")) is not None:
            host_name = value
        elif (value := args.value("netns")) is not None:
            netns = value
        elif (found := vpp.maybe_interface(args)) is not None:
            interface = found
        elif not args.take("tun"):
            raise args.unknown()
    if not host_name:
        raise Refused("host interface name required")
    if interface is None:
        raise Refused("interface name or sw_if_index required")
    if netns and len(netns) >= 32:
        raise Refused("Namespace name should be fewer than 32 characters")
    create(vpp, interface, host_name, netns)


@command("lcp delete", plugin="linux_cp", whole_line=True)
def lcp_delete(vpp, args):
    interface = vpp.maybe_interface(args)
    if interface is None or not args.end():
        raise args.unknown()
    if forget(vpp, interface) is None:
        raise Refused(f"linux-cp pair deletion failed ({INVALID_SW_IF_INDEX})")


def on_or_off(args):
    if args.take("on") or args.take("enable"):
        return True
    if args.take("off") or args.take("disable"):
        return False
    raise args.unknown()


@command("lcp lcp-sync", plugin="linux_cp", whole_line=True)
def set_lcp_sync(vpp, args):
    vpp.lcp_sync = on_or_off(args)
    if vpp.lcp_sync:
        for interface in vpp.pairs:
            sync_state(vpp, interface)
            sync_mtu(vpp, interface)
            sync_addresses(vpp, interface)


@command("lcp lcp-auto-subint", plugin="linux_cp", whole_line=True)
def set_auto_subint(vpp, args):
    vpp.auto_subint = on_or_off(args)


@command("lcp default", plugin="linux_cp", whole_line=True)
def set_default_netns(vpp, args):
    name = args.value("netns")
    if name is None or not args.end():
        raise args.unknown()
    vpp.netns = name
    return f"lcp set default netns '{name}'"


@command("show lcp", plugin="linux_cp")
def show_lcp(vpp, args):
    only = vpp.maybe_interface(args, "phy")
    switch = {True: "on", False: "off"}
    lines = [
        f"lcp default netns '{vpp.netns or '<unset>'}'",
        f"lcp lcp-auto-subint {switch[vpp.auto_subint]}",
        f"lcp lcp-sync {switch[vpp.lcp_sync]}",
        "lcp del-static-on-link-down off",
        "lcp del-dynamic-on-link-down off",
    ]
    for interface, pair in vpp.pairs.items():
        if only in (None, interface):
            hardware = vpp.pairs[interface.hardware].number if interface.hardware in vpp.pairs else 0
            host = f"tap{4096 + hardware}" + (f".{interface.sub_id}" if interface.parent else "")
            netns = f" netns {pair.netns}" if pair.netns else ""
            lines.append(
                f"itf-pair: [{pair.number}] {interface.name} {host} {pair.host_name}\0 {pair.tap.index} type tap{netns}"
            )
    return "\n".join(lines)
