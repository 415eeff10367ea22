"""What a background lane has done in one go, and what it waits for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """The result of letting a lane work until nothing more can be done now.

    Attributes:
        done: rows brought to an end.
        waiting: rows that are left.
        next_at: when it is worth trying again; None when nothing is left.
        problem: one sentence for the status line; empty when all is well.
    """

    done: int = 0
    waiting: int = 0
    next_at: datetime | None = None
    problem: str = ""
