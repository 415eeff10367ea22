"""Double entry: what a document does to accounts, balanced per currency.

Natural sides: assets and expenses are debited to grow, liabilities, equity and revenue credited.
Entries are final; a correction is another entry.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from pos_app.domain.money import Money


class AccountType(StrEnum):
    """What an account is; its code begins with the digit of its type, 1 to 5."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    REVENUE = "revenue"
    EXPENSE = "expense"


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the ledger."""

    code: str
    name: str
    type: AccountType


CASH = Account("1010", "Cash", AccountType.ASSET)
BANK = Account("1020", "Bank and mobile money", AccountType.ASSET)
CARDS = Account("1030", "Cards", AccountType.ASSET)
CHEQUES = Account("1040", "Cheques", AccountType.ASSET)
RECEIVABLE = Account("1300", "Customers", AccountType.ASSET)
EXCHANGE = Account("1900", "Exchange of currencies", AccountType.ASSET)
VAT = Account("2200", "VAT on sales", AccountType.LIABILITY)
REVENUE = Account("4000", "Sales", AccountType.REVENUE)
CHART = (CASH, BANK, CARDS, CHEQUES, RECEIVABLE, EXCHANGE, VAT, REVENUE)
"""The accounts a shop has from the start."""


class Unbalanced(Exception):
    """Debit and credit of an entry differ: a fault of the program, and nothing is booked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of an entry.

    Attributes:
        debit: what is debited; below zero it is credited. Never zero.
        partner: whose account with us it moves; empty for none.
        tag: what it is for within its account: a tax group, or a tender and its currency.
    """

    account: Account
    debit: Money
    partner: str = ""
    tag: str = ""


def balanced(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The lines that move anything.

    Raises:
        Unbalanced: debit and credit of a currency differ, or one line stands alone.
    """
    kept = tuple(line for line in lines if line.debit.minor)
    sums: defaultdict[str, int] = defaultdict(int)
    for line in kept:
        sums[line.debit.currency] += line.debit.minor
    wrong = {currency: minor for currency, minor in sums.items() if minor}
    if wrong or len(kept) == 1:
        raise Unbalanced(f"An entry does not balance: {wrong or kept}.")
    return kept


def exchanged(account: Line, against: Line) -> tuple[Line, ...]:
    """Two lines that settle each other, by way of the exchange where their currencies differ."""
    if account.debit.currency == against.debit.currency:
        return account, against
    return (
        account,
        Line(account=EXCHANGE, debit=-account.debit),
        Line(account=EXCHANGE, debit=-against.debit),
        against,
    )
