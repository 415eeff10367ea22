"""Documents of services: an account and an amount on each line, no item and no goods."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sync.sap.simulator.books import ZERO, Books
from sync.sap.simulator.kind import Kind
from sync.sap.simulator.line import RULES, check_account, check_rule
from sync.sap.simulator.money import number
from sync.sap.simulator.pricing import GROSS_NAMES, Sale, vat_rate
from sync.sap.simulator.refusal import Refusal
from sync.sap.simulator.table import Row
from sync.sap.simulator.totals import Priced

SERVICE = "dDocument_Service"
NET_NAMES = ("UnitPrice", "Price")
GOODS = ("ItemCode", "BatchNumbers", "SerialNumbers", "DocumentLinesBinAllocations")


def is_service(body: Mapping[str, Any], kind: Kind) -> bool:
    """Whether a document is one of services; raises Refusal where its kind has none."""
    if body.get("DocType") != SERVICE:
        return False
    if kind.partner is None:
        raise Refusal(-5002, "Document type is not valid here  [DocType]")
    return True


def service_line(books: Books, line: Mapping[str, Any], place: int) -> Row:
    """A line as it is stored, before its price; raises Refusal."""
    for name in GOODS:
        if line.get(name):
            text = f"A service has no goods  [DocumentLines.{name}][line: {place}]"
            raise Refusal(-5002, text)
    if not line.get("AccountCode"):
        text = f"Account is missing  [DocumentLines.AccountCode][line: {place}]"
        raise Refusal(-5002, text)
    check_account(books, line["AccountCode"], "AccountCode")
    for name in RULES:
        check_rule(books, line.get(name), name)
    return {
        **line,
        "LineNum": place,
        "ItemCode": None,
        "Quantity": ZERO,
        "InventoryQuantity": ZERO,
        "RemainingOpenQuantity": ZERO,
        "WarehouseCode": None,
        "LineStatus": "bost_Open",
        "BatchNumbers": [],
    }


def price_service(books: Books, sale: Sale, line: Mapping[str, Any]) -> Priced:
    """The amount of a line and its VAT; raises Refusal when either is missing or wrong."""
    group = line.get("VatGroup") or sale.partner.get("VatGroup")
    if not group:
        raise Refusal(-5002, "VAT group is missing  [DocumentLines.VatGroup]")
    amount, is_gross = _amount(sale, line)
    if amount < 0:
        raise Refusal(-5002, "Price must not be negative  [DocumentLines.LineTotal]")
    return Priced(
        quantity=Decimal(1),
        price=amount,
        is_gross=is_gross,
        vat_group=str(group),
        rate=vat_rate(books, group, sale.day, is_purchase=sale.is_purchase),
    )


def _amount(sale: Sale, line: Mapping[str, Any]) -> tuple[Decimal, bool]:
    """What a line comes to in the document's currency, and whether VAT is in it."""
    for name in (sale.gross_total, *GROSS_NAMES):
        if line.get(name) is not None:
            return number(line, name), True
    for name in (sale.net_total, *NET_NAMES):
        if line.get(name) is not None:
            return number(line, name), False
    return ZERO, False
