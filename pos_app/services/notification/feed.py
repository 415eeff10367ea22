"""What is new among the notifications and calls of the hub, whichever process made it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping

from pos_app.domain.hub import HubCall
from pos_app.services.hub import Call
from pos_app.services.notification.view import Notification, seen
from pos_app.services.shop import Shop
from pos_app.store import hub as calls
from pos_app.store import notification as store

SETTLED = timedelta(seconds=60)
"""Numbers are given before they are committed: one that is missing may still come for so long."""

MOST = 500


class Follow:
    """Gives each row added after it began once, in the order of their numbers.

    A number that another process was given earlier may be committed later: so it looks back as far
    as numbers are younger than a minute, and remembers which of those it has given.

    Args:
        shop: the server.
        last: the newest number of the table.
        after: rows of the table with later numbers, in order.
    """

    def __init__(
        self,
        shop: Shop,
        last: Callable[[Connection], int],
        after: Callable[..., list[RowMapping]],
    ) -> None:
        self._shop = shop
        self._last = last
        self._after = after
        self._floor: int | None = None
        self._told: dict[int, datetime] = {}

    def new(self) -> list[RowMapping]:
        """What has come since the last call; the first call only begins."""
        now = self._shop.clock.now()
        with self._shop.store.read() as connection:
            if self._floor is None:
                self._floor = self._last(connection)
                return []
            rows = self._after(connection, self._floor, limit=MOST)
        fresh = [row for row in rows if row["id"] not in self._told]
        self._told |= {row["id"]: now for row in fresh}
        self._settle(now)
        return fresh

    def _settle(self, now: datetime) -> None:
        """Look no more behind numbers told long ago, or when there are too many to look back."""
        old = [number for number, at in self._told.items() if at <= now - SETTLED]
        if len(self._told) >= MOST:
            old = sorted(self._told)[: MOST // 2] + old
        if old:
            self._floor = max(old)
            self._told = {number: at for number, at in self._told.items() if number > self._floor}


class Feed:
    """Each notification made after it began, once."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._rows = Follow(shop, store.last_id, store.after)

    def new(self) -> list[Notification]:
        """What has come since the last call; the first call only begins."""
        now = self._shop.clock.now()
        return [seen(row) for row in self._rows.new() if row["expires_at"] > now]


class Calls:
    """Each call of the hub that was written down after it began, once."""

    def __init__(self, shop: Shop) -> None:
        self._rows = Follow(shop, calls.last_id, calls.after)

    def new(self) -> list[Call]:
        """What has come since the last call; the first call only begins."""
        return [Call(HubCall(row["target"]), row["data"]) for row in self._rows.new()]
