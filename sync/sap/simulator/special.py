"""The price SAP itself would take: special price by quantity, by period, by partner, else the list.

A row without a price and without a discount is no price at all, and never "free" (production
lessons L63, L65).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sync.sap.simulator.books import ZERO, Books
from sync.sap.simulator.money import number
from sync.sap.simulator.table import Row

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """A price per unit as SAP keeps it.

    Attributes:
        price: after the discount; zero when SAP has none.
        currency: SAP's code, None when SAP has no price.
        discount: percent that is in the price.
        is_gross: VAT is in it.
    """

    price: Decimal
    currency: str | None
    discount: Decimal
    is_gross: bool


def own_price(
    books: Books, item: str, partner: Row, *, day: date, quantity: Decimal, price_list: Any = None
) -> OwnPrice:
    """What SAP takes for an item when a document names no price.

    Args:
        books: the books.
        item: its code.
        partner: the partner's row.
        day: posting date.
        quantity: in the line's unit.
        price_list: number of the list, None for the partner's own.
    """
    number_ = int(price_list or partner.get("PriceListNum") or 1)
    listed = _listed(books, item, number_)
    for row in _specials(books, item, partner.get("CardCode"), number_):
        base = _listed(books, item, int(row.get("PriceListNum") or number_))
        base = replace(base, currency=row.get("Currency") or base.currency)
        found = _special(row, base, day, quantity)
        if found is not None:
            return found
    return listed


def _listed(books: Books, item: str, number_: int) -> OwnPrice:
    row = books.row("PriceLists", number_) or {}
    price, currency = books.prices.get(item, {}).get(number_, (ZERO, None))
    return OwnPrice(price, currency, ZERO, row.get("IsGrossPrice") == "tYES")


def _specials(books: Books, item: str, card: Any, number_: int) -> Iterator[Row]:
    """The partner's own first, then those of everybody on the list."""
    for code in (card, f"*{number_}"):
        row = books.row("SpecialPrices", (item, code))
        if row is not None and row.get("Valid") != "tNO":
            yield row


def _special(row: Row, listed: OwnPrice, day: date, quantity: Decimal) -> OwnPrice | None:
    if not _holds(row, "ValidFrom", "ValidTo", day):
        return None
    for period in row.get("SpecialPriceDataAreas") or ():
        if not _holds(period, "DateFrom", "Dateto", day):
            continue
        steps = [
            step
            for step in period.get("SpecialPriceQuantityAreas") or ()
            if number(step, "Quantity") <= quantity
        ]
        if steps:
            best = max(steps, key=lambda step: number(step, "Quantity"))
            return _priced(best, "SpecialPrice", "Discountin", listed)
        return _priced(period, "SpecialPrice", "Discount", listed)
    return _priced(row, "Price", "DiscountPercent", listed)


def _holds(row: Mapping[str, Any], since: str, until: str, day: date) -> bool:
    told = day.isoformat()
    return (row.get(since) or told) <= told <= (row.get(until) or told)


def _priced(row: Mapping[str, Any], price: str, discount: str, listed: OwnPrice) -> OwnPrice | None:
    percent = number(row, discount)
    currency = row.get("PriceCurrency") or listed.currency
    if number(row, price):
        return OwnPrice(number(row, price), currency, percent, listed.is_gross)
    if percent:
        left = listed.price * (1 - percent / HUNDRED)
        return OwnPrice(left, listed.currency, percent, listed.is_gross)
    return None
