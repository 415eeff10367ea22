"""What the accounts of the built-in books come to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from pos_app.domain.money import Money
from pos_app.domain.report import Amounts
from pos_app.services.shop import Shop
from pos_app.store import ledger as books


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One account in one currency."""

    code: str
    name: str
    type: str
    debit: Money
    credit: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Every account up to a day, included.

    Attributes:
        left: debit less credit of all of them; nothing in each currency, or something is wrong.
    """

    on: date
    accounts: tuple[Standing, ...]
    left: Amounts


def trial(shop: Shop, until: date | None) -> Trial:
    """The trial balance up to a day, or up to today."""
    day = until or shop.today
    with shop.store.read() as connection:
        rows = books.trial_balance(connection, until=day)
    left: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        left[row["currency"]] += int(row["debit"]) - int(row["credit"])
    return Trial(on=day, accounts=tuple(_standing(**row) for row in rows), left=Amounts(dict(left)))


def _standing(*, currency: str, debit: int, credit: int, **of_account: str) -> Standing:
    """Of both sides the larger one, by what it is larger."""
    minor = int(debit) - int(credit)
    return Standing(
        **of_account,
        debit=Money(max(minor, 0), currency),
        credit=Money(max(-minor, 0), currency),
    )
