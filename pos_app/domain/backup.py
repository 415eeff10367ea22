"""Backups: what they are called, when one is due, and which of them are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from pos_app.errors import Conflict, InvalidInput, NotAllowed, RuleBroken, Unavailable

DESCRIPTION_LONGEST = 500


class BackupType(StrEnum):
    """What was asked for; every backup is whole, whichever it is (contract §2.20)."""

    FULL = "Full"
    INCREMENTAL = "Incremental"
    DIFFERENTIAL = "Differential"


class BackupState(StrEnum):
    """How far a backup is."""

    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    FAILED = "Failed"


class BackupCause(StrEnum):
    """Who wanted a backup: only those of the plan are thinned out."""

    PLAN = "plan"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How many backups of the plan stay: the newest of so many days, weeks and months."""

    days: int
    weeks: int
    months: int


class BackupDamaged(InvalidInput):
    """A file is no backup of this program, or not whole any more."""

    code = "backup_damaged"

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(
            f"The backup {name} cannot be used, {problem}: take another one.",
            name=name,
            problem=problem,
        )


class BackupOfAnother(Conflict):
    """A backup belongs to another till or server than the settings."""

    code = "backup_of_another"

    def __init__(self, theirs: str, ours: str) -> None:
        super().__init__(
            f"This is a backup of {theirs}, and these are the settings of {ours}: name the "
            "settings it belongs to.",
            theirs=theirs,
            ours=ours,
        )


class BackupRunning(Conflict):
    """One backup at a time."""

    code = "backup_running"

    def __init__(self) -> None:
        super().__init__("Another backup is being made now: wait until it is done.")


class BackupNotReady(Conflict):
    """Only a backup that was completed can be restored or fetched."""

    code = "backup_not_ready"

    def __init__(self, name: str, state: str) -> None:
        super().__init__(
            f"The backup {name} is {state}: take one that is {BackupState.COMPLETED}.",
            name=name,
            state=state,
        )


class BackupElsewhere(Unavailable):
    """The file is not in this machine's folder."""

    code = "backup_elsewhere"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The file of the backup {name} is not in this server's folder: look on the machine "
            "that made it, or bring it back.",
            name=name,
        )


class BackupsNowhere(RuleBroken):
    """The settings name no folder."""

    code = "backups_nowhere"

    def __init__(self) -> None:
        super().__init__("No folder for backups is set here: name one as backup.folder.")


class BackupKeyMissing(InvalidInput):
    """An encrypted backup, and nothing that opens it."""

    code = "backup_key_missing"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The backup {name} is encrypted and no key here opens it: give the identity its "
            "recipient was made with.",
            name=name,
        )


class StillInUse(RuleBroken):
    """Somebody works on the database that is to be replaced."""

    code = "still_in_use"

    def __init__(self, place: str) -> None:
        super().__init__(
            f"The database {place} is in use: end every pos program that works on it, then "
            "restore.",
            place=place,
        )


class BackupFolderUnusable(Unavailable):
    """The place for backups is not there, or does not let anybody write or read."""

    code = "backup_folder_unusable"

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(
            f"The place {place} cannot be used ({problem}): see that its disk is there and may be "
            "written.",
            place=place,
            problem=problem,
        )


class BooksMissing(Unavailable):
    """There are no books where there were some: nobody begins anew by mistake."""

    code = "books_missing"

    def __init__(self, place: str, folder: str) -> None:
        super().__init__(
            f"There are no books in {place}, and backups lie in {folder}: restore the newest with "
            "'pos restore', or move that folder away to begin anew.",
            place=place,
            folder=folder,
        )


class NothingIsWiped(NotAllowed):
    """No route takes the books away."""

    code = "nothing_is_wiped"

    def __init__(self) -> None:
        super().__init__(
            "Books are never wiped over the network: for an empty shop name a new database in "
            "the settings."
        )


def due_at(now: datetime, at: time, zone: str) -> datetime:
    """The last moment at or before now when the plan wanted a backup.

    Args:
        now: aware.
        at: the time of day, on the shop's clock.
        zone: the shop's.
    """
    local = now.astimezone(ZoneInfo(zone))
    moment = datetime.combine(local.date(), at, tzinfo=ZoneInfo(zone))
    if moment > local:
        moment = datetime.combine(local.date() - timedelta(days=1), at, tzinfo=ZoneInfo(zone))
    return moment.astimezone(now.tzinfo)


def next_due(now: datetime, at: time, zone: str) -> datetime:
    """The first moment after now when the plan wants one."""
    local = now.astimezone(ZoneInfo(zone))
    moment = datetime.combine(local.date(), at, tzinfo=ZoneInfo(zone))
    if moment <= local:
        moment = datetime.combine(local.date() + timedelta(days=1), at, tzinfo=ZoneInfo(zone))
    return moment.astimezone(now.tzinfo)


def surplus(made: Iterable[tuple[int, datetime]], keep: Keep, zone: str) -> list[int]:
    """Which backups of the plan may go: all but the newest of each kept day, week and month.

    Args:
        made: number and moment of each that is whole.
        keep: how many days, weeks and months have one, counted from the newest.
        zone: the shop's, whose days these are.
    """
    rows = sorted(made, key=lambda row: (row[1], row[0]), reverse=True)
    periods: tuple[tuple[int, Callable[[datetime], object]], ...] = (
        (keep.days, lambda moment: moment.date()),
        (keep.weeks, lambda moment: moment.isocalendar()[:2]),
        (keep.months, lambda moment: (moment.year, moment.month)),
    )
    kept: set[int] = {rows[0][0]} if rows else set()
    for most, period in periods:
        newest: dict[object, int] = {}
        for number, moment in rows:
            newest.setdefault(period(moment.astimezone(ZoneInfo(zone))), number)
        kept |= set(list(newest.values())[:most])
    return [number for number, _ in rows if number not in kept]
