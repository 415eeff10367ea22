"""Time comes in through the front door: the shop's clock and its business date."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """What every use case, device and queue is given instead of the machine's time."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass; on virtual time this returns at once."""
        ...


class SystemClock:
    """The machine's clock, shifted by an offset that only the demo and training use."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self._offset = offset

    def now(self) -> datetime:
        """The current aware UTC instant."""
        return datetime.now(UTC) + self._offset

    def sleep(self, seconds: float) -> None:
        """Block the calling thread."""
        time.sleep(seconds)

    def set(self, now: datetime) -> None:
        """Make this the current instant; used by the demo's clock route."""
        self._offset = now.astimezone(UTC) - datetime.now(UTC)


def business_date(now: datetime, zone: str) -> date:
    """The trading day at an instant, in the shop's own zone (production lesson L35)."""
    return now.astimezone(ZoneInfo(zone)).date()
