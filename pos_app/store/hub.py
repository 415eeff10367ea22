"""What the hub is to call out, for every server process to bring to whoever is connected to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, RowMapping, Text, delete, func, insert, select

from pos_app.store.schema import Instant, Json, autokey, table

hub_calls = table(
    "hub_calls",
    autokey("id"),
    Column("target", Text, nullable=False),
    Column("data", Json, nullable=False),
    Column("at", Instant, nullable=False),
    Index("hub_calls_by_time", "at"),
)


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write down a call."""
    connection.execute(insert(hub_calls).values(dict(row)))


def last_id(connection: Connection) -> int:
    """The newest number given."""
    return int(connection.execute(select(func.max(hub_calls.c.id))).scalar() or 0)


def after(connection: Connection, number: int, *, limit: int) -> list[RowMapping]:
    """Those with later numbers, in order."""
    query = select(hub_calls).where(hub_calls.c.id > number).order_by(hub_calls.c.id)
    return list(connection.execute(query.limit(limit)).mappings())


def has_before(connection: Connection, at: datetime) -> bool:
    """Whether there is one from before a moment."""
    query = select(hub_calls.c.id).where(hub_calls.c.at < at).limit(1)
    return connection.execute(query).first() is not None


def forget(connection: Connection, before: datetime) -> None:
    """Forget what is long over."""
    connection.execute(delete(hub_calls).where(hub_calls.c.at < before))
