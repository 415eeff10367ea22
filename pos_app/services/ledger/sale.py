"""A sale or note in the books: what is owed against sales and VAT, then the money per currency.

What its goods have cost leaves the stock with it, as far as their cost is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping

from pos_app.domain.ledger import RECEIVABLE, REVENUE, VAT, Line, balanced, exchanged
from pos_app.domain.money import Money
from pos_app.domain.tender import SapMeans
from pos_app.services.ledger import valued
from pos_app.services.ledger.planned import Planned, account_of
from pos_app.services.posting.step import CannotPlan
from pos_app.services.shop import Shop
from pos_app.store import sale as sales
from pos_app.store import stock

MONEY = {"invoice": "payment", "credit_note": "refund", "debit_note": "payment"}


def plan(shop: Shop, connection: Connection, row: RowMapping) -> Iterator[Planned]:
    """The entries of a sale or note; a note's figures are below zero and turn every side.

    Raises:
        CannotPlan: there is no such sale.
        UnmappedTender: a tender is none of the shop's.
    """
    sale = sales.by_id(connection, row["document_id"])
    if sale is None:
        raise CannotPlan(f"The books hold no sale {row['document_id']}.")
    moved = valued.averaged(connection, stock.moves_of(connection, sale["id"]))
    yield Planned(
        kind=sale["kind"],
        key=sale["id"],
        partner=sale["partner"],
        booked_on=sale["business_date"],
        lines=balanced([*_owed(sale), *moved.sold(shop)]),
        moved=moved.moved,
    )
    by_currency: dict[str, list[Line]] = {}
    for tender in sales.tenders_of(connection, sale["id"]):
        lines = by_currency.setdefault(tender["currency"], [])
        lines += _settled(shop, sale, tender)
    for currency, lines in sorted(by_currency.items()):
        if lines:
            yield Planned(
                kind=MONEY[sale["kind"]],
                key=f"{sale['receipt']}-{currency}",
                partner=sale["partner"],
                booked_on=sale["business_date"],
                lines=balanced(lines),
            )


def _owed(sale: Mapping[str, Any]) -> Iterable[Line]:
    currency = sale["currency"]
    total = Money(sale["total"], currency)
    yield Line(account=RECEIVABLE, debit=total, partner=sale["partner"])
    for tax in sale["taxes"]:
        yield Line(account=REVENUE, debit=-Money(tax["net"], currency), tag=tax["group"])
        yield Line(account=VAT, debit=-Money(tax["vat"], currency), tag=tax["group"])


def _settled(shop: Shop, sale: Mapping[str, Any], tender: RowMapping) -> tuple[Line, ...]:
    """The money of one tender; what is bought on account stays owed."""
    if shop.rules.tender_type(tender["type"]).sap_means == SapMeans.ACCOUNT:
        return ()
    money = Line(
        account=account_of(shop, tender["type"], tender["currency"]),
        debit=Money(tender["settled"], tender["currency"]),
        tag=f"{tender['type']} {tender['currency']}",
    )
    paid = Line(
        account=RECEIVABLE,
        debit=-Money(tender["in_document"], sale["currency"]),
        partner=sale["partner"],
    )
    return exchanged(money, paid)
