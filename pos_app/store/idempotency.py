"""Answers given for idempotency keys, and the requests still at work under one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    LargeBinary,
    RowMapping,
    Text,
    and_,
    delete,
    select,
    update,
)

from pos_app.store.purge import drop_some
from pos_app.store.schema import Instant, Json, table
from pos_app.store.upsert import add_new

idempotency = table(
    "idempotency",
    Column("principal", Text, primary_key=True),
    Column("method", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", Text, nullable=False),
    Column("document_id", Text, nullable=False),  # what the request makes, the same at every try
    Column("claim", Text, nullable=False),  # fences a request that lost its lease
    Column("lease_until", Instant, nullable=False),
    Column("status", Integer),  # none while the request is at work
    Column("headers", Json),
    Column("body", LargeBinary),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("idempotency_by_expiry", "expires_at"),
)

Name = tuple[str, str, str, str]
"""Principal, method, path and key."""


def add(connection: Connection, name: Name, values: Mapping[str, Any]) -> bool:
    """Enter a request; False when one of this name is there."""
    return add_new(connection, idempotency, {**_named(name), **values})


def by_name(connection: Connection, name: Name) -> RowMapping | None:
    """The request of this name, locked until the transaction ends."""
    query = select(idempotency).where(_is(name)).with_for_update()
    return connection.execute(query).mappings().first()


def change(connection: Connection, name: Name, claim: str, values: Mapping[str, Any]) -> bool:
    """Change the request while this claim still holds it; False when it does not."""
    mine = _is(name) & (idempotency.c.claim == claim)
    return connection.execute(update(idempotency).where(mine).values(values)).rowcount == 1


def drop(connection: Connection, name: Name, claim: str) -> bool:
    """Forget an unfinished request while this claim still holds it."""
    mine = and_(_is(name), idempotency.c.claim == claim, idempotency.c.status.is_(None))
    return connection.execute(delete(idempotency).where(mine)).rowcount == 1


def drop_over(connection: Connection, name: Name, now: datetime) -> None:
    """Forget the request of this name if its time is over."""
    mine = and_(_is(name), idempotency.c.expires_at <= now)
    connection.execute(delete(idempotency).where(mine))


def drop_expired(connection: Connection, now: datetime) -> int:
    """Forget some of what is over; how many."""
    return drop_some(connection, idempotency, idempotency.c.expires_at <= now)


def _named(name: Name) -> dict[str, Any]:
    return dict(zip(("principal", "method", "path", "key"), name, strict=True))


def _is(name: Name) -> ColumnElement[bool]:
    return and_(*(idempotency.c[column] == value for column, value in _named(name).items()))
