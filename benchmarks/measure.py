"""Timing and the figures made of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Stopwatch:
    """Collects how long things took, in seconds."""

    taken: list[float] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Time the block."""
        started = time.perf_counter()
        yield
        self.taken.append(time.perf_counter() - started)

    def call(self, deed: Callable[[], object]) -> None:
        """Time one call."""
        with self.running():
            deed()

    @property
    def median(self) -> float:
        """The middle of what was taken, in seconds."""
        return percentile(self.taken, 50)

    @property
    def p99(self) -> float:
        """What 99 of 100 stay below, in seconds."""
        return percentile(self.taken, 99)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that this many percent of the values do not exceed."""
    if not values:
        raise ValueError("there is nothing to take a percentile of")
    ordered = sorted(values)
    place = -(-len(ordered) * percent // 100)
    return ordered[max(int(place), 1) - 1]


def calmest(values: Sequence[float], rounds: int) -> float:
    """The 99th percentile of that round in which the machine disturbed least.

    Other work on the machine takes the processor away for longer than most of what is measured
    here lasts; what a program is slow at by itself it is slow at in every round.
    """
    size = len(values) // rounds
    return min(percentile(values[at * size : (at + 1) * size], 99) for at in range(rounds))
