"""Write down that something happened, in the very transaction in which it does."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.webhook import WebhookEvent
from pos_app.services.shop import Shop
from pos_app.store import webhook as rows


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
    if shop.rules.role != "server":
        return
    listening = rows.listeners(connection, event)
    if not listening:
        return
    now, event_id = shop.clock.now(), shop.ids.new()
    told = {name: _plain(value) for name, value in data.items()}
    rows.enqueue(
        connection,
        [
            {
                "webhook": number,
                "event_id": event_id,
                "event": event.value,
                "subject": subject,
                "data": told,
                "at": now,
                "state": "pending",
                "try_at": now,
            }
            for number in listening
        ],
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if value is None or isinstance(value, bool | int):
        return value
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else str(value)
