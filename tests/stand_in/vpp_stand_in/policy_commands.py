"""ACLs (whose errors VPP loses), ABF policies and attachments."""

import ipaddress

from .dispatch import command
from .interface_commands import is_dead, route_path
from .state import crash
from .words import Args, Refused

TAG_LIMIT = 64
ANY = ipaddress.ip_network("0.0.0.0/0")
ACTIONS = {"deny": 0, "permit": 1, "permit+reflect": 2}


class Rule:
    """A rule as VPP fills it: what was not parsed permits, from anything to anything."""

    def __init__(self):
        self.action, self.src, self.dst, self.proto = 1, ANY, ANY, 0
        self.sport, self.dport = (0, 65535), (0, 65535)
        self.flags = None

    def show(self, number):
        def ports(pair):
            return f"{pair[0]}" if pair[0] == pair[1] else f"{pair[0]}-{pair[1]}"

        action = next(name for name, value in ACTIONS.items() if value == self.action)
        return (
            f"  {number:9}: ipv{self.src.version} {action} src {self.src} dst {self.dst} "
            f"proto {self.proto} sport {ports(self.sport)} dport {ports(self.dport)}"
            + (f" tcpflags {self.flags[0]} mask {self.flags[1]}" if self.flags else "")
        )


def split_commas(words):
    result, after_tag = [], False
    for word in words:
        while word.endswith(",") and len(word) > 1 and not after_tag:
            word = word[:-1]
            result.append(word)
            word = ","
        result.append(word)
        after_tag = word == "tag"
    return result


def port_range(args, word):
    if len(args.words) < 2 or args.words[0] != word:
        return None
    first, dash, last = args.words[1].partition("-")
    if not first.isdigit() or (dash and not last.isdigit()):
        return None
    args.value(word)
    return int(first), int(last or first)


@command("set acl-plugin acl", plugin="acl", whole_line=True)
def set_acl(vpp, args):
    args = Args(split_commas(args.words))
    rules, index, tag, current = [], None, "cli", 0

    def rule():
        while len(rules) <= current:
            rules.append(Rule())
        return rules[current]

    while not args.end():
        if (number := args.number("index")) is not None:
            index = number
        elif (name := args.value("tag")) is not None:
            tag = name
        elif (prefix := args.address("src")) is not None:
            rule().src = prefix.network
        elif (prefix := args.address("dst")) is not None:
            rule().dst = prefix.network
        elif (number := args.number("proto")) is not None:
            rule().proto = number
        elif (ports := port_range(args, "sport")) is not None:
            rule().sport = ports
        elif (ports := port_range(args, "dport")) is not None:
            rule().dport = ports
        elif args.words[0] == "tcpflags" and args.words[2:3] == ["mask"] and len(args.words) > 3:
            rule().flags = (args.number("tcpflags"), args.number("mask"))
        elif args.words[0] in ACTIONS:
            rule().action = ACTIONS[args.next()]
        elif args.take(","):
            current += 1
            rule()
        else:
            break  # an unknown word ends the parsing; what stands so far becomes the ACL, named "cli"
    if len(tag) >= TAG_LIMIT or (index is not None and index not in vpp.acls):
        raise Refused("failed")
    for one in rules:
        reversed_ports = one.sport[0] > one.sport[1] or one.dport[0] > one.dport[1]
        if one.src.version != one.dst.version or reversed_ports:
            raise Refused("failed")
    if index is None:
        index = next(n for n in range(len(vpp.acls) + 1) if n not in vpp.acls)
    vpp.acls[index] = (tag, rules)
    return f"ACL index:{index}"


@command("set acl-plugin interface", plugin="acl", whole_line=True)
def set_acl_interface(vpp, args):
    interface = vpp.interface(args)
    index, side, delete = None, None, False
    while not args.end():
        if (number := args.number("acl")) is not None:
            index = number
        elif args.take("input"):
            side = "input"
        elif args.take("output"):
            side = "output"
        elif args.take("del"):
            delete = True
        elif not args.take("add"):
            break
    if index in vpp.acls and side:
        (interface.features.discard if delete else interface.features.add)((side, index))


@command("set acl-plugin", plugin="acl")
def set_acl_plugin(_, args):
    args.words.clear()


@command("delete acl-plugin acl", plugin="acl", whole_line=True)
def delete_acl(vpp, args):
    index = args.number("index")
    # A policy alone does not hold it, an attachment does.
    used = any(vpp.policies[a[1]]["acl"] == index for a in vpp.attachments if a[1] in vpp.policies)
    if index not in vpp.acls or used or index in vpp.interface_acls():
        raise Refused("failed")
    del vpp.acls[index]
    return f"Deleted ACL index:{index}"


@command("show acl-plugin acl", plugin="acl")
def show_acl(vpp, args):
    only = args.number("index")
    lines = []
    for index, (tag, rules) in sorted(vpp.acls.items()):
        if only in (None, index):
            lines.append(f"acl-index {index} count {len(rules)} tag {{{tag}}}")
            lines.extend(rule.show(number) for number, rule in enumerate(rules))
    return "\n".join(lines)


@command("show acl-plugin interface", plugin="acl")
def show_acl_interface(vpp, args):
    only = args.number("sw_if_index")
    lines = []
    for index, interface in sorted(vpp.interfaces.items()):
        if only in (None, index) and interface.features:
            lines.append(f"sw_if_index {index}:")
            for side in ("input", "output"):
                numbers = [str(acl) for of, acl in sorted(interface.features) if of == side]
                if numbers:
                    lines.append(f" {side:>6} acl(s): {', '.join(numbers)}")
    return "\n".join(lines)


@command("abf policy", plugin="abf", whole_line=True)
def abf_policy(vpp, args):
    delete, identity, acl, paths = False, None, None, []
    while not args.end():
        if (number := args.number("id")) is not None:
            identity = number
        elif (number := args.number("acl")) is not None:
            acl = number
        elif args.take("del"):
            delete = True
        elif args.take("via"):
            path = route_path(vpp, args)
            if path is None:
                raise args.unknown()
            paths.append(path)
        elif not args.take("add"):
            raise args.unknown()
    if identity is None:
        return "Specify a Policy ID"
    policy = vpp.policies.get(identity)
    if delete:
        if policy is None:
            return None
        attached = any(attachment[1] == identity for attachment in vpp.attachments)
        if not policy["paths"] or lost_an_interface(policy, paths):
            crash("SIGABRT")
        policy["paths"] = [path for path in policy["paths"] if path not in paths]
        if not policy["paths"] and not attached:
            del vpp.policies[identity]
        return None
    if acl is None:
        return "ACL index must be set"
    if not paths:
        return "expected paths."
    if policy is None:
        vpp.policies[identity] = {"acl": acl, "paths": paths}
    elif policy["acl"] != acl:
        return f"policy {identity} exists with acl {policy['acl']}"
    elif lost_an_interface(policy, paths):
        crash("SIGABRT")
    elif any(path in policy["paths"] for path in paths):
        policy["paths"] = []  # repeated: the list is empty from here on, and what matches is dropped
    else:
        policy["paths"].extend(paths)
    return None


def lost_an_interface(policy, paths):
    """Whether the interface of another of its paths was deleted: naming one path then kills VPP."""
    return any(is_dead(path) and path not in paths for path in policy["paths"])


@command("abf attach", plugin="abf")
def abf_attach(vpp, args):
    delete, family, identity, priority, interface = False, None, None, 0, None
    while not args.end():
        if (number := args.number("policy")) is not None:
            identity = number
        elif (number := args.number("priority")) is not None:
            priority = number
        elif args.take("del"):
            delete = True
        elif args.words[0] in ("ip4", "ip6"):
            family = args.next()
        elif not args.take("add"):
            interface = vpp.maybe_interface(args)
            if interface is None:
                raise args.unknown()
    if identity is None:
        raise Refused("invalid policy ID:-1")
    if interface is None:
        raise Refused("invalid interface name")
    if family is None:
        raise Refused("Specify either ip4 or ip6")
    if identity not in vpp.policies:
        raise Refused(f"invalid policy ID:{identity}")
    same = [a for a in vpp.attachments if a[1] == identity and a[3] == interface.index]
    if delete:
        vpp.attachments = [a for a in vpp.attachments if a not in same]
    elif vpp.policies[identity]["acl"] not in vpp.acls:
        crash("SIGSEGV")  # with the first packets
    elif not same:
        vpp.attachments.append((family, identity, priority, interface.index))


def show_path(path):
    gateway, interface, special = path
    if special:
        return f"      path:[20] pl-index:20 ip4 weight=1 pref=0 special:  cfg-flags:{special},"
    if is_dead(path):
        return f"      path:[20] pl-index:20 ip4 weight=1 pref=0 attached-nexthop:  cfg-flags:unresolved,\n        {gateway} DELETED"
    kind = "attached-nexthop" if interface else "recursive"
    name = f" {interface.name}" if interface else ""
    return f"      path:[20] pl-index:20 ip4 weight=1 pref=0 {kind}:  oper-flags:resolved,\n        {gateway}{name}"


@command("show abf policy", plugin="abf")
def show_abf_policy(vpp, args):
    only = args.number()
    lines = []
    for number, (identity, policy) in enumerate(vpp.policies.items()):
        if only in (None, identity):
            lines.append(f"abf:[{number}]: policy:{identity} acl:{policy['acl']}")
            lines.append(f"     path-list:[{30 + number}] locks:1 flags:shared,no-uRPF, uPRF-list: None")
            lines.extend(show_path(path) for path in policy["paths"])
    return "\n".join(lines)


@command("show abf attach", plugin="abf")
def show_abf_attach(vpp, args):
    interface = vpp.maybe_interface(args)
    if interface is None:
        if not args.end():
            raise args.unknown()
        return "specify an interface"
    lines = []
    for family, title in (("ip4", "ipv4"), ("ip6", "ipv6")):
        mine = [a for a in vpp.attachments if a[0] == family and a[3] == interface.index]
        if mine:
            lines.append(f"{title}:")
        for _, identity, priority, _ in sorted(mine, key=lambda a: a[2]):
            lines.append(f" abf-interface-attach: policy:{identity} priority:{priority}")
            lines.append("  [@1]: dpo-load-balance: [proto:ip4 index:20 buckets:1]")
    return "\n".join(lines)
