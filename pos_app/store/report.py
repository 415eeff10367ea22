"""Sums for reports on what was sold, paid and is owed: added by the database, over a range of days.

A credit note is a sale with negative figures, so sums net it by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    case,
    func,
    select,
    type_coerce,
)

from pos_app.store.invoice import invoices, is_open
from pos_app.store.payment import payments
from pos_app.store.sale import sale_lines, sale_tenders, sales
from pos_app.store.schema import Micro

INVOICE, CREDIT_NOTE = "invoice", "credit_note"
AGES = (30, 60, 90)
"""The last day of every age but the oldest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which documents are added up.

    Attributes:
        since, until: business days, both included.
        warehouse: that sold, None for every one.
        base, quote: the two currencies rows are laid out in.
    """

    since: date
    until: date
    base: str
    quote: str
    warehouse: str | None = None


def days(connection: Connection, scope: Scope) -> list[RowMapping]:
    """Documents of each day, kind and currency: how many, and what they come to."""
    row = sales.c
    key = (row.business_date, row.kind, row.currency)
    query = (
        select(*key, func.count().label("documents"))
        .add_columns(*(func.sum(row[name]).label(name) for name in ("net", "vat", "total")))
        .where(*_in(scope))
        .group_by(*key)
        .order_by(*key)
    )
    return list(connection.execute(query).mappings())


def partners(connection: Connection, scope: Scope, *, kind: str = INVOICE) -> int:
    """How many customers have documents of a kind."""
    query = select(func.count(sales.c.partner.distinct())).where(*_in(scope), sales.c.kind == kind)
    return int(connection.execute(query).scalar() or 0)


def items(connection: Connection, scope: Scope, *, kind: str = INVOICE) -> int:
    """How many different items stand on documents of a kind."""
    query = select(func.count(sale_lines.c.item.distinct())).select_from(_LINES)
    query = query.where(*_in(scope, by_line=True), sales.c.kind == kind)
    return int(connection.execute(query).scalar() or 0)


def top_items(
    connection: Connection,
    scope: Scope,
    *,
    limit: int,
    kind: str | None = None,
    rate: Decimal | None = None,
) -> list[RowMapping]:
    """Items with the most sold, or returned, first.

    Args:
        connection: to read with.
        scope: what counts; the warehouse is that of the line.
        limit: how many at most.
        kind: of document; None adds up all, so that what came back is taken off.
        rate: order by worth, at this rate; None orders by quantity.
    """
    line = sale_lines.c
    quantity = func.sum(line.quantity)
    base, quote = (_in_currency(line.gross, name) for name in (scope.base, scope.quote))
    sign = -1 if kind == CREDIT_NOTE else 1
    rank = quantity if rate is None else _worth(base, quote, rate)
    query = (
        select(
            line.item,
            func.max(line.name).label("name"),
            quantity.label("quantity"),
            base.label("base"),
            quote.label("quote"),
            func.count(case((sales.c.kind == INVOICE, sales.c.id)).distinct()).label("invoices"),
            func.count(sales.c.id.distinct()).label("documents"),
        )
        .select_from(_LINES)
        .where(*_in(scope, by_line=True), *([sales.c.kind == kind] if kind else []))
        .group_by(line.item)
        .order_by((rank * sign).desc(), line.item)
        .limit(limit)
    )
    return list(connection.execute(query).mappings())


def top_partners(
    connection: Connection, scope: Scope, *, limit: int, kind: str | None, rate: Decimal | None
) -> list[RowMapping]:
    """Customers whose documents come to most, or were credited most, first."""
    row = sales.c
    base, quote = (_in_currency(row.total, name) for name in (scope.base, scope.quote))
    sign = -1 if kind == CREDIT_NOTE else 1
    query = (
        select(
            row.partner,
            func.max(row.partner_name).label("name"),
            func.count(case((row.kind == INVOICE, row.id))).label("invoices"),
            func.count().label("documents"),
            base.label("base"),
            quote.label("quote"),
        )
        .where(*_in(scope), *([row.kind == kind] if kind else []))
        .group_by(row.partner)
        .order_by((_worth(base, quote, rate or Decimal(1)) * sign).desc(), row.partner)
        .limit(limit)
    )
    return list(connection.execute(query).mappings())


def sold(connection: Connection, scope: Scope) -> list[RowMapping]:
    """How much of each item left each warehouse, less what came back, per month and currency."""
    line = sale_lines.c
    month = func.substr(sales.c.business_date, 1, 7)
    key = (line.item, line.warehouse)
    query = (
        select(*key, month.label("month"), func.sum(line.quantity).label("quantity"))
        .select_from(_LINES)
        .where(*_in(scope, by_line=True))
        .group_by(*key, month)
    )
    return list(connection.execute(query).mappings())


def last_sold(scope: Scope) -> Select[Any]:
    """A query for the last day each item was sold within a period."""
    line = sale_lines.c
    return (
        select(line.item, func.max(sales.c.business_date).label("last"))
        .select_from(_LINES)
        .where(*_in(scope, by_line=True), sales.c.kind == INVOICE)
        .group_by(line.item)
    )


def tenders(connection: Connection, scope: Scope) -> list[RowMapping]:
    """What was settled at tills and with invoices, per day, tender type and currency."""
    tender = sale_tenders.c
    key = (sales.c.business_date, tender.type, tender.currency)
    query = (
        select(*key, func.sum(tender.settled).label("settled"))
        .add_columns(func.sum(case((tender.settled > 0, 1), else_=0)).label("payments"))
        .select_from(_TENDERS)
        .where(*_in(scope))
        .group_by(*key)
        .order_by(*key)
    )
    return list(connection.execute(query).mappings())


def tenders_of(connection: Connection, scope: Scope, wanted: Sequence[str]) -> list[RowMapping]:
    """What these customers settled, per tender type and currency."""
    tender = sale_tenders.c
    key = (sales.c.partner, tender.type, tender.currency)
    query = (
        select(*key, func.sum(tender.settled).label("settled"))
        .select_from(_TENDERS)
        .where(*_in(scope), sales.c.partner.in_(wanted))
        .group_by(*key)
    )
    return list(connection.execute(query).mappings())


def received(connection: Connection, scope: Scope) -> list[RowMapping]:
    """Incoming payments per day and currency, by means; of every warehouse, they name none."""
    row = payments.c
    key = (row.doc_date, row.currency)
    query = select(*key, func.count().label("payments"))
    for name in ("cash", "transfer", "cheque", "card", "total"):
        query = query.add_columns(func.sum(row[name]).label(name))
        used = func.sum(case((row[name] != 0, 1), else_=0))
        query = query.add_columns(used.label(f"{name}_payments"))
    query = query.where(row.doc_date.between(scope.since, scope.until))
    return list(connection.execute(query.group_by(*key).order_by(*key)).mappings())


def received_of(connection: Connection, scope: Scope, wanted: Sequence[str]) -> list[RowMapping]:
    """What these customers paid in, per currency."""
    row = payments.c
    query = (
        select(row.partner, row.currency, func.sum(row.total).label("total"))
        .where(row.doc_date.between(scope.since, scope.until), row.partner.in_(wanted))
        .group_by(row.partner, row.currency)
    )
    return list(connection.execute(query).mappings())


def owed(
    connection: Connection, *, on: date, wanted: Sequence[str] | None = None
) -> list[RowMapping]:
    """What is open of invoices now, per customer, currency and age; the age is a place in `AGES`.

    It costs as much as there are open invoices, however many were ever made.
    """
    row = invoices.c
    bounds = [on - timedelta(days=most) for most in AGES]
    age = case(*((row.doc_date >= day, at) for at, day in enumerate(bounds)), else_=len(AGES))
    key = (row.partner, row.currency, age)
    query = select(row.partner, row.currency, age.label("age"), func.count().label("invoices"))
    query = query.add_columns(
        func.max(row.partner_name).label("name"), func.sum(row.total - row.paid).label("open")
    )
    query = query.where(is_open(), *([] if wanted is None else [row.partner.in_(wanted)]))
    return list(connection.execute(query.group_by(*key).order_by(row.partner)).mappings())


_LINES = sales.join(sale_lines, sale_lines.c.sale_id == sales.c.id)
_TENDERS = sales.join(sale_tenders, sale_tenders.c.sale_id == sales.c.id)


def _in(scope: Scope, *, by_line: bool = False) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [sales.c.business_date.between(scope.since, scope.until)]
    if scope.warehouse is not None:
        place = sale_lines.c.warehouse if by_line else sales.c.warehouse
        found.append(place == scope.warehouse)
    return found


def _in_currency(column: Any, currency: str) -> Any:
    return func.coalesce(func.sum(case((sales.c.currency == currency, column))), 0)


def _worth(base: Any, quote: Any, rate: Decimal) -> Any:
    """Something to order by: both amounts in the second currency, in millionths."""
    return base * type_coerce(rate, Micro) + quote * 1_000_000
