"""The connection to SAP as it was last seen: whether it stands, and since when."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pos_app.services.shop import Shop
from pos_app.store import setting

NAME = "sap.line"
REFRESHED = timedelta(minutes=1)
"""A connection that stands is written down again this often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineState:
    """What is known of the connection.

    Attributes:
        is_up: None before SAP was asked for the first time.
        since: from when on it has been so.
        answered_at: when SAP last answered; None where it never did.
        problem: why it is down; empty when it is up.
    """

    is_up: bool | None = None
    since: datetime | None = None
    answered_at: datetime | None = None
    problem: str = ""


def seen(shop: Shop) -> LineState:
    """The connection as any of the server's processes last saw it."""
    with shop.store.read() as connection:
        stored = setting.read(connection, NAME)
    if stored is None:
        return LineState()
    told: dict[str, Any] = json.loads(stored)
    return LineState(
        is_up=told["is_up"],
        since=_moment(told["since"]),
        answered_at=_moment(told["answered_at"]),
        problem=told["problem"],
    )


def note(shop: Shop, *, is_up: bool, problem: str = "") -> None:
    """Write down how the connection is, when that is news or a minute old.

    Args:
        shop: the server.
        is_up: whether SAP has just answered.
        problem: why it has not.
    """
    known, now = seen(shop), shop.clock.now()
    is_fresh = known.answered_at is not None and now - known.answered_at < REFRESHED
    if known.is_up == is_up and (is_fresh or not is_up):
        return
    answered = now if is_up else known.answered_at
    since = known.since if known.is_up == is_up and known.since else now
    told = {
        "is_up": is_up,
        "since": since.isoformat(),
        "answered_at": answered.isoformat() if answered else None,
        "problem": "" if is_up else problem,
    }
    with shop.store.write() as connection:
        setting.write(connection, NAME, json.dumps(told))


def _moment(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None
