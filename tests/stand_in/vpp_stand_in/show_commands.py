"""What VPP shows of itself."""

import ipaddress
import os
import time

from .dispatch import command
from .policy_commands import show_path

VERSION = "vpp v25.06-stand-in built by imp on tests at 2025-06-25T00:00:00"


@command("show version")
def show_version(_, args):
    if args.take("verbose"):
        return f"Version:                  v25.06-stand-in\nCurrent PID:              {os.getpid()}"
    return VERSION


@command("show interface")
def show_interface(vpp, args):
    addresses, chosen = False, []
    while not args.end():
        found = vpp.maybe_interface(args)
        if found:
            chosen.append(found)
        elif args.take("address") or args.take("addr"):
            addresses = True
        else:
            raise args.unknown()
    shown = chosen or sorted(vpp.interfaces.values(), key=lambda interface: interface.name)
    if addresses:
        lines = []
        for interface in shown:
            lines.append(f"{interface.name} ({'up' if interface.up else 'dn'}):")
            for version in (4, 6):
                lines.extend(f"  L3 {a}" for a in interface.addresses if a.version == version)
        return "\n".join(lines)
    lines = [f"{'Name':^32}{'Idx':>5}{'State':>7}  {'MTU (L3/IP4/IP6/MPLS)':^21}{'Counter':>15}{'Count':>16}"]
    for interface in shown:
        state = "up" if interface.up else "down"
        lines.append(f"{interface.name[:32]:32}{interface.index:5}{state:>7}  {interface.mtu}/0/0/0")
    return "\n".join(lines)


@command("show hardware-interfaces")
def show_hardware(vpp, args):
    only = vpp.maybe_interface(args)
    lines = [f"{'Name':35}{'Idx':>5}{'Link':>6}  Hardware"]
    for interface in vpp.interfaces.values():
        if not interface.parent and only in (None, interface):
            lines.append(f"{interface.name:35}{interface.index:5}{'up':>6}  {interface.name}")
            lines.append(f"  Ethernet address {interface.mac or '00:00:00:00:00:00'}")
    return "\n".join(lines)


def fib(vpp, args, any_prefix):
    table = args.number("table") or 0
    wanted = args.address()
    plain = None if wanted else args.ip()
    number = args.number("table")
    table = table if number is None else number
    version = any_prefix.version
    header = (
        f"ipv{version}-VRF:{table}, fib_index:0, flow hash:[src dst sport dport proto flowlabel ] "
        "epoch:0 flags:none locks:[adjacency:1, default-route:1, ]"
    )
    if not args.end() or (wanted is None and plain is None):
        networks = [network for (t, network) in vpp.routes if t == table and network.version == version]
    else:
        network = wanted.network if wanted else ipaddress.ip_network(plain)
        while network.prefixlen and vpp.paths(table, network) is None:
            network = network.supernet()
        networks = [network]
    lines = [header]
    for network in networks:
        lines.append(f"{network} fib:0 index:30 locks:2")
        paths = vpp.paths(table, network)
        lines.append(f"  {'CLI' if paths else 'default-route'} refs:1 src-flags:added,contributing,active,")
        lines.append("    path-list:[33] locks:2 flags:shared, uPRF-list:33 len:1 itfs:[3, ]")
        for path in paths or []:
            if path[0] == "attached":
                lines.append(f"      path:[20] pl-index:20 ip4 weight=1 pref=0 attached:  {path[1].name}")
            else:
                lines.append(show_path(path))
        lines.append(" forwarding:   unicast-ip4-chain")
        lines.append("  [@0]: dpo-load-balance: [proto:ip4 index:32 buckets:1 uRPF:33 to:[0:0]]")
    return "\n".join(lines)


@command("show ip fib")
def show_ip_fib(vpp, args):
    return fib(vpp, args, ipaddress.ip_network("0.0.0.0/0"))


@command("show ip6 fib")
def show_ip6_fib(vpp, args):
    return fib(vpp, args, ipaddress.ip_network("::/0"))


@command("show ip6 interface")
def show_ip6_interface(vpp, args):
    shown = [vpp.interface(args)] if not args.end() else list(vpp.interfaces.values())
    lines = []
    for interface in shown:
        if not interface.has_ip6():
            continue
        settings = interface.advertisement
        longest, shortest = settings.get("interval", (200, 150))
        lines.append(f"{interface.name} is admin {'up' if interface.up else 'down'}")
        lines.append("  Link-local address(es):")
        lines.append("  Global unicast address(es):")
        for address in interface.addresses:
            if address.version == 6:
                lines.append(f"    {address} subnet is {address.network}")
        lines.append("  Advertised Prefixes:")
        for prefix in settings.get("prefixes", []):
            lines.append(f"      prefix {prefix.network_address}, length {prefix.prefixlen}")
        lines.append(f"    MTU is {settings.get('mtu', 9000)}")
        lines.append(
            f"    ND router advertisements are sent every {longest:0.1f} seconds (min interval is {shortest:0.1f})"
        )
        lines.append(f"    ND router advertisements live for {settings.get('lifetime', 600)} seconds")
        lines.append("    ND router advertisements sent 0")
    return "\n".join(lines)


@command("show logging")
def show_logging(vpp, _):
    lines = []
    for when, level, source, message in vpp.log:
        stamp = time.strftime("%Y/%m/%d %H:%M:%S", time.gmtime(vpp.started + when))
        lines.append(f"{stamp}:{int(when * 1000) % 1000:03d} {level:10} {source:14} {message}")
    return "\n".join(lines)


@command("show plugins")
def show_plugins(vpp, _):
    from .startup import PLUGINS

    lines = [" Plugin path is: stand-in", "", f"     {'Plugin':40} {'Version':31} Description"]
    loaded = sorted(plugin for plugin in PLUGINS if vpp.startup.enabled(plugin))
    lines.extend(f"  {n}. {name + '_plugin.so':40} 25.06-stand-in" for n, name in enumerate(loaded, 1))
    return "\n".join(lines)


@command("show memory")
def show_memory(vpp, args):
    args.words.clear()
    return f"Thread 0 vpp_main\n  base 0x7f0000000000, size {vpp.startup.heap}, locked, unmap-on-destroy"


@command("show threads")
def show_threads(vpp, _):
    main = vpp.startup.get("cpu", "main-core", "0")
    rows = [f"0     vpp_main              {os.getpid():>8}    other (0)       {main}"]
    rows.extend(f"{n + 1}     vpp_wk_{n}   workers   {os.getpid():>8}" for n in range(vpp.startup.workers))
    return "\n".join(["ID     Name                Type        LWP     Sched Policy (Priority)  lcore", *rows])


@command("exec")
def run_file(vpp, args):
    """`exec FILE`: stops at the first error and shows only the unparsed rest of that line."""
    from .words import Refused

    path = args.next() if not args.end() else ""
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().split("\n")
    except OSError:
        raise Refused(f"failed to open `{path}'") from None
    for line in lines:
        status, text = vpp.cli.run(line)
        if status:
            _, _, rest = text.partition("`")
            raise Refused(f"CLI line error: {rest.removesuffix(chr(39))}")
