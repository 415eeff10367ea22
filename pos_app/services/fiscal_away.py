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

RESTORED = "this till was restored from a backup and has not met it yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """Since when the device cannot be had, and why.

    Attributes:
        must_meet: nothing may be deferred before it has been met.
    """

    since: datetime
    reason: str
    must_meet: bool = False


def away(connection: Connection) -> Away | None:
    """Since when the device cannot be had, if it cannot."""
    text = setting.read(connection, AWAY)
    if not text:
        return None
    data = json.loads(text)
    return Away(
        since=datetime.fromisoformat(data["since"]),
        reason=data["reason"],
        must_meet=data.get("must_meet", False),
    )


def lose(shop: Shop, reason: str) -> None:
    """Note that the device cannot be had, and since when."""
    with shop.store.read() as connection:
        lost = away(connection)
    if lost is not None and lost.reason == reason:
        return
    since = lost.since if lost else shop.clock.now()
    must_meet = lost is not None and lost.must_meet
    text = json.dumps({"since": since.isoformat(), "reason": reason, "must_meet": must_meet})
    with shop.store.write() as connection:
        setting.write(connection, AWAY, text)


def is_back(connection: Connection) -> None:
    """Note that the device can be had again."""
    setting.drop(connection, AWAY)


def forget(connection: Connection, now: datetime) -> None:
    """Sell nothing before the device was met: this database may be older than it (lesson L16)."""
    data = {"since": now.isoformat(), "reason": RESTORED, "must_meet": True}
    setting.write(connection, AWAY, json.dumps(data))
