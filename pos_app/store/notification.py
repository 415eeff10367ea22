"""Notifications, and who has read or put away which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    RowMapping,
    Text,
    and_,
    delete,
    func,
    or_,
    select,
    true,
)

from pos_app.domain.notification import Reader
from pos_app.store.schema import Id, Instant, Json, autokey, big, table
from pos_app.store.upsert import add_new, upsert

notifications = table(
    "notifications",
    autokey("id"),
    Column("key", Text, nullable=False, unique=True),  # what it is about, so that it is told once
    Column("title", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("entity_type", Text, nullable=False, server_default=""),
    Column("entity_id", Text, nullable=False, server_default=""),
    Column("link", Text, nullable=False, server_default=""),
    Column("target_user", Text, nullable=False, server_default=""),
    Column("target_role", Text, nullable=False, server_default=""),
    Column("data", Json, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("notifications_by_expiry", "expires_at"),
)

notification_marks = table(
    "notification_marks",
    Column("notification_id", big(), primary_key=True),
    Column("user_id", Id, primary_key=True),
    Column("read_at", Instant, nullable=False),
    Column("hidden_at", Instant),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which notifications a list is of; None asks for all."""

    type: str | None = None
    category: str | None = None
    is_read: bool | None = None


def add(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Store a notification; False where one with its key is there already."""
    return add_new(connection, notifications, row)


def has(connection: Connection, key: str) -> bool:
    """Whether there is one with this key."""
    query = select(notifications.c.id).where(notifications.c.key == key)
    return connection.execute(query).first() is not None


def having(connection: Connection, key: str) -> RowMapping:
    """The notification with this key, which is there."""
    query = select(notifications).where(notifications.c.key == key)
    return connection.execute(query).mappings().one()


def by_id(
    connection: Connection, notification_id: int, reader: Reader, *, at: datetime
) -> RowMapping | None:
    """One that a reader can see, with its mark."""
    query = _seen(reader, at).where(notifications.c.id == notification_id)
    return connection.execute(query).mappings().first()


def page(
    connection: Connection,
    reader: Reader,
    wanted: Wanted,
    *,
    at: datetime,
    offset: int,
    limit: int,
) -> tuple[int, list[RowMapping]]:
    """How many a reader can see of those wanted, and some of them from the newest back."""
    query = _seen(reader, at).where(*_conditions(wanted))
    count = connection.execute(select(func.count()).select_from(query.subquery())).scalar()
    rows = query.order_by(notifications.c.id.desc()).offset(offset).limit(limit)
    return int(count or 0), list(connection.execute(rows).mappings())


def unread(connection: Connection, reader: Reader, *, at: datetime) -> int:
    """How many a reader has not read."""
    query = _seen(reader, at).where(notification_marks.c.read_at.is_(None)).subquery()
    return int(connection.execute(select(func.count()).select_from(query)).scalar() or 0)


def unread_ids(
    connection: Connection, reader: Reader, *, at: datetime, wanted: Iterable[int] | None
) -> list[int]:
    """Those a reader can see and has not read; of these, or of all."""
    query = _seen(reader, at).where(notification_marks.c.read_at.is_(None))
    if wanted is not None:
        query = query.where(notifications.c.id.in_(list(wanted)))
    return [row["id"] for row in connection.execute(query).mappings()]


def mark(connection: Connection, user_id: str, ids: Iterable[int], *, at: datetime) -> None:
    """Note that a user has read these; a mark that is there already stays."""
    for notification_id in ids:
        row = {"notification_id": notification_id, "user_id": user_id, "read_at": at}
        add_new(connection, notification_marks, row)


def hide(connection: Connection, user_id: str, notification_id: int, *, at: datetime) -> None:
    """Put one away for one user."""
    row = {
        "notification_id": notification_id,
        "user_id": user_id,
        "read_at": at,
        "hidden_at": at,
    }
    upsert(connection, notification_marks, [row])


def drop(connection: Connection, notification_id: int) -> None:
    """Delete one for everybody."""
    marks = notification_marks.c.notification_id == notification_id
    connection.execute(delete(notification_marks).where(marks))
    connection.execute(delete(notifications).where(notifications.c.id == notification_id))


def drop_expired(connection: Connection, *, at: datetime) -> int:
    """Delete those whose time is over, with their marks; returns how many."""
    over = select(notifications.c.id).where(notifications.c.expires_at <= at)
    marks = notification_marks.c.notification_id.in_(over)
    connection.execute(delete(notification_marks).where(marks))
    gone = delete(notifications).where(notifications.c.expires_at <= at)
    return int(connection.execute(gone).rowcount)


def has_expired(connection: Connection, *, at: datetime) -> bool:
    """Whether the time of any is over."""
    query = select(notifications.c.id).where(notifications.c.expires_at <= at).limit(1)
    return connection.execute(query).first() is not None


def last_id(connection: Connection) -> int:
    """The newest number given."""
    return int(connection.execute(select(func.max(notifications.c.id))).scalar() or 0)


def after(connection: Connection, notification_id: int, *, limit: int) -> list[RowMapping]:
    """Those with later numbers, in order."""
    query = select(notifications).where(notifications.c.id > notification_id)
    query = query.order_by(notifications.c.id).limit(limit)
    return list(connection.execute(query).mappings())


def _seen(reader: Reader, at: datetime) -> Any:
    """Everything a reader can see now, with their own marks; says what `Target.reaches` says."""
    row, marked = notifications.c, notification_marks.c
    is_mine = (marked.notification_id == row.id) & (marked.user_id == reader.user_id)
    return (
        select(notifications, marked.read_at)
        .outerjoin(notification_marks, is_mine)
        .where(row.expires_at > at, marked.hidden_at.is_(None), _reaches(reader))
    )


def _reaches(reader: Reader) -> ColumnElement[bool]:
    row = notifications.c
    is_broadcast = and_(row.target_user == "", row.target_role == "")
    concerned = true() if reader.sees_all else row.category.in_(reader.categories)
    return or_(
        and_(row.target_user != "", row.target_user == reader.user_id),
        and_(row.target_role != "", row.target_role == reader.role),
        and_(is_broadcast, concerned),
    )


def _conditions(wanted: Wanted) -> Iterable[ColumnElement[bool]]:
    if wanted.type is not None:
        yield notifications.c.type == wanted.type
    if wanted.category is not None:
        yield notifications.c.category == wanted.category
    if wanted.is_read is not None:
        unread_yet = notification_marks.c.read_at.is_(None)
        yield notification_marks.c.read_at.is_not(None) if wanted.is_read else unread_yet
