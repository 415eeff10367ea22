"""The fiscal device that cannot be had: since when, and why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from pos_app.services.shop import Shop
from pos_app.store import setting

AWAY = "fiscal.away"
"""The setting that says since when the device cannot be had, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """Since when the device cannot be had, and why."""

    since: datetime
    reason: str


def away(connection: Connection) -> Away | None:
    """Since when the device cannot be had, if it cannot."""
    text = setting.read(connection, AWAY)
    if not text:
        return None
    data = json.loads(text)
    return Away(since=datetime.fromisoformat(data["since"]), reason=data["reason"])


def lose(shop: Shop, reason: str) -> None:
    """Note that the device cannot be had, and since when."""
    with shop.store.read() as connection:
        lost = away(connection)
    if lost is not None and lost.reason == reason:
        return
    since = lost.since if lost else shop.clock.now()
    text = json.dumps({"since": since.isoformat(), "reason": reason})
    with shop.store.write() as connection:
        setting.write(connection, AWAY, text)


def is_back(connection: Connection) -> None:
    """Note that the device can be had again."""
    setting.drop(connection, AWAY)
