"""The look before a day: at our own data, and on a server at SAP; tills are told what it found."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime

from pos_app.domain.preflight import Problem
from pos_app.services.preflight import books, sap
from pos_app.services.preflight.told import KEPT, told
from pos_app.services.shop import Shop
from pos_app.store import feed, setting
from sync.errors import SyncError
from sync.sap.client import ServiceLayer


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """One look.

    Attributes:
        unread: why SAP could not be asked; empty when it was, or there is none.
        is_whole: whether SAP was looked at too.
    """

    day: date
    at: datetime
    problems: tuple[Problem, ...]
    unread: str = ""
    is_whole: bool = False

    @property
    def is_clear(self) -> bool:
        """Whether nothing was found and everything was looked at."""
        return not self.problems and not self.unread


def look(shop: Shop, layer: ServiceLayer | None) -> Preflight:
    """Look at everything now.

    Args:
        shop: a till, or the server.
        layer: the way to SAP; None on a till and in a shop without it.
    """
    problems = books.look(shop)
    unread = ""
    if layer is not None:
        try:
            problems += sap.look(shop, layer, shop.today)
        except SyncError as error:
            unread = str(error)
    return Preflight(
        day=shop.today,
        at=shop.clock.now(),
        problems=tuple(problems),
        unread=unread,
        is_whole=layer is not None and not unread,
    )


def keep(shop: Shop, seen: Preflight) -> None:
    """Keep what a server's look found, and let the tills know where it has changed."""
    text = json.dumps(
        {
            "day": seen.day.isoformat(),
            "unread": seen.unread,
            "problems": [asdict(problem) for problem in seen.problems],
        },
        ensure_ascii=False,
    )
    with shop.store.write() as connection:
        if setting.read(connection, KEPT) != text:
            setting.write(connection, KEPT, text)
            feed.changed(connection, "setting", KEPT)


def of_till(shop: Shop) -> Preflight:
    """On a till: its own data, and what the server was told by SAP."""
    own = look(shop, None)
    known = {problem.sentence for problem in own.problems}
    others = [problem for problem in told(shop) if problem.sentence not in known]
    return Preflight(day=own.day, at=own.at, problems=(*own.problems, *others))
