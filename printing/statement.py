"""What a customer owes, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from printing.receipt import Buyer, Seller


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One entry; `amount` above zero is owed by the customer, below zero was paid or credited."""

    on: date
    document: str
    what: str
    amount: Decimal
    balance: Decimal
    due: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeBand:
    """How much of the balance is how old, such as ``31-60 days``."""

    name: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The account of one customer in one currency over a period, both days included.

    The balances are the shop's own; they are printed, not recomputed here.
    """

    seller: Seller
    partner: Buyer
    account: str
    currency: str
    begins: date
    ends: date
    opening: Decimal
    closing: Decimal
    lines: tuple[StatementLine, ...]
    ages: tuple[AgeBand, ...] = ()
    notes: str = ""
    footer: tuple[str, ...] = ()
    language: str = "en"
