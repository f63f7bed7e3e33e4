"""What VPP counts and uses: `show errors`, `show buffers`, the main heap."""

from .dispatch import command


@command("show errors")
def show_errors(vpp, _):
    lines = [f"{'Count':>10}{'Node':^40}{'Reason':^50}{'Severity':>10}"]
    if vpp.interfaces:
        lines.append(f"{3:>10}{'ip4-local':^40}{'ip4 source lookup miss':^50}{'error':>10}")
    return "\n".join(lines)


@command("show buffers")
def show_buffers(vpp, _):
    total = int(vpp.startup.get("buffers", "buffers-per-numa", "16800"))
    return "\n".join([
        "Pool Name            Index NUMA  Size  Data Size  Total  Avail  Cached   Used",
        f"default-numa-0         0     0   2496     2048    {total}  {total - 24}    0      24",
    ])


@command("show memory main-heap")
def show_main_heap(vpp, _):
    return "\n".join([
        "Thread 0 vpp_main",
        f"  base 0x7f0000000000, size {vpp.startup.heap}, locked, unmap-on-destroy, name 'main heap'",
        "    page stats: page-size 4K, total 262144, mapped 20437, not-mapped 241707",
        "    total: 1023.99M, used: 74.53M, free: 949.46M, trimmable: 949.13M",
    ])
