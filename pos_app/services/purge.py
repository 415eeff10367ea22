"""Forget what nobody may ask for any more: in small transactions, beside the work of the day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from pos_app.services.shop import Shop
from pos_app.store import idempotency, session, webhook
from pos_app.store.purge import MOST

ROUNDS = 20
"""Transactions for one kind of row at one time; the rest waits for the next look."""

NOTICES_KEPT = timedelta(days=30)
"""What was told to webhooks, and every try."""

Drop = Callable[[Connection, datetime], int]
KINDS: tuple[tuple[Drop, timedelta], ...] = (
    (idempotency.drop_expired, timedelta(0)),
    (session.drop_tokens, timedelta(0)),
    (session.drop_expired, timedelta(0)),
    (webhook.forget_messages, NOTICES_KEPT),
    (webhook.forget_deliveries, NOTICES_KEPT),
)


def purge(shop: Shop) -> int:
    """Forget kept answers, sessions and their tokens, and notices that are over; how many rows."""
    return sum(_purge(shop, drop, shop.clock.now() - kept) for drop, kept in KINDS)


def _purge(shop: Shop, drop: Drop, before: datetime) -> int:
    gone = 0
    for _ in range(ROUNDS):
        with shop.store.write() as connection:
            some = drop(connection, before)
        gone += some
        if some < MOST:
            break
    return gone
