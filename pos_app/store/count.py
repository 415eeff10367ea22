"""Counts of warehouses, line by line with the book of the moment each was counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    RowMapping,
    Text,
    func,
    insert,
    select,
    update,
)

from pos_app.store.schema import Flag, Instant, Micro, autokey, table
from pos_app.store.upsert import upsert

counts = table(
    "counts",
    autokey("entry"),
    Column("id", Text, nullable=False, unique=True),
    Column("number", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),  # Open | Counted | Posted | Cancelled
    Column("warehouse", Text, nullable=False),
    Column("is_blind", Flag, nullable=False),
    Column("comments", Text, nullable=False, server_default=""),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("counted_at", Instant),  # when it was locked
    Column("ended_by", Text),
    Column("ended_at", Instant),
    Index("counts_by_place", "warehouse", "state"),
)

count_lines = table(
    "count_lines",
    Column("count_id", Text, ForeignKey("counts.id"), primary_key=True),
    Column("item", Text, primary_key=True),
    Column("batch", Text, primary_key=True, server_default=""),
    Column("name", Text, nullable=False),
    Column("uom", Text, nullable=False),
    Column("book", Micro, nullable=False),  # on hand when it was counted
    Column("counted", Micro, nullable=False),
    Column("counted_by", Text, nullable=False),
    Column("counted_at", Instant, nullable=False),
)


def add(connection: Connection, header: Mapping[str, Any]) -> None:
    """Store a new count; raises UniqueViolation when it is there."""
    connection.execute(insert(counts).values(dict(header)))


def put_lines(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Keep what was counted; a line counted again takes the new figures."""
    upsert(connection, count_lines, rows)


def by_id(connection: Connection, count_id: str) -> RowMapping | None:
    """One count."""
    return _first(connection, counts.c.id == count_id)


def by_entry(connection: Connection, entry: int) -> RowMapping | None:
    """One count by its number in lists."""
    return _first(connection, counts.c.entry == entry)


def by_number(connection: Connection, number: str) -> RowMapping | None:
    """One count as it is printed."""
    return _first(connection, counts.c.number == number)


def held(connection: Connection, entry: int) -> RowMapping | None:
    """One count, kept from other writers until the transaction ends."""
    query = select(counts).where(counts.c.entry == entry).with_for_update()
    return connection.execute(query).mappings().first()


def change(connection: Connection, count_id: str, values: Mapping[str, Any]) -> None:
    """Change a count whose row is held."""
    connection.execute(update(counts).where(counts.c.id == count_id).values(dict(values)))


def lines_of(connection: Connection, count_ids: Iterable[str]) -> list[RowMapping]:
    """What was counted, by item and batch."""
    query = select(count_lines).where(count_lines.c.count_id.in_(list(count_ids)))
    return list(connection.execute(query.order_by(*count_lines.primary_key)).mappings())


def page(
    connection: Connection, *, warehouse: str | None = None, offset: int, limit: int
) -> tuple[int, list[RowMapping]]:
    """How many counts there are, and some of them from the newest back."""
    where = [counts.c.warehouse == warehouse] if warehouse is not None else []
    total = connection.execute(select(func.count()).select_from(counts).where(*where)).scalar()
    query = select(counts).where(*where).order_by(counts.c.entry.desc())
    rows = connection.execute(query.offset(offset).limit(limit)).mappings()
    return int(total or 0), list(rows)


def _first(connection: Connection, condition: ColumnElement[bool]) -> RowMapping | None:
    return connection.execute(select(counts).where(condition)).mappings().first()
