"""A serial port that nobody else holds: found by its address, opened, given back."""

from __future__ import annotations

import contextlib
import errno
import fnmatch
import glob
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import serial
from filelock import FileLock, Timeout
from serial.tools import list_ports

from fiscal.errors import LinkBusy, NotThere, Unavailable

try:
    from termios import error as terminal_error
except ImportError:  # pragma: no cover - Windows has no termios
    terminal_error = OSError  # type: ignore[assignment, misc]

PORT_ERRORS = (serial.SerialException, OSError, terminal_error, TypeError)
"""What pyserial lets out when a port goes away: also TypeError, for a port closed meanwhile."""

READ_SECONDS = 0.02
_WRITE_SECONDS = 5.0
_NO_BAUD = ("socket://", "loop://")
_NO_WRITE_TIMEOUT = ("rfc2217://",)
_PATTERN = re.compile(r"[*?[]")
_LOCK_MODE = 0o666


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How a serial line is set: 8 data bits, no parity, 1 stop bit, and this.

    Attributes:
        bauds: tried in this order until the device answers its greeting.
        rts_cts: whether the cable has these wires and both ends use them.
        locks: folder of the lock files that programs of this machine share; None for none. A
            terminal is locked by the system, too; a port on the network only by its file.
    """

    bauds: tuple[int, ...] = (115200, 9600)
    rts_cts: bool = False
    locks: Path | None = None


class Port(Protocol):
    """An open port."""

    address: str

    def read(self) -> bytes:
        """What has come in, or what comes first within a moment; else nothing."""
        ...

    def write(self, data: bytes) -> None:
        """Send bytes."""
        ...

    def set_baud(self, baud: int) -> None:
        """Change the speed and forget what came in at the other one."""
        ...

    def close(self) -> None:
        """Give it back."""
        ...


class SerialPort:
    """A port of this machine, or one on the network, by pyserial."""

    def __init__(self, address: str, line: Line, baud: int) -> None:
        """Open it.

        Raises:
            LinkBusy: another program holds it.
            NotThere: there is no such port now.
            Unavailable: it cannot be opened, and why.
        """
        self.address = address
        self._lock = _lock(address, line.locks)
        self._port = self._open(address, line, baud)

    def read(self) -> bytes:
        """The bytes that are there, or the first that come within the time."""
        data: bytes = self._port.read(self._port.in_waiting or 1)
        return data

    def write(self, data: bytes) -> None:
        """Send; a port on the network ends a hanging write by its own time limit."""
        self._port.write(data)

    def set_baud(self, baud: int) -> None:
        """Change the speed; what was received at another one is thrown away."""
        if self._port.baudrate != baud:
            self._port.baudrate = baud
        self._port.reset_input_buffer()

    def close(self) -> None:
        """Close the port and let go of its lock file."""
        left = getattr(self._port, "_socket", None)
        with contextlib.suppress(*PORT_ERRORS):
            self._port.close()
        if left is not None:
            left.close()  # pyserial 3.5 forgets a socket whose other end is gone
        self._release()

    def _open(self, address: str, line: Line, baud: int) -> Any:
        try:
            port = serial.serial_for_url(
                address,
                baudrate=baud,
                timeout=READ_SECONDS,
                write_timeout=None if address.startswith(_NO_WRITE_TIMEOUT) else _WRITE_SECONDS,
                rtscts=line.rts_cts,
                exclusive=True,
            )
            port.reset_input_buffer()
        except (*PORT_ERRORS, ValueError) as error:
            self._release()
            raise _why_not(address, error) from error
        return port

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release(force=True)


def bauds_of(address: str, line: Line) -> tuple[int, ...]:
    """The speeds to try; a plain socket has one of its own that nobody can change from here."""
    return line.bauds[:1] if address.startswith(_NO_BAUD) else line.bauds


def is_pattern(address: str) -> bool:
    """Whether an address stands for several ports, such as ``/dev/serial/by-id/usb-revmax*``."""
    return "://" not in address and _PATTERN.search(address) is not None


def candidates(address: str) -> list[str]:
    """The ports an address may mean now, in the order of their names.

    Only the ports that a pattern names are ever spoken to: a greeting sent to whatever is plugged
    in would be printed by printers.

    Raises:
        NotThere: no port fits the pattern, or the symbolic link is a dead device's.
    """
    if not is_pattern(address):
        if _is_leftover(address):
            raise NotThere(address)
        return [address]
    named = (port.device for port in list_ports.comports())
    found = {name for name in named if fnmatch.fnmatch(name, address)}
    found |= {path for path in glob.glob(address) if not _is_leftover(path)}  # noqa: PTH207 - names as written
    if not found:
        raise NotThere(address)
    return sorted(found)


def _lock(address: str, folder: Path | None) -> FileLock | None:
    """The lock file of a port, whatever name it goes by; raises LinkBusy, Unavailable."""
    if folder is None or address.startswith("loop://"):
        return None
    name = address.lower() if "://" in address else os.path.realpath(address)
    path = folder / (re.sub(r"[^A-Za-z0-9.-]+", "_", name).strip("_") + ".lock")
    lock = FileLock(path, mode=_LOCK_MODE, thread_local=False, fallback_to_soft=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise LinkBusy(address) from error
    except OSError as error:
        if "://" not in address:
            return None  # another user's file: the system's own lock of the terminal is enough
        raise Unavailable(f"its lock file {path} cannot be written ({error.strerror})") from error
    return lock


def _why_not(address: str, error: Exception) -> Unavailable:
    if _is_taken(error):
        return LinkBusy(address)
    if isinstance(error, ValueError) and not isinstance(error, serial.SerialException):
        return Unavailable(f"its address {address} is not understood: {error}")
    if _has(error, errno.ENOENT):
        return NotThere(address)
    if _has(error, errno.EACCES):
        return Unavailable(f"this user may not open the port {address}")
    return Unavailable(f"the port {address} cannot be opened")


def _is_taken(error: BaseException) -> bool:
    """Whether a port could not be opened because somebody else holds it; Windows denies access."""
    denied = os.name == "nt" and _has(error, errno.EACCES)
    return denied or _has(error, errno.EAGAIN, errno.EBUSY) or "lock" in str(error).lower()


def _has(error: BaseException | None, *numbers: int) -> bool:
    """Whether an error, or one behind it, has one of these numbers."""
    while error is not None:
        if getattr(error, "errno", None) in numbers:
            return True
        error = error.__context__
    return False


def _is_leftover(path: str) -> bool:
    """Whether a symbolic link names a pseudo-terminal that was made after the link itself.

    The one it was made for has died without removing it, and its number went to a stranger.
    """
    try:
        target = os.readlink(path)  # noqa: PTH115 - an address need not be a path
        return target.startswith("/dev/pts/") and (
            os.stat(target).st_ctime_ns > os.lstat(path).st_mtime_ns  # noqa: PTH116 - as above
        )
    except (OSError, ValueError):
        return False
