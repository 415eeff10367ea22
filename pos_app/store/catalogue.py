"""Goods with their stock, read for lists: whole warehouses in a handful of queries."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, func, literal, select, type_coerce

from pos_app.store.item_table import chunks, items
from pos_app.store.schema import Flag, Micro
from pos_app.store.stock import batches, stock


class Total(NamedTuple):
    """The stock of an item over all warehouses."""

    on_hand: Decimal
    committed: Decimal
    ordered: Decimal


def totals(connection: Connection, items: Iterable[str]) -> dict[str, Total]:
    """The stock of items over all warehouses; an item nobody told us of is absent."""
    found: dict[str, Total] = {}
    sums = [
        type_coerce(func.sum(column), Micro)
        for column in (stock.c.on_hand, stock.c.committed, stock.c.ordered)
    ]
    for chunk in chunks(items):
        query = select(stock.c.item, *sums).where(stock.c.item.in_(chunk)).group_by(stock.c.item)
        found |= {row[0]: Total(*row[1:]) for row in connection.execute(query)}
    return found


def batches_in(connection: Connection, warehouse: str) -> dict[str, list[RowMapping]]:
    """Every batch with something in it, by item of one warehouse."""
    nothing = type_coerce(batches.c.on_hand, Micro) != Decimal(0)
    query = select(batches).where(batches.c.warehouse == warehouse, nothing)
    found: dict[str, list[RowMapping]] = {}
    for row in connection.execute(query.order_by(*batches.primary_key)).mappings():
        found.setdefault(row["item"], []).append(row)
    return found


def batches_of(
    connection: Connection, item: str, *, warehouse: str | None = None
) -> list[RowMapping]:
    """The batches of one item, everywhere or in one warehouse."""
    query = select(batches).where(batches.c.item == item)
    if warehouse is not None:
        query = query.where(batches.c.warehouse == warehouse)
    return list(connection.execute(query.order_by(*batches.primary_key)).mappings())


def rows_in(
    connection: Connection, warehouse: str, *, offset: int, limit: int
) -> list[dict[str, Any]]:
    """A page of the stock of one warehouse, by item code."""
    query = select(stock).where(stock.c.warehouse == warehouse).order_by(stock.c.item)
    found = connection.execute(query.offset(offset).limit(limit)).mappings()
    return [dict(row) for row in found]


def count_in(connection: Connection, warehouse: str) -> int:
    """How many items one warehouse knows."""
    query = select(func.count()).where(stock.c.warehouse == warehouse)
    return int(connection.execute(query).scalar_one())


def count_in_use(connection: Connection, warehouse: str) -> int:
    """How many items one warehouse knows that are not out of use."""
    query = (
        select(func.count())
        .select_from(stock.join(items, items.c.code == stock.c.item))
        .where(stock.c.warehouse == warehouse, items.c.is_active == literal(True, Flag()))
    )
    return int(connection.execute(query).scalar_one())
