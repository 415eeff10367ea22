"""The cash drawer: why it is opened, and when an opening is nobody's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

ASKED_FOR = timedelta(seconds=15)
"""How long after it was asked for the drawer may still open: later its customer is gone."""

PUSHED_OPEN = timedelta(seconds=10)
"""How long after a pulse an open drawer is that pulse's work."""


class DrawerCause(StrEnum):
    """Why the drawer was opened."""

    SALE = "sale"
    REFUND = "refund"
    SHIFT = "shift"
    CASH = "cash"
    """Cash paid in or out, a pickup, a loan."""
    NO_SALE = "no_sale"
    """Somebody asked for it and said why."""
    UNASKED = "unasked"
    """Nobody asked: a key, a lever, or another program."""


class OpeningState(StrEnum):
    """What became of an opening."""

    ASKED = "asked"
    """Waits for the holder of the printer."""
    SENT = "sent"
    """The pulse was sent, or is about to be."""
    LATE = "late"
    """Nobody sent it in time, and nobody will."""
    FAILED = "failed"
    """The printer did not take it."""
    FOUND = "found"
    """The drawer stood open."""


def is_late(asked_at: datetime, now: datetime) -> bool:
    """Whether an opening has waited too long to be carried out."""
    return now - asked_at > ASKED_FOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Openings:
    """How often the drawer was opened, and how often of it without a sale (lesson L100).

    Attributes:
        total: every opening that was asked for and sent, and every one that was found.
        no_sale: on somebody's word.
        unasked: that nobody asked for.
    """

    total: int = 0
    no_sale: int = 0
    unasked: int = 0
