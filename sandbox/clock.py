"""A clock that can be set and turned, over one that runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


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
        self._offset = aware - self._base()

    def advance(self, seconds: float) -> None:
        """Turn the clock; negative seconds turn it back."""
        self._offset += timedelta(seconds=seconds)
