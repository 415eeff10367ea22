"""What happens next: a heap of events in the order of virtual time."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta

from pos_app.simulation.clock import WorldClock

Action = Callable[[], None]


class Schedule:
    """Events by time; those of one instant in the order in which they were planned."""

    def __init__(self, clock: WorldClock) -> None:
        self._clock = clock
        self._order = itertools.count()
        self._events: list[tuple[datetime, int, Action]] = []
        self.done = 0

    def at(self, when: datetime, action: Action) -> None:
        """Plan an event."""
        heapq.heappush(self._events, (when, next(self._order), action))

    def after(self, seconds: float, action: Action) -> None:
        """Plan an event so long from now."""
        self.at(self._clock.now() + timedelta(seconds=seconds), action)

    def run_until(self, end: datetime, *, stop: Callable[[], bool] = lambda: False) -> None:
        """Let everything happen that is due before an instant, or until `stop` says so."""
        while self._events and self._events[0][0] <= end and not stop():
            when, _order, action = heapq.heappop(self._events)
            self._clock.advance_to(when)
            self.done += 1
            action()
        if not stop():
            self._clock.advance_to(end)


class Loop:
    """One lane of background work, run again and again as on a thread of its own."""

    def __init__(
        self,
        schedule: Schedule,
        work: Callable[[], float],
        *,
        idle_seconds: float,
        least_seconds: float = 0,
    ) -> None:
        """Plan nothing yet.

        Args:
            schedule: where to plan.
            work: does what can be done now; returns seconds to the next try, 0 for none needed.
            idle_seconds: the longest pause between two looks.
            least_seconds: the shortest, unless somebody wakes it.
        """
        self._schedule = schedule
        self._work = work
        self._idle = idle_seconds
        self._least = least_seconds
        self._plan = 0

    def wake(self, seconds: float = 0) -> None:
        """Look soon; whatever was planned before is forgotten."""
        self._plan += 1
        mine = self._plan
        self._schedule.after(seconds, lambda: self._run(mine))

    def _run(self, plan: int) -> None:
        if plan != self._plan:
            return
        pause = self._work()
        if plan == self._plan:
            self.wake(min(max(pause, self._least) if pause else self._idle, self._idle))
