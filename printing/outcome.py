"""What became of one attempt at printing, and how a printer is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from printing.errors import PrintingError


class OutcomeKind(StrEnum):
    """How sure we are.

    CONFIRMED: the printer proved it. PROBABLY: it is well, took and processed every byte, and can
    prove no more. UNCONFIRMED: bytes were sent, nobody knows. REFUSED: not one byte was sent.
    """

    CONFIRMED = "confirmed"
    PROBABLY = "probably"
    UNCONFIRMED = "unconfirmed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One attempt: how sure, why not surer, and how many bytes left this machine."""

    kind: OutcomeKind
    job_id: str
    reason: PrintingError | None = None
    sent: int = 0

    @property
    def may_be_on_paper(self) -> bool:
        """Whether any ink may exist; only a refusal rules it out."""
        return self.kind is not OutcomeKind.REFUSED


@dataclass(frozen=True, slots=True)
class Look:
    """How a printer is: what keeps it from printing, and whether its roll is nearly used up."""

    problem: PrintingError | None
    is_near_end: bool = False
