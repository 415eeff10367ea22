"""A circuit breaker: after several connection failures in a row, ask once and wait."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from sync.sap.errors import BreakerOpen
from sync.sap.port import Clock


class Breaker:
    """Counts connection failures only; a refusal by SAP proves that the line works.

    Safe to use from several threads. While open, one call per `seconds` passes as a probe; its
    caller first asks for something that changes nothing.
    """

    def __init__(self, clock: Clock, *, failures: int, seconds: float) -> None:
        self._clock = clock
        self._limit = failures
        self._pause = timedelta(seconds=seconds)
        self._lock = threading.Lock()
        self._failed = 0
        self._until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether calls are being held back now."""
        with self._lock:
            return self._until is not None and self._clock.now() < self._until

    def check(self) -> bool:
        """Let a call pass, and say whether it is a probe.

        Raises:
            BreakerOpen: it must not be sent.
        """
        with self._lock:
            if self._until is None:
                return False
            now = self._clock.now()
            if now < self._until:
                raise BreakerOpen(self._until)
            # This call is the probe; others wait until it has reported.
            self._until = now + self._pause
            return True

    def succeeded(self) -> None:
        """An answer came."""
        with self._lock:
            self._failed = 0
            self._until = None

    def failed(self) -> None:
        """No usable answer came."""
        with self._lock:
            self._failed += 1
            if self._failed >= self._limit:
                self._until = self._clock.now() + self._pause
