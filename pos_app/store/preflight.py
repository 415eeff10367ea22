"""What today's work will touch: goods without a price, and what the documents that wait name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, exists, func, literal, select

from pos_app.domain.posting import PostingState
from pos_app.store.item_table import items
from pos_app.store.posting import postings
from pos_app.store.price import prices
from pos_app.store.sale import sale_lines, sale_tenders, sales
from pos_app.store.schema import Flag

_YES, _NO = literal(True, Flag()), literal(False, Flag())
_WAIT = postings.c.state.not_in((PostingState.COMPLETED.value, PostingState.CANCELLED.value))


def unpriced(connection: Connection, lists: Iterable[str], *, limit: int) -> tuple[int, list[str]]:
    """How many goods for sale have no price in any of these lists, and the first of their codes."""
    priced = exists().where(
        prices.c.item == items.c.code, prices.c.price_list.in_(list(lists)), prices.c.price > 0
    )
    where = (items.c.is_active == _YES, items.c.is_free == _NO, ~priced)
    count = connection.execute(select(func.count()).select_from(items).where(*where)).scalar()
    found = select(items.c.code).where(*where).order_by(items.c.code).limit(limit)
    return int(count or 0), list(connection.execute(found).scalars())


def taxes_in_use(connection: Connection) -> set[str]:
    """The tax groups of goods for sale."""
    query = select(items.c.tax_group).where(items.c.is_active == _YES).distinct()
    return set(connection.execute(query).scalars())


def waiting_partners(connection: Connection) -> set[str]:
    """The partners of documents that wait for SAP."""
    found = connection.execute(select(postings.c.partner).where(_WAIT).distinct()).scalars()
    return {partner for partner in found if partner}


def waiting_items(connection: Connection) -> set[str]:
    """The goods of sales that wait for SAP."""
    query = select(sale_lines.c.item).join(postings, postings.c.document_id == sale_lines.c.sale_id)
    return set(connection.execute(query.where(_WAIT).distinct()).scalars())


def named_by(connection: Connection, sale_id: str) -> dict[str, set[str]]:
    """What one sale names: its goods, tax groups, tenders and day."""
    lines, tenders = sale_lines.c, sale_tenders.c

    def one(query: Select[*tuple[Any, ...]]) -> set[str]:
        return {" ".join(map(str, row)) for row in connection.execute(query.distinct())}

    return {
        "item": one(select(lines.item).where(lines.sale_id == sale_id)),
        "tax": one(select(lines.tax_group).where(lines.sale_id == sale_id)),
        "tender": one(select(tenders.type, tenders.currency).where(tenders.sale_id == sale_id)),
        "day": one(select(sales.c.business_date).where(sales.c.id == sale_id)),
    }
