"""Credit notes made in the back office: their types, their states, and what each type means."""

from __future__ import annotations

from enum import StrEnum

from pos_app.errors import Conflict


class CreditNoteType(StrEnum):
    """Why something is credited; the names are those of the contract."""

    RETURN = "Return"
    ADJUSTMENT = "Adjustment"
    DISCOUNT = "Discount"
    DAMAGE = "Damage"
    OTHER = "Other"

    @property
    def is_of_goods(self) -> bool:
        """Whether goods come back; else a price is corrected and the goods stay."""
        return self in {CreditNoteType.RETURN, CreditNoteType.DAMAGE}


class CreditNoteState(StrEnum):
    """Where one stands; from Approved on it is a posted document that is never unsaid."""

    DRAFT = "Draft"
    PENDING = "Pending"
    APPROVED = "Approved"
    APPLIED = "Applied"
    CANCELLED = "Cancelled"


S = CreditNoteState
MOVES = frozenset(
    {
        (S.DRAFT, S.PENDING), (S.DRAFT, S.APPROVED), (S.DRAFT, S.CANCELLED),
        (S.PENDING, S.DRAFT), (S.PENDING, S.APPROVED), (S.PENDING, S.CANCELLED),
    }
)  # fmt: skip
"""Moves by hand; Approved becomes Applied once all of it has settled something."""

OPEN = frozenset({S.DRAFT, S.PENDING})
DELETABLE = frozenset({S.DRAFT, S.CANCELLED})


class NotDeletable(Conflict):
    """A posted note is a document; one that waits is cancelled first."""

    code = "credit_note_not_deletable"

    def __init__(self, number: str, state: str) -> None:
        super().__init__(
            f"Credit note {number} is {state} and cannot be deleted: "
            "one that waits is cancelled first, a posted one stays.",
            number=number,
            state=state,
        )
