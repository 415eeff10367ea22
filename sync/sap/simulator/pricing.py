"""The price, VAT group and totals of document lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sync.sap.simulator.books import ZERO, Books
from sync.sap.simulator.line import factor_of
from sync.sap.simulator.money import number, to_local
from sync.sap.simulator.refusal import Refusal, no_match
from sync.sap.simulator.special import own_price
from sync.sap.simulator.table import Row
from sync.sap.simulator.totals import HUNDRED, LineTotals, Priced, round_to

PRICE_DECIMALS = 6
GROSS_NAMES = ("PriceAfterVAT", "GrossPrice")
PRICE_NAMES = (*GROSS_NAMES, "UnitPrice", "Price")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What all lines of one document share.

    Attributes:
        partner: the partner's row, empty for goods movements.
        day: the posting date.
        currency: the document's.
        rate: of the document.
        is_priced: whether lines carry money and VAT.
        is_purchase: VAT groups are those of purchases.
        is_foreign: it is in another currency than the company's.
    """

    partner: Row
    day: date
    currency: str
    rate: Decimal
    is_priced: bool
    is_purchase: bool = False
    is_foreign: bool = False

    @property
    def gross_total(self) -> str:
        """The property of a line's total with VAT in the document's currency."""
        return "GrossTotalFC" if self.is_foreign else "GrossTotal"

    @property
    def net_total(self) -> str:
        """The property of a line's total without VAT in the document's currency."""
        return "RowTotalFC" if self.is_foreign else "LineTotal"


def vat_rate(books: Books, code: Any, day: date, *, is_purchase: bool) -> Decimal:
    """Percent of a VAT group on a day.

    Raises:
        Refusal: unknown, inactive, too early, or of the other side of the trade.
    """
    row = books.row("VatGroups", code) if isinstance(code, str) else None
    if row is None:
        raise no_match()
    if row["Inactive"] == "tYES":
        raise Refusal(-5002, f"VAT group '{code}' is inactive  [DocumentLines.VatGroup]")
    if (row["Category"] == "bovcInputTax") is not is_purchase:
        raise Refusal(-5002, f"VAT group '{code}' is not valid here  [DocumentLines.VatGroup]")
    rates = [line for line in row["VatGroups_Lines"] if line["Effectivefrom"] <= day.isoformat()]
    if not rates:
        raise Refusal(-5002, f"VAT group '{code}' has no rate on {day}  [DocumentLines.VatGroup]")
    return Decimal(max(rates, key=lambda line: str(line["Effectivefrom"]))["Rate"])


def price_line(books: Books, sale: Sale, line: Mapping[str, Any], item: Row) -> Priced:
    """One line with its price and VAT; raises Refusal when either is missing or wrong."""
    own = "PurchaseVATGroup" if sale.is_purchase else "SalesVATGroup"
    group = line.get("VatGroup") or item.get(own)
    if not group:
        raise Refusal(-5002, "VAT group is missing  [DocumentLines.VatGroup]")
    given, net = line.get("GrossTotal"), _net_total(sale, line)
    if given is None and net is not None:
        price, is_gross, given = ZERO, False, net
    else:
        price, is_gross = _price(books, sale, line, item)
        is_gross = is_gross or given is not None
    return Priced(
        quantity=number(line, "Quantity"),
        price=price,
        is_gross=is_gross,
        vat_group=str(group),
        rate=vat_rate(books, group, sale.day, is_purchase=sale.is_purchase),
        total=None if given is None else Decimal(given),
    )


def _net_total(sale: Sale, line: Mapping[str, Any]) -> Decimal | None:
    """The total of a line that names no price of its own, None where it names one or neither."""
    if line.get(sale.net_total) is None or any(line.get(name) is not None for name in PRICE_NAMES):
        return None
    return _not_negative(number(line, sale.net_total))


def _price(books: Books, sale: Sale, line: Mapping[str, Any], item: Row) -> tuple[Decimal, bool]:
    """Price per unit after discount, and whether VAT is in it."""
    for name in GROSS_NAMES:
        if line.get(name) is not None:
            return _not_negative(number(line, name)), True
    left = 1 - number(line, "DiscountPercent") / HUNDRED
    if line.get("UnitPrice") is not None:
        return _not_negative(number(line, "UnitPrice")) * left, False
    if line.get("Price") is not None:
        return _not_negative(number(line, "Price")), False
    if sale.is_purchase:
        return ZERO, False
    quantity = number(line, "Quantity")
    own = own_price(books, item["ItemCode"], sale.partner, day=sale.day, quantity=quantity)
    # A price of another currency is none here; nothing in a list means zero, as SAP has it.
    price = own.price if own.currency == sale.currency else ZERO
    return price * factor_of(books, item, line) * left, own.is_gross


def _not_negative(price: Decimal) -> Decimal:
    if price < 0:
        raise Refusal(-5002, "Price must not be negative  [DocumentLines.Price]")
    return price


def line_row(books: Books, sale: Sale, priced: Priced, totals: LineTotals) -> Row:
    """The money of a line in SAP's names; line totals are local, FC ones the document's."""
    quantity = priced.quantity
    foreign = sale.currency != books.company.local_currency
    net = to_local(books, totals.net, sale.rate) if foreign else totals.net
    vat = to_local(books, totals.vat, sale.rate) if foreign else totals.vat
    return {
        "Price": round_to(totals.net / quantity, PRICE_DECIMALS),
        "PriceAfterVAT": round_to(totals.gross / quantity, PRICE_DECIMALS)
        if priced.total is not None or not priced.is_gross
        else priced.price,
        "Currency": sale.currency,
        "Rate": sale.rate if foreign else ZERO,
        "VatGroup": priced.vat_group,
        "TaxPercentagePerRow": priced.rate,
        "LineTotal": net,
        "TaxTotal": vat,
        "GrossTotal": net + vat if foreign else totals.gross,
        "RowTotalFC": totals.net if foreign else ZERO,
        "GrossTotalFC": totals.gross if foreign else ZERO,
    }
