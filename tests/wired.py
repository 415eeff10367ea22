"""A till whose fiscal device stands at the end of a serial line, all on one clock."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fiscal.errors import LinkBusy
from fiscal.port import Transport
from fiscal.serial_port import Line
from fiscal.serial_transport import SerialTransport
from fiscal.simulator.virtual_port import VirtualLine, untouched
from pos_app.store.engine import Store
from tests.counter import Counter, counter

PORT = "/dev/fiscal"
BAUD = Line().bauds[0]


@dataclass
class Wired(Counter):
    """The till, its counter, and the cable between them; sessions are numbers in order."""

    seed: int = 1
    line: VirtualLine = field(init=False)
    sessions: Iterator[int] = field(init=False)
    is_taken: bool = False

    def __post_init__(self) -> None:
        self.line = VirtualLine(self.box, self.shop.clock, seed=self.seed)
        self.sessions = itertools.count(1)
        super().__post_init__()

    def transport(self) -> Transport:
        """The port, opened by whoever asks first."""
        return SerialTransport(
            PORT,
            self.shop.clock,
            monotonic=self.line.monotonic,
            new_session=lambda: next(self.sessions),
            open_port=self._open,
        )

    def arm(self, do: str, seconds: float) -> None:
        """Let the device do something wrong at the next call."""
        self.breaks(do, seconds=seconds)

    def take_port(self) -> None:
        """Another program gets the port when this one lets go of it, as it does now."""
        self.restart()
        self.is_taken = True

    def heal(self) -> None:
        """Line, device and network are well again, and two minutes have gone by."""
        self.box.faults.replace([])
        self.box.change({"network": True, "clock_ahead_seconds": 0})
        self.line.to_device = self.line.to_host = untouched
        self.line.baud = BAUD
        self.is_taken = False
        self.shop.clock.sleep(120)

    def _open(self, address: str, settings: Line, baud: int) -> Any:
        if self.is_taken:
            raise LinkBusy(address)
        return self.line.open_port(address, settings, baud)


def wired(store: Store, *, seed: int = 1, **how: Any) -> Wired:
    """A filled till with an open shift; see `counter`."""
    made = counter(store, **how)
    return Wired(made.shop, made.box, made.machine, seed)
