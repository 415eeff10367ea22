"""What is to come back of one receipt so far; knows no screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from pos_app.domain.money import Money, total
from pos_app.domain.note import NoteKind, WantedLine, compose, everything_left
from pos_app.errors import InvalidInput
from pos_app.services.original import Original, OriginalLine


class QuantityUnreadable(InvalidInput):
    """What was typed is no quantity."""

    code = "quantity_unreadable"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text[:30]!r} is not a quantity: type how much comes back, like 2 or 0.250.",
            quantity=text[:30],
        )


@dataclass(frozen=True, slots=True)
class RefundRow:
    """One line of the receipt, with what comes back of it."""

    line: OriginalLine
    wanted: WantedLine | None = None
    worth: Money | None = None


@dataclass(frozen=True, kw_only=True)
class Refunding:
    """A note in the making."""

    original: Original
    wanted: Mapping[int, WantedLine] = field(default_factory=dict)

    @property
    def lines(self) -> tuple[WantedLine, ...]:
        """What is asked for, by line."""
        return tuple(self.wanted[number] for number in sorted(self.wanted))

    @property
    def rows(self) -> tuple[RefundRow, ...]:
        """Every line of the receipt."""
        note = compose(NoteKind.CREDIT, self.original.sold, self.lines)
        worth = {row.line.number: row.gross for row in note.lines}
        return tuple(
            RefundRow(line, self.wanted.get(line.sold.number), worth.get(line.sold.number))
            for line in self.original.lines
        )

    @property
    def total(self) -> Money:
        """What it comes to, positive."""
        return total((row.worth for row in self.rows if row.worth), self.original.currency)

    def with_line(self, wanted: WantedLine) -> Refunding:
        """Ask for a line, instead of what was asked of it before.

        Raises:
            QuantityInvalid, ReturnTooMuch, CreditTooMuch: not that much.
        """
        compose(NoteKind.CREDIT, self.original.sold, [wanted])
        return replace(self, wanted={**self.wanted, wanted.line: wanted})

    def with_quantity(self, number: int, text: str) -> Refunding:
        """Ask for a typed quantity of a line, or for all that is left of it.

        Raises:
            QuantityUnreadable: it is no number.
            QuantityInvalid, ReturnTooMuch: not that much.
        """
        left = self.original.line(number).sold.returnable
        quantity = _quantity(text) if text else left
        return self.with_line(WantedLine(line=number, quantity=quantity))

    def without(self, number: int) -> Refunding:
        """Ask for nothing of a line."""
        return replace(
            self, wanted={line: row for line, row in self.wanted.items() if line != number}
        )

    def with_everything(self) -> Refunding:
        """Ask for all that is left.

        Raises:
            NothingLeft: that is nothing.
        """
        rows = everything_left(self.original.sold, self.original.receipt)
        return replace(self, wanted={row.line: row for row in rows})


def _quantity(text: str) -> Decimal:
    word = f"0{text}" if text.startswith(".") else text
    if len(word) > 20 or not word.isascii() or not word.replace(".", "", 1).isdecimal():
        raise QuantityUnreadable(text)
    return Decimal(word)
