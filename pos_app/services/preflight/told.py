"""What the server's pre-flight found, as tills get it with their settings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pos_app.domain.preflight import Problem, Stops
from pos_app.services.shop import Shop
from pos_app.store import setting

KEPT = "shop.preflight"
"""A setting all tills get, since its name begins as shared ones do."""


def told(shop: Shop) -> tuple[Problem, ...]:
    """What the server's look of today found; nothing where it has not looked yet."""
    with shop.store.read() as connection:
        text = setting.read(connection, KEPT)
    data: dict[str, Any] = json.loads(text) if text else {}
    if data.get("day") != shop.today.isoformat():
        return ()
    return tuple(
        Problem(
            code=str(row["code"]),
            subject=str(row["subject"]),
            sentence=str(row["sentence"]),
            stops=Stops(row["stops"]),
        )
        for row in data["problems"]
    )


def sentence(problems: Sequence[Problem]) -> str:
    """The first problem, and how many more there are; empty without one."""
    if not problems:
        return ""
    more = len(problems) - 1
    return problems[0].sentence + (f" And {more} more: see `pos preflight`." if more else "")
