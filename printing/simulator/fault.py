"""What can be made to go wrong with a simulated printer, and for how long.

The knife jams where it is used: at the next cut. Any other fault without `bytes` strikes at the
next question or job; one with `bytes` strikes after so many bytes of the next job. It lasts
`seconds`, or, with 0, until the list of faults is replaced. Calls to match with `on` are
``status`` (a question while no job is under way) and ``print`` (a job).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

from sandbox.fault import Fault, FaultInvalid, Faults

PAPER_OUT, NEAR_END, COVER_OPEN = "paper_out", "near_end", "cover_open"
OFFLINE, CUTTER, UNPLUG, GARBAGE = "offline", "cutter", "unplug", "garbage"
SILENCE, STUCK, POWER_CYCLE = "silence", "stuck", "power_cycle"
STATUS, PRINT = "status", "print"
ON_WIRE = frozenset({UNPLUG})
"""Faults whose `bytes` count what arrives; the others count what is worked off."""
NAMES = (
    PAPER_OUT,
    NEAR_END,
    COVER_OPEN,
    OFFLINE,
    CUTTER,
    UNPLUG,
    GARBAGE,
    SILENCE,
    STUCK,
    POWER_CYCLE,
)


class PrinterFaults(Faults):
    """Faults of a printer: unknown names are refused, and replacing the list ends what lasts."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__(rng)
        self.on_replaced: Callable[[bool], None] = lambda _is_healthy: None
        self.rng = rng

    def replace(self, faults: Iterable[Fault]) -> None:
        """See Faults; raises FaultInvalid for something a printer cannot do."""
        listed = list(faults)
        for fault in listed:
            if fault.do not in NAMES:
                raise FaultInvalid(f"A printer cannot {fault.do}; it can {', '.join(NAMES)}.")
        super().replace(listed)
        self.on_replaced(not listed)

    def due(self, call: str, *, skip: Iterable[str]) -> list[Fault]:
        """Spend and return every fault due at a call, at most one of each kind.

        Args:
            call: ``status`` or ``print``; a question only meets faults without `bytes`.
            skip: kinds that last already.
        """
        standing = {
            fault.do
            for fault in self.standing()
            if call == PRINT or not (fault.bytes or fault.do == CUTTER)
        }
        taken = (self.take(call, only=frozenset({do})) for do in sorted(standing - set(skip)))
        return [fault for fault in taken if fault is not None]
