"""Samples, flows and neighbours that are told to others: sFlow, IPFIX, LLDP."""

from .dispatch import command
from .words import Refused

SFLOW = {"sampling-rate": 10000, "polling-interval": 20, "header-bytes": 128}


def sflow_number(name):
    @command(f"sflow {name}", plugin="sflow")
    def set_number(vpp, args):
        number = args.number()
        if number is None:
            raise Refused(f"Please specify a {name}...")
        vpp.sflow[name] = number


for each in SFLOW:
    sflow_number(each)


@command("sflow enable-disable", plugin="sflow", whole_line=True)
def sflow_enable(vpp, args):
    interface = vpp.interface(args)
    if interface.parent:
        raise Refused("Invalid interface, only works on physical ports")
    wanted = not args.take("disable")
    if wanted == (interface in vpp.sampled):
        raise Refused("sflow_enable_disable returned -81")
    (vpp.sampled.add if wanted else vpp.sampled.remove)(interface)


@command("show sflow", plugin="sflow")
def show_sflow(vpp, _):
    numbers = {**SFLOW, **vpp.sflow}
    lines = [f"sflow {name} {numbers[name]}" for name in SFLOW]
    lines.insert(1, "sflow sampling-direction ingress")
    lines.extend(sorted(f"sflow enable {one.name}" for one in vpp.sampled))
    lines += ["Status", f"  interfaces enabled: {len(vpp.sampled)}", "  packet samples sent: 12"]
    lines += ["  packet samples dropped: 3", "  counter samples sent: 0", "  counter samples dropped: 0"]
    return "\n".join(lines)


@command("flowprobe params", plugin="flowprobe", whole_line=True)
def flowprobe_params(vpp, args):
    if vpp.reported:
        raise Refused("Couldn't change flowperpacket params when feature is enabled on some interface ...")
    words = args.rest().split()
    timers = {name: int(words[words.index(name) + 1]) for name in ("active", "passive") if name in words}
    if timers.get("passive", 120) and timers.get("active", 15) > timers.get("passive", 120):
        raise Refused("Passive timer has to be greater than active one...")
    vpp.record = " ".join(words) if {"l2", "l3", "l4"} & set(words) else ""


@command("flowprobe feature add-del", plugin="flowprobe", whole_line=True)
def flowprobe_feature(vpp, args):
    interface = vpp.interface(args)
    words = args.rest().split()
    if not vpp.record:
        raise Refused("Please specify flowprobe params record first...")
    if "disable" in words:
        words.remove("disable")
        if vpp.reported.pop(interface, None) is None:
            raise Refused("flowprobe_enable_disable returned -1")
    elif interface in vpp.reported:
        raise Refused("Datapath is already enabled for given interface...")
    else:
        vpp.reported[interface] = " ".join(words)


@command("show flowprobe feature", plugin="flowprobe")
def show_flowprobe(vpp, _):
    return "\n".join(sorted(f" {one.name} {words}" for one, words in vpp.reported.items()))


@command("set lldp", plugin="lldp", whole_line=True)
def lldp(vpp, args):
    name = args.value("system-name")
    if name is None or not args.end():
        raise args.unknown()
    vpp.lldp["system-name"] = name


@command("set interface lldp", plugin="lldp", whole_line=True)
def interface_lldp(vpp, args):
    interface = vpp.maybe_interface(args)
    if interface is None:
        raise Refused("Interface name is invalid!")
    if interface.parent:
        raise Refused("not supported")
    vpp.lldp[interface.name] = args.rest()
