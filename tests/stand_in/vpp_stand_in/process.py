"""The process: start-up, the one loop, and the end."""

import os
import selectors
import signal
import sys
import time

from . import (  # noqa: F401: importing a module registers its commands
    control,
    det44_commands,
    export_commands,
    feature_commands,
    tunnel_commands,
    guard_commands,
    interface_commands,
    linuxcp,
    memif_commands,
    nat_commands,
    policy_commands,
    show_commands,
    startup,
    test_commands,
    vitals_commands,
    wireguard_commands,
)
from .dispatch import Cli
from .link import mac_of
from .state import Vpp

TICK = 0.5


def read_environment(path):
    """NAME=VALUE lines stand for the environment a unit cannot be given; the environment wins."""
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except OSError:
        return
    for line in lines:
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            os.environ.setdefault(name, value)


def main(arguments):
    if arguments == ["--version"]:
        print(show_commands.VERSION)
        return 0
    if len(arguments) != 2 or arguments[0] != "-c":
        print("stand-in for VPP: usage: vpp -c FILE", file=sys.stderr)
        return 1
    print("this is a stand-in for VPP, made for tests; it forwards almost nothing", file=sys.stderr, flush=True)
    try:
        config = startup.load(arguments[1])
        return run(config)
    except startup.Exit as ended:
        print(f"vpp: {ended}", file=sys.stderr, flush=True)
        return ended.status


def run(config):
    if not config.get("unix", "nodaemon") and os.fork():
        return 0
    log = config.get("unix", "log")
    if log:
        try:
            open(log, "a", encoding="utf-8").close()
        except OSError as error:
            print(f"warning: log file '{log}': {error.strerror}", file=sys.stderr, flush=True)
    vpp = Vpp(config)
    vpp.cli = Cli(vpp)
    vpp.ambush = test_commands.Ambush()
    loop = selectors.DefaultSelector()
    vpp.watch = lambda source, callback: loop.register(source, selectors.EVENT_READ, callback)
    vpp.unwatch = loop.unregister
    add_devices(vpp)
    # SystemExit unwinds out of the loop: no handler work, no half-written answer.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    pidfile = config.get("unix", "pidfile")
    if pidfile:
        with open(pidfile, "w", encoding="ascii") as file:
            file.write(f"{os.getpid()}\n")
    for path, kind in (
        (config.get("unix", "cli-listen"), control.CliClient),
        (config.get("socksvr", "socket-name"), control.ApiClient),
    ):
        if path:
            serve(vpp, control.listen(path), kind)
    statistics = config.get("statseg", "socket-name")
    kept = statistics and control.listen(statistics)
    forever(vpp, loop, kept)


def forever(vpp, loop, _statistics):
    next_tick = 0.0
    while True:
        for key, _ in loop.select(TICK):
            if loop.get_map().get(key.fd) is key:  # an earlier callback may have closed it
                key.data()
        if time.monotonic() >= next_tick:
            next_tick = time.monotonic() + TICK
            memif_commands.connect(vpp)


def serve(vpp, listener, kind):
    def accept():
        try:
            client = kind(vpp, listener.accept()[0])
        except OSError:
            return
        vpp.watch(client, client.readable)

    vpp.watch(listener, accept)


def add_devices(vpp):
    """The NICs startup.conf names, as far as the machine "has" them; a missing one is not even logged."""
    path = os.environ.get("VPP_STAND_IN_HARDWARE")
    lines = []
    if path and os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    present = {}
    for words in filter(None, (line.split("#")[0].split() for line in lines)):
        present[words[0].lower()] = words[1] if len(words) > 1 else None
    if vpp.startup.get("dpdk", "no-pci"):
        return
    for address, device in vpp.startup.devices.items():
        if address not in present:
            continue
        bus, slot, function = address.split(":")[1], *address.split(":")[2].split(".")
        name = device.get("name") or f"GigabitEthernet{int(bus, 16):x}/{int(slot, 16):x}/{function}"
        linux = present[address]
        mac = mac_of(linux) if linux else f"02:fe:dd:{int(bus, 16):02x}:{int(slot, 16):02x}:{int(function):02x}"
        interface = vpp.add_interface(name, "dpdk", mac)
        if linux:
            vpp.attach_wire(interface, linux)
