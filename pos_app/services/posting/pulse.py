"""Whether somebody works the queue: every worker says so twice a minute, in one row for all."""

from __future__ import annotations

from datetime import datetime, timedelta

from pos_app.services.shop import Shop
from pos_app.store import setting
from pos_app.store.fault import UniqueViolation

NAME = "worker.pulse"
EVERY = timedelta(seconds=30)


def beat(shop: Shop) -> None:
    """Say that a worker is at work, unless one has said so within the last half minute."""
    now, last = shop.clock.now(), seen(shop)
    if last is not None and timedelta(0) <= now - last < EVERY:
        return
    try:
        with shop.store.write() as connection:
            setting.write(connection, NAME, now.isoformat())
    except UniqueViolation:
        # Another worker said it first at this very moment, which is all that matters.
        return


def seen(shop: Shop) -> datetime | None:
    """When a worker was last at work; None for never."""
    with shop.store.read() as connection:
        told = setting.read(connection, NAME)
    return None if told is None else datetime.fromisoformat(told)
