"""The sockets: the binary API with `cli_inband` and what is about WireGuard, the CLI socket, and vppctl."""

import ipaddress
import os
import socket
import struct
import sys

from . import test_commands, wireguard_commands

SOCKCLNT_CREATE, SOCKCLNT_CREATE_REPLY = 15, 16
# Ids differ between plugin sets on a real VPP: a client has to look them up here.
MESSAGES = {
    15: "sockclnt_create_455fb9c4",
    16: "sockclnt_create_reply_35166268",
    17: "sockclnt_delete_8ac76db6",
    611: "cli_8ae8bbbf",
    612: "cli_reply_86fbb79a",
    613: "cli_inband_f8377302",
    614: "cli_inband_reply_05879051",
}
CLI_INBAND, CLI_INBAND_REPLY = 613, 614
PING, PING_REPLY = 615, 616
PINGS = {615: "control_ping_51077d14", 616: "control_ping_reply_f6b0b8ca"}
CREATE, CREATE_REPLY, DUMP, DETAILS = 1201, 1202, 1205, 1206
# Only where the plugin is loaded.
WIREGUARD = {
    1201: "wireguard_interface_create_a530137e",
    1202: "wireguard_interface_create_reply_5383d31f",
    1203: "wireguard_interface_delete_f9e6675e",
    1205: "wireguard_interface_dump_2c954158",
    1206: "wireguard_interface_details_0dd4865d",
}
CLIENT_INDEX = 0x51000000
LARGEST_REQUEST = 16 << 20


def listen(path):
    """A listening socket; what a predecessor left behind is replaced."""
    if os.path.exists(path):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    listener.bind(path)
    os.chmod(path, 0o775)
    listener.listen(16)
    return listener


class Client:
    """A connection: bytes in, answers out, both as the socket takes them."""

    def __init__(self, vpp, connection):
        connection.setblocking(False)
        self.vpp, self.connection, self.buffer, self.index = vpp, connection, b"", None

    def fileno(self):
        return self.connection.fileno()

    def readable(self):
        try:
            data = self.connection.recv(1 << 16)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        self.buffer += data
        try:
            more = self.consume(ended=not data)
        except (struct.error, ValueError) as error:
            print(f"stand-in: client closed: {error}", file=sys.stderr, flush=True)
            more = False
        if not more or not data:
            self.vpp.unwatch(self)
            self.connection.close()

    def answer(self, data):
        self.connection.setblocking(True)
        self.connection.settimeout(10)
        try:
            self.connection.sendall(data)
        except OSError:
            pass  # the client went away
        self.connection.setblocking(False)


class ApiClient(Client):
    """The binary API over a stream: 16 bytes of header, then a message."""

    def consume(self, ended):
        while len(self.buffer) >= 16:
            (length,) = struct.unpack_from("!8xI4x", self.buffer)
            if length < 2 or length > LARGEST_REQUEST:
                raise ValueError(f"message of {length} bytes")
            if len(self.buffer) < 16 + length:
                break
            message, self.buffer = self.buffer[16 : 16 + length], self.buffer[16 + length :]
            self.message(message)
        return not ended

    def reply(self, message):
        self.answer(struct.pack("!8xI4x", len(message)) + message)

    def message(self, message):
        (kind,) = struct.unpack_from("!H", message)
        if kind == SOCKCLNT_CREATE and self.index is None:
            (context,) = struct.unpack_from("!I", message, 2)
            if len(message) != 70:
                raise ValueError("sockclnt_create of a wrong length")
            self.index = CLIENT_INDEX + self.connection.fileno()
            names = {**MESSAGES, **PINGS, **(WIREGUARD if self.has_wireguard() else {})}
            table = b"".join(struct.pack("!H64s", i, name.encode()) for i, name in names.items())
            self.reply(
                struct.pack("!HIIiIH", SOCKCLNT_CREATE_REPLY, 0, context, 0, self.index, len(names)) + table
            )
        elif kind == CLI_INBAND and self.index is not None:
            client, context, length = struct.unpack_from("!III", message, 2)
            if client != self.index:
                raise ValueError("a client index that was not handed out")
            if len(message) != 14 + length:
                raise ValueError("cli_inband of a wrong length")
            answer = test_commands.run(self.vpp, self.connection, message[14:].decode("utf-8", "replace"))
            if answer is None:
                return
            status, text = answer
            encoded = text.encode()
            self.reply(struct.pack("!HIiI", CLI_INBAND_REPLY, context, status, len(encoded)) + encoded)
        elif kind == PING and self.index is not None:
            (context,) = struct.unpack_from("!I", message, 6)
            self.reply(struct.pack("!HIiII", PING_REPLY, context, 0, self.index, os.getpid()))
        elif kind in WIREGUARD and self.index is not None and self.has_wireguard():
            self.wireguard(kind, message)
        else:
            raise ValueError(f"message {kind} is not spoken here")

    def has_wireguard(self):
        return self.vpp.startup.enabled("wireguard")

    def wireguard(self, kind, message):
        client, context = struct.unpack_from("!II", message, 2)
        if client != self.index:
            raise ValueError("a client index that was not handed out")
        if kind == CREATE:
            if len(message) != 10 + 8 + 64 + 2 + 17 + 1:
                raise ValueError("wireguard_interface_create of a wrong length")
            instance, _, private, _, port = struct.unpack_from("!II32s32sH", message, 10)
            family, address = struct.unpack_from("!B16s", message, 84)
            source = ipaddress.ip_address(address if family else address[:4])
            what = self.vpp.ambush.strikes("create wireguard tunnel")
            status, index = -1, 0xFFFFFFFF
            if what != "refuse":
                status, index = wireguard_commands.create(self.vpp, instance, private, port, source)
            self.reply(struct.pack("!HIiI", CREATE_REPLY, context, status, index))
        elif kind == DUMP:
            secret, _ = struct.unpack_from("!BI", message, 10)
            if secret:
                raise ValueError("nobody needs the private keys")
            for instance, index, public, port, source in wireguard_commands.listed(self.vpp):
                packed = struct.pack("!B16s", source.version == 6, source.packed)
                details = struct.pack("!II32s32sH", instance, index, bytes(32), public, port) + packed
                self.reply(struct.pack("!HI", DETAILS, context) + details)


class CliClient(Client):
    """The CLI socket: one command, its text, end."""

    def consume(self, ended):
        if not ended and b"\n" not in self.buffer:
            return True
        _, text = self.vpp.cli.run(self.buffer.decode("utf-8", "replace").strip())
        self.answer(text.encode() + (b"" if text.endswith("\n") or not text else b"\n"))
        return False


def main(arguments):
    """vppctl: exit 1 only when it cannot connect, 0 even if the command failed."""
    path = "/run/vpp/cli.sock"
    if arguments[:1] == ["-s"] and len(arguments) > 1:
        path, arguments = arguments[1], arguments[2:]
    if not arguments:
        print("stand-in: vppctl needs a command here", file=sys.stderr)
        return 1
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.connect(path)
        except OSError as error:
            print(f"connect: {error.strerror}: {path}", file=sys.stderr)
            return 1
        connection.sendall(" ".join(arguments).encode() + b"\n")
        while data := connection.recv(1 << 16):
            sys.stdout.buffer.write(data)
    return 0
