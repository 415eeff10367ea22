"""A serial server: a port of this machine offered on the network, raw or after RFC 2217."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import serial
from serial.rfc2217 import PortManager

from fiscal.serial_port import PORT_ERRORS


class SerialServer:
    """Takes one client at a time, and drops it when the port goes away or is not there."""

    def __init__(self, port: str, *, is_telnet: bool) -> None:
        self._port = port
        self._is_telnet = is_telnet
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        scheme = "rfc2217" if is_telnet else "socket"
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(OSError):
                client, _ = self._listener.accept()
                with client:
                    self._pass_on(client)

    def _pass_on(self, client: socket.socket) -> None:
        with (
            contextlib.suppress(*PORT_ERRORS),
            _Wireless(self._port, timeout=0.005, exclusive=True) as port,
        ):
            self._pump(client, port)

    def _pump(self, client: socket.socket, port: Any) -> None:
        manager = PortManager(port, _Connection(client)) if self._is_telnet else None
        client.settimeout(0.002)
        while not self._stop.is_set():
            data = port.read(port.in_waiting or 1)
            if data:
                client.sendall(b"".join(manager.escape(data)) if manager else data)
            with contextlib.suppress(TimeoutError):
                heard = client.recv(4096)
                if not heard:
                    return
                port.write(b"".join(manager.filter(heard)) if manager else heard)


class _Wireless(serial.Serial):  # type: ignore[misc]
    """A pseudo-terminal, which has no modem lines to read or set."""

    def _update_dtr_state(self) -> None:
        pass

    def _update_rts_state(self) -> None:
        pass

    cts = dsr = ri = cd = False


class _Connection:
    """What a port manager writes its own words to."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client

    def write(self, data: bytes) -> None:
        self._client.sendall(data)


@contextlib.contextmanager
def serial_server(port: Path | str, *, is_telnet: bool) -> Iterator[str]:
    """The address at which a port is offered."""
    server = SerialServer(str(port), is_telnet=is_telnet)
    try:
        yield server.url
    finally:
        server.stop()
