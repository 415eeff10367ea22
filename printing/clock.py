"""Time for devices: a clock to be given, and waits that end even when that clock is wrong."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

LEAP_MAX = 2.0
INSTANT = 0.0005


class Clock(Protocol):
    """The shop's clock, real or virtual."""

    def now(self) -> datetime:
        """The current aware instant."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ...


class Budget:
    """Seconds to spend on waiting; ends whether the clock stands still, leaps or runs back.

    Each `spend` costs what the clock says has passed, at least the time the step was meant to
    take and at most two seconds more than that.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._last = clock.now()
        self._seconds = seconds
        self._left = seconds

    @property
    def is_over(self) -> bool:
        """Whether nothing is left."""
        return self._left <= 0

    def spend(self, nominal: float = INSTANT) -> None:
        """Account for a step that was meant to take this long."""
        now = self._clock.now()
        passed = (now - self._last).total_seconds()
        self._last = now
        self._left -= min(max(passed, nominal, INSTANT), nominal + LEAP_MAX)

    def refill(self) -> None:
        """Start again with the whole sum, as after progress."""
        self._last = self._clock.now()
        self._left = self._seconds
