"""Ways to a printer by address: serial lines, pseudo-terminals, device files, sockets, files.

Our own, because none of the printing libraries bounds a write, tells how much of it went out, or
survives an unplugged cable. Addresses:

  /dev/ttyUSB0, /dev/serial/by-id/..., a pseudo-terminal, COM3     serial line
  /dev/usb/lp0                                                     device file
  tcp://host:9100, socket://host:port                              network
  file:///path/to/file                                             appended to
  memory://                                                        kept in memory
  rfc2217://host:port, loop://                                     through pyserial

``?baud=19200&flow=xonxoff`` after any serial address overrides the profile.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import serial

from printing.errors import InvalidAddress, Offline
from printing.link import (
    LINK_ERRORS,
    SLICE_SECONDS,
    WRITE_SECONDS,
    DescriptorLink,
    FileLink,
    Link,
    MemoryLink,
    SerialLink,
    close_serial,
    why_broken,
)
from printing.profile import Flow, Profile

CONNECT_SECONDS = 3.0
LINE_PRINTERS = ("/dev/usb/lp", "/dev/lp")

LinkFactory = Callable[[], Link]


@dataclass(frozen=True, slots=True)
class LineSettings:
    """Speed and flow control of a serial line."""

    baud: int
    flow: Flow


def link_factory(address: str, profile: Profile) -> LinkFactory:
    """Check an address now, open it later, as often as needed.

    Args:
        address: see the module.
        profile: gives speed and flow control of serial lines.

    Raises:
        InvalidAddress: the address can never work.
    """
    bare, settings = _settings(address, profile)
    scheme = urlsplit(bare).scheme.lower() if "://" in bare else ""
    match scheme:
        case "tcp" | "socket":
            host, port = _host_port(bare)
            return lambda: _open_socket(host, port)
        case "file":
            path = Path(urlsplit(bare).path)
            return lambda: _open_file(path)
        case "memory":
            kept = MemoryLink()
            return lambda: kept
        case "rfc2217" | "loop":
            return lambda: _open_serial(bare, settings)
        case "":
            if not bare:
                raise InvalidAddress(address, "it is empty")
            return lambda: _open_path(bare, settings)
    raise InvalidAddress(address, f"nothing here speaks {scheme}")


def _settings(address: str, profile: Profile) -> tuple[str, LineSettings]:
    settings = LineSettings(profile.baud, profile.flow)
    bare, mark, query = address.strip().partition("?")
    if not mark:
        return bare, settings
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name == "baud" and value.isdigit() and int(value) > 0:
            settings = replace(settings, baud=int(value))
        elif name == "flow" and value in tuple(Flow):
            settings = replace(settings, flow=Flow(value))
        else:
            flows = ", ".join(Flow)
            raise InvalidAddress(address, f"after ? come baud=NUMBER and flow={flows}")
    return bare, settings


def _host_port(address: str) -> tuple[str, int]:
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError as error:
        raise InvalidAddress(address, "its port is not a number to 65535") from error
    if not parts.hostname:
        raise InvalidAddress(address, "it names no host")
    return parts.hostname, port or 9100


def _open_path(path: str, settings: LineSettings) -> Link:
    """A line printer's device file is used as it is, everything else is a serial line."""
    if path.startswith("/") and not os.path.exists(path):  # noqa: PTH110 - COM3 is no path
        raise Offline(f"there is no {path}")
    if _is_leftover(path):
        raise Offline(f"{path} is left over from a printer that is gone")
    if os.path.realpath(path).startswith(LINE_PRINTERS):
        return _open_device(path)
    return _open_serial(path, settings)


def _is_leftover(path: str) -> bool:
    """Whether a symbolic link names a pseudo-terminal that was made after the link itself.

    The one it was made for has died without removing it, and its number went to a stranger.
    """
    try:
        target = os.readlink(path)  # noqa: PTH115 - COM3 is no path
        return target.startswith("/dev/pts/") and (
            os.stat(target).st_ctime_ns > os.lstat(path).st_mtime_ns  # noqa: PTH116 - as above
        )
    except (OSError, ValueError):
        return False


def _open_serial(address: str, settings: LineSettings) -> Link:
    port: Any = None
    try:
        port = serial.serial_for_url(address, do_not_open=True)
        port.baudrate = settings.baud
        port.timeout = SLICE_SECONDS
        if not address.lower().startswith("rfc2217:"):  # bounded by its socket, and by no more
            port.write_timeout = WRITE_SECONDS
        port.xonxoff = settings.flow is Flow.XONXOFF
        port.rtscts = settings.flow is Flow.RTSCTS
        if isinstance(port, serial.Serial):
            port.exclusive = True
        port.open()
    except LINK_ERRORS as error:
        if port is not None:
            close_serial(port)
        if getattr(error, "errno", None) == errno.EAGAIN:
            raise Offline(f"another program holds {address}") from error
        raise Offline(f"{address} cannot be opened ({why_broken(error)})") from error
    if isinstance(port, serial.Serial) and os.name == "posix":
        return DescriptorLink(
            port.fileno(),
            lambda: close_serial(port),
            serial_port=port,
            has_xonxoff=settings.flow is Flow.XONXOFF,
        )
    return SerialLink(port)


def _open_device(path: str) -> Link:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError as error:
        raise Offline(f"{path} cannot be opened ({error.strerror})") from error
    return DescriptorLink(descriptor, lambda: os.close(descriptor))


def _open_socket(host: str, port: int) -> Link:
    try:
        connection = socket.create_connection((host, port), timeout=CONNECT_SECONDS)
    except OSError as error:
        raise Offline(f"{host}:{port} does not answer ({why_broken(error)})") from error
    connection.setblocking(False)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return DescriptorLink(connection.fileno(), connection.close)


def _open_file(path: Path) -> Link:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        raise Offline(f"{path} cannot be written ({error.strerror})") from error
    return FileLink(descriptor)
