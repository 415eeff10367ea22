"""A pseudo-terminal under a symbolic link: a serial port that can be unplugged."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import time
import tty
from pathlib import Path

_READ_BYTES = 4096
_WRITE_SECONDS = 1.0


class LinkTaken(OSError):
    """The name of the symbolic link belongs to something else."""

    def __init__(self, link: Path) -> None:
        super().__init__(f"{link} exists and is not a symbolic link; choose another --serial name.")


class PseudoPort:
    """One plugged-in port; closing it is pulling the plug, and another takes its name later."""

    def __init__(self, link: Path) -> None:
        """Make the terminal and point the link at it; raises LinkTaken, or OSError."""
        if link.exists() and not link.is_symlink():
            raise LinkTaken(link)
        link.parent.mkdir(parents=True, exist_ok=True)
        self._link = link
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)  # a cooked terminal would echo our own bytes back at us
        os.set_blocking(self._master, False)
        self._name = os.ttyname(self._slave)
        fresh = link.with_name(f".{link.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(self._name)
        fresh.replace(link)

    def read(self, timeout: float) -> bytes:
        """The bytes that are there, or the first that come within the time; else none."""
        ready, _, _ = select.select([self._master], [], [], timeout)
        if not ready:
            return b""
        with contextlib.suppress(BlockingIOError, OSError):
            return os.read(self._master, _READ_BYTES)
        return b""

    def write(self, data: bytes) -> None:
        """Write what the other end takes within a second; the rest is lost, as on a wire."""
        left = memoryview(data)
        ends = time.monotonic() + _WRITE_SECONDS
        while left and time.monotonic() < ends:
            select.select([], [self._master], [], 0.1)
            with contextlib.suppress(BlockingIOError):
                left = left[os.write(self._master, left) :]

    def close(self) -> None:
        """Unplug: whoever has it open sees it go, and the link is gone unless it is another's."""
        with contextlib.suppress(OSError):
            if str(self._link.readlink()) == self._name:
                self._link.unlink()
        for end in (self._master, self._slave):
            os.close(end)
