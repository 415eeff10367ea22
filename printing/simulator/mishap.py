"""Faults as they happen to one printer: armed, counted down, begun, ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from printing.simulator import fault
from printing.simulator.fault import PrinterFaults
from sandbox.fault import Fault
from sandbox.log import RequestLog

TEXT_RUN = 1024
STOPS = (
    fault.PAPER_OUT,
    fault.COVER_OPEN,
    fault.OFFLINE,
    fault.CUTTER,
    fault.POWER_CYCLE,
)
MUTES = (fault.SILENCE, fault.POWER_CYCLE, fault.UNPLUG)


@dataclass(slots=True)
class _Armed:
    fault: Fault
    left: int


class Mishaps:
    """What is wrong with a printer now, and what is about to go wrong.

    The printer is told through `on_begin` (with the seconds of the fault) and `on_end`.
    """

    def __init__(
        self,
        faults: PrinterFaults,
        *,
        now: Callable[[], datetime],
        log: RequestLog,
        dead_seconds: float,
        on_begin: Callable[[str, float], None],
        on_end: Callable[[str], None],
    ) -> None:
        self.faults = faults
        self._now = now
        self._log = log
        self._dead_seconds = dead_seconds
        self._on_begin = on_begin
        self._on_end = on_end
        self._until: dict[str, datetime | None] = {}
        self._armed: list[_Armed] = []
        self._knife: Fault | None = None

    def __contains__(self, name: str) -> bool:
        return name in self._until

    @property
    def names(self) -> list[str]:
        """What is wrong now, sorted."""
        return sorted(self._until)

    @property
    def is_stopped(self) -> bool:
        """Whether nothing can be printed."""
        return any(name in self._until for name in STOPS)

    @property
    def is_mute(self) -> bool:
        """Whether no answer leaves the printer."""
        return any(name in self._until for name in MUTES)

    @property
    def run_limit(self) -> int:
        """The longest stretch of text to print before the next fault is to be looked at."""
        return min((armed.left for armed in self._inner()), default=TEXT_RUN)

    def begin(self, name: str, cause: Fault | None = None) -> None:
        """Something goes wrong; without a cause it lasts until `end`."""
        if name not in fault.MOMENTS:
            self._until[name] = self._end_of(name, cause)
        self._on_begin(name, float(cause.seconds) if cause else 0.0)

    def end(self, name: str) -> None:
        """Something is put right; nothing happens if it was not wrong."""
        if name in self._until:
            del self._until[name]
            self._on_end(name)

    def end_all(self) -> None:
        """Everything is put right and nothing is armed; a printer that starts goes on starting."""
        self._armed.clear()
        self._knife = None
        for name in self.names:
            if name != fault.POWER_CYCLE:
                self.end(name)

    def expire(self) -> None:
        """End what has lasted its time."""
        now = self._now()
        for name, until in list(self._until.items()):
            if until is not None and until <= now:
                self.end(name)

    def strike(self, call: str) -> bool:
        """Take the faults due at a call; True when garbage took the place of an answer."""
        waiting = {armed.fault.do for armed in self._armed}
        is_garbled = False
        for due in self.faults.due(call, skip={*waiting, *self._until}):
            self._log.append(f"{call} fault", due.do)
            if due.do == fault.CUTTER and not due.bytes:
                self._knife = due
            elif due.bytes:
                self._armed.append(_Armed(due, due.bytes))
            else:
                self.begin(due.do, due)
                is_garbled = is_garbled or due.do == fault.GARBAGE
        return is_garbled

    def passing(self, length: int) -> int:
        """How many of these bytes pass the cable before it is pulled."""
        on_wire = [armed for armed in self._armed if armed.fault.do in fault.ON_WIRE]
        passed = min([length, *(armed.left for armed in on_wire)])
        self._count(on_wire, passed)
        return passed

    def worked_off(self, size: int) -> None:
        """Count bytes that were printed or obeyed; what is due strikes behind them."""
        self._count(self._inner(), size)

    def jams(self) -> bool:
        """Whether the knife jams at this cut."""
        cause, self._knife = self._knife, None
        if cause is not None:
            self.begin(fault.CUTTER, cause)
        return cause is not None

    def with_wrong_byte(self, data: bytes) -> bytes:
        """The same with one bit of one byte turned over."""
        place, bit = self.faults.rng.randrange(len(data)), self.faults.rng.randrange(8)
        return data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]

    def _inner(self) -> list[_Armed]:
        return [armed for armed in self._armed if armed.fault.do not in fault.ON_WIRE]

    def _count(self, group: Iterable[_Armed], size: int) -> None:
        for armed in group:
            armed.left -= size
            if armed.left <= 0:
                self._armed.remove(armed)
                self.begin(armed.fault.do, armed.fault)

    def _end_of(self, name: str, cause: Fault | None) -> datetime | None:
        seconds = float(cause.seconds) if cause else 0.0
        if name == fault.POWER_CYCLE:
            seconds = seconds or self._dead_seconds
        return self._now() + timedelta(seconds=seconds) if seconds else None
