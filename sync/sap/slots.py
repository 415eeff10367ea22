"""Who may use a connection: some are kept for people, so that bulk work never starves them.

Reads for a screen waited up to 76 seconds behind batch work in production (production lesson
L82); the answer is not more connections but two that batch work cannot take.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sync.sap.port import NotSent


class Slots:
    """Counts calls on their way; safe to use from several threads.

    Args:
        total: most calls at once.
        reserved: how many of them only interactive calls may take.
    """

    def __init__(self, total: int, reserved: int) -> None:
        self._total = total
        self._background = max(1, total - reserved)
        self._changed = threading.Condition()
        self._taken = 0
        self._taken_background = 0

    @contextmanager
    def taken(self, *, is_interactive: bool, seconds: float) -> Iterator[None]:
        """Hold a slot; raises NotSent when none becomes free in time."""
        with self._changed:
            free = self._changed.wait_for(lambda: self._is_free(is_interactive), seconds)
            if not free:
                raise NotSent(f"every connection was busy for {seconds:g} s")
            self._taken += 1
            self._taken_background += not is_interactive
        try:
            yield
        finally:
            with self._changed:
                self._taken -= 1
                self._taken_background -= not is_interactive
                self._changed.notify_all()

    def _is_free(self, is_interactive: bool) -> bool:
        if self._taken >= self._total:
            return False
        return is_interactive or self._taken_background < self._background
