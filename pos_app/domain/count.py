"""Counts of a warehouse: their states, and the difference each line makes."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from pos_app.errors import Conflict, InvalidInput


class CountState(StrEnum):
    """Where a count stands."""

    OPEN = "Open"
    COUNTED = "Counted"
    POSTED = "Posted"
    CANCELLED = "Cancelled"


MOVES = frozenset(
    {
        (CountState.OPEN, CountState.COUNTED),
        (CountState.OPEN, CountState.CANCELLED),
        (CountState.COUNTED, CountState.OPEN),
        (CountState.COUNTED, CountState.POSTED),
        (CountState.COUNTED, CountState.CANCELLED),
    }
)
"""Counted goes back to open for a recount; what is posted is done."""


class CountEmpty(InvalidInput):
    """Nothing was counted yet."""

    code = "count_empty"

    def __init__(self, number: str) -> None:
        super().__init__(f"Nothing of count {number} is counted: enter quantities first.")


class CountClosed(Conflict):
    """Quantities are entered while a count is open."""

    code = "count_closed"

    def __init__(self, number: str, state: str) -> None:
        super().__init__(
            f"Count {number} is {state}: ask for a recount to enter other quantities.",
            number=number,
            state=state,
        )


class OwnCount(Conflict):
    """Nobody posts what they counted themselves."""

    code = "own_count"

    def __init__(self, username: str, number: str) -> None:
        super().__init__(
            f"{username} counted in {number} and cannot post it: let somebody else look at it.",
            username=username,
            number=number,
        )


def difference(counted: Decimal, book: Decimal) -> Decimal:
    """What is to be booked: the count against the book of its own moment.

    What was sold since then moves by itself and does not count twice (production lesson L62).
    """
    return counted - book
