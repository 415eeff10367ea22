"""Every request a simulator saw, in order, with what became of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

ROWS_MAX = 50_000


class RequestLog:
    """An in-memory log that tests read back; the oldest rows make way beyond a limit."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._rows: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._count = 0

    def append(self, call: str, outcome: str, detail: Mapping[str, Any] | None = None) -> None:
        """Note one call, such as ``POST Invoices``, and its outcome, such as ``201``."""
        with self._lock:
            self._count += 1
            row = {"number": self._count, "at": self._now().isoformat(), "call": call}
            self._rows.append(row | {"outcome": outcome} | dict(detail or {}))
            if len(self._rows) > ROWS_MAX:
                del self._rows[: ROWS_MAX // 10]

    def rows(self) -> list[dict[str, Any]]:
        """The rows kept, oldest first."""
        with self._lock:
            return list(self._rows)

    def clear(self) -> None:
        """Forget every row."""
        with self._lock:
            self._rows.clear()
