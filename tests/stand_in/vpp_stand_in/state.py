"""What a running VPP has: interfaces, addresses, routes, its log ring; and how it dies."""

import collections
import ipaddress
import os
import resource
import signal
import sys
import time

from . import link
from .words import Refused

LOG_ENTRIES = 512
DEFAULT_MTU = 9000


class Interface:
    """A software interface; a sub-interface has a parent and takes its name from it."""

    def __init__(self, index, name, kind, mac=None, parent=None, sub_id=None):
        self.index, self.own_name, self.kind = index, name, kind
        self.mac, self.parent, self.sub_id = mac, parent, sub_id
        self.children = {}
        self.tags, self.dot1ad, self.exact = (), False, True
        self.up, self.promiscuous, self.mtu = False, False, 0 if parent else DEFAULT_MTU
        self.addresses = []
        self.deleted = False
        self.ip6_wanted = 0  # by each IPv6 address, by whoever enabled it, and by the Linux side
        self.follows_linux = False  # whether the Linux side is one of them: that gives itself an address when it is up
        self.advertisement = {}
        self.wire = None
        self.tunnel = None  # its kind and instance
        self.features = set()
        self.tables = {4: 0, 6: 0}

    @property
    def name(self):
        return f"{self.parent.name}.{self.sub_id}" if self.parent else self.own_name

    @property
    def hardware(self):
        return self.parent or self

    @property
    def packet_mtu(self):
        return self.mtu or self.hardware.mtu

    def has_ip6(self):
        return self.ip6_wanted > 0

    def want_ip6(self):
        """The MTU that is advertised is the one there is when IPv6 begins; a later one does not change it."""
        if not self.has_ip6():
            self.advertisement = {"mtu": self.packet_mtu}
        self.ip6_wanted += 1

    def unwant_ip6(self):
        """Every setting of the advertisements goes with the last who wants it."""
        self.ip6_wanted = max(0, self.ip6_wanted - 1)
        if not self.has_ip6():
            self.advertisement = {}

    def follow_linux(self):
        """What the Linux side has by now is read."""
        if self.follows_linux != self.up:
            self.follows_linux = self.up
            (self.want_ip6 if self.up else self.unwant_ip6)()


class Vpp:
    """The state one startup.conf and the commands after it made."""

    def __init__(self, startup):
        self.startup = startup
        self.interfaces = {}
        self.next_index = 0
        self.free = []  # indexes of deleted interfaces: the next new one gets the last of them
        self.routes = {}  # (table, network) -> list of paths
        self.log = collections.deque(maxlen=LOG_ENTRIES)
        self.started = time.time()
        self.pairs = {}  # Interface -> linuxcp.Pair
        self.netns = startup.get("linux-cp", "default netns")
        self.lcp_sync = bool(startup.get("linux-cp", "lcp-sync"))
        self.auto_subint = bool(startup.get("linux-cp", "lcp-auto-subint"))
        self.acls = {}
        self.policies = {}
        self.attachments = []  # (family, policy, priority, index of the interface)
        self.sockets = {}
        self.memifs = {}
        self.nat = {}
        self.members = {}  # Interface -> the bond it belongs to
        self.bonds = {}  # Interface -> its mode and number
        self.domains = {}
        self.switched = {}
        self.rewrites = {}
        self.mirrors = {}
        self.sflow = {}
        self.sampled = set()
        self.record = ""
        self.reported = {}
        self.lldp = {}
        self.policers = {}
        self.policed = {}
        self.routers = {}
        self.neighbours = {}
        self.urpf = {}
        self.urpf_known = {}  # (index, protocol) -> mode and table, of interfaces that are gone as well
        self.segments = {}
        self.relays = {}
        self.tunnels = {}  # Interface -> its private key, its port and its source
        self.peers = {}
        self.delayed = []
        self.ambush = None
        self.watch = lambda source, callback: None
        self.unwatch = lambda source: None
        self.add_interface("local0", "local")

    def later(self, seconds, act):
        """Done before the first command that comes so much later."""
        self.delayed.append((time.monotonic() + seconds, act))

    def catch_up(self):
        due = [act for when, act in self.delayed if when <= time.monotonic()]
        self.delayed = [entry for entry in self.delayed if entry[0] > time.monotonic()]
        for act in due:
            act()

    def note(self, level, source, message):
        self.log.append((time.time() - self.started, level, source, message))

    def add_interface(self, name, kind, mac=None, parent=None, sub_id=None):
        if name and self.find(name):
            crash("SIGABRT")  # the name it gets by itself is carried by another
        if self.free:
            index = self.free.pop()
        else:
            index, self.next_index = self.next_index, self.next_index + 1
        interface = Interface(index, name, kind, mac, parent, sub_id)
        self.interfaces[index] = interface
        if parent:
            parent.children[sub_id] = interface
        return interface

    def remove_interface(self, interface):
        """The index is free; what named the interface stays behind, and cannot be named any more."""
        del self.interfaces[interface.index]
        self.free.append(interface.index)
        if interface.parent:
            del interface.parent.children[interface.sub_id]
        interface.deleted = True

    def find(self, name):
        """The interface of that name; `a.25` is sub-interface 25 of `a`, never an interface called so."""
        hardware, dot, number = name.rpartition(".")
        if dot and number.isdigit():
            parent = self.find(hardware)
            return parent and parent.children.get(int(number))
        return next((i for i in self.interfaces.values() if not i.parent and i.own_name == name), None)

    def interface(self, args, *expected, message="unknown interface `{}'"):
        """The interface the next word names, after these words; an error when it is none."""
        found = self.maybe_interface(args, *expected)
        if found is None:
            raise Refused(message.format(args.rest()))
        return found

    def maybe_interface(self, args, *expected):
        words = args.words
        if words[: len(expected)] != list(expected) or len(words) <= len(expected):
            return None
        found = self.find(words[len(expected)])
        if found is not None:
            del words[: len(expected) + 1]
        return found

    def interface_acls(self):
        return {index for interface in self.interfaces.values() for _, index in interface.features}

    def pair_of(self, interface):
        return self.pairs.get(interface)

    def attach_wire(self, interface, device):
        """Joins an interface with a Linux device, if frames are to flow at all."""
        if os.environ.get("VPP_STAND_IN_NO_TAP"):
            return
        interface.wire = link.Wire(device)
        self.watch(interface.wire, lambda: self._from_wire(interface))

    def detach_wire(self, interface):
        if interface.wire:
            self.unwatch(interface.wire)
            interface.wire.close()
            interface.wire = None

    def _from_wire(self, interface):
        for tags, frame in interface.wire.receive():
            target = interface if not tags else next(
                (child for child in interface.children.values() if child.tags == tags), None
            )
            pair = target and self.pairs.get(target)
            if pair and target.up and interface.up:
                pair.tap.send(frame)

    def to_wire(self, interface, frame):
        hardware = interface.hardware
        if hardware.wire and interface.up and hardware.up:
            if interface.tags:
                frame = link.tagged(frame, interface.tags, link.DOT1AD if interface.dot1ad else link.DOT1Q)
            hardware.wire.send(frame)

    def paths(self, table, network):
        """The paths of exactly this prefix: the CLI's, or what a connected interface makes."""
        if (table, network) in self.routes:
            return self.routes[(table, network)]
        for interface in self.interfaces.values():
            for address in interface.addresses:
                if interface.up and not table and network in (
                    address.network,
                    ipaddress.ip_network(address.ip),
                ):
                    return [("attached", interface)]
        return None


def crash(name):
    """VPP's handler prints a backtrace and aborts: status 134 for every signal."""
    print(f"received signal {name}, PC 0x7f0000000000\n#0 0x00007f0000000000 stand_in + 0x0", file=sys.stderr, flush=True)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGABRT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGABRT)
    signal.pause()
