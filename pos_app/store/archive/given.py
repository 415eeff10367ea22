"""How far the old books had counted: what one document was called is no other's name afterwards.

What came after the backup is forgotten here and not out there: an invoice in SAP, an order on a
supplier's desk, an id that a program keeps. Numbers and ids therefore go on behind those of the
books that were kept aside, and where these cannot be read, far enough behind those of the backup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pysqlite3 import dbapi2
from sqlalchemy import Connection, select

from pos_app.store import audit, setting
from pos_app.store.archive import postgres, sqlite
from pos_app.store.archive.content import Shape, quoted

STRETCH = 1000
"""So many numbers a day are left out where nobody can say how many were given, at least."""

_PART = 4
"""Or so large a part of all that were given before, where that is more."""

_QUERY = "SELECT name, last FROM {}series"
_CHAIN = "SELECT 1 FROM {}audit WHERE hash = {}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was given last.

    Attributes:
        numbers: the last of each series, for papers.
        ids: the last of each table that counts by itself, for programs.
        skipped: how many of each are left out at least since nobody knows; 0 where it is known.
        until: the last day of whose numbers some may have been given, where nobody knows.
    """

    numbers: Mapping[str, int]
    ids: Mapping[str, int]
    skipped: int = 0
    until: date | None = None


def of_file(old: Any, head: str) -> Given | None:
    """What a database file that is open had given; None where it cannot be read.

    Args:
        old: the connection.
        head: the hash of the backup's last audit event. Books that do not hold it, such as new and
            empty ones that were begun after a loss, never knew what came after the backup.
    """
    try:
        if not _goes_on(old.execute(_CHAIN.format("", "?"), (head,)).fetchone(), head):
            return None
        numbers = {name: int(last) for name, last in old.execute(_QUERY.format(""))}
        return Given(numbers=numbers, ids=sqlite.counters(old))
    except dbapi2.Error:
        return None


def of_schema(connection: Connection, old: str, shapes: Sequence[Shape], head: str) -> Given | None:
    """What the tables in a schema had given; None where they are others, or as in `of_file`."""
    there = {name: postgres.is_there(connection, name, old) for name in ("series", "audit")}
    if not all(there.values()):
        return None
    place = f"{quoted(old)}."
    found = connection.exec_driver_sql(_CHAIN.format(place, "%s"), (head,)).first()
    if not _goes_on(found, head):
        return None
    numbers = connection.exec_driver_sql(_QUERY.format(place))
    return Given(
        numbers={row[0]: int(row[1]) for row in numbers},
        ids=postgres.counters(connection, shapes, old),
    )


def _goes_on(found: object, head: str) -> bool:
    return bool(found) or head == audit.GENESIS


def guess(
    connection: Connection, shapes: Sequence[Shape], *, till: str, today: date, age: timedelta
) -> Given:
    """What was surely not given since the backup was made, however busy its days were.

    Args:
        connection: the restored books.
        shapes: their tables.
        till: the code on their receipts.
        today: the business date.
        age: how long ago the backup was made.
    """
    least = STRETCH * (1 + max(age.days, 0))
    rows = connection.execute(select(setting.series.c.name, setting.series.c.last))
    numbers = {row.name: _behind(row.last, least) for row in rows}
    ids = {name: _behind(last, least) for name, last in _ids(connection, shapes).items()}
    receipts = {f"receipt:{till}": least}
    return Given(numbers=receipts | numbers, ids=ids, skipped=least, until=today)


def _behind(last: int, least: int) -> int:
    return last + max(least, last // _PART)


def _ids(connection: Connection, shapes: Sequence[Shape]) -> Mapping[str, int]:
    """How far every table has counted that counts by itself; 0 for one that has not begun."""
    if connection.dialect.name == "postgresql":
        return postgres.counters(connection, shapes)
    counted = sqlite.counters(connection.connection.driver_connection)
    return {shape.name: counted.get(shape.name, 0) for shape in shapes if shape.counter}


def go_on(connection: Connection, given: Given, shapes: Sequence[Shape], *, is_filed: bool) -> None:
    """Let everything that is counted in the restored books go on behind what was given.

    Args:
        connection: a writing transaction on the restored books.
        given: what was.
        shapes: the tables.
        is_filed: receipts are on a fiscal device, which tells their numbers when it is met; it is
            asked for those behind the backup's, so they are left to it (production lesson L16).
    """
    for name, last in sorted(given.numbers.items()):
        kind = setting.kind_of(name)
        if kind in setting.CHAINS or (is_filed and kind == "receipt"):
            continue
        if kind in setting.GAPLESS:
            setting.go_on_behind(connection, name, last)
        else:
            setting.at_least(connection, name, last)
    if given.until is not None:
        setting.begin_behind(connection, given.skipped, given.until)
    here = _ids(connection, shapes)
    for shape in shapes:
        last = given.ids.get(shape.name, 0)
        if shape.counter and last > here.get(shape.name, 0):
            _count_on(connection, shape, last)


def _count_on(connection: Connection, shape: Shape, last: int) -> None:
    if connection.dialect.name == "postgresql":
        postgres.count_on(connection, shape, last)
    else:
        sqlite.count_on(connection.connection.driver_connection, shape, last)
