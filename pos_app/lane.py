"""A lane: one kind of background work on a thread of its own, woken when there is something new."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import structlog

from pos_app.clock import Clock
from pos_app.errors import PosError
from pos_app.services.worked import Worked

IDLE_SECONDS = 0.25
"""How soon a lane notices what another process has left for it."""

FAULT_SECONDS = (0.25, 1, 2, 5, 10, 30)
"""How long a lane rests after the first fault in a row, the second, and so on."""


class Lane:
    """Runs `work` again and again: at once while it gets on, later when it says when."""

    def __init__(
        self,
        name: str,
        work: Callable[[], Worked],
        *,
        clock: Clock,
        idle_seconds: float = IDLE_SECONDS,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = name
        self.problem = ""
        self._work = work
        self._clock = clock
        self._idle = idle_seconds
        self._changed = changed
        self._faults = 0
        self._last_fault = ""
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def wake(self) -> None:
        """There is something new; do not wait."""
        self._wake.set()

    def stop(self, timeout: float = 10) -> None:
        """Finish the work at hand and end."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        log = structlog.get_logger(lane=self.name)
        while not self._stop.is_set():
            worked = self._once(log)
            if worked.done or worked.problem != self.problem:
                self.problem = worked.problem
                self._tell(log)
            self._wake.wait(self._pause(worked))
            self._wake.clear()

    def _once(self, log: structlog.BoundLogger) -> Worked:
        """Work, and turn whatever goes wrong into a problem: a lane never ends by itself."""
        try:
            worked = self._work()
        except PosError as error:
            worked = Worked(problem=error.sentence)
        except Exception as error:
            # A fault is logged whole when it is news, in one line while it lasts (lesson L85).
            if repr(error) != self._last_fault:
                log.exception("lane failed")
            else:
                log.error("lane failed again", error=repr(error), times=self._faults + 1)
            self._faults, self._last_fault = self._faults + 1, repr(error)
            return Worked(problem=f"{self.name} met a fault ({type(error).__name__}); see the log.")
        self._faults, self._last_fault = 0, ""
        return worked

    def _tell(self, log: structlog.BoundLogger) -> None:
        """Call whoever watches; one that fails, such as a closed screen, stops no work."""
        try:
            self._changed()
        except Exception:
            log.exception("lane watcher failed")

    def _pause(self, worked: Worked) -> float:
        if self._faults:
            return FAULT_SECONDS[min(self._faults, len(FAULT_SECONDS)) - 1]
        if worked.done and worked.next_at is None and worked.waiting:
            return 0
        return max(min(self._seconds_to(worked.next_at), self._idle), 0)

    def _seconds_to(self, instant: datetime | None) -> float:
        return self._idle if instant is None else (instant - self._clock.now()).total_seconds()
