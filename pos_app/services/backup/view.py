"""What is known of the backups that were made here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import RowMapping

from pos_app.domain.backup import (
    BackupElsewhere,
    BackupNotReady,
    BackupsNowhere,
    BackupState,
    BooksMissing,
    next_due,
)
from pos_app.errors import RecordNotFound
from pos_app.services.shop import Shop
from pos_app.store import backup as rows

NAME = "shopinventory_backup_"
"""How the names of all backups begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """One backup.

    Attributes:
        name: of its file.
        size: in bytes.
        digest: SHA-256 of the file.
        problem: why it failed, empty when it did not.
    """

    number: int
    name: str
    type: str
    state: BackupState
    description: str
    problem: str
    size: int
    digest: str
    user_id: str
    username: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """All backups in a few figures; `size` in bytes."""

    total: int
    good: int
    failed: int
    size: int
    last_at: datetime | None
    next_at: datetime | None
    in_day: int
    in_week: int


def of_row(row: RowMapping) -> Backup:
    """A row as people see it."""
    return Backup(
        number=row["number"],
        name=row["name"],
        type=row["type"],
        state=BackupState(row["state"]),
        description=row["description"],
        problem=row["problem"],
        size=row["size"],
        digest=row["digest"],
        user_id=row["user_id"],
        username=row["username"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
    )


def by_number(shop: Shop, number: int) -> Backup:
    """One backup; raises RecordNotFound."""
    with shop.store.read() as connection:
        row = rows.by_number(connection, number)
    if row is None:
        raise RecordNotFound("backup", str(number))
    return of_row(row)


def page(shop: Shop, *, limit: int, offset: int) -> tuple[list[Backup], int]:
    """The newest first, and how many there are."""
    with shop.store.read() as connection:
        found = rows.page(connection, limit=limit, offset=offset)
        return [of_row(row) for row in found], rows.count(connection)


def totals(shop: Shop) -> Totals:
    """All of them in a few figures."""
    now = shop.clock.now()
    with shop.store.read() as connection:
        found = rows.totals(connection, day=now - timedelta(days=1), week=now - timedelta(days=7))
    at = shop.rules.backup.at
    is_planned = at is not None and shop.rules.backup.folder is not None
    return Totals(
        total=found["total"],
        good=found["good"],
        failed=found["failed"],
        size=int(found["size"]),
        last_at=found["last"],
        next_at=next_due(now, at, shop.rules.zone) if at is not None and is_planned else None,
        in_day=found["in_day"],
        in_week=found["in_week"],
    )


def file_of(shop: Shop, backup: Backup) -> Path:
    """Where the file of a whole backup lies; its name never leads out of the folder.

    Raises:
        BackupNotReady: it was not completed.
        BackupsNowhere: no folder is set.
        BackupElsewhere: the file is not there.
    """
    if backup.state is not BackupState.COMPLETED:
        raise BackupNotReady(backup.name, backup.state)
    path = folder_of(shop) / Path(backup.name).name
    if not path.is_file():
        raise BackupElsewhere(backup.name)
    return path


def check_new(place: str, folder: Path | None) -> None:
    """Let new books be begun only where no backups of earlier ones lie.

    A database that was lost, or an address that was mistyped, looks like a new shop: numbers would
    be given again, and what comes after is not in the books that are restored in the end.

    Raises:
        BooksMissing: there are backups.
    """
    if folder is not None and any(folder.glob(f"{NAME}*.zip*")):
        raise BooksMissing(place, str(folder))


def folder_of(shop: Shop) -> Path:
    """The folder of backups; raises BackupsNowhere."""
    if shop.rules.backup.folder is None:
        raise BackupsNowhere
    return shop.rules.backup.folder
