"""What documents that move goods without money have in common on their way into SAP."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from sqlalchemy import RowMapping

from pos_app.services.posting.step import Mismatch
from sync.sap.requests import BatchPick, LineState

COMMENTS_MOST = 254
"""Characters SAP takes."""


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """One line as it is compared: what moves, where, how much, and of which batches."""

    item: str
    warehouse: str
    quantity: Decimal
    batches: tuple[tuple[str, Decimal], ...] = ()

    @classmethod
    def of(cls, item: str, warehouse: str, quantity: Decimal, batches: Iterable[Lot] = ()) -> Line:
        """A line with its batches in order, each once."""
        lots: dict[str, Decimal] = {}
        for lot in batches:
            lots[lot.number] = lots.get(lot.number, Decimal(0)) + lot.quantity
        return cls(item, warehouse, quantity, tuple(sorted(lots.items())))

    @classmethod
    def held(cls, line: LineState) -> Line:
        """A line as SAP has it."""
        return cls.of(line.item_code, line.warehouse, line.quantity, line.batches)

    @property
    def words(self) -> str:
        """As people read it."""
        lots = ", ".join(f"{quantity:f} of {lot}" for lot, quantity in self.batches)
        told = f"{self.quantity:f} {self.item} in {self.warehouse}"
        return f"{told} ({lots})" if lots else told


class Lot(Protocol):
    """A batch and how much of it: `BatchPick` and `NewBatch` alike."""

    @property
    def number(self) -> str:
        """What the batch is called."""
        ...

    @property
    def quantity(self) -> Decimal:
        """How much of it."""
        ...


def check_lines(
    name: str, number: int, *, wanted: Iterable[Line], found: Iterable[LineState]
) -> None:
    """Adopt only what moves the very same goods (production lesson L11).

    Raises:
        Mismatch: it does not.
    """
    ours, theirs = sorted(wanted), sorted(Line.held(line) for line in found)
    if ours != theirs:
        raise Mismatch(
            f"SAP holds document {number} under the key of {name} with other goods "
            f"({_told(theirs)} instead of {_told(ours)}): compare the two and correct SAP."
        )


def _told(lines: Sequence[Line]) -> str:
    shown = [line.words for line in lines[:5]]
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
