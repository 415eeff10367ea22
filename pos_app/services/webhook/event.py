"""Write down that something happened, in the very transaction in which it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.webhook import WebhookEvent
from pos_app.services.shop import Shop
from pos_app.store import webhook as rows


def is_wanted(shop: Shop, connection: Connection, event: WebhookEvent) -> bool:
    """Whether anybody asked for it, where finding out what to tell costs something."""
    return shop.rules.role == "server" and bool(rows.listeners(connection, event))


def tell(
    shop: Shop,
    connection: Connection,
    event: WebhookEvent,
    *,
    subject: str,
    data: Mapping[str, Any],
) -> None:
    """Let everybody know who asked for it; nothing is sent if the transaction is undone.

    Args:
        shop: the server; a till tells nobody.
        connection: of the transaction that makes it happen.
        event: what happened.
        subject: the document it is about; of one subject notices arrive in their order.
        data: what is told; decimals go as text.
    """
    tell_each(shop, connection, event, [(subject, data)])


def tell_each(
    shop: Shop,
    connection: Connection,
    event: WebhookEvent,
    told: Iterable[tuple[str, Mapping[str, Any]]],
) -> None:
    """Let everybody know of many at once, a notice for each subject and its data; as `tell`."""
    if shop.rules.role != "server":
        return
    listening = rows.listeners(connection, event)
    if not listening:
        return
    now = shop.clock.now()
    made: list[dict[str, Any]] = []
    for subject, data in told:
        notice = {
            "event_id": shop.ids.new(),
            "event": event.value,
            "subject": subject,
            "data": {name: _plain(value) for name, value in data.items()},
            "at": now,
            "state": "pending",
            "try_at": now,
        }
        made += [{"webhook": number, **notice} for number in listening]
    if made:
        rows.enqueue(connection, made)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else str(value)
