"""Shifts: the drawer from opening float to settlement, per currency and denomination."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pos_app.domain.currency import normalise
from pos_app.domain.money import Money
from pos_app.errors import Conflict, InvalidInput, NotAllowed, RuleBroken

MOST_PIECES = 1_000_000

DENOMINATIONS: Mapping[str, tuple[Decimal, ...]] = {
    "USD": tuple(
        Decimal(face)
        for face in ("100", "50", "20", "10", "5", "2", "1", "0.50", "0.25", "0.10", "0.05", "0.01")
    ),
    "ZIG": tuple(
        Decimal(face)
        for face in ("200", "100", "50", "20", "10", "5", "2", "1", "0.50", "0.25", "0.10", "0.01")
    ),
}
"""Notes and coins by currency, largest first; the last counts loose cents."""


class ShiftState(StrEnum):
    """Where a shift stands; counted means the count is locked and the difference shown."""

    OPEN = "open"
    COUNTED = "counted"
    CLOSED = "closed"


MOVES = frozenset(
    {
        (ShiftState.OPEN, ShiftState.COUNTED),
        (ShiftState.COUNTED, ShiftState.OPEN),
        (ShiftState.COUNTED, ShiftState.CLOSED),
        (ShiftState.OPEN, ShiftState.CLOSED),
    }
)


class ShiftNotOpen(RuleBroken):
    """Nothing may be sold or moved in the drawer without an open shift."""

    code = "shift_not_open"

    def __init__(self, till: str) -> None:
        super().__init__(f"Till {till} has no open shift: open one first.", till=till)


class ShiftAlreadyOpen(Conflict):
    """A till has one shift at a time."""

    code = "shift_already_open"

    def __init__(self, till: str, cashier: str) -> None:
        super().__init__(
            f"Till {till} already has an open shift of {cashier}: close that one first.",
            till=till,
            cashier=cashier,
        )


class ShiftNotYours(NotAllowed):
    """The drawer is accountable to another cashier."""

    code = "shift_not_yours"

    def __init__(self, cashier: str) -> None:
        super().__init__(
            f"The open shift belongs to {cashier}: let them close it, or ask a manager.",
            cashier=cashier,
        )


class TillNotOpen(RuleBroken):
    """The till is fenced, in repair or not set up, and must not trade."""

    code = "till_not_open"

    def __init__(self, till: str, why: str) -> None:
        super().__init__(
            f"Till {till} cannot trade, {why}: ask the back office to release it.",
            till=till,
            reason=why,
        )


class CountInvalid(InvalidInput):
    """A count of notes and coins cannot be read."""

    code = "count_invalid"

    def __init__(self, text: str, why: str) -> None:
        super().__init__(
            f"The count {text[:60]!r} {why}: write it like USD:20=3,USD:1=7,ZIG:10=2.",
            count=text[:60],
        )


class DrawerShort(RuleBroken):
    """More cash would leave the drawer than is in it."""

    code = "drawer_short"

    def __init__(self, wanted: Money, held: Money) -> None:
        super().__init__(
            f"The drawer holds {held.label} and {wanted.label} should leave it: take out less.",
            amount=wanted,
            available=held,
            currency=held.currency,
        )


@dataclass(frozen=True, slots=True)
class Count:
    """So many pieces of one denomination."""

    currency: str
    denomination: Decimal
    pieces: int

    @property
    def money(self) -> Money:
        """What the pieces are worth."""
        return Money.of(self.denomination, self.currency) * self.pieces


class MovementKind(StrEnum):
    """Why cash came into the drawer or left it (the words of OMG ARTS)."""

    FLOAT = "float"
    SALE = "sale"
    CHANGE = "change"
    REFUND = "refund"
    PAID_IN = "paid_in"
    PAID_OUT = "paid_out"
    PICKUP = "pickup"
    LOAN = "loan"


SIGNS: Mapping[MovementKind, int] = {
    MovementKind.FLOAT: 1,
    MovementKind.SALE: 1,
    MovementKind.CHANGE: -1,
    MovementKind.REFUND: -1,
    MovementKind.PAID_IN: 1,
    MovementKind.PAID_OUT: -1,
    MovementKind.PICKUP: -1,
    MovementKind.LOAN: 1,
}
"""Movements carry positive amounts; their kind says which way the cash goes."""


@dataclass(frozen=True, slots=True)
class Movement:
    """Cash in or out, as a positive amount; SALE is what was tendered, CHANGE what went back."""

    kind: MovementKind
    money: Money

    def __post_init__(self) -> None:
        if self.money.minor < 0:
            raise CountInvalid(str(self.money), "moves a negative amount")


_COUNT = re.compile(r"([^:=\s]+):(\d{1,4}(?:\.\d{1,2})?)=(\d{1,7})", re.ASCII)


def parse_counts(text: str) -> tuple[Count, ...]:
    """Read counts such as ``USD:20=3,USD:1=7,ZIG:10=2``; an empty text counts nothing.

    Raises:
        CountInvalid: not in that form, a denomination that does not exist, or one named twice.
        UnmappedCurrency: a currency the shop does not take.
    """
    counts: dict[tuple[str, Decimal], Count] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        match = _COUNT.fullmatch(part)
        if match is None:
            raise CountInvalid(part, "is not currency, denomination and pieces")
        currency, face, pieces = normalise(match[1]), Decimal(match[2]), int(match[3])
        if face not in DENOMINATIONS[currency]:
            raise CountInvalid(part, f"names a piece that does not exist in {currency}")
        if pieces > MOST_PIECES:
            raise CountInvalid(part, "has more pieces than a drawer can hold")
        if (currency, face) in counts:
            raise CountInvalid(part, "names a denomination twice")
        counts[currency, face] = Count(currency, face, pieces)
    return tuple(counts.values())


def counted(counts: Iterable[Count]) -> dict[str, Money]:
    """Sum a count per currency."""
    return _summed(count.money for count in counts)


def expected(movements: Iterable[Movement]) -> dict[str, Money]:
    """Return what must be in the drawer: float + sales + in - out - change - pickups."""
    return _summed(row.money * SIGNS[row.kind] for row in movements)


def over_short(
    expected_cash: Mapping[str, Money], counted_cash: Mapping[str, Money]
) -> dict[str, Money]:
    """Return counted less expected per currency; positive is over, negative is short.

    A currency that stands on one side only counts as zero on the other.
    """
    result: dict[str, Money] = {}
    for currency in sorted({*expected_cash, *counted_cash}):
        nothing = Money.zero(currency)
        result[currency] = counted_cash.get(currency, nothing) - expected_cash.get(
            currency, nothing
        )
    return result


def check_drawer(held: Mapping[str, Money], leaving: Money) -> None:
    """Refuse to take out more than is there.

    Raises:
        DrawerShort: the drawer holds less in that currency.
    """
    there = held.get(leaving.currency, Money.zero(leaving.currency))
    if leaving > there:
        raise DrawerShort(leaving, there)


def _summed(amounts: Iterable[Money]) -> dict[str, Money]:
    result: dict[str, Money] = {}
    for money in amounts:
        known = result.get(money.currency)
        result[money.currency] = money if known is None else known + money
    return dict(sorted(result.items()))
