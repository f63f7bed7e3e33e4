"""memif sockets and interfaces; two stand-ins find each other through the socket file."""

import os
import socket as unix

from .dispatch import command
from .interface_commands import delete
from .words import Refused


@command("create memif socket", plugin="memif", whole_line=True)
def create_memif_socket(vpp, args):
    identity, filename = None, None
    while not args.end():
        if (number := args.number("id")) is not None:
            identity = number
        elif (name := args.value("filename")) is not None:
            filename = name
        else:
            raise args.unknown()
    if not identity:
        raise Refused("Invalid socket id")
    if not filename:
        raise Refused("Invalid socket filename")
    if identity in vpp.sockets:
        if vpp.sockets[identity]["filename"] == filename:
            return
        raise Refused("entry already exists")
    vpp.sockets[identity] = {"filename": filename, "role": None}


@command("delete memif socket", plugin="memif", whole_line=True)
def delete_memif_socket(vpp, args):
    identity = args.number("id")
    if identity not in vpp.sockets or not args.end():
        raise Refused(f"socket file with id {identity} does not exist")
    if any(key[0] == identity for key in vpp.memifs):
        raise Refused(f"socket file '{vpp.sockets[identity]['filename']}' is in use")
    del vpp.sockets[identity]


@command("create interface memif", plugin="memif", whole_line=True)
def create_memif(vpp, args):
    identity, socket, mac, master = 0, 0, None, False
    while not args.end():
        if (number := args.number("id")) is not None:
            identity = number
        elif (number := args.number("socket-id")) is not None:
            socket = number
        elif (hardware := args.mac("hw-addr")) is not None:
            mac = hardware
        elif args.take("master"):
            master = True
        elif args.take("slave"):
            master = False
        elif not args.take("no-zero-copy") and all(
            args.number(word) is None for word in ("ring-size", "rx-queues", "tx-queues", "buffer-size")
        ):
            raise args.unknown()
    if socket and socket not in vpp.sockets:
        raise Refused("unknown socket id")
    if (socket, identity) in vpp.memifs:
        raise Refused("id already exists")
    known = vpp.sockets.setdefault(socket, {"filename": "/run/vpp/memif.sock", "role": None})
    if known["role"] not in (None, master):
        raise Refused("socket file cannot be master and slave")
    known["role"] = master
    interface = vpp.add_interface(f"memif{socket}/{identity}", "memif", mac or "02:fe:00:00:00:01")
    vpp.memifs[(socket, identity)] = interface


@command("delete interface memif", plugin="memif", whole_line=True)
def delete_memif(vpp, args):
    interface = vpp.maybe_interface(args)
    keys = [key for key, value in vpp.memifs.items() if value is interface]
    if not keys or not args.end():
        raise args.unknown()
    del vpp.memifs[keys[0]]
    delete(vpp, interface)


@command("show memif", plugin="memif")
def show_memif(vpp, args):
    only = vpp.maybe_interface(args)
    lines = ["sockets", "  id  listener    filename"]
    for identity, socket in vpp.sockets.items():
        listener = "yes (1)" if socket["role"] else "no"
        lines.append(f"  {identity:<3} {listener:<11} {socket['filename']}")
    lines.append("")
    for (socket, identity), interface in vpp.memifs.items():
        if only in (None, interface):
            flags = " admin-up" * interface.up + " slave" * (not vpp.sockets[socket]["role"])
            flags += " connected zero-copy" * bool(interface.up and vpp.sockets[socket].get("peer"))
            lines.append(f"interface {interface.name}")
            lines.append(f"  socket-id {socket} id {identity} mode ethernet")
            lines.append(f"  flags{flags}")
            lines.append("  num-s2m-rings 1 num-m2s-rings 1 buffer-size 2048 num-regions 2")
    return "\n".join(lines)


def connect(vpp):
    """Called about once a second: masters listen, slaves connect; no frame is carried."""
    for identity, socket in vpp.sockets.items():
        up = any(key[0] == identity and interface.up for key, interface in vpp.memifs.items())
        if up and socket["role"] and not socket.get("listener"):
            _listen(vpp, socket)
        elif up and socket["role"] is False and not socket.get("peer"):
            _join(vpp, socket)


def _listen(vpp, socket):
    listener = unix.socket(unix.AF_UNIX, unix.SOCK_STREAM | unix.SOCK_NONBLOCK)
    try:
        if os.path.exists(socket["filename"]):
            os.unlink(socket["filename"])
        listener.bind(socket["filename"])
        listener.listen()
    except OSError as error:
        vpp.note("error", "memif", str(error))
        listener.close()
        return
    socket["listener"] = listener
    vpp.watch(listener, lambda: _peer(vpp, socket, listener.accept()[0]))


def _join(vpp, socket):
    peer = unix.socket(unix.AF_UNIX, unix.SOCK_STREAM | unix.SOCK_NONBLOCK)
    try:
        peer.connect(socket["filename"])
    except OSError:
        peer.close()
        return
    _peer(vpp, socket, peer)


def _peer(vpp, socket, peer):
    socket["peer"] = peer

    def ended():
        vpp.unwatch(peer)
        peer.close()
        if socket.get("peer") is peer:
            socket["peer"] = None

    vpp.watch(peer, ended)
