"""What goes wrong in a campaign: the line, the device, its network, the power, the program."""

from __future__ import annotations

import random
from collections import Counter as Counts
from collections.abc import Callable, Iterator
from typing import Any

from fiscal.operations import Op
from fiscal.port import Transport
from fiscal.simulator import fault
from pos_app.simulation.step import Steps
from sandbox.fault import Fault, Faults
from tests.fiscal import link_damage as damage

FAULTS = tuple(sorted(fault.KNOWN))
LOSSES = tuple(sorted(fault.AFTER | fault.BEFORE))
SECONDS = {"busy": 8.0}
OFF_SECONDS = 5.0


def armed(rate: float) -> list[Fault]:
    """Every fault the box knows, at this rate per call, and lost receipts at the same once more."""
    return [*_each(FAULTS, rate), *_each(LOSSES, rate, on="POST TransactM")]


def _each(kinds: tuple[str, ...], rate: float, *, on: str = "") -> list[Fault]:
    share = rate / len(kinds)
    return [
        Fault(
            do=kind,
            on=on,
            probability=share,
            times=10**9,
            seconds=SECONDS.get(kind, OFF_SECONDS),
        )
        for kind in kinds
    ]


class CountedFaults(Faults):
    """The faults of a box, counted as they strike."""

    def __init__(self, rng: random.Random, struck: Counts[str]) -> None:
        super().__init__(rng, known=fault.KNOWN)
        self._struck = struck

    def take(self, call: str, **how: Any) -> Fault | None:
        """See `Faults`."""
        taken = super().take(call, **how)
        if taken is not None:
            self._struck[f"device: {taken.do.replace('_', ' ')}"] += 1
        return taken


class ShakyLine:
    """Damages a share of all writings, and counts them by what was done."""

    def __init__(self, rng: random.Random, rate: float, struck: Counts[str]) -> None:
        self._rng = rng
        self._struck = struck
        self.rate = rate

    def __call__(self, data: bytes) -> damage.Pieces:
        if self._rng.random() >= self.rate:
            return (data,)
        mishap = self._rng.choice(damage.MISHAPS)
        self._struck[f"line: {mishap.__name__.replace('_', ' ')}"] += 1
        return mishap(data, self._rng)


def mortal(line: Callable[[bytes], damage.Pieces], steps: Steps) -> damage.Tamper:
    """A line on which the writer may die before, within and after its bytes."""

    def write(data: bytes) -> Iterator[bytes | float]:
        steps.reach("bytes are about to leave")
        for piece in line(data):
            if isinstance(piece, bytes) and len(piece) > 1:
                half = len(piece) // 2
                yield piece[:half]
                steps.reach("half has left")
                yield piece[half:]
            else:
                yield piece
        steps.reach("bytes have left")

    return write


class MortalTransport:
    """A way to the device whose user may die before it asks and after it was answered."""

    def __init__(self, inner: Transport, steps: Steps, told: Counts[str]) -> None:
        self._inner = inner
        self._steps = steps
        self._told = told

    def request(self, op: Op, body: Any = None, *, timeout: float) -> Any:
        """See `Transport`; counts what came of it."""
        self._steps.reach(f"ask {op}")
        try:
            answer = self._inner.request(op, body, timeout=timeout)
        except Exception as error:
            self._told[f"{op} {type(error).__name__}"] += 1
            raise
        self._told[f"{op} answered"] += 1
        self._steps.reach(f"answer {op}")
        return answer

    def hello(self, *, timeout: float) -> Any:
        """See `Transport`."""
        self._steps.reach("greet")
        return self._inner.hello(timeout=timeout)

    def close(self) -> None:
        """See `Transport`."""
        self._inner.close()
