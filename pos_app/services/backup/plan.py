"""Backups that are made by themselves: when, and which of them are thinned out."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from pos_app.domain.backup import BackupRunning, BackupState, due_at, next_due, surplus
from pos_app.domain.permission import Actor
from pos_app.errors import RecordNotFound
from pos_app.services.backup import intent, make, view
from pos_app.services.backup.make import Beside
from pos_app.services.shop import Shop
from pos_app.services.worked import Worked
from pos_app.store import audit, setting
from pos_app.store import backup as rows

AGAIN = timedelta(hours=1)
"""So long after one that failed another is tried."""


def work(shop: Shop, *, beside: Beside | None = None) -> Worked:
    """Make the backup that is due, if one is; several processes make it once.

    One whose maker died is called failed first, also where nothing is planned.

    One that was missed, because nothing ran at its time, is made as soon as something does.
    """
    make.give_up(shop)
    at, folder = shop.rules.backup.at, shop.rules.backup.folder
    if at is None or folder is None:
        return Worked()
    now = shop.clock.now()
    wanted = _wanted_at(shop, now)
    if wanted is None or wanted > now:
        return Worked(next_at=wanted or next_due(now, at, shop.rules.zone))
    try:
        make.make(shop, None, beside=beside)
    except BackupRunning:
        return Worked(next_at=now + AGAIN)
    thin(shop)
    return Worked(done=1)


def thin(shop: Shop) -> int:
    """Remove the backups of the plan that nobody keeps any more, and say how many."""
    with shop.store.read() as connection:
        made = [(row["number"], row["started_at"]) for row in rows.of_plan(connection)]
    gone = surplus(made, shop.rules.backup.keep, shop.rules.zone)
    for number in gone:
        with suppress(RecordNotFound):  # another process was faster
            _remove(shop, make.BY_PLAN, number)
    return len(gone)


def remove(shop: Shop, actor: Actor, number: int) -> None:
    """Remove one backup and its file.

    Raises:
        RecordNotFound: there is none of this number.
        BackupRunning: it is being made.
    """
    _remove(shop, actor.username, number)


def _remove(shop: Shop, username: str, number: int) -> None:
    found = view.by_number(shop, number)
    if found.state is BackupState.IN_PROGRESS:
        raise BackupRunning
    with shop.store.write() as connection:
        if not rows.drop(connection, number):
            raise RecordNotFound("backup", str(number))
        audit.append(
            connection,
            at=shop.clock.now(),
            actor=username,
            action="backup.remove",
            subject=found.name,
            details={"digest": found.digest},
        )
    folder = shop.rules.backup.folder
    if folder is not None:
        intent.take_back(folder, number)
        (folder / Path(found.name).name).unlink(missing_ok=True)


def _wanted_at(shop: Shop, now: datetime) -> datetime | None:
    """From when on the plan wants the next backup; None before a time it wants one at."""
    at = shop.rules.backup.at
    if at is None:
        return None
    with shop.store.read() as connection:
        last = rows.newest_of_plan(connection)
        since = setting.read(connection, rows.SINCE)
    if last is None and since is None:
        with shop.store.write() as connection:
            setting.write(connection, rows.SINCE, now.isoformat())
        return None
    due = due_at(now, at, shop.rules.zone)
    if last is None:
        return due if due > datetime.fromisoformat(str(since)) else None
    if last["state"] == BackupState.FAILED:
        return last["started_at"] + AGAIN  # type: ignore[no-any-return]
    return due if due > last["started_at"] else None
