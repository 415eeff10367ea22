"""How long people wait for the screen: from the key the input thread saw to the frame written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from textual.message import Message


def moment() -> float:
    """Return now on the clock that stamps keys, in seconds."""
    return Message().time


@dataclass(slots=True)
class Pace:
    """The slowest paint of the business day, and the last one.

    Attributes:
        today: the business date; a new one starts a new worst.
        last, worst: seconds; 0 until something was measured.
    """

    today: Callable[[], date]
    now: Callable[[], float] = moment
    last: float = 0.0
    worst: float = 0.0
    count: int = 0
    _day: date | None = field(default=None, repr=False)

    def painted(self, since: float) -> None:
        """Note that what was keyed at ``since`` stands on the screen now."""
        day = self.today()
        if day != self._day:
            self._day, self.worst, self.count = day, 0.0, 0
        self.last = max(self.now() - since, 0.0)
        self.worst = max(self.worst, self.last)
        self.count += 1
