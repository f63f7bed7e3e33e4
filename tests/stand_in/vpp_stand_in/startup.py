"""startup.conf: VPP's grammar, what it refuses, and with which exit status (several refusals exit 0)."""

import grp
import os
import re
import signal
import sys

LINE_PIECE = 4095
TOKEN_LIMIT = 1024
PCI = re.compile(r"[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,2}:[0-9a-fA-F]{1,2}\.[0-7]$")
SIZE = re.compile(r"(\d+)([kKmMgG]?)[bB]?$")

# Stanza -> word -> number of values after it; "default data-size" and "default netns" are two words.
WORDS = {
    "unix": {
        "nodaemon": 0, "nosyslog": 0, "nocolor": 0, "nobanner": 0, "interactive": 0, "full-coredump": 0,
        "cli-no-pager": 0, "cli-no-banner": 0, "log": 1, "cli-listen": 1, "cli-prompt": 1,
        "cli-history-limit": 1, "cli-pager-buffer-limit": 1, "runtime-dir": 1, "pidfile": 1, "gid": 1,
        "poll-sleep-usec": 1, "coredump-size": 1, "exec": 1, "startup-config": 1,
    },
    "api-segment": {"prefix": 1, "uid": 1, "gid": 1, "baseva": 1, "global-size": 1, "api-size": 1},
    "api-trace": {"on": 0, "enable": 0, "off": 0, "nitems": 1},
    "socksvr": {"socket-name": 1, "default": 0},
    "statseg": {
        "socket-name": 1, "default": 0, "size": 1, "page-size": 1, "per-node-counters": 1, "update-interval": 1,
    },
    "cpu": {
        "main-core": 1, "corelist-workers": 1, "workers": 1, "skip-cores": 1, "scheduler-policy": 1,
        "scheduler-priority": 1, "translate": 0,
    },
    "memory": {"main-heap-size": 1, "main-heap-page-size": 1, "default-hugepage-size": 1},
    "buffers": {"buffers-per-numa": 1, "default data-size": 1, "page-size": 1},
    "logging": {
        "size": 1, "nthrottle-time": 1, "unthrottle-time": 1, "default-log-level": 1, "default-syslog-log-level": 1,
    },
    "linux-cp": {
        "default netns": 1, "lcp-sync": 0, "lcp-auto-subint": 0, "lcp-sync-unnumbered": 0,
        "del-static-on-link-down": 0, "del-dynamic-on-link-down": 0, "num-rx-queues": 1, "num-tx-queues": 1,
    },
    "dpdk": {
        "uio-driver": 1, "no-pci": 0, "no-hugetlb": 0, "socket-mem": 1, "no-tx-checksum-offload": 0,
        "enable-tcp-udp-checksum": 0, "no-multi-seg": 0, "log-level": 1, "telemetry": 0, "iova-mode": 1,
        "max-simd-bitwidth": 1, "huge-dir": 1, "file-prefix": 1, "decimal-interface-names": 0,
    },
}
DPDK_DEVICE = {
    "name": 1, "num-rx-queues": 1, "num-tx-queues": 1, "num-rx-desc": 1, "num-tx-desc": 1, "workers": 1, "tso": 1,
    "tag": 1, "devargs": 1, "no-rx-interrupts": 0,
}
STANZA_PLUGIN = {"dpdk": "dpdk", "linux-cp": "linux_cp"}
PLUGINS = {
    "dpdk", "linux_cp", "linux_nl", "acl", "abf", "memif", "af_packet", "ping", "det44", "nat", "nat64", "lacp", "gre", "vxlan",
    "arping", "dhcp", "crypto_native", "vrrp", "urpf", "mss_clamp",
    "sflow", "flowprobe", "lldp",
}


class Exit(Exception):
    """VPP ends while starting; some refusals end with status 0."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Startup:
    """What startup.conf asked for."""

    def __init__(self):
        self.values = {}
        self.devices = {}
        self.plugins = {}
        self.plugin_default = True

    def get(self, stanza, word, default=None):
        return self.values.get((stanza, word), default)

    def enabled(self, plugin):
        return self.plugins.get(plugin, self.plugin_default and plugin in PLUGINS)


def tokens(data):
    """The words and braces of the file; a comment runs to the end of its 4095-byte piece only."""
    for line in data.split(b"\n"):
        for start in range(0, max(len(line), 1), LINE_PIECE):
            piece = line[start : start + LINE_PIECE].decode("latin-1")
            for match in re.finditer(r"#.*|[{}]|[^\s{}]+", piece):
                if match.group().startswith("#"):
                    break
                yield match.group()[:TOKEN_LIMIT]


def tree(stream, depth=0):
    """Nested lists of words; a missing brace at the end is accepted, one too many is not."""
    result = []
    for token in stream:
        if token == "{":
            result.append(tree(stream, depth + 1))
        elif token == "}":
            if depth == 0:
                raise Exit(1, "unknown input `}'")
            return result
        else:
            result.append(token)
    return result


def text(items):
    """The words from here on, as VPP shows them in an error."""
    return " ".join("{ " + text(item) + " }" if isinstance(item, list) else item for item in items)


def load(path):
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        raise Exit(1, f"open configuration file '{path}' failed") from None
    items = tree(tokens(data))
    startup, stanzas, position = Startup(), [], 0
    while position < len(items):
        name = items[position]
        if isinstance(name, list) or not (name in WORDS or name == "plugins"):
            raise Exit(1, f"unknown input `{text(items[position:])}'")
        body = items[position + 1] if position + 1 < len(items) else None
        if not isinstance(body, list):
            raise Exit(1, f"unknown input `{text(items[position:])}'")
        stanzas.append((name, body))
        position += 2
    # Plugins first: whether a stanza is known depends on them, wherever it stands.
    for name, body in stanzas:
        if name == "plugins":
            read_plugins(startup, body)
    for name, body in stanzas:
        plugin = STANZA_PLUGIN.get(name)
        if plugin and not startup.enabled(plugin):
            raise Exit(1, f"unknown input `{name} {text([body])}'")
        if name == "dpdk":
            read_dpdk(startup, body)
        elif name != "plugins":
            read_words(startup, name, WORDS[name], body, 1)
    check(startup)
    return startup


def read_words(startup, stanza, words, body, status):
    position = 0
    while position < len(body):
        word = body[position]
        pair = f"{word} {body[position + 1]}" if position + 1 < len(body) else None
        step = 1
        if pair in words:
            word, step = pair, 2
        if isinstance(word, list) or word not in words:
            raise Exit(status, f"{stanza}: unknown input `{text(body[position:])}'")
        count = words[word]
        values = body[position + step : position + step + count]
        if len(values) < count or any(isinstance(value, list) for value in values):
            raise Exit(status, f"{stanza}: unknown input `{text(body[position:])}'")
        startup.values[(stanza, word)] = values[0] if values else True
        position += step + count


def read_plugins(startup, body):
    position = 0
    while position < len(body):
        word = body[position]
        if word == "path" and position + 1 < len(body):
            position += 2
            continue
        block = body[position + 2] if word == "plugin" and position + 2 < len(body) else None
        if not isinstance(block, list) or any(
            item not in ("enable", "disable", "skip-version-check") for item in block
        ):
            raise Exit(1, f"plugins: unknown input `{text(body[position:])}'")
        name = body[position + 1]
        if name.removesuffix("_plugin.so") in startup.plugins:
            raise Exit(1, f"plugins: plugin '{name}' already configured")
        if name == "default":
            startup.plugin_default = "enable" in block
        else:
            # an unknown plugin is silently accepted
            startup.plugins[name.removesuffix("_plugin.so")] = "enable" in block
        position += 3


def read_dpdk(startup, body):
    """Everything wrong in here ends VPP with status 0, the message is all there is."""
    position, rest = 0, []
    while position < len(body):
        if body[position] != "dev":
            rest.append(body[position])
            position += 1
            continue
        if position + 1 >= len(body) or isinstance(body[position + 1], list):
            raise Exit(0, f"dpdk: unknown input `{text(body[position:])}'")
        address = body[position + 1]
        block = body[position + 2] if position + 2 < len(body) and isinstance(body[position + 2], list) else None
        if address != "default":
            if not PCI.match(address):
                raise Exit(0, f"dpdk: invalid PCI address `{address}'")
            address = address.lower()
            if address in startup.devices:
                raise Exit(0, f"dpdk: duplicate configuration for PCI address {address}")
        device = Startup()
        read_words(device, "dev", DPDK_DEVICE, block or [], 0)
        if address != "default":
            startup.devices[address] = {word: value for (_, word), value in device.values.items()}
        position += 2 if block is None else 3
    read_words(startup, "dpdk", WORDS["dpdk"], rest, 0)


def size(value, what):
    match = SIZE.match(value)
    if not match:
        raise Exit(1, f"{what}: unknown input `{value}'")
    return int(match.group(1)) << {"": 0, "k": 10, "m": 20, "g": 30}[match.group(2).lower()]


def memory_of_machine():
    if "VPP_STAND_IN_MEMORY" in os.environ:
        return int(os.environ["VPP_STAND_IN_MEMORY"])
    return meminfo("MemTotal") * 1024


def meminfo(name):
    with open("/proc/meminfo", encoding="ascii") as file:
        for line in file:
            if line.startswith(name + ":"):
                return int(line.split()[1])
    return 0


def cores(value, what):
    result = []
    for part in value.split(","):
        match = re.match(r"(\d+)(?:-(\d+))?$", part)
        if not match:
            raise Exit(1, f"cpu: unknown input `{what} {value}'")
        first = int(match.group(1))
        result.extend(range(first, int(match.group(2) or first) + 1))
    return result


def check(startup):
    count = int(os.environ.get("VPP_STAND_IN_CPUS", os.cpu_count() or 1))
    main = startup.get("cpu", "main-core")
    if main is not None:
        if not main.isdigit():
            raise Exit(1, f"cpu: unknown input `main-core {main}'")
        if int(main) >= count:
            print(f"cpu {main} is not available to be used as main core", file=sys.stderr, flush=True)
            os.kill(os.getpid(), signal.SIGABRT)
    workers = cores(startup.get("cpu", "corelist-workers", ""), "corelist-workers") if startup.get(
        "cpu", "corelist-workers"
    ) else []
    for core in workers:
        if core >= count or str(core) == main:
            raise Exit(0, f"cpu {core} is not available to be used for the 'workers' thread")
    wanted = startup.get("cpu", "workers")
    if wanted is not None and int(wanted) >= count:
        raise Exit(0, f"not enough free cores for 'workers' ({wanted} requested)")
    startup.workers = len(workers) or int(wanted or 0)
    memory = memory_of_machine()
    startup.heap = size(startup.get("memory", "main-heap-size", "1G"), "memory")
    huge = startup.get("memory", "main-heap-page-size", "4K").lower() in ("2m", "1g")
    if startup.heap > memory or (huge and meminfo("HugePages_Free") == 0):
        raise Exit(1, "Main heap allocation failure!")
    buffers = int(startup.get("buffers", "buffers-per-numa", "16384"))
    if buffers * (int(startup.get("buffers", "default data-size", "2048")) + 448) > memory:
        raise Exit(0, "buffers: buffer pool allocation failed")
    group = startup.get("unix", "gid")
    if group and not group.isdigit():
        try:
            grp.getgrnam(group)
        except KeyError:
            raise Exit(1, f"unix: group {group} does not exist") from None
    if startup.get("unix", "exec") or startup.get("unix", "startup-config"):
        raise Exit(1, "stand-in: unix { exec } is not run here, commands come over the API socket")
    for stanza, word in (("unix", "cli-listen"), ("socksvr", "socket-name"), ("statseg", "socket-name")):
        path = startup.get(stanza, word)
        if path and not os.path.isdir(os.path.dirname(path) or "."):
            raise Exit(0, f"{word}: '{path}': No such file or directory")
