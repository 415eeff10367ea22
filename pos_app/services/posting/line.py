"""The connection to SAP as it was last seen: whether it stands, and since when."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.webhook import WebhookEvent
from pos_app.services.shop import Shop
from pos_app.services.webhook import event
from pos_app.store import setting

NAME, TURN = "sap.line", "sap.line:turn"
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
        return _read(connection)


def _read(connection: Connection) -> LineState:
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
    if not _is_news(shop, seen(shop), is_up=is_up):
        return
    with shop.store.write() as connection:
        setting.next_number(connection, TURN)  # of two at once the second waits and looks again
        known = _read(connection)
        if not _is_news(shop, known, is_up=is_up):
            return
        _write(shop, connection, known, is_up=is_up, problem=problem)


def _is_news(shop: Shop, known: LineState, *, is_up: bool) -> bool:
    now = shop.clock.now()
    is_fresh = known.answered_at is not None and now - known.answered_at < REFRESHED
    return known.is_up != is_up or (is_up and not is_fresh)


def _write(
    shop: Shop, connection: Connection, known: LineState, *, is_up: bool, problem: str
) -> None:
    now = shop.clock.now()
    answered = now if is_up else known.answered_at
    since = known.since if known.is_up == is_up and known.since else now
    told = {
        "is_up": is_up,
        "since": since.isoformat(),
        "answered_at": answered.isoformat() if answered else None,
        "problem": "" if is_up else problem,
    }
    setting.write(connection, NAME, json.dumps(told))
    if known.is_up != is_up and not (known.is_up is None and is_up):
        kind = WebhookEvent.SAP_RESTORED if is_up else WebhookEvent.SAP_LOST
        data = {"since": since, "reason": told["problem"] or None}
        event.tell(shop, connection, kind, subject=NAME, data=data)


def _moment(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None
