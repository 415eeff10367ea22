"""The till's copy of the server's data: a page and its checkpoint in one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping

from pos_app.services.feed_kind import KINDS
from pos_app.services.shop import Shop
from pos_app.store import feed, outbox, rebase, setting
from pos_app.store.fault import IntegrityFault
from sync.envelope import Malformed
from sync.errors import Unavailable
from sync.page import Change, Page, Position, known_of

SERVER = "server"
LOOK = "server:look"
"""The checkpoint of a new look at everything: the epoch before, and where the look ends."""

MAY_SHRINK = "sync.may_shrink"
IMPLAUSIBLE = "sync.implausible"
LINEAGE = "sync.lineage"

PLAUSIBLE_LOSS = 100
"""So many things of a kind may go at once; beyond it a fifth of them (production lesson L40)."""


class Implausible(Unavailable):
    """The server suddenly has far less than before; nothing is removed until somebody agrees."""

    def __init__(self, kind: str, lost: int, of: int) -> None:
        super().__init__(
            f"The server has lost {lost} of {of} records of the kind {kind}: "
            "nothing was removed, confirm it if that is right."
        )


class ServerCopy:
    """What a till has of the server; see `sync.engine.Copy`."""

    def __init__(self, shop: Shop, *, fresh_seconds: int = 30) -> None:
        """Begin one pass over the feed.

        Args:
            shop: the till.
            fresh_seconds: a look that brought nothing is noted no more often than this.
        """
        self._shop = shop
        self._fresh_seconds = fresh_seconds
        self._lost: dict[str, int] = {}

    def position(self) -> Position:
        """How far the copy has come."""
        with self._shop.store.read() as connection:
            return _position(feed.checkpoint(connection, SERVER))

    def apply(self, page: Page, at: Position) -> bool:
        """Take a page whole or not at all.

        Raises:
            Implausible: it removes more than can be right.
            Unavailable: it cannot be read.
        """
        now = self._shop.clock.now()
        if not page.changes and page.end == at and self._is_fresh():
            return True
        try:
            with self._shop.store.write() as connection:
                known = feed.checkpoint(connection, SERVER)
                if _position(known) != at:
                    return False
                if at.epoch and page.epoch != at.epoch:
                    _restart(connection, page, at, self._shop)
                self._check_loss(connection, page)
                if page.epoch != at.epoch:
                    setting.write(connection, LINEAGE, json.dumps(page.lineage))
                _write(connection, page)
                feed.keep(
                    connection,
                    SERVER,
                    epoch=page.end.epoch,
                    seq=page.end.seq,
                    at=now,
                    changed=bool(page.changes) or known is None,
                )
                _look(connection, page)
                if page.is_last and setting.read(connection, MAY_SHRINK) == "yes":
                    setting.write(connection, MAY_SHRINK, "")
        except (Malformed, IntegrityFault, KeyError, TypeError, ValueError) as error:
            raise Unavailable(f"The server's data cannot be read ({error!r:.200}).") from error
        return True

    def _is_fresh(self) -> bool:
        with self._shop.store.read() as connection:
            known = feed.checkpoint(connection, SERVER)
        if known is None:
            return False
        age = self._shop.clock.now() - known["fetched_at"]
        return bool(age.total_seconds() < self._fresh_seconds)

    def _check_loss(self, connection: Connection, page: Page) -> None:
        lost: dict[str, int] = {}
        for change in page.changes:
            if change.data is None:
                lost[change.kind] = lost.get(change.kind, 0) + 1
        for kind, count in lost.items():
            self._lost[kind] = self._lost.get(kind, 0) + count
            keys = KINDS[kind].keys if kind in KINDS else None
            if keys is not None and self._lost[kind] > PLAUSIBLE_LOSS:
                check_loss(connection, kind, self._lost[kind], of=len(keys(connection)))


def check_loss(
    connection: Connection, kind: str, lost: int, *, of: int, may_be_all: bool = True
) -> None:
    """Refuse to remove more than can be right, unless somebody has agreed to it.

    Raises:
        Implausible: nobody has.
    """
    is_too_much = lost > max(PLAUSIBLE_LOSS, of // 5) or (lost == of > 0 and not may_be_all)
    if is_too_much and setting.read(connection, MAY_SHRINK) != "yes":
        raise Implausible(kind, lost, of)


def _position(row: RowMapping | None) -> Position:
    return Position(row["epoch"], row["seq"]) if row else Position()


def _write(connection: Connection, page: Page) -> None:
    """Apply the changes kind by kind; kinds do not depend on each other."""
    by_kind: dict[str, list[Change]] = {}
    for change in page.changes:
        if change.kind in KINDS:
            by_kind.setdefault(change.kind, []).append(change)
    for kind, changes in by_kind.items():
        KINDS[kind].apply(connection, changes)


def _restart(connection: Connection, page: Page, at: Position, shop: Shop) -> None:
    """The server was restored: keep what is here, offer what it lost again, look at everything."""
    mine = json.loads(setting.read(connection, LINEAGE) or "[]")
    own = tuple((name, until) for name, until in mine)
    theirs = (*page.lineage, (page.epoch, page.head))
    since = known_of(theirs, at.epoch, lineage_of_epoch=own)
    rebase.forget(connection, since)
    outbox.offer_again(connection, since=since, at=shop.clock.now())
    feed.forget_seen(connection)
    feed.keep(connection, LOOK, epoch=at.epoch, seq=page.head, at=shop.clock.now(), changed=True)


def _look(connection: Connection, page: Page) -> None:
    """While everything is fetched anew, remember what there is; at the end remove the rest."""
    look = feed.checkpoint(connection, LOOK)
    if look is None:
        return
    there = [(row.kind, row.key) for row in page.changes if row.data is not None]
    gone = [(row.kind, row.key) for row in page.changes if row.data is None]
    feed.see(connection, there)
    feed.unsee(connection, gone)
    if page.until >= look["seq"] or page.is_last:
        try:
            _sweep(connection, page.until)
        except Implausible as error:
            setting.write(connection, IMPLAUSIBLE, str(error))
            return
        setting.write(connection, IMPLAUSIBLE, "")
        feed.drop_checkpoint(connection, LOOK)
        feed.forget_seen(connection)


def _sweep(connection: Connection, until: int) -> None:
    """Remove what the server does not have any more.

    Raises:
        Implausible: that would be more than can be right; nothing was removed, and the look goes
            on until somebody has agreed, or the server has its data again.
    """
    doomed: dict[str, Sequence[str]] = {}
    for name, kind in KINDS.items():
        if kind.keys is not None:
            here = kind.keys(connection)
            missing = sorted(here - feed.seen(connection, name))
            check_loss(connection, name, len(missing), of=len(here), may_be_all=False)
            doomed[name] = missing
    for name, keys in doomed.items():
        KINDS[name].apply(connection, [Change(until, name, key, None) for key in keys])
