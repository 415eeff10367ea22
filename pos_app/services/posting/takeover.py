"""What a dead worker had in hand: taken over at once where it is proven that none lives."""

from __future__ import annotations

import structlog

from pos_app.services.shop import Shop
from pos_app.store import posting_claim

LOCK = ".worker"
"""Behind the name of a SQLite file: the lock that its one worker holds while it lives."""


def take_over(shop: Shop) -> int:
    """Free what is in hand; only for whoever holds the lock.

    A row that was being sent is still looked up first, and its "no" is believed only after the
    quiet time; a worker that lives after all is fenced and sends nothing more (lesson L24).

    Returns:
        How many documents need not wait for the end of a lease.
    """
    with shop.store.write() as connection:
        freed = posting_claim.free(connection, shop.clock.now())
    if freed:
        structlog.get_logger(lane="posting").info("taken over", rows=freed)
    return freed
