"""What only tests say to the stand-in: where it is to fail, and everything it has."""

import json
import os
import signal
import socket
import struct

from .det44_commands import TIMEOUTS
from .dispatch import command
from .export_commands import SFLOW
from .nat_commands import TIMEOUTS as NAT44_TIMEOUTS
from . import wireguard_commands
from .words import Refused

# Neither asks for a change.
QUIET = ("show", "stand-in", "sh")
# Settings of advertisements that say what VPP does without them.
DEFAULTS = ({}, False, 600, (200, 150))


class Ambush:
    """What happens at one of the next commands that change something."""

    def __init__(self):
        self.what, self.left = None, 0

    def set(self, what, count):
        self.what, self.left = what, count

    def strikes(self, text):
        if self.what is None or text.split()[:1] == [] or text.split()[0] in QUIET:
            return None
        self.left -= 1
        if self.left >= 0:
            return None
        what, self.what = self.what, None
        return what


def kill_client(connection):
    """SIGKILL for whoever is at the other end; it is gone when this returns."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid, _, _ = struct.unpack("3i", credentials)
    os.kill(pid, signal.SIGKILL)


def run(vpp, connection, text):
    """(status, text) of a request, unless a test wants something else; None when there is nobody to answer any more."""
    what = vpp.ambush.strikes(text)
    if what == "refuse":
        return -1, "refused by the test"
    if what == "silent":
        return 0, "not done by the test"
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "kill-before":
        kill_client(connection)
        return None
    answer = vpp.cli.run(text)
    if what == "kill-after":
        kill_client(connection)
        return None
    return answer


@command("stand-in ambush", whole_line=True)
def ambush(vpp, args):
    """`stand-in ambush WHAT N`: at the command after the next N that change something."""
    what = args.next()
    count = args.number()
    if what not in ("refuse", "silent", "die", "kill-before", "kill-after") or count is None:
        raise Refused("unknown ambush")
    vpp.ambush.set(what, count)


@command("stand-in pending")
def pending(vpp, _):
    """Whether the ambush still waits."""
    return "yes" if vpp.ambush.what else "no"


@command("stand-in state")
def state(vpp, _):
    """Everything it has, in an order and with names that do not depend on how it came to have it."""
    tags = {index: tag for index, (tag, _) in vpp.acls.items()}

    def advertised(one):
        said = {key: str(value) for key, value in sorted(one.advertisement.items()) if value not in DEFAULTS}
        return said if {"sent", "prefixes"} & said.keys() else {}  # what nobody hears differs by how it came to be

    def path(one):
        gateway, interface, special = one
        name = interface and ("DELETED" if interface.deleted else interface.name)
        return f"{gateway} {name} {special}"

    def interface(one):
        pair = vpp.pairs.get(one)
        return {
            "kind": one.kind,
            "mac": one.mac,
            "tags": list(one.tags),
            "up": one.up,
            "promiscuous": one.promiscuous,
            "mtu": one.packet_mtu,
            "addresses": sorted(map(str, one.addresses)),
            "ip6": advertised(one),
            "acls": sorted(f"{side} {tags.get(index)}" for side, index in one.features),
            "tables": {str(version): table for version, table in one.tables.items() if table},
            "bond": one in vpp.members and vpp.members[one].name,
            "switched": vpp.switched.get(one),
            "tags rewritten": vpp.rewrites.get(one),
            "mirror": vpp.mirrors.get(one),
            "policers": sorted(f"{side} {name}" for (side, of), name in vpp.policed.items() if of is one),
            "wireguard": one in vpp.tunnels and wireguard_commands.public(vpp.tunnels[one][0]).hex(),
            "peers": sorted(
                str({**peer, "interface": ""}) for peer in vpp.peers.values() if peer["interface"] is one
            ),
            "linux": pair
            and {
                "name": pair.host_name,
                "addresses": sorted(map(str, pair.addresses)),
            },
            "policies": sorted(
                f"{family} {policy} {priority}"
                for family, policy, priority, index in vpp.attachments
                if index == one.index
            ),
        }

    nat = {
        name: {
            key: sorted(map(entry, value)) if isinstance(value, list) else value
            for key, value in of.items()
            if key != "timeouts"
        }
        for name, of in vpp.nat.items()
        if isinstance(of, dict) and of.get("on")
    }
    return json.dumps(
        {
            "interfaces": {one.name: interface(one) for one in vpp.interfaces.values()},
            "stray attachments": [str(a) for a in vpp.attachments if a[3] not in vpp.interfaces],
            "routes": {f"{table} {net}": sorted(map(path, paths)) for (table, net), paths in vpp.routes.items()},
            "acls": sorted(
                f"{tag}: " + ", ".join(rule.show(0).strip() for rule in rules) for tag, rules in vpp.acls.values()
            ),
            "policies": {
                number: {"acl": tags.get(policy["acl"]), "paths": sorted(map(path, policy["paths"]))}
                for number, policy in vpp.policies.items()
            },
            "domains": vpp.domains,
            "export": {
                "sflow": {name: number for name, number in vpp.sflow.items() if number != SFLOW[name]},
                "sampled": sorted(one.name for one in vpp.sampled),
                "record": vpp.record,
                "reported": {one.name: words for one, words in vpp.reported.items()},
                "lldp": vpp.lldp,
            },
            "policers": vpp.policers,
            "virtual routers": sorted(
                str((one.name, *rest, words, runs, peers, {vpp.interfaces[index].name: by for index, by in tracked.items()}))
                for (one, *rest), (words, runs, peers, tracked, _) in vpp.routers.items()
            ),
            "neighbours": sorted(f"{one.name} {ip} {of}" for (one, ip), of in vpp.neighbours.items()),
            "tables": sorted(map(str, vpp.nat.get("tables", {}))),
            "multicast": sorted(map(str, vpp.nat.get("multicast", {}).items())),
            "timeouts": {
                f"{plugin} {name}": number
                for plugin, defaults in (("det44", TIMEOUTS), ("nat44", NAT44_TIMEOUTS))
                for name, number in vpp.nat.get(plugin, {}).get("timeouts", {}).items()
                if number != defaults[name]
            },
            "exporter": [str(part) for part in vpp.nat.get("exporter", ()) if int(vpp.nat["exporter"][0])],
            "logging": vpp.nat.get("logging"),
            "sockets": {number: [socket["filename"], socket["role"]] for number, socket in vpp.sockets.items()},
            "nat": nat,
        },
        indent=1,
        sort_keys=True,
    )


def entry(one):
    parts = one if isinstance(one, tuple) else (one,)
    return " ".join(str(getattr(part, "name", None) or part) for part in parts)
