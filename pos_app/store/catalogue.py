"""Goods with their stock, read for lists: whole warehouses in a handful of queries."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Connection,
    bindparam,
    func,
    literal,
    select,
    type_coerce,
)

from pos_app.store.among import among
from pos_app.store.fast import Prepared, Record
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
    for chunk in chunks(items):
        rows = _TOTALS.all(connection, {"of_items": chunk})
        found |= {row[0]: Total(*row[1:]) for row in rows}
    return found


def batches_in(connection: Connection, warehouse: str) -> dict[str, list[Record]]:
    """Every batch with something in it, by item of one warehouse."""
    return _by_item(_FILLED.all_mappings(connection, {"of_warehouse": warehouse}))


def batches_at(
    connection: Connection, warehouse: str, items: Iterable[str]
) -> dict[str, list[Record]]:
    """The batches with something in them of some items in one warehouse, by item."""
    told = {"of_warehouse": warehouse, "of_items": sorted(set(items))}
    return _by_item(_FILLED_OF.all_mappings(connection, told))


def batches_of(connection: Connection, item: str, *, warehouse: str | None = None) -> list[Record]:
    """The batches of one item, everywhere or in one warehouse."""
    if warehouse is None:
        return [*_BATCHES.all_mappings(connection, {"of_item": item})]
    told = {"of_item": item, "of_warehouse": warehouse}
    return [*_BATCHES_IN.all_mappings(connection, told)]


def rows_in(
    connection: Connection, warehouse: str, *, offset: int, limit: int
) -> list[dict[str, Any]]:
    """A page of the stock of one warehouse, by item code."""
    told = {"of_warehouse": warehouse, "from_row": offset, "most": limit}
    return _ROWS.all_mappings(connection, told)


def count_in_use(connection: Connection, warehouse: str) -> int:
    """How many items one warehouse knows that are not out of use."""
    query = (
        select(func.count())
        .select_from(stock.join(items, items.c.code == stock.c.item))
        .where(stock.c.warehouse == warehouse, items.c.is_active == literal(True, Flag()))
    )
    return int(connection.execute(query).scalar_one())


def _by_item(rows: Iterable[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for row in rows:
        found.setdefault(row["item"], []).append(row)
    return found


_SUMS = [
    type_coerce(func.sum(column), Micro)
    for column in (stock.c.on_hand, stock.c.committed, stock.c.ordered)
]
_TOTALS = Prepared(
    select(stock.c.item, *_SUMS).where(among(stock.c.item, "of_items")).group_by(stock.c.item)
)
_ROWS = Prepared(
    select(stock.c.item, stock.c.on_hand, stock.c.committed, stock.c.ordered)
    .where(stock.c.warehouse == bindparam("of_warehouse"))
    .order_by(stock.c.item)
    .offset(bindparam("from_row", type_=BigInteger))
    .limit(bindparam("most", type_=BigInteger))
)
_LOTS = select(
    batches.c.item,
    batches.c.warehouse,
    batches.c.batch,
    batches.c.on_hand,
    batches.c.status,
    batches.c.expiry,
    batches.c.admission,
    batches.c.manufactured,
).order_by(*batches.primary_key)
_HERE = batches.c.warehouse == bindparam("of_warehouse")
_IN_FILLED = _LOTS.where(_HERE, type_coerce(batches.c.on_hand, Micro) != Decimal(0))
_FILLED = Prepared(_IN_FILLED)
_FILLED_OF = Prepared(_IN_FILLED.where(among(batches.c.item, "of_items")))
_BATCHES = Prepared(_LOTS.where(batches.c.item == bindparam("of_item")))
_BATCHES_IN = Prepared(_LOTS.where(batches.c.item == bindparam("of_item"), _HERE))
