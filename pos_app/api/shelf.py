"""Things found out during one standstill, within bounds of number and size."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pos_app.services.standstill import Standstill

Thing = TypeVar("Thing")


@dataclass(slots=True)
class _Load(Generic[Thing]):
    """What lies there from one standstill."""

    still: Standstill | None = None
    things: dict[Hashable, Thing] = field(default_factory=dict)
    size: int = 0


class Shelf(Generic[Thing]):
    """Holds things of the present standstill alone: what the next one brings finds it empty."""

    def __init__(self, *, most: int, most_bytes: int = 0) -> None:
        """Begin empty.

        Args:
            most: so many things; what comes when it is full is not put there.
            most_bytes: so many bytes of things whose size is told.
        """
        self._most = most
        self._most_bytes = most_bytes
        self._load: _Load[Thing] = _Load()

    def find(self, still: Standstill, key: Hashable) -> Thing | None:
        """What was put there under this key during this very standstill."""
        load = self._load
        return load.things.get(key) if load.still == still else None

    def put(self, still: Standstill, key: Hashable, thing: Thing, *, size: int = 0) -> None:
        """Put a thing there that follows from this standstill.

        Args:
            still: it began before anything the thing was made of was read.
            key: under which it is found again.
            thing: what it is.
            size: its bytes.
        """
        load = self._load
        if load.still != still:
            load = self._load = _Load(still)
        if len(load.things) < self._most and load.size + size <= self._most_bytes:
            load.things[key] = thing
            load.size += size
