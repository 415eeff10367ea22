"""Time as this package is given it; nothing here reads the machine's clock by itself."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What transports and the simulated device are given instead of the machine's time."""

    def now(self) -> datetime:
        """The current instant, aware."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass; on virtual time this returns at once."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """The current aware UTC instant."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Block the calling thread."""
        time.sleep(seconds)
