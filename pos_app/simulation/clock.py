"""Virtual time: one clock of the world, and clocks on its walls that may be wrong."""

from __future__ import annotations

from datetime import datetime, timedelta


class WorldClock:
    """The time; it moves when the next event is due, and while somebody waits."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """The current instant."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let time pass for everybody."""
        self._now += timedelta(seconds=seconds)

    def advance_to(self, instant: datetime) -> None:
        """Go on to an instant; one that has passed is now."""
        self._now = max(self._now, instant)


class LocalClock:
    """A machine's own clock, which somebody may set wrong."""

    def __init__(self, world: WorldClock) -> None:
        self._world = world
        self._offset = timedelta()

    def now(self) -> datetime:
        """What this clock says."""
        return self._world.now() + self._offset

    def sleep(self, seconds: float) -> None:
        """Let time pass for everybody."""
        self._world.sleep(seconds)

    def jump(self, by: timedelta) -> None:
        """Set the clock forward or back."""
        self._offset += by

    def put_right(self) -> None:
        """Set it to the true time."""
        self._offset = timedelta()
