"""The result of one look: a state, and one sentence for whoever stands before the till."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class State(StrEnum):
    """How a thing is: well, to be seen to soon, not fit for work, or not known.

    What could not be read is UNKNOWN, never OK (production lesson L09).
    """

    OK = "ok"
    WARN = "warn"
    UNKNOWN = "unknown"
    FAIL = "fail"


class Check(StrEnum):
    """What is looked at, in this order."""

    CLOCK = "clock"
    DISK = "disk"
    DATABASE = "database"
    BACKUP = "backup"
    PRINTER = "printer"
    DISPLAY = "customer_display"
    FISCAL = "fiscal_device"
    SERVER = "server"
    PRICES = "prices"
    PREFLIGHT = "preflight"

    @property
    def is_neighbour(self) -> bool:
        """Whether it is a device or a server, and not this machine's own business."""
        return self in {Check.PRINTER, Check.FISCAL, Check.SERVER}


Facts = Mapping[str, str | int | bool | None]
"""Plain JSON values by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One look.

    Attributes:
        sentence: what was seen, and what to do about it where something is to be done.
        facts: the figures behind it, plain JSON values.
    """

    check: Check
    state: State
    sentence: str
    facts: Facts = field(default_factory=dict)


def age(passed: timedelta) -> str:
    """How long ago, in the largest unit that says it: ``3 minutes``."""
    seconds = max(int(passed.total_seconds()), 0)
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            return counted(seconds // size, unit)
    return counted(seconds, "second")


def counted(number: int, unit: str) -> str:
    """``1 day``, ``2 days``."""
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
