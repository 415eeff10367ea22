"""Currencies, rates and decimals as the simulated company keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sync.sap.simulator.books import ZERO, Books
from sync.sap.simulator.refusal import Refusal, no_match
from sync.sap.simulator.totals import round_to

SALES = frozenset({"Invoices", "CreditNotes", "Orders", "Quotations", "DeliveryNotes", "Returns"})
DECIMALS: Mapping[str, int] = {
    "cdWithoutDecimals": 0,
    "cd1Digit": 1,
    "cd2Digits": 2,
    "cd3Digits": 3,
    "cd4Digits": 4,
    "cd5Digits": 5,
    "cd6Digits": 6,
}


def number(row: Mapping[str, Any], name: str) -> Decimal:
    """A numeric property; missing and null are zero."""
    value = row.get(name)
    return ZERO if value is None else Decimal(value)


def decimals_of(books: Books, currency: str) -> int:
    """Decimals of a currency's amounts."""
    row = books.row("Currencies", currency)
    return 2 if row is None else DECIMALS.get(str(row.get("Decimals")), 2)


def document_currency(books: Books, body: Mapping[str, Any], partner: Mapping[str, Any]) -> str:
    """The currency a document is in; raises Refusal when partner and document disagree.

    ``##`` on a partner stands for all currencies and is not one itself (lesson L21).
    """
    local = books.company.local_currency
    own = partner.get("Currency") or local
    given = body.get("DocCurrency")
    if not given:
        return local if own == "##" else str(own)
    if books.row("Currencies", given) is None:
        raise no_match()
    if own not in ("##", local, given) or (own == local and given != local):
        raise Refusal(-5002, f"Document currency '{given}' differs from the partner's '{own}'")
    return str(given)


def document_rate(books: Books, body: Mapping[str, Any], currency: str, day: date) -> Decimal:
    """The rate a document is booked at: its own, else the day's; 1 for the local currency.

    Raises:
        Refusal: -4006 when there is no rate for the day.
    """
    if currency == books.company.local_currency:
        return Decimal(1)
    given = number(body, "DocRate")
    if given > 0:
        return given
    rate = books.rate(currency, day)
    if rate is None:
        raise Refusal(-4006, f"Update the exchange rate , '{currency}'")
    return rate


def to_local(books: Books, amount: Decimal, rate: Decimal) -> Decimal:
    """A foreign amount in local currency, rounded to its decimals."""
    exact = amount * rate if books.company.direct_rate else amount / rate
    return round_to(exact, decimals_of(books, books.company.local_currency))


def to_foreign(books: Books, amount: Decimal, rate: Decimal, currency: str) -> Decimal:
    """A local amount in a foreign currency, rounded to its decimals."""
    exact = amount / rate if books.company.direct_rate else amount * rate
    return round_to(exact, decimals_of(books, currency))


def check_day(
    books: Books, body: Mapping[str, Any], today: date, *, set_name: str, field: str = "DocDate"
) -> date:
    """The posting date of a document; raises Refusal -5002 for a closed period."""
    given = body.get(field)
    day = date.fromisoformat(given) if given else today
    if not books.company.is_open(day, is_sale=set_name in SALES):
        raise Refusal(-5002, "10000156 - Posting Date deviates from the defined range")
    return day
