"""Amounts as people type them: ``20``, ``20.50``, ``20 ZIG``."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from pos_app.domain.currency import CurrencyTable
from pos_app.domain.money import Money
from pos_app.domain.shift import DENOMINATIONS
from pos_app.errors import InvalidInput

SUGGESTIONS = 3
SMALLEST_NOTE = Decimal(5)


class AmountUnreadable(InvalidInput):
    """What was typed is no amount."""

    code = "amount_unreadable"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text[:30]!r} is not an amount: type it like 20 or 20.50, "
            "with the currency behind it where it is another one.",
            amount=text[:30],
        )


def read_money(text: str, currency: str, table: CurrencyTable) -> Money:
    """Read an amount above zero.

    Args:
        text: what was typed.
        currency: what it is in when nothing else is said.
        table: the currencies of the shop.

    Raises:
        AmountUnreadable: it is no number, or not above zero.
        AmountInvalid: more than two decimals, or larger than the shop can book.
        UnmappedCurrency: a currency the shop does not take.
    """
    words = text.split()
    names = [word for word in words if word[0].isalpha()]
    numbers = [word for word in words if word not in names]
    if len(numbers) != 1 or len(names) > 1 or not _is_number(numbers[0]):
        raise AmountUnreadable(text)
    number = f"0{numbers[0]}" if numbers[0].startswith(".") else numbers[0]
    money = Money.of(number, table.get(names[0]).code if names else currency)
    if money.minor <= 0:
        raise AmountUnreadable(text)
    return money


def _is_number(word: str) -> bool:
    return word.isascii() and word.replace(".", "", 1).isdecimal()


def likely_notes(due: Money) -> tuple[Money, ...]:
    """Return what a customer is likely to hand over in notes for an amount, smallest first."""
    faces: Iterable[Decimal] = DENOMINATIONS.get(due.currency, ())
    amounts = set()
    for face in faces:
        if face >= SMALLEST_NOTE:
            step = int(face * 100)
            rounded = -(-due.minor // step) * step
            if rounded > due.minor:
                amounts.add(rounded)
    return tuple(Money(minor, due.currency) for minor in sorted(amounts)[:SUGGESTIONS])
