"""What is kept of an item in a warehouse beside its stock: the least to have, and the cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Column, ColumnElement, Connection, RowMapping, func, literal, select

from pos_app.store.among import among
from pos_app.store.fast import Prepared
from pos_app.store.item_table import items
from pos_app.store.schema import Flag, Id, Micro, table
from pos_app.store.stock import stock
from pos_app.store.upsert import upsert

stock_levels = table(
    "stock_levels",
    Column("item", Id, primary_key=True),
    Column("warehouse", Id, primary_key=True),
    Column("minimum", Micro, nullable=False),
    Column("cost", Micro, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Level:
    """An item in a warehouse.

    Attributes:
        item: its code.
        warehouse: where.
        minimum: the least that should be there; zero for no level.
        cost: average cost of one unit in SAP's local currency, or of a shop's own books; zero
            while none is known.
    """

    item: str
    warehouse: str
    minimum: Decimal
    cost: Decimal


def of_items(connection: Connection, items: Iterable[str]) -> dict[tuple[str, str], Level]:
    """What is known of these items, by item and warehouse."""
    rows = _OF_ITEMS.all(connection, {"of_items": list(items)})
    return {(row[0], row[1]): Level(*row) for row in rows}


def low_counts(connection: Connection) -> dict[str, int]:
    """How many active items are at or below the least that should be there, by warehouse."""
    query = select(stock_levels.c.warehouse, func.count()).select_from(_HELD).where(*_is_low())
    rows = connection.execute(query.group_by(stock_levels.c.warehouse))
    return {code: int(count) for code, count in rows}


def lowest(connection: Connection, warehouse: str, *, limit: int) -> list[RowMapping]:
    """Some of those of one warehouse, those with least left first."""
    query = (
        select(items.c.code, items.c.name, stock.c.on_hand)
        .select_from(_HELD)
        .where(*_is_low(), stock_levels.c.warehouse == warehouse)
        .order_by(stock.c.on_hand, items.c.code)
        .limit(limit)
    )
    return list(connection.execute(query).mappings())


def put(connection: Connection, told: Iterable[Level]) -> None:
    """Insert or change levels."""
    rows = [
        {
            "item": level.item,
            "warehouse": level.warehouse,
            "minimum": level.minimum,
            "cost": level.cost,
        }
        for level in told
    ]
    upsert(connection, stock_levels, rows)


def put_costs(connection: Connection, costs: Mapping[tuple[str, str], Decimal]) -> None:
    """Keep what items cost in warehouses, and the least that should be there as it was."""
    known = of_items(connection, {item for item, _warehouse in costs})
    none = Decimal(0)
    put(
        connection,
        [
            Level(*place, known[place].minimum if place in known else none, cost)
            for place, cost in costs.items()
            if cost and (place not in known or known[place].cost != cost)
        ],
    )


_OF_ITEMS = Prepared(select(stock_levels).where(among(stock_levels.c.item, "of_items")))
_HELD = stock_levels.join(
    stock, (stock.c.item == stock_levels.c.item) & (stock.c.warehouse == stock_levels.c.warehouse)
).join(items, items.c.code == stock_levels.c.item)


def _is_low() -> tuple[ColumnElement[bool], ...]:
    least = stock_levels.c.minimum
    is_active = items.c.is_active == literal(True, Flag())
    return least > 0, stock.c.on_hand <= least, is_active
