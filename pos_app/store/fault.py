"""What went wrong in a database driver, in the shop's own errors; decided once, here."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Index, UniqueConstraint

from pos_app.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DiskFull,
    OutcomeUnknown,
    PosError,
    Unavailable,
)
from pos_app.store.schema import metadata

_BUSY, _LOCKED, _READONLY, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _CONSTRAINT, _NOTADB = (
    5, 6, 8, 10, 11, 13, 14, 19, 26,
)  # fmt: skip
_LEAST_BYTES = 65_536
_ADVICE = "see that it runs and that address, user and password in the settings are right"
_COLUMNS = re.compile(r"UNIQUE constraint failed: (?:index '([^']+)'|(.+))")
_BUSY_STATES = frozenset({"40001", "40P01", "55P03", "57014", "53300"})


class DatabaseFailing(Unavailable):
    """The database or its disk does not answer as it should; nothing was saved."""

    code = "database_failing"

    def __init__(self, place: str, reason: str, advice: str = "check its disk or server") -> None:
        super().__init__(
            f"The database {place} cannot be used now, {reason}: nothing was saved, {advice}.",
            place=place,
            reason=reason,
        )


class CommitUnknown(OutcomeUnknown):
    """COMMIT itself failed: the rows may be on disk or not."""

    code = "commit_unknown"

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(
            f"It is not known whether the database {place} kept the last change ({reason}): "
            "look it up by its number before doing it again.",
            place=place,
            reason=reason,
        )


class IntegrityFault(Exception):
    """A row breaks a rule of the schema; callers who expect it turn it into their own error.

    Attributes:
        constraint: name of the broken constraint, the same on both databases where it is known.
    """

    def __init__(self, constraint: str, message: str) -> None:
        super().__init__(message)
        self.constraint = constraint


class UniqueViolation(IntegrityFault):
    """Another row has this key already."""


class ForeignKeyViolation(IntegrityFault):
    """The row names another that is not there, or is named by one."""


class CheckViolation(IntegrityFault):
    """A value is missing or outside what its column allows."""


def translate(
    error: BaseException, *, place: str, waited_ms: int
) -> PosError | IntegrityFault | None:
    """Turn a driver's error into ours; None when it is not a fault of the database.

    Args:
        error: what the driver raised.
        place: path or address of the database, without secrets.
        waited_ms: how long a lock is waited for, for the sentence.
    """
    busy = DatabaseBusy(waited_ms // 1000)
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _from_sqlite(error, code, place=place, busy=busy)
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str) or _is_lost_connection(error):
        return _from_postgres(error, state, place=place, busy=busy)
    return None


def _from_sqlite(
    error: BaseException, code: int, *, place: str, busy: DatabaseBusy
) -> PosError | IntegrityFault | None:
    kind = code & 0xFF
    if kind in (_BUSY, _LOCKED):
        return busy
    if kind == _FULL or (kind in (_IOERR, _CANTOPEN) and _is_full(place)):
        return DiskFull(place)
    if kind in (_CORRUPT, _NOTADB):
        return DatabaseDamaged(place, str(error))
    if kind == _CONSTRAINT:
        return _sqlite_constraint(str(error))
    if kind in (_IOERR, _READONLY, _CANTOPEN):
        return DatabaseFailing(place, str(error))
    return None


def _is_full(place: str) -> bool:
    """Whether there is no room left: SQLite says so only of the file it grows first."""
    try:
        return shutil.disk_usage(Path(place).parent).free < _LEAST_BYTES
    except OSError:
        return False


def _sqlite_constraint(message: str) -> IntegrityFault:
    """Read the message: this driver gives the plain code 19 for every constraint."""
    if message.startswith("UNIQUE "):
        return UniqueViolation(_unique_name(message), message)
    if message.startswith("FOREIGN KEY "):
        return ForeignKeyViolation("", message)
    return CheckViolation(message.rpartition("constraint failed: ")[2], message)


def _unique_name(message: str) -> str:
    """Name the constraint SQLite only describes by its columns, ``users.name, users.shop``."""
    found = _COLUMNS.search(message)
    if found is None:
        return ""
    if found[1]:
        return found[1]
    pairs = [part.strip().rpartition(".")[::2] for part in found[2].split(",")]
    columns = [column for _, column in pairs]
    made = metadata.tables.get(pairs[0][0])
    if made is None:
        return ""
    rules: Iterable[UniqueConstraint | Index] = (
        *(rule for rule in made.constraints if isinstance(rule, UniqueConstraint)),
        *(index for index in made.indexes if index.unique),
    )
    for rule in rules:
        if [column.name for column in rule.columns] == columns:
            return str(rule.name)
    return str(made.primary_key.name)


def _is_lost_connection(error: BaseException) -> bool:
    kind = type(error)
    return kind.__module__.startswith("psycopg") and kind.__name__ in (
        "OperationalError", "InterfaceError", "ConnectionTimeout",
    )  # fmt: skip


def _from_postgres(
    error: BaseException, state: str | None, *, place: str, busy: DatabaseBusy
) -> PosError | IntegrityFault | None:
    if state is None or state.startswith(("08", "57P", "58")):
        reason = str(error).strip().partition("\n")[0]
        return (
            DatabaseFailing(place, reason, _ADVICE)
            if state is None
            else DatabaseFailing(place, reason)
        )
    if state in _BUSY_STATES:
        return busy
    if state == "53100":
        return DiskFull(place)
    if state.startswith("XX"):
        return DatabaseDamaged(place, str(error))
    if state.startswith("23"):
        return _postgres_constraint(error, state)
    return None


def _postgres_constraint(error: BaseException, state: str) -> IntegrityFault:
    diagnosis = getattr(error, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or ""
    kinds = {"23505": UniqueViolation, "23503": ForeignKeyViolation}
    return kinds.get(state, CheckViolation)(name, str(error))
