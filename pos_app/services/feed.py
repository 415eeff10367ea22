"""Tell tills what changed on the server, page by page, each thing as it stands now."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping

from pos_app.domain.permission import Actor, require_till
from pos_app.services.feed_kind import KINDS, Data, rate_keys
from pos_app.services.shop import Shop
from pos_app.store import audit, feed
from pos_app.store import sale as sales
from sync.page import Change, Page, Position

MOST = 2000
OF_SALES = frozenset({"sale_status", "sold"})
"""Told to the till that made the sale, and to no other."""
"""Changes on one page, however many are asked for."""


def page(shop: Shop, actor: Actor, at: Position, *, till: str, limit: int) -> Page:
    """The changes after a position; from the start if the position is in another epoch.

    One view of the database: what a page tells of a thing contains every change up to the thing's
    number, and none after it.

    Args:
        shop: the server.
        actor: whose key it is.
        at: how far the copy has come.
        till: whose copy it is; what becomes of other tills' sales is left out.
        limit: how many changes at most.

    Raises:
        TillKeyNeeded: the key is not the till's own.
    """
    require_till(actor, till)
    with shop.store.read() as connection:
        head = feed.head(connection)
        if head is not None and head["epoch"] and not _is_ahead(at, head):
            return _page(connection, head, at, till=till, limit=min(max(limit, 1), MOST))
    with shop.store.write() as connection:
        feed.begin(connection, shop.ids.new())
        _begin_if_behind(shop, connection, at, actor=actor, till=till)
    return page(shop, actor, at, till=till, limit=limit)


def begin_anew(shop: Shop) -> None:
    """Open a new epoch after the server was restored from a backup.

    Tills then fetch everything, and deliver again what the backup does not contain.
    """
    with shop.store.write() as connection:
        feed.begin_anew(connection, shop.ids.new())


def _is_ahead(at: Position, head: RowMapping) -> bool:
    """Whether a copy has seen numbers this server has not given yet."""
    return bool(at.epoch == head["epoch"] and at.seq > head["seq"])


def _begin_if_behind(
    shop: Shop, connection: Connection, at: Position, *, actor: Actor, till: str
) -> None:
    """Open a new epoch when a till proves that this database is older than what it has told.

    Somebody put an old copy in place without saying so. From which number on is not known, so
    that tills deliver everything again; it is taken once.
    """
    head = feed.head(connection)
    if head is not None and _is_ahead(at, head):
        feed.begin_anew(connection, shop.ids.new(), is_past_known=False)
        audit.append(
            connection,
            at=shop.clock.now(),
            actor=actor.username,
            action="sync.rolled_back",
            subject=till,
            details={"seen": at.seq, "head": head["seq"]},
        )


def announce(connection: Connection) -> int:
    """Put everything this server has into the feed, and return how much that is.

    For a server that was filled by other means than its own use cases, such as an import.
    """
    changes = [
        (name, key)
        for name, kind in KINDS.items()
        if kind.keys is not None
        for key in sorted(kind.keys(connection))
    ]
    changes += [("rate", key) for key in sorted(rate_keys(connection))]
    if changes:
        feed.changed_all(connection, changes)
    return len(changes)


def _page(connection: Connection, head: RowMapping, at: Position, *, till: str, limit: int) -> Page:
    after = at.seq if at.epoch == head["epoch"] else 0
    rows = feed.page(connection, after=after, limit=limit)
    is_short = len(rows) < limit
    told = _without_others(connection, rows, till)
    data = _data(connection, told)
    return Page(
        epoch=head["epoch"],
        lineage=tuple((name, until) for name, until in head["lineage"]),
        after=after,
        until=head["seq"] if is_short else rows[-1]["seq"],
        head=head["seq"],
        changes=tuple(
            Change(row["seq"], row["kind"], row["key"], data[row["kind"]].get(row["key"]))
            for row in told
        ),
    )


def _without_others(
    connection: Connection, rows: Sequence[RowMapping], till: str
) -> list[RowMapping]:
    statuses = [row["key"] for row in rows if row["kind"] in OF_SALES]
    mine = sales.of_till(connection, till, statuses) if statuses else set()
    return [
        row
        for row in rows
        if row["kind"] in KINDS
        and (row["kind"] not in OF_SALES or row["key"] in mine)
        and (row["kind"] != "series" or row["key"] == till)
    ]


def _data(connection: Connection, rows: Sequence[RowMapping]) -> dict[str, dict[str, Data]]:
    keys: dict[str, list[str]] = {}
    for row in rows:
        keys.setdefault(row["kind"], []).append(row["key"])
    return {kind: KINDS[kind].load(connection, wanted) for kind, wanted in keys.items()}
