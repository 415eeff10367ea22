"""What goods are worth in the built-in ledger, and what each entry did to that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    RowMapping,
    Select,
    exists,
    func,
    insert,
    or_,
    select,
    tuple_,
    type_coerce,
)

from pos_app.domain.valuation import Held
from pos_app.store.ledger import ledger_entries
from pos_app.store.posting import postings
from pos_app.store.schema import Id, Micro, Minor, big, table
from pos_app.store.stock import Place, stock, stock_moves
from pos_app.store.upsert import add_new, upsert

stock_values = table(
    "stock_values",
    Column("item", Id, primary_key=True),
    Column("warehouse", Id, primary_key=True),
    Column("quantity", Micro, nullable=False),
    Column("unvalued", Micro, nullable=False),  # of unknown cost, beside the quantity
    Column("value", Minor, nullable=False),
    Column("cost", Micro, nullable=False),
)

ledger_goods = table(
    "ledger_goods",
    Column("entry", big(), ForeignKey("ledger_entries.entry"), primary_key=True),
    Column("item", Id, primary_key=True),
    Column("warehouse", Id, primary_key=True),
    Column("quantity", Micro, nullable=False),  # in all, of known cost or not
    Column("value", Minor, nullable=False),
    Index("ledger_goods_by_place", "item", "warehouse"),
)

_ZERO = Decimal(0)
_NONE: dict[str, Any] = {"quantity": _ZERO, "unvalued": _ZERO, "value": 0, "cost": _ZERO}


def hold(connection: Connection, places: Iterable[Place]) -> dict[Place, Held]:
    """What the books have at these places, kept from other writers, in one fixed order."""
    wanted = sorted(set(places))
    for item, warehouse in wanted:
        add_new(connection, stock_values, {"item": item, "warehouse": warehouse, **_NONE})
    row = stock_values.c
    query = select(stock_values).where(tuple_(row.item, row.warehouse).in_(wanted))
    ordered = query.order_by(row.item, row.warehouse).with_for_update()
    return {
        (found["item"], found["warehouse"]): held_of(found)
        for found in connection.execute(ordered).mappings()
    }


def held_of(row: RowMapping) -> Held:
    """A row as it is reckoned with."""
    return Held(
        quantity=row["quantity"], unvalued=row["unvalued"], value=row["value"], cost=row["cost"]
    )


def put(connection: Connection, held: Mapping[Place, Held]) -> None:
    """Keep what the books have at these places from now on."""
    rows = [
        {
            "item": item,
            "warehouse": warehouse,
            "quantity": one.quantity,
            "unvalued": one.unvalued,
            "value": one.value,
            "cost": one.cost,
        }
        for (item, warehouse), one in held.items()
    ]
    upsert(connection, stock_values, rows)


def add(connection: Connection, entry: int, rows: Iterable[Mapping[str, Any]]) -> None:
    """Say what an entry did, by item and warehouse."""
    made = [{"entry": entry, **row} for row in rows]
    if made:
        connection.execute(insert(ledger_goods), made)


def opened_at(connection: Connection) -> Any | None:
    """When the books took stock for the first time; None before."""
    query = select(ledger_entries.c.made_at).where(ledger_entries.c.kind == OPENING)
    return connection.execute(query).scalar()


OPENING = "opening"
"""The entry by which the books begin with what is there."""


def unbooked(now: Any) -> Select[Any]:
    """Moves of documents that are not in any books yet: on their way, or given up since a time."""
    row = postings.c
    is_over = or_(row.state == "Completed", (row.state == "Cancelled") & (row.ended_at < now))
    ended = exists().where(row.document_id == stock_moves.c.document_id, is_over)
    return select(
        stock_moves.c.item, stock_moves.c.warehouse, stock_moves.c.quantity.label("quantity")
    ).where(~ended)


def standing(connection: Connection, now: Any) -> list[RowMapping]:
    """What is there without what is still on its way into the books, place by place."""
    moves = unbooked(now).subquery()
    moved = (
        select(moves.c.item, moves.c.warehouse, func.sum(moves.c.quantity).label("quantity"))
        .group_by(moves.c.item, moves.c.warehouse)
        .subquery()
    )
    same = (moved.c.item == stock.c.item) & (moved.c.warehouse == stock.c.warehouse)
    there = type_coerce(stock.c.on_hand - func.coalesce(moved.c.quantity, _ZERO), Micro)
    query = (
        select(stock.c.item, stock.c.warehouse, there.label("quantity"))
        .outerjoin_from(stock, moved, same)
        .where(there != _ZERO)
        .order_by(stock.c.item, stock.c.warehouse)
    )
    return list(connection.execute(query).mappings())


def goods_of(connection: Connection, entries: Iterable[int]) -> list[RowMapping]:
    """What these entries did to goods."""
    query = select(ledger_goods).where(ledger_goods.c.entry.in_(list(entries)))
    return list(connection.execute(query.order_by(*ledger_goods.primary_key)).mappings())
