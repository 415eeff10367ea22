"""Incidents: what stands still for one cause, from when to when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, RowMapping, Text, insert, select, update

from pos_app.store.schema import Instant, autokey, table, unique_where

incidents = table(
    "incidents",
    autokey("incident_id"),
    Column("cause", Text, nullable=False),
    Column("sentence", Text, nullable=False),  # of one of its rows
    Column("rows", Integer, nullable=False),
    Column("most_rows", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("ended_at", Instant),
    unique_where("incidents_open_once", "cause", where="ended_at IS NULL"),
)


def opened(connection: Connection) -> list[RowMapping]:
    """Those that have not ended, oldest first."""
    query = select(incidents).where(incidents.c.ended_at.is_(None))
    return list(connection.execute(query.order_by(incidents.c.incident_id)).mappings())


def recent(connection: Connection, *, limit: int) -> list[RowMapping]:
    """The newest, ended or not."""
    query = select(incidents).order_by(incidents.c.incident_id.desc()).limit(limit)
    return list(connection.execute(query).mappings())


def begin(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Open incidents; raises UniqueViolation where another server was faster."""
    if rows:
        connection.execute(insert(incidents), list(rows))


def change(connection: Connection, incident_id: int, values: Mapping[str, Any]) -> None:
    """Note how many rows stand still now, or that it is over."""
    where = incidents.c.incident_id == incident_id
    connection.execute(update(incidents).where(where).values(dict(values)))


def end(connection: Connection, incident_id: int, at: datetime) -> bool:
    """Nothing stands still for this cause any more; False where another server said so before."""
    where = (incidents.c.incident_id == incident_id) & incidents.c.ended_at.is_(None)
    values = {"rows": 0, "ended_at": at, "changed_at": at}
    return connection.execute(update(incidents).where(where).values(values)).rowcount == 1
