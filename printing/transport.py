"""Ways to a printer by address: serial lines, pseudo-terminals, device files, sockets, files.

Our own, because none of the printing libraries bounds a write, tells how much of it went out, or
survives an unplugged cable. What an address may look like stands in `printing.address`.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import serial

from printing.address import LineSettings, Way, parse
from printing.errors import Offline
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
LINE_PRINTER_MAJORS = frozenset({6, 180})
"""Device numbers of parallel and USB line printers (Linux, admin-guide/devices)."""

LinkFactory = Callable[[], Link]


def link_factory(address: str, profile: Profile) -> LinkFactory:
    """Check an address now, open it later, as often as needed.

    Args:
        address: see `printing.address`.
        profile: gives speed and flow control of serial lines.

    Raises:
        InvalidAddress: the address can never work.
    """
    found = parse(address, profile)
    match found.way:
        case Way.NETWORK:
            return lambda: _open_socket(found.place, found.port)
        case Way.FILE:
            return lambda: _open_file(Path(found.place))
        case Way.MEMORY:
            kept = MemoryLink()
            return lambda: kept
        case Way.SERIAL_SERVER:
            return lambda: _open_serial(found.place, found.line)
        case Way.PATH:
            return lambda: _open_path(found.place, found.line)


def _open_path(path: str, settings: LineSettings) -> Link:
    """A line printer's device file is used as it is, everything else is a serial line."""
    if path.startswith("/") and not os.path.exists(path):  # noqa: PTH110 - COM3 is no path
        raise Offline(f"there is no {path}")
    if _is_leftover(path):
        raise Offline(f"{path} is left over from a printer that is gone")
    if _is_line_printer(path):
        return _open_device(path)
    return _open_serial(path, settings)


def _is_line_printer(path: str) -> bool:
    """Whether a path leads to a line printer, whatever name it was given."""
    try:
        found = os.stat(path)  # noqa: PTH116 - COM3 is no path
    except (OSError, ValueError):
        return False
    return stat.S_ISCHR(found.st_mode) and os.major(found.st_rdev) in LINE_PRINTER_MAJORS


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
    return DescriptorLink(descriptor, lambda: os.close(descriptor), may_read_nothing=True)


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
