"""Everything that happened, as lines under one running hash."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable
from datetime import datetime

KEPT = 400


class Trace:
    """The event log: its hash says whether two runs were the same, its tail what happened last."""

    def __init__(self, now: Callable[[], datetime], *, keep_all: bool = False) -> None:
        self._now = now
        self._hash = hashlib.sha256()
        self.lines: deque[str] = deque(maxlen=None if keep_all else KEPT)
        self.count = 0

    def note(self, who: str, what: str, **facts: object) -> None:
        """Add a line; facts are written in the order they are given."""
        told = " ".join(f"{name}={value}" for name, value in facts.items())
        line = f"{self._now().isoformat()} {who} {what} {told}".rstrip()
        self._hash.update(line.encode() + b"\n")
        self.lines.append(line)
        self.count += 1

    @property
    def digest(self) -> str:
        """SHA-256 over every line so far, as hexadecimal."""
        return self._hash.hexdigest()
