"""What every kind of master data needs to fetch itself, and what it tells afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection

from pos_app.services.shop import Shop
from pos_app.store import feed
from sync.sap.client import ServiceLayer
from sync.sap.moved import Moved

Changes = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One fetch of one kind.

    Attributes:
        shop: the server.
        sap: whom to ask.
        hs_field: user field of items that holds the harmonised system code.
        since: ask for what changed on or after this day; None for everything.
        moved: what documents touched since the last fetch.
        accepts_shrink: somebody says that SAP is right though much is gone.
    """

    shop: Shop
    sap: ServiceLayer
    hs_field: str
    since: date | None
    moved: Moved
    accepts_shrink: bool

    @property
    def is_whole(self) -> bool:
        """Whether everything is read, so that what does not come is gone."""
        return self.since is None


@dataclass(frozen=True, slots=True)
class Told:
    """What a fetch brought: rows SAP sent, how many were news, and what could not be used."""

    rows: int
    changed: int = 0
    flaws: Sequence[str] = field(default=())


def tell(connection: Connection, changes: Changes) -> int:
    """Put changes into the feed, in the transaction that makes them; return how many."""
    if changes:
        feed.changed_all(connection, changes)
    return len(changes)
