"""The Linux side: TAP devices, raw sockets on network devices, addresses over rtnetlink, 802.1Q in user space."""

import ctypes
import errno
import fcntl
import os
import socket
import struct

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
IFF_UP = 0x1
SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCSIFMTU = 0x8913, 0x8914, 0x8922
SIOCSIFHWADDR, SIOCGIFHWADDR = 0x8924, 0x8927
RTM_NEWADDR, RTM_DELADDR = 20, 21
NLM_F_REQUEST, NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL = 0x1, 0x4, 0x400, 0x200
IFA_ADDRESS, IFA_LOCAL = 1, 2
SOL_PACKET, PACKET_AUXDATA, PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING = 263, 8, 15, 23
TP_STATUS_VLAN_VALID, TP_STATUS_VLAN_TPID_VALID = 1 << 4, 1 << 6
ETH_P_ALL, DOT1Q, DOT1AD = 0x0003, 0x8100, 0x88A8
CLONE_NEWNET = 0x40000000
# virtio_net_hdr: carries "checksum not computed yet" and segmentation from a veth into a TAP, which a plain
# read would lose and the receiver's TCP would then drop.
VNET_HDR = 10
LARGEST = 70000


def _interface_call(request, name, tail=b""):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        packed = struct.pack("16s", name.encode()) + tail.ljust(24, b"\0")
        return fcntl.ioctl(control, request, packed)[16:]


def mac_of(name):
    """The MAC address of a Linux device."""
    return _interface_call(SIOCGIFHWADDR, name)[2:8].hex(":")


class Tap:
    """A TAP device that lives as long as this object; made in the calling thread's network namespace."""

    def __init__(self, name, mac, mtu):
        if not os.path.exists("/dev/net/tun"):
            raise OSError(errno.ENODEV, "stand-in: /dev/net/tun is missing, no TAP can be made", name)
        if name in (entry for _, entry in socket.if_nameindex()):
            raise OSError(errno.EBUSY, "stand-in: a device of that name exists", name)
        self.name = name
        self.fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            fcntl.ioctl(
                self.fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI | IFF_VNET_HDR)
            )
            if mac:
                tail = struct.pack("H6s", 1, bytes.fromhex(mac.replace(":", "")))
                _interface_call(SIOCSIFHWADDR, name, tail)
            self.set_mtu(mtu)
            self.index = socket.if_nametoindex(name)
        except OSError:
            os.close(self.fd)
            raise

    def fileno(self):
        return self.fd

    def close(self):
        os.close(self.fd)

    def set_mtu(self, mtu):
        _interface_call(SIOCSIFMTU, self.name, struct.pack("i", mtu))

    def set_up(self, up):
        (flags,) = struct.unpack_from("H", _interface_call(SIOCGIFFLAGS, self.name))
        flags = flags | IFF_UP if up else flags & ~IFF_UP
        _interface_call(SIOCSIFFLAGS, self.name, struct.pack("H", flags))

    def add_address(self, address):
        _address(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, self.index, address)

    def del_address(self, address):
        _address(RTM_DELADDR, 0, self.index, address)

    def receive(self):
        """The frames Linux sent through the device."""
        for _ in range(64):
            try:
                yield os.read(self.fd, LARGEST)[VNET_HDR:]
            except OSError:  # nothing more, or the device is down
                return

    def send(self, frame_with_header):
        try:
            os.write(self.fd, frame_with_header)
        except OSError:
            pass  # the device is down: a wire loses the frame as well


class NoTap:
    """What stands for a TAP when none can be made: every call succeeds and nothing happens."""

    index = 0

    def __getattr__(self, _):
        return lambda *_: None


class Wire:
    """A raw socket on a Linux device: frames with their VLAN tags, whole or as the kernel took them apart."""

    def __init__(self, device):
        self.device = device
        self.socket = socket.socket(
            socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.htons(ETH_P_ALL)
        )
        for option in (PACKET_AUXDATA, PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING):
            self.socket.setsockopt(SOL_PACKET, option, 1)
        self.socket.bind((device, ETH_P_ALL))

    def fileno(self):
        return self.socket.fileno()

    def close(self):
        self.socket.close()

    def receive(self):
        """(tags, frame with its virtio header) of what arrived; tags are stripped, outermost first."""
        for _ in range(64):
            try:
                data, ancillary, _, _ = self.socket.recvmsg(LARGEST, 256)
            except OSError:
                return
            tags = []
            for level, kind, value in ancillary:
                if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
                    status, *_, tci, _ = struct.unpack_from("IIIHHHH", value)
                    if status & TP_STATUS_VLAN_VALID:
                        tags.append(tci & 0xFFF)
            header, frame = data[:VNET_HDR], data[VNET_HDR:]
            while len(frame) >= 18 and struct.unpack_from("!H", frame, 12)[0] in (DOT1Q, DOT1AD):
                tags.append(struct.unpack_from("!H", frame, 14)[0] & 0xFFF)
                frame = frame[:12] + frame[16:]
            yield tuple(tags), header + frame

    def send(self, frame):
        try:
            self.socket.send(bytes(VNET_HDR) + frame)
        except OSError:
            pass  # the device is down or the frame too long: lost, as on a wire


def tagged(frame, tags, outer=DOT1Q):
    """The frame with these VLAN tags, outermost first."""
    kinds = [outer] + [DOT1Q] * (len(tags) - 1)
    inserted = b"".join(struct.pack("!HH", kind, tag) for kind, tag in zip(kinds, tags))
    return frame[:12] + inserted + frame[12:]


def _address(message, flags, index, address):
    """Adds or removes an address (an `ipaddress` interface) of a device."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    packed = address.ip.packed
    attributes = b"".join(struct.pack("HH", 4 + len(packed), kind) + packed for kind in (IFA_LOCAL, IFA_ADDRESS))
    body = struct.pack("BBBBI", family, address.network.prefixlen, 0, 0, index) + attributes
    header = struct.pack("IHHII", 16 + len(body), message, NLM_F_REQUEST | NLM_F_ACK | flags, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as route:
        route.bind((0, 0))
        route.send(header + body)
        (status,) = struct.unpack_from("i", route.recv(4096), 16)
    if status and -status not in (errno.EEXIST, errno.EADDRNOTAVAIL):
        raise OSError(-status, os.strerror(-status), str(address))


class InNamespace:
    """Runs a block in a pinned network namespace; sockets and TAPs opened there stay there."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)
        there = os.open(self.path, os.O_RDONLY)
        try:
            _setns(there)
        finally:
            os.close(there)

    def __exit__(self, *_):
        _setns(self.home)
        os.close(self.home)


def _setns(fd):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
