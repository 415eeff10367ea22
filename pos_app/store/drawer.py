"""Openings of the cash drawer: each a row before its pulse, and each that nobody asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, RowMapping, Text, func, insert, select, update

from pos_app.store.schema import Instant, autokey, table

drawer_openings = table(
    "drawer_openings",
    autokey("seq"),
    Column("id", Text, nullable=False, unique=True),
    Column("till", Text, nullable=False),
    Column("shift_id", Text),  # none outside a shift
    Column("cause", Text, nullable=False),  # see pos_app.domain.drawer
    Column("state", Text, nullable=False),
    Column("document_id", Text),
    Column("username", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("approved_by", Text, nullable=False, server_default=""),
    Column("problem", Text, nullable=False, server_default=""),
    Column("asked_at", Instant, nullable=False),
    Column("opened_at", Instant),  # when it was seen open, which not every drawer can tell
    Column("closed_at", Instant),
    Index("drawer_openings_by_state", "state", "seq"),
    Index("drawer_openings_by_shift", "shift_id"),
    Index("drawer_openings_by_time", "asked_at"),
)


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Note an opening; raises UniqueViolation when this very one was noted before."""
    connection.execute(insert(drawer_openings).values(row))


def by_id(connection: Connection, opening_id: str) -> RowMapping | None:
    """One opening."""
    query = select(drawer_openings).where(drawer_openings.c.id == opening_id)
    return connection.execute(query).mappings().first()


def in_state(connection: Connection, state: str) -> list[RowMapping]:
    """Openings in one state, oldest first."""
    query = select(drawer_openings).where(drawer_openings.c.state == state)
    return list(connection.execute(query.order_by(drawer_openings.c.seq)).mappings())


def change(connection: Connection, ids: Sequence[str], values: Mapping[str, Any]) -> None:
    """Write down what became of some openings."""
    where = drawer_openings.c.id.in_(list(ids))
    connection.execute(update(drawer_openings).where(where).values(values))


def last(connection: Connection, till: str) -> RowMapping | None:
    """The newest opening of a till."""
    query = select(drawer_openings).where(drawer_openings.c.till == till)
    newest = query.order_by(drawer_openings.c.seq.desc()).limit(1)
    return connection.execute(newest).mappings().first()


def standing_open(connection: Connection, till: str) -> list[RowMapping]:
    """Openings that were seen and have not ended, oldest first."""
    where = (
        (drawer_openings.c.till == till)
        & drawer_openings.c.opened_at.is_not(None)
        & drawer_openings.c.closed_at.is_(None)
    )
    query = select(drawer_openings).where(where).order_by(drawer_openings.c.seq)
    return list(connection.execute(query).mappings())


def counts_of_shift(connection: Connection, shift_id: str) -> dict[tuple[str, str], int]:
    """How many openings a shift has, by cause and state."""
    return _counts(connection, drawer_openings.c.shift_id == shift_id)


def counts_between(
    connection: Connection, till: str, since: datetime, until: datetime
) -> dict[tuple[str, str], int]:
    """How many openings a till has had over a time, by cause and state."""
    asked_at = drawer_openings.c.asked_at
    return _counts(connection, (drawer_openings.c.till == till) & asked_at.between(since, until))


def _counts(connection: Connection, where: Any) -> dict[tuple[str, str], int]:
    key = (drawer_openings.c.cause, drawer_openings.c.state)
    query = select(*key, func.count()).where(where).group_by(*key)
    return {(cause, state): int(count) for cause, state, count in connection.execute(query)}
