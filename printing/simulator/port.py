"""The end of a cable at a simulated printer: a pseudo-terminal behind a symbolic link."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import struct
import termios
import tty
from collections.abc import Collection
from pathlib import Path
from typing import Protocol

READ_MAX = 4096


class Port(Protocol):
    """One way to the printer; used by one thread, never waits."""

    def descriptors(self, *, has_room: bool) -> list[int]:
        """What to watch for something to read, depending on whether the printer takes bytes."""
        ...

    def receive(self, ready: Collection[int], most: int) -> bytes:
        """Take in what came, at most so many bytes for the printer; the sender keeps the rest."""
        ...

    def send(self, data: bytes) -> None:
        """Send what the printer says, as soon as there is room."""
        ...

    def was_opened(self) -> bool:
        """Whether somebody opened it since the last call."""
        ...

    def set_lines(self, *, may_send: bool, is_powered: bool) -> None:
        """Raise and lower the modem lines, where there are any."""
        ...

    @property
    def baud(self) -> int | None:
        """The speed the other side has chosen; None where it cannot be known."""
        ...

    def plug(self, *, is_in: bool) -> None:
        """Put the cable in or pull it out; nothing happens if it is so already."""
        ...

    def close(self) -> None:
        """Go for good."""
        ...


class LinkTaken(OSError):
    """The name of the symbolic link belongs to something else."""

    def __init__(self, link: Path) -> None:
        super().__init__(f"{link} exists and is not a symbolic link; choose another --serial name.")


_SPEEDS = {
    getattr(termios, name): int(name[1:])
    for name in dir(termios)
    if name.startswith("B") and name[1:].isdecimal()
}


class PseudoTerminal:
    """A pseudo-terminal; plugging in anew makes another under the same link, as USB does.

    The kernel tells in packet mode that a program dropped old input, which every one does that
    opens the port. There are no modem lines.
    """

    def __init__(self, link: Path) -> None:
        """Make the terminal and the link; raises LinkTaken."""
        if link.exists() and not link.is_symlink():
            raise LinkTaken(link)
        self._link = link
        self._ends: tuple[int, int] | None = None
        self._waiting = bytearray()
        self._was_opened = False
        link.parent.mkdir(parents=True, exist_ok=True)
        self.plug(is_in=True)

    def descriptors(self, *, has_room: bool) -> list[int]:
        """See Port."""
        return [self._ends[0]] if self._ends is not None and has_room else []

    def receive(self, ready: Collection[int], most: int) -> bytes:
        """See Port."""
        if self._ends is None or self._ends[0] not in ready or not most:
            return b""
        with contextlib.suppress(OSError):
            packet = os.read(self._ends[0], min(most, READ_MAX) + 1)
            if packet[0] & termios.TIOCPKT_FLUSHREAD:
                self._was_opened = True
            return packet[1:]
        return b""

    def send(self, data: bytes) -> None:
        """See Port."""
        self._waiting += data
        if self._ends is None:
            self._waiting.clear()
        elif self._waiting:
            with contextlib.suppress(BlockingIOError):
                sent = os.write(self._ends[0], bytes(self._waiting))
                del self._waiting[:sent]

    def was_opened(self) -> bool:
        """See Port."""
        was, self._was_opened = self._was_opened, False
        return was

    def set_lines(self, *, may_send: bool, is_powered: bool) -> None:
        """Nothing: there are none."""

    @property
    def baud(self) -> int | None:
        """See Port."""
        return None if self._ends is None else _SPEEDS.get(termios.tcgetattr(self._ends[0])[5])

    def plug(self, *, is_in: bool) -> None:
        """See Port."""
        if is_in and self._ends is None:
            self._plug_in()
        elif not is_in and self._ends is not None:
            self.close()

    def close(self) -> None:
        """See Port."""
        if self._ends is None:
            return
        self._link.unlink(missing_ok=True)
        for end in self._ends:
            os.close(end)
        self._ends = None
        self._waiting.clear()

    def _plug_in(self) -> None:
        master, slave = pty.openpty()
        tty.setraw(slave)  # a cooked terminal would echo our own answers back at us
        os.set_blocking(master, False)
        fcntl.ioctl(master, termios.TIOCPKT, struct.pack("i", 1))
        self._ends = (master, slave)
        waiting = self._link.with_name(f".{self._link.name}.new")
        waiting.unlink(missing_ok=True)
        waiting.symlink_to(os.ttyname(slave))
        waiting.replace(self._link)
