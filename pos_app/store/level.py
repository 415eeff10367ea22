"""What SAP keeps of an item in a warehouse beside its stock: the least to have, and the cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Column, Connection, select

from pos_app.store.among import among
from pos_app.store.fast import Prepared
from pos_app.store.schema import Id, Micro, table
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
        cost: average cost of one unit in SAP's local currency; zero when SAP keeps none.
    """

    item: str
    warehouse: str
    minimum: Decimal
    cost: Decimal


def of_items(connection: Connection, items: Iterable[str]) -> dict[tuple[str, str], Level]:
    """What is known of these items, by item and warehouse."""
    rows = _OF_ITEMS.all(connection, {"of_items": list(items)})
    return {(row[0], row[1]): Level(*row) for row in rows}


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


_OF_ITEMS = Prepared(select(stock_levels).where(among(stock_levels.c.item, "of_items")))
