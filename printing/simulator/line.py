"""A simulated printer on a pseudo-terminal, with a symbolic link that survives unplugging."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import threading
import tty
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from printing.simulator.core import SimulatedPrinter

Result = TypeVar("Result")

TICK_SECONDS = 0.02
READ_MAX = 4096


class LinkTaken(OSError):
    """The name of the symbolic link belongs to something else."""

    def __init__(self, link: Path) -> None:
        super().__init__(f"{link} exists and is not a symbolic link; choose another --serial name.")


class SerialLine:
    """Moves bytes between a pseudo-terminal and a printer on a thread of its own.

    Pulling the cable closes the terminal and removes the link; plugging in makes a new terminal
    under the same link, as a USB port does.
    """

    def __init__(self, printer: SimulatedPrinter, link: Path) -> None:
        """Make the terminal and the link; raises LinkTaken.

        Args:
            printer: only to be used through `locked` from now on.
            link: where programs find the terminal.
        """
        if link.exists() and not link.is_symlink():
            raise LinkTaken(link)
        self._printer = printer
        self._link = link
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._ends: tuple[int, int] | None = None
        self._waiting = bytearray()
        self._wake_reader, self._wake_writer = os.pipe()
        link.parent.mkdir(parents=True, exist_ok=True)
        self._plug_in()
        self._thread = threading.Thread(target=self._serve, name="printer", daemon=True)

    def start(self) -> None:
        """Begin to move bytes."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, close the terminal, remove the link."""
        self._stop.set()
        self.wake()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        with self._lock:
            self._pull_out()
        for end in (self._wake_reader, self._wake_writer):
            os.close(end)

    def wake(self) -> None:
        """Look at the printer now: something was changed from outside."""
        os.write(self._wake_writer, b"!")

    def locked(self, call: Callable[[], Result]) -> Result:
        """Do something with the printer while no byte moves."""
        with self._lock:
            return call()

    def _serve(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                self._printer.run()
                self._follow_cable()
                self._send()
                readable = self._readable()
            ready, _, _ = select.select(readable, [], [], TICK_SECONDS)
            if self._wake_reader in ready:
                os.read(self._wake_reader, READ_MAX)
            with self._lock:
                if self._ends is not None and self._ends[0] in ready:
                    self._receive(self._ends[0])

    def _readable(self) -> list[int]:
        if self._ends is None or not self._printer.room:
            return [self._wake_reader]
        return [self._ends[0], self._wake_reader]

    def _receive(self, master: int) -> None:
        """Take only as many bytes as the printer has room for: the sender waits for the rest."""
        with contextlib.suppress(OSError):
            data = os.read(master, min(self._printer.room, READ_MAX))
            self._printer.receive(data)

    def _send(self) -> None:
        self._waiting += self._printer.take_replies()
        if self._ends is None:
            self._waiting.clear()
        elif self._waiting:
            with contextlib.suppress(BlockingIOError):
                sent = os.write(self._ends[0], bytes(self._waiting))
                del self._waiting[:sent]

    def _follow_cable(self) -> None:
        if self._printer.is_plugged and self._ends is None:
            self._plug_in()
        elif not self._printer.is_plugged and self._ends is not None:
            self._pull_out()

    def _plug_in(self) -> None:
        master, slave = pty.openpty()
        tty.setraw(slave)  # a cooked terminal would echo our own answers back at us
        os.set_blocking(master, False)
        self._ends = (master, slave)
        waiting = self._link.with_name(f".{self._link.name}.new")
        waiting.unlink(missing_ok=True)
        waiting.symlink_to(os.ttyname(slave))
        waiting.replace(self._link)

    def _pull_out(self) -> None:
        if self._ends is None:
            return
        self._link.unlink(missing_ok=True)
        for end in self._ends:
            os.close(end)
        self._ends = None
        self._waiting.clear()
