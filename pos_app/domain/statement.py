"""What a customer owes in one currency: entries with a running balance, and how old it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from pos_app.domain.money import Money

BANDS = ((30, "0-30 days"), (60, "31-60 days"), (90, "61-90 days"))
OLDEST, UNAPPLIED = "Over 90 days", "Not applied"
AGES = (*(name for _, name in BANDS), OLDEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of an account.

    Attributes:
        amount: above zero is owed, below zero was paid or credited.
        kind: ``Invoice``, ``Payment``, ``CreditNote``, ``DebitNote`` or ``Refund``.
    """

    on: date
    kind: str
    document: str
    what: str
    amount: Money
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An entry and what is owed after it."""

    entry: Entry
    balance: Money


@dataclass(frozen=True, slots=True)
class Open:
    """What is still owed of one document."""

    on: date
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A customer's account in one currency over a period, both days included.

    Attributes:
        bands: how much of the closing balance is how old, then what was paid or credited and is
            not applied to anything; together exactly the closing balance.
    """

    currency: str
    opening: Money
    closing: Money
    lines: tuple[Line, ...]
    bands: tuple[tuple[str, Money], ...]


def account(
    opening: Money, entries: Iterable[Entry], owed: Sequence[Open], *, until: date
) -> Account:
    """Put the entries of a period in one currency in order, with a running balance.

    Args:
        opening: the balance before the period, in that currency.
        entries: of the period, in any order.
        owed: what is open of each document on the last day.
        until: last day; ages are counted back from it, by document date.
    """
    balance = opening
    lines: list[Line] = []
    for entry in sorted(entries, key=lambda row: row.on):
        balance += entry.amount
        lines.append(Line(entry, balance))
    return Account(
        currency=opening.currency,
        opening=opening,
        closing=balance,
        lines=tuple(lines),
        bands=_bands(balance, owed, until),
    )


def _bands(closing: Money, owed: Sequence[Open], until: date) -> tuple[tuple[str, Money], ...]:
    zero = Money.zero(closing.currency)
    sums = dict.fromkeys([name for _, name in BANDS] + [OLDEST], zero)
    for row in owed:
        age = (until - row.on).days
        name = next((name for most, name in BANDS if age <= most), OLDEST)
        sums[name] += row.amount
    left = closing
    for amount in sums.values():
        left -= amount
    return (*sums.items(), (UNAPPLIED, left))
