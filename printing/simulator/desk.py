"""The wire between a printer actor and a simulated printer in one process, on one clock."""

from __future__ import annotations

from printing.clock import Clock
from printing.errors import Offline
from printing.link import Link
from printing.simulator.core import SimulatedPrinter

POLL_SECONDS = 0.01


class DeskLink:
    """A Link to a simulated printer; waiting lets the given clock's time pass."""

    def __init__(self, printer: SimulatedPrinter, clock: Clock) -> None:
        self._printer = printer
        self._clock = clock

    def write(self, data: bytes, wait_seconds: float) -> int:
        """See Link."""
        self._check()
        taken = self._printer.receive(data)
        if not taken and data:
            self._clock.sleep(wait_seconds)
            self._check()
            taken = self._printer.receive(data)
        return taken

    def read(self, wait_seconds: float) -> bytes:
        """See Link; looks every hundredth of a second of the clock."""
        waited = 0.0
        while True:
            self._check()
            self._printer.run()
            data = self._printer.take_replies()
            if data or waited >= wait_seconds:
                return data
            step = min(POLL_SECONDS, wait_seconds - waited)
            self._clock.sleep(step)
            waited += step

    def urgent(self, data: bytes) -> None:
        """See Link."""
        self.write(data, POLL_SECONDS)

    def resume(self) -> None:
        """Nothing was lifted."""

    def discard(self) -> None:
        """Nothing waits on this wire."""

    def close(self) -> None:
        """Nothing to let go of."""

    def _check(self) -> None:
        if not self._printer.is_plugged:
            raise Offline("the cable is not plugged in")


class Desk:
    """Opens links to one simulated printer: a `LinkFactory` for `printing.printer.Printer`."""

    def __init__(self, printer: SimulatedPrinter, clock: Clock) -> None:
        self.printer = printer
        self._clock = clock

    def __call__(self) -> Link:
        """Open; raises Offline while the cable is out."""
        self.printer.run()
        if not self.printer.is_plugged:
            raise Offline("there is no printer on this port")
        self.printer.take_replies()
        self.printer.opened()
        return DeskLink(self.printer, self._clock)
