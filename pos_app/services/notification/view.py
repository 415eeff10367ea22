"""Notifications as their reader sees them: what is there, what is read, what is put away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from pos_app.domain.notification import Reader, Target, category_of
from pos_app.domain.permission import Actor
from pos_app.errors import RecordNotFound
from pos_app.services.shop import Shop
from pos_app.store import notification as store
from pos_app.store.notification import Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """Something people are told.

    Attributes:
        target: who is told.
        read_at: when the reader who asked has read it; None for not yet.
    """

    id: int
    title: str
    message: str
    type: str
    category: str
    entity_type: str
    entity_id: str
    link: str
    target: Target
    data: Mapping[str, Any]
    created_by: str
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some notifications; `total` is of those wanted, `unread` of all that can be seen."""

    total: int
    unread: int
    notifications: tuple[Notification, ...]


def reader_of(actor: Actor) -> Reader:
    """An actor as a reader."""
    return Reader(actor.user_id, actor.role)


def page(
    shop: Shop,
    actor: Actor,
    *,
    type_: str | None = None,
    category: str | None = None,
    is_read: bool | None = None,
    offset: int,
    limit: int,
) -> Page:
    """What an actor can see, the newest first; None asks for all."""
    reader, now = reader_of(actor), shop.clock.now()
    named = category_of(category) if category else None
    only = Wanted(type=type_, category=named, is_read=is_read)
    with shop.store.read() as connection:
        total, rows = store.page(connection, reader, only, at=now, offset=offset, limit=limit)
        unread = store.unread(connection, reader, at=now)
    return Page(total=total, unread=unread, notifications=tuple(seen(row) for row in rows))


def unread(shop: Shop, actor: Actor) -> int:
    """How many an actor has not read."""
    with shop.store.read() as connection:
        return store.unread(connection, reader_of(actor), at=shop.clock.now())


def mark_read(shop: Shop, actor: Actor, wanted: Sequence[int] | None) -> int:
    """Note that an actor has read these, or all; what they cannot see is passed over.

    Args:
        shop: the server.
        actor: who has read.
        wanted: numbers; None or none at all means everything they can see.

    Returns:
        How many of them they had not read.
    """
    now = shop.clock.now()
    with shop.store.write() as connection:
        ids = store.unread_ids(connection, reader_of(actor), at=now, wanted=wanted or None)
        store.mark(connection, actor.user_id, ids, at=now)
    return len(ids)


def delete(shop: Shop, actor: Actor, notification_id: int) -> None:
    """Put one away: for oneself; for everybody when it was for oneself alone, or by an Admin.

    Raises:
        RecordNotFound: the actor sees no such notification.
    """
    reader, now = reader_of(actor), shop.clock.now()
    with shop.store.write() as connection:
        row = store.by_id(connection, notification_id, reader, at=now)
        if row is None:
            raise RecordNotFound("notification", str(notification_id))
        is_own = row["target_user"] == actor.user_id and not row["target_role"]
        # What the server itself tells once stays under its key, or it would be told again.
        if (is_own or reader.sees_all) and not row["key"].startswith("server:"):
            store.drop(connection, notification_id)
        else:
            store.hide(connection, actor.user_id, notification_id, at=now)


def sweep(shop: Shop) -> int:
    """Delete what is over; returns how many."""
    now = shop.clock.now()
    with shop.store.read() as connection:
        if not store.has_expired(connection, at=now):
            return 0
    with shop.store.write() as connection:
        return store.drop_expired(connection, at=now)


def seen(row: RowMapping) -> Notification:
    """A notification from its row."""
    return Notification(
        id=row["id"],
        title=row["title"],
        message=row["message"],
        type=row["type"],
        category=row["category"],
        entity_type=row["entity_type"],
        entity_id=row["entity_id"],
        link=row["link"],
        target=Target(user_id=row["target_user"], role=row["target_role"]),
        data=row["data"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        read_at=row.get("read_at"),
    )
