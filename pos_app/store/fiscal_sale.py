"""Fiscalised sales as a report asks for them: counted by day, place and partner, and one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, select

from pos_app.store.fiscal import fiscal_journal
from pos_app.store.sale import sale_status, sales


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which sales a report is of; both days are included, None asks for all.

    Attributes:
        in_sap: whether SAP holds them.
    """

    since: date
    until: date
    partner: str | None = None
    warehouse: str | None = None
    in_sap: bool | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Sales that are alike, summed in minor units of their currency, with their frozen rate."""

    day: date
    warehouse: str
    partner: str
    currency: str
    rate: Decimal | None
    in_sap: bool
    count: int
    total: int
    vat: int


def groups(connection: Connection, wanted: Wanted) -> list[Group]:
    """The sales wanted, summed."""
    row = sales.c
    in_sap = case((sale_status.c.in_sap == "done", 1), else_=0)
    keys = (row.business_date, row.warehouse, row.partner, row.currency, row.rate, in_sap)
    query = (
        _joined(select(*keys, func.count(), func.sum(row.total), func.sum(row.vat)))
        .where(*_conditions(wanted))
        .group_by(*keys)
        .order_by(*keys[:4])
    )
    return [
        Group(
            day=found[0],
            warehouse=found[1],
            partner=found[2],
            currency=found[3],
            rate=found[4],
            in_sap=bool(found[5]),
            count=int(found[6]),
            total=int(found[7]),
            vat=int(found[8]),
        )
        for found in connection.execute(query)
    ]


def page(connection: Connection, wanted: Wanted, *, offset: int, limit: int) -> list[str]:
    """The identities of some of the sales wanted, from the newest back."""
    query = (
        _joined(select(sales.c.id))
        .where(*_conditions(wanted))
        .order_by(sales.c.business_date.desc(), sales.c.posted_at.desc(), sales.c.id)
    )
    return list(connection.execute(query.offset(offset).limit(limit)).scalars())


def _joined(query: Select[Any]) -> Select[Any]:
    return query.select_from(
        sales.join(fiscal_journal, fiscal_journal.c.sale_id == sales.c.id).outerjoin(
            sale_status, sale_status.c.sale_id == sales.c.id
        )
    )


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    row = sales.c
    yield and_(
        row.business_date.between(wanted.since, wanted.until),
        row.kind == "invoice",
        fiscal_journal.c.state == "fiscalised",
    )
    if wanted.partner is not None:
        yield row.partner == wanted.partner
    if wanted.warehouse is not None:
        yield row.warehouse == wanted.warehouse
    if wanted.in_sap is not None:
        is_there = func.coalesce(sale_status.c.in_sap, "") == "done"
        yield is_there if wanted.in_sap else ~is_there
