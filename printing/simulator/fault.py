"""What can be made to go wrong with a simulated printer, and for how long.

The knife jams where it is used: at the next cut. Any other fault without `bytes` strikes at the
next question or job; one with `bytes` strikes after so many bytes of the next job. It lasts
`seconds`, or, with 0, until the list of faults is replaced. Calls to match with `on` are
``status`` (a question while no job is under way), ``print`` (a job), and ``open`` (the port is
opened), which a fault has to name: an empty `on` does not mean it.

Faults of an answer strike once, at the next one that leaves: `wrong_byte` changes a byte of it,
`late_reply` holds it back for `seconds` (2 without), `old_reply` sends the one before it instead,
`double_reply` sends it twice.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

from sandbox.fault import Fault, FaultInvalid, Faults

PAPER_OUT, NEAR_END, COVER_OPEN = "paper_out", "near_end", "cover_open"
OFFLINE, CUTTER, UNPLUG, GARBAGE = "offline", "cutter", "unplug", "garbage"
SILENCE, STUCK, POWER_CYCLE = "silence", "stuck", "power_cycle"
DRAWER_OPEN, DRAWER_JAM = "drawer_open", "drawer_jam"
WRONG_BYTE, LATE_REPLY = "wrong_byte", "late_reply"
OLD_REPLY, DOUBLE_REPLY = "old_reply", "double_reply"
STATUS, PRINT, OPEN = "status", "print", "open"
OF_REPLIES = frozenset({WRONG_BYTE, LATE_REPLY, OLD_REPLY, DOUBLE_REPLY})
MOMENTS = OF_REPLIES | {GARBAGE}
"""Faults that happen once and do not last."""

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
    DRAWER_OPEN,
    DRAWER_JAM,
    *sorted(OF_REPLIES),
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
            call: ``status``, ``print`` or ``open``; only a job meets faults with `bytes`.
            skip: kinds that last already.
        """
        standing = {
            fault.do
            for fault in self.standing()
            if call == PRINT or not (fault.bytes or fault.do == CUTTER)
        }
        taken = (
            self.take(
                call, only=frozenset({do}), where=lambda fault: call != OPEN or bool(fault.on)
            )
            for do in sorted(standing - set(skip))
        )
        return [fault for fault in taken if fault is not None]
