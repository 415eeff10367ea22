"""What is new among the notifications, whichever process made it."""

from __future__ import annotations

from datetime import datetime, timedelta

from pos_app.services.notification.view import Notification, seen
from pos_app.services.shop import Shop
from pos_app.store import notification as store

SETTLED = timedelta(seconds=60)
"""Numbers are given before they are committed: one that is missing may still come for so long."""

MOST = 500


class Feed:
    """Tells each notification made after it began once, in the order of their numbers.

    A number that another process was given earlier may be committed later: so the feed looks back
    as far as numbers are younger than a minute, and remembers which of those it has told.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._floor: int | None = None
        self._told: dict[int, datetime] = {}

    def new(self) -> list[Notification]:
        """What has come since the last call; the first call only begins."""
        now = self._shop.clock.now()
        with self._shop.store.read() as connection:
            if self._floor is None:
                self._floor = store.last_id(connection)
                return []
            rows = store.after(connection, self._floor, limit=MOST)
        fresh = [row for row in rows if row["id"] not in self._told]
        self._told |= {row["id"]: now for row in fresh}
        self._settle(now)
        return [seen(row) for row in fresh if row["expires_at"] > now]

    def _settle(self, now: datetime) -> None:
        """Look no more behind numbers told long ago, or when there are too many to look back."""
        old = [number for number, at in self._told.items() if at <= now - SETTLED]
        if len(self._told) >= MOST:
            old = sorted(self._told)[: MOST // 2] + old
        if old:
            self._floor = max(old)
            self._told = {number: at for number, at in self._told.items() if number > self._floor}
