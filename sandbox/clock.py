"""A clock that can be set and turned, over one that runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

SPARE_DAYS = 366


def system_now() -> datetime:
    """The machine's time as an aware UTC instant."""
    return datetime.now(UTC)


class SandboxClock:
    """Time as a simulator sees it: the running clock plus an offset somebody chose."""

    def __init__(
        self, base: Callable[[], datetime] = system_now, *, offset: timedelta = timedelta()
    ) -> None:
        self._base = base
        self._offset = offset

    @property
    def offset(self) -> timedelta:
        """How far it was turned; kept by simulators that resume."""
        return self._offset

    def now(self) -> datetime:
        """The current aware UTC instant."""
        return self._base() + self._offset

    def set(self, now: datetime) -> None:
        """Make this the current instant; a naive one is taken as UTC."""
        aware = now if now.tzinfo else now.replace(tzinfo=UTC)
        self._turn(aware - self._base())

    def advance(self, seconds: float) -> None:
        """Turn the clock; negative seconds turn it back.

        Raises:
            OverflowError: beyond the days a calendar has; the clock stays as it is.
        """
        self._turn(self._offset + timedelta(seconds=seconds))

    def _turn(self, offset: timedelta) -> None:
        # A year on either side, so that nobody who adds to it is the one to find the end.
        for spare in (timedelta(days=-SPARE_DAYS), timedelta(days=SPARE_DAYS)):
            self._base() + offset + spare
        self._offset = offset


class ClockDamaged(Exception):
    """What was kept of a clock cannot be read."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is damaged: remove it, and the clock shows the machine's time.")


class KeptClock(SandboxClock):
    """A clock that remembers in a file how far it was turned.

    Args:
        path: the file; made by the first `keep`.

    Raises:
        ClockDamaged: the file is there and cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        super().__init__(offset=timedelta(seconds=self._kept()))

    def keep(self) -> None:
        """Write down how far it was turned."""
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps({"offset_seconds": self.offset.total_seconds()}))
        draft.replace(self._path)

    def _kept(self) -> float:
        try:
            return float(json.loads(self._path.read_text())["offset_seconds"])
        except FileNotFoundError:
            return 0
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ClockDamaged(self._path) from error
