"""Make notifications: an Admin's own, and what the server has to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import Connection

from pos_app.domain.notification import (
    LIFE,
    NotificationTargetUnknown,
    NotificationType,
    category_of,
    check_link,
)
from pos_app.domain.permission import Actor, Role
from pos_app.services.notification.view import Notification, seen
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import notification as store
from pos_app.store import user as users

SERVER = "server"
"""Who makes what the server says by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A notification to be made.

    Attributes:
        user_id, username, role: who is told; none of them: whoever the category concerns.
        link: a path of one of the shop's screens.
        data: facts for programs, as text or whole numbers.
    """

    title: str
    message: str
    type: NotificationType = NotificationType.INFO
    category: str = "System"
    entity_type: str = ""
    entity_id: str = ""
    link: str = ""
    user_id: str = ""
    username: str = ""
    role: str = ""
    data: Mapping[str, str | int | bool | None] = field(default_factory=dict)


def create(shop: Shop, actor: Actor, asked: Asked, *, key: str | None) -> Notification:
    """Tell a user, a role, or whoever a category concerns.

    Args:
        shop: the server.
        actor: who tells; the route sees to it that they may.
        asked: what.
        key: of the request, so that it is made once; None for one without a key.

    Raises:
        NotificationTargetUnknown: there is no such user or role.
        NotificationLinkInvalid: the link leads elsewhere.
    """
    link, own_key = check_link(asked.link), f"user:{key or shop.ids.new()}"
    with shop.store.write() as connection:
        target_user = _user(connection, asked)
        row = _row(shop, asked, link=link, user_id=target_user, role=_role(asked.role))
        is_new = store.add(connection, row | {"key": own_key, "created_by": actor.username})
        made = store.having(connection, own_key)
        if is_new:
            audit.append(
                connection,
                at=shop.clock.now(),
                actor=actor.username,
                action="notification.create",
                subject=str(made["id"]),
                details={"title": asked.title, "user": asked.username, "role": asked.role},
            )
    return seen(made)


def tell(shop: Shop, key: str, asked: Asked) -> bool:
    """Say something once, whichever process finds it; returns whether it was news.

    Args:
        shop: the server.
        key: what it is about; the same key is never told twice while it is kept.
        asked: what.
    """
    own_key = f"{SERVER}:{key}"
    with shop.store.read() as connection:
        if store.has(connection, own_key):
            return False
    with shop.store.write() as connection:
        is_new = tell_in(shop, connection, key, asked)
    if is_new:
        structlog.get_logger(lane="notices").info("notified", key=key, title=asked.title)
    return is_new


def tell_in(shop: Shop, connection: Connection, key: str, asked: Asked) -> bool:
    """Say something once, in the transaction of its cause; returns whether it was news."""
    row = _row(shop, asked, link=asked.link, user_id=asked.user_id, role=asked.role)
    return store.add(connection, row | {"key": f"{SERVER}:{key}", "created_by": SERVER})


def _row(shop: Shop, asked: Asked, *, link: str, user_id: str, role: str) -> dict[str, Any]:
    now = shop.clock.now()
    return {
        "title": asked.title,
        "message": asked.message,
        "type": asked.type.value,
        "category": category_of(asked.category),
        "entity_type": asked.entity_type,
        "entity_id": asked.entity_id,
        "link": link,
        "target_user": user_id,
        "target_role": role,
        "data": dict(asked.data),
        "created_at": now,
        "expires_at": now + LIFE,
    }


def _user(connection: Connection, asked: Asked) -> str:
    """The identity of the user who is told; empty for nobody in particular."""
    if not asked.user_id and not asked.username:
        return ""
    if asked.username:
        found = users.by_username(connection, asked.username)
    else:
        found = users.by_id(connection, asked.user_id)
    if found is None or (asked.user_id and found.user.id != asked.user_id):
        raise NotificationTargetUnknown("user", asked.username or asked.user_id)
    return found.user.id


def _role(name: str) -> str:
    if not name:
        return ""
    known = {role.casefold(): role.value for role in Role}
    if name.casefold() not in known:
        raise NotificationTargetUnknown("role", name)
    return known[name.casefold()]
