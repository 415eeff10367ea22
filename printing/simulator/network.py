"""A simulated printer behind a serial server of the network: RFC 2217, with its modem lines."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Collection
from dataclasses import dataclass

from serial.rfc2217 import PortManager

from printing.simulator.port import READ_MAX
from sandbox.server import listen

HELD_MAX = 256
"""Bytes a serial server keeps for a printer that takes none."""


@dataclass(slots=True)
class _Face:
    """What the protocol's library wants to see of a serial port."""

    baudrate: int = 9600
    bytesize: int = 8
    parity: str = "N"
    stopbits: int = 1
    xonxoff: bool = False
    rtscts: bool = False
    break_condition: bool = False
    rts: bool = True
    dtr: bool = True
    cts: bool = True
    dsr: bool = True
    ri: bool = False
    cd: bool = True

    def reset_input_buffer(self) -> None:
        """Nothing is kept on this side."""

    def reset_output_buffer(self) -> None:
        """Nothing is kept on this side."""


class _Caller:
    """One program that is connected."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection = connection
        self.held = bytearray()
        self.out = bytearray()
        self.face = _Face()
        self.manager = PortManager(self.face, self)

    def write(self, data: bytes) -> None:
        """Called by the library for answers of the protocol."""
        self.out += data


class NetworkPort:
    """Listens for one program at a time; pulling the cable ends its connection, too."""

    def __init__(self, host: str, port: int) -> None:
        """Listen; port 0 takes a free one. Raises `sandbox.server.PortTaken`."""
        self._listener: socket.socket | None = listen(host, port)
        self._listener.setblocking(False)
        self._host = host
        self.port = int(self._listener.getsockname()[1])
        self._caller: _Caller | None = None
        self._was_opened = False

    @property
    def address(self) -> str:
        """What a till writes as the address of its printer."""
        return f"rfc2217://{self._host}:{self.port}"

    @property
    def baud(self) -> int | None:
        """See Port."""
        return None if self._caller is None else int(self._caller.face.baudrate)

    def descriptors(self, *, has_room: bool) -> list[int]:  # noqa: ARG002 - it keeps some itself
        """See Port."""
        watched = [] if self._listener is None else [self._listener.fileno()]
        if self._caller is not None and len(self._caller.held) < HELD_MAX:
            watched.append(self._caller.connection.fileno())
        return watched

    def receive(self, ready: Collection[int], most: int) -> bytes:
        """See Port."""
        if self._listener is not None and self._listener.fileno() in ready:
            self._accept(self._listener)
        caller = self._caller
        if caller is None:
            return b""
        if caller.connection.fileno() in ready:
            self._read(caller)
        data = bytes(caller.held[:most])
        del caller.held[:most]
        return data

    def send(self, data: bytes) -> None:
        """See Port."""
        caller = self._caller
        if caller is None:
            return
        caller.out += b"".join(caller.manager.escape(data))
        if caller.out:
            try:
                sent = caller.connection.send(bytes(caller.out))
                del caller.out[:sent]
            except BlockingIOError:
                return
            except OSError:
                self._hang_up()

    def was_opened(self) -> bool:
        """See Port."""
        was, self._was_opened = self._was_opened, False
        return was

    def set_lines(self, *, may_send: bool, is_powered: bool) -> None:
        """See Port."""
        if self._caller is not None:
            self._caller.face.cts = may_send and is_powered
            self._caller.face.dsr = is_powered
            self._caller.manager.check_modem_lines()

    def plug(self, *, is_in: bool) -> None:
        """See Port."""
        if not is_in and self._listener is not None:
            self.close()
        elif is_in and self._listener is None:
            self._listener = listen(self._host, self.port)
            self._listener.setblocking(False)

    def close(self) -> None:
        """See Port."""
        self._hang_up()
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _accept(self, listener: socket.socket) -> None:
        """Take a caller, or turn a second one away."""
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            if self._caller is not None:
                connection.close()
                return
            self._caller = _Caller(connection)
            self._was_opened = True

    def _read(self, caller: _Caller) -> None:
        try:
            data = caller.connection.recv(READ_MAX)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._hang_up()
            return
        caller.held += b"".join(caller.manager.filter(data))

    def _hang_up(self) -> None:
        if self._caller is not None:
            self._caller.connection.close()
            self._caller = None
