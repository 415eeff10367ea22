"""What documents that move goods without money have in common on their way into SAP."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlalchemy import RowMapping

from pos_app.services.posting.step import Mismatch
from sync.sap.requests import BatchPick

COMMENTS_MOST = 254
"""Characters SAP takes."""

Line = tuple[str, str, Decimal]
"""Item, warehouse and quantity of a line."""


def check_lines(name: str, number: int, *, wanted: Iterable[Line], found: Iterable[Line]) -> None:
    """Adopt only what moves the very same goods (production lesson L11).

    Raises:
        Mismatch: it does not.
    """
    ours, theirs = sorted(wanted), sorted(found)
    if ours != theirs:
        raise Mismatch(
            f"SAP holds document {number} under the key of {name} with other goods "
            f"({_told(theirs)} instead of {_told(ours)}): compare the two and correct SAP."
        )


def _told(lines: Sequence[Line]) -> str:
    shown = [f"{item} {quantity:f} in {place}" for item, place, quantity in lines[:5]]
    return ", ".join(shown) + (", …" if len(lines) > 5 else "") or "nothing"


def comments(row: RowMapping) -> str:
    """What was written on a document, and its number."""
    number, words = row["number"], row["comments"]
    return f"{words[: COMMENTS_MOST - len(number) - 3]} ({number})" if words else str(number)


def picks(moves: Iterable[RowMapping], *, line: int, warehouse: str) -> tuple[BatchPick, ...]:
    """What of which batch came into a warehouse, or went out of it, with one line."""
    lots: dict[str, Decimal] = {}
    for move in moves:
        if move["line"] == line and move["warehouse"] == warehouse and move["batch"]:
            lots[move["batch"]] = lots.get(move["batch"], Decimal(0)) + move["quantity"]
    return tuple(BatchPick(lot, abs(quantity)) for lot, quantity in lots.items() if quantity)
