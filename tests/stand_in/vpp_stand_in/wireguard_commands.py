"""WireGuard: tunnels made by a message of their own, peers by commands. Nothing is encrypted."""

import base64
import ipaddress

from .dispatch import command
from .interface_commands import delete
from .words import Refused

PRIME = 2**255 - 19


def public(private):
    """The public key of a private one: X25519 of the base point (RFC 7748)."""
    scalar = bytearray(private)
    scalar[0] &= 248
    scalar[31] = scalar[31] & 127 | 64
    scalar = int.from_bytes(scalar, "little")
    x2, z2, x3, z3, swapped = 1, 0, 9, 1, 0
    for bit in range(254, -1, -1):
        now = scalar >> bit & 1
        if now != swapped:
            x2, z2, x3, z3 = x3, z3, x2, z2
        swapped = now
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        e, f = d * a % PRIME, c * b % PRIME
        x3, z3 = (e + f) ** 2 % PRIME, 9 * (e - f) ** 2 % PRIME
        g, h = a * a % PRIME, b * b % PRIME
        x2, z2 = g * h % PRIME, (g - h) * (g + 121665 * (g - h)) % PRIME
    if swapped:
        x2, z2 = x3, z3
    return (x2 * pow(z2, PRIME - 2, PRIME) % PRIME).to_bytes(32, "little")


def create(vpp, instance, private, port, source):
    """What the message `wireguard_interface_create` does: its status, and the index of the interface."""
    taken = {one.tunnel for one in vpp.interfaces.values() if one.tunnel}
    if instance == 0xFFFFFFFF:
        instance = next(n for n in range(len(taken) + 1) if ("wireguard", n) not in taken)
    if instance >= 16 * 1024 or ("wireguard", instance) in taken:
        return -31, 0xFFFFFFFF
    made = vpp.add_interface(f"wg{instance}", f"wireguard {source}")
    made.tunnel = ("wireguard", instance)
    vpp.tunnels[made] = (private, port, source)
    return 0, made.index


def listed(vpp):
    """(instance, index, public key, port, source) of each tunnel."""
    return [
        (one.tunnel[1], one.index, public(private), port, source)
        for one, (private, port, source) in vpp.tunnels.items()
    ]


def encoded(key):
    return base64.b64encode(key).decode()


@command("wireguard delete", plugin="wireguard")
def wireguard_delete(vpp, args):
    found = vpp.maybe_interface(args)
    if found is None:
        raise Refused(f"no such interface: {args.rest()}")
    if vpp.tunnels.pop(found, None) is None:
        raise Refused("wireguard interface delete failed")
    for number, peer in list(vpp.peers.items()):
        if peer["interface"] is found:
            del vpp.peers[number]
    delete(vpp, found)


@command("wireguard peer add", plugin="wireguard", whole_line=True)
def peer_add(vpp, args):
    peer = {"interface": None, "key": None, "endpoint": "0.0.0.0", "port": 0, "keepalive": 0, "allowed": []}
    while not args.end():
        if (key := args.value("public-key")) is not None:
            peer["key"] = key
        elif args.take("endpoint"):
            peer["endpoint"] = str(args.ip())
        elif (number := args.number("dst-port")) is not None:
            peer["port"] = number
        elif (number := args.number("persistent-keepalive")) is not None:
            peer["keepalive"] = number
        elif (prefix := args.value("allowed-ip")) is not None:
            peer["allowed"].append(str(ipaddress.ip_network(prefix)))
        elif (found := vpp.maybe_interface(args)) is not None:
            peer["interface"] = found
        else:
            raise Refused("Input error")
    if not peer["allowed"]:
        raise Refused("Allowed IPs are not specified")
    if len(base64.b64decode(peer["key"] or "")) != 32:
        raise Refused("Error parsing private key")
    if peer["interface"] not in vpp.tunnels:
        raise Refused("Tunnel is not specified")
    if any(other["key"] == peer["key"] for other in vpp.peers.values()):
        raise Refused("Peer already exist")
    vpp.peers[next(n for n in range(len(vpp.peers) + 1) if n not in vpp.peers)] = peer


@command("wireguard peer remove", plugin="wireguard", whole_line=True)
def peer_remove(vpp, args):
    number = args.number()
    if number is None:
        raise Refused("Input error")
    vpp.peers.pop(number, None)  # of another number: silently nothing


@command("show wireguard peer", plugin="wireguard")
def show_peers(vpp, _):
    lines = []
    for number, peer in sorted(vpp.peers.items()):
        _, port, source = vpp.tunnels[peer["interface"]]
        lines.append(
            f"[{number}] endpoint:[{source}:{port}->{peer['endpoint']}:{peer['port']}] {peer['interface'].name}"
            f" keep-alive:{peer['keepalive']} flags: 0, api-clients count: 0"
        )
        lines.append("  adj:")
        lines.append(f"  key:{peer['key']} {base64.b64decode(peer['key']).hex()}")
        lines.append(f"  allowed-ips: {' '.join(peer['allowed'])}")
    return "\n".join(lines)


@command("show wireguard interface", plugin="wireguard")
def show_interfaces(vpp, _):
    """It shows the private key, as VPP does."""
    lines = []
    for number, (one, (private, port, source)) in enumerate(vpp.tunnels.items()):
        lines.append(
            f"[{number}] {one.name} src:{source} port:{port} private-key:{encoded(private)} {private.hex()}"
            f" public-key:{encoded(public(private))} {public(private).hex()} mac-key: {'00' * 32}"
        )
    return "\n".join(lines)
