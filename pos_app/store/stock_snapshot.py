"""What lay in a warehouse in the morning, batch by batch, and what was told of transfers since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKeyConstraint,
    Integer,
    RowMapping,
    Text,
    func,
    insert,
    select,
    update,
)

from pos_app.store.item_table import items
from pos_app.store.posting import posting_steps
from pos_app.store.schema import BusinessDate, Instant, Micro, table
from pos_app.store.stock import batches, stock, stock_moves
from pos_app.store.upsert import add_new

PENDING, COMPLETE, FAILED = "Pending", "Complete", "Failed"

stock_snapshots = table(
    "stock_snapshots",
    Column("day", BusinessDate, primary_key=True),
    Column("warehouse", Text, primary_key=True),
    Column("status", Text, nullable=False),  # Pending | Complete | Failed
    Column("tries", Integer, nullable=False),
    Column("problem", Text, nullable=False, server_default=""),
    Column("asked_at", Instant, nullable=False),
    Column("taken_at", Instant),
)

stock_snapshot_rows = table(
    "stock_snapshot_rows",
    Column("day", BusinessDate, primary_key=True),
    Column("warehouse", Text, primary_key=True),
    Column("item", Text, primary_key=True),
    Column("batch", Text, primary_key=True),  # empty for an item without batches
    Column("quantity", Micro, nullable=False),
    Column("expiry", BusinessDate),
    ForeignKeyConstraint(
        ["day", "warehouse"], ["stock_snapshots.day", "stock_snapshots.warehouse"]
    ),
)

# One transfer is told of once: the key holds its day, item, warehouse, number and direction.
stock_snapshot_events = table(
    "stock_snapshot_events",
    Column("key", Text, primary_key=True),
    Column("batch", Text, primary_key=True),
    Column("day", BusinessDate, nullable=False),
    Column("warehouse", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("quantity", Micro, nullable=False),  # out is below zero
    Column("told_at", Instant, nullable=False),
)

_SHOT, _EVENT = stock_snapshots.c, stock_snapshot_events.c


def ask(connection: Connection, day: date, warehouse: str, at: datetime) -> None:
    """Want a snapshot; one that is there stays, one that failed is tried again."""
    fresh = {"status": PENDING, "tries": 0, "problem": "", "asked_at": at}
    add_new(connection, stock_snapshots, {"day": day, "warehouse": warehouse, **fresh})
    failed = (_SHOT.day == day) & (_SHOT.warehouse == warehouse) & (_SHOT.status == FAILED)
    connection.execute(update(stock_snapshots).where(failed).values(fresh))


def pending(connection: Connection) -> list[RowMapping]:
    """Snapshots that are wanted and not taken."""
    query = select(stock_snapshots).where(_SHOT.status == PENDING)
    return list(connection.execute(query.order_by(_SHOT.day, _SHOT.warehouse)).mappings())


def of(connection: Connection, day: date, warehouse: str) -> RowMapping | None:
    """One snapshot."""
    where = (_SHOT.day == day) & (_SHOT.warehouse == warehouse)
    return connection.execute(select(stock_snapshots).where(where)).mappings().first()


def of_day(connection: Connection, day: date) -> list[RowMapping]:
    """The snapshots of a day, by warehouse."""
    query = select(stock_snapshots).where(_SHOT.day == day).order_by(_SHOT.warehouse)
    return list(connection.execute(query).mappings())


def count_of_day(connection: Connection, day: date) -> int:
    """How many rows the snapshots of a day have."""
    row = stock_snapshot_rows.c
    query = select(func.count()).select_from(stock_snapshot_rows).where(row.day == day)
    return int(connection.execute(query).scalar_one())


def move(connection: Connection, row: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Write what came of a wanted snapshot; False when another process was faster."""
    where = (_SHOT.day == row["day"]) & (_SHOT.warehouse == row["warehouse"])
    ours = where & (_SHOT.status == PENDING) & (_SHOT.tries == row["tries"])
    return (
        connection.execute(update(stock_snapshots).where(ours).values(dict(values))).rowcount == 1
    )


def take(connection: Connection, day: date, warehouse: str) -> int:
    """Keep what lies there now: batches, and items without any; returns how many rows."""
    lots = connection.execute(select(batches).where(batches.c.warehouse == warehouse)).mappings()
    rows = [
        _row(day, warehouse, lot["item"], lot["on_hand"], batch=lot["batch"], expiry=lot["expiry"])
        for lot in lots
    ]
    managed = {row["item"] for row in rows}
    places = connection.execute(select(stock).where(stock.c.warehouse == warehouse)).mappings()
    rows += [
        _row(day, warehouse, place["item"], place["on_hand"])
        for place in places
        if place["item"] not in managed
    ]
    if rows:
        connection.execute(insert(stock_snapshot_rows), rows)
    return len(rows)


def _row(
    day: date,
    warehouse: str,
    item: str,
    quantity: Any,
    *,
    batch: str = "",
    expiry: date | None = None,
) -> dict[str, Any]:
    shared = {"day": day, "warehouse": warehouse, "item": item, "batch": batch}
    return {**shared, "quantity": quantity, "expiry": expiry}


def rows_of(connection: Connection, day: date, warehouse: str) -> list[RowMapping]:
    """What lay there, with the items' names; what expires first stands first."""
    row = stock_snapshot_rows.c
    query = (
        select(stock_snapshot_rows, items.c.name)
        .outerjoin(items, items.c.code == row.item)
        .where(row.day == day, row.warehouse == warehouse)
        .order_by(row.item, row.expiry.is_(None), row.expiry, row.batch)
    )
    return list(connection.execute(query).mappings())


def moved_since(
    connection: Connection, warehouse: str, since: datetime, until: datetime
) -> list[RowMapping]:
    """What the shop's own documents moved there in a time, by item, batch and kind of document."""
    row = stock_moves.c
    key = (row.item, row.batch, row.document_kind)
    query = (
        select(*key, func.sum(row.quantity).label("quantity"))
        .where(row.warehouse == warehouse, row.at > since, row.at <= until)
        .group_by(*key)
    )
    return list(connection.execute(query).mappings())


def events_of(connection: Connection, day: date, warehouse: str) -> list[RowMapping]:
    """What was told of transfers of the day."""
    query = select(stock_snapshot_events).where(_EVENT.day == day, _EVENT.warehouse == warehouse)
    return list(connection.execute(query).mappings())


def is_told(connection: Connection, key: str) -> bool:
    """Whether a transfer was told of before."""
    query = select(_EVENT.key).where(_EVENT.key == key).limit(1)
    return connection.execute(query).first() is not None


def tell(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what was told of a transfer; raises UniqueViolation where it was told before."""
    connection.execute(insert(stock_snapshot_events), [dict(row) for row in rows])


def is_ours(connection: Connection, doc_entry: int) -> bool:
    """Whether a transfer in SAP is one of our own documents, whose moves are in the books."""
    step = posting_steps.c
    query = select(step.queue_id).where(step.kind == "transfer", step.doc_entry == doc_entry)
    return connection.execute(query.limit(1)).first() is not None
