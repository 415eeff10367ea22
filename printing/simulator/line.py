"""Moves bytes between a simulated printer and the ports it can be reached through."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from printing.simulator.core import SimulatedPrinter
from printing.simulator.port import READ_MAX, Port

Result = TypeVar("Result")

TICK_SECONDS = 0.02


class PrinterLine:
    """A thread of its own that serves every port; answers leave through the one asked last."""

    def __init__(self, printer: SimulatedPrinter, ports: Sequence[Port]) -> None:
        """Nothing moves yet.

        Args:
            printer: only to be used through `locked` from now on.
            ports: at least one; closed by `stop`.
        """
        self._printer = printer
        self._ports = tuple(ports)
        self._talking = self._ports[0]
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._wake_reader, self._wake_writer = os.pipe()
        self._thread = threading.Thread(target=self._serve, name="printer", daemon=True)

    def start(self) -> None:
        """Begin to move bytes."""
        self._thread.start()

    def stop(self) -> None:
        """Stop and close the ports."""
        self._stop.set()
        self.wake()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        with self._lock:
            for port in self._ports:
                port.close()
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
                self._show()
                watched = self._watched()
            ready, _, _ = select.select(watched, [], [], TICK_SECONDS)
            if self._wake_reader in ready:
                os.read(self._wake_reader, READ_MAX)
            with self._lock:
                for port in self._ports:
                    self._receive(port, ready)

    def _watched(self) -> list[int]:
        has_room = bool(self._printer.room)
        ends = (port.descriptors(has_room=has_room) for port in self._ports)
        return [self._wake_reader, *(one for watched in ends for one in watched)]

    def _show(self) -> None:
        """Let the ports show the cable, the modem lines, and what the printer says."""
        replies = self._printer.take_replies()
        for port in self._ports:
            port.plug(is_in=self._printer.is_plugged)
            port.set_lines(may_send=self._printer.may_send, is_powered=self._printer.is_powered)
            port.send(replies if port is self._talking else b"")

    def _receive(self, port: Port, ready: Sequence[int]) -> None:
        data = port.receive(ready, min(self._printer.room, READ_MAX))
        if port.was_opened():
            self._talking = port
            self._printer.opened()
        if data:
            self._talking = port
            is_noise = None not in (self._printer.machine.baud, port.baud) and (
                port.baud != self._printer.machine.baud
            )
            self._printer.receive(self._printer.noise(len(data)) if is_noise else data)
