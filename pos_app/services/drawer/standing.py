"""Whether the drawer stands open, whether it opened when asked, and how often it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from pos_app.domain.drawer import ASKED_FOR, DrawerCause, Openings, OpeningState
from pos_app.services.shop import Shop
from pos_app.store import drawer

COUNTED = frozenset({OpeningState.ASKED, OpeningState.SENT, OpeningState.FOUND})
"""What was late or failed has opened nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawerStanding:
    """The drawer now.

    Attributes:
        open_since: when it was seen open; None while it is shut, or when nobody can tell.
        cause: why it is open.
        problem: why it did not open just now, empty when it did.
    """

    open_since: datetime | None = None
    cause: DrawerCause | None = None
    problem: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it is known to stand open."""
        return self.open_since is not None


def standing(shop: Shop, connection: Connection) -> DrawerStanding:
    """How the drawer of this till stands, as far as was seen."""
    rows = drawer.standing_open(connection, shop.rules.till)
    last = drawer.last(connection, shop.rules.till)
    problem = ""
    if last is not None and shop.clock.now() - last["asked_at"] <= 2 * ASKED_FOR:
        problem = last["problem"]
    if not rows:
        return DrawerStanding(problem=problem)
    return DrawerStanding(
        open_since=rows[0]["opened_at"], cause=DrawerCause(rows[0]["cause"]), problem=problem
    )


def of_shift(connection: Connection, shift_id: str) -> Openings:
    """How often the drawer was opened in a shift."""
    return _openings(drawer.counts_of_shift(connection, shift_id))


def between(shop: Shop, connection: Connection, since: datetime, until: datetime) -> Openings:
    """How often this till's drawer was opened over a time."""
    return _openings(drawer.counts_between(connection, shop.rules.till, since, until))


def _openings(counts: Mapping[tuple[str, str], int]) -> Openings:
    sums: dict[str, int] = {}
    for (cause, state), count in counts.items():
        if state in COUNTED:
            sums[cause] = sums.get(cause, 0) + count
    return Openings(
        total=sum(sums.values()),
        no_sale=sums.get(DrawerCause.NO_SALE, 0),
        unasked=sums.get(DrawerCause.UNASKED, 0),
    )
