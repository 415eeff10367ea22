"""How far the old books had counted: a number on a paper is not given to another after a restore.

What came after the backup is forgotten here and not out there: an invoice in SAP, an order on a
supplier's desk. Numbers therefore go on behind those of the books that were kept aside, and where
these cannot be read, far enough behind those of the backup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from pysqlite3 import dbapi2
from sqlalchemy import Connection, select

from pos_app.store import setting
from pos_app.store.archive.content import quoted

Given = Mapping[str, int]
"""The last number of each series."""

STRETCH = 1000
"""So many numbers are left out where nobody can say how many were given."""

_QUERY = "SELECT name, last FROM {}series"
_CHAINS = frozenset({"audit", "fiscal_journal"})
"""Links of a chain are counted without a gap and stand on no paper."""

_GAPLESS = frozenset({"receipt", "shift"})
"""`pos check` asks these for every number, so what is left out is kept."""

_OF_A_DAY = re.compile(r"(.+:)\d{4}(-?)\d{2}\2\d{2}")


def of_file(old: Any) -> Given | None:
    """The series of a database file that is open; None where it cannot be read."""
    try:
        return {name: int(last) for name, last in old.execute(_QUERY.format(""))}
    except dbapi2.Error:
        return None


def of_schema(connection: Connection, old: str) -> Given | None:
    """The series in a schema; None where the tables there are others."""
    name = f"{quoted(old)}.series"
    there = connection.exec_driver_sql("SELECT to_regclass(%s) IS NOT NULL", (name,)).scalar_one()
    if not there:
        return None
    found = connection.exec_driver_sql(_QUERY.format(f"{quoted(old)}."))
    return {row[0]: int(row[1]) for row in found}


def guess(connection: Connection, today: date) -> Given:
    """Numbers that are surely behind every one that was given since the backup was made.

    Series of a day begin anew each day: that of today may not be in the backup yet.
    """
    rows = connection.execute(select(setting.series.c.name, setting.series.c.last))
    kept = {row.name: row.last + STRETCH for row in rows}
    days = {found.groups() for name in kept if (found := _OF_A_DAY.fullmatch(name))}
    return {f"{kind}{today:%Y{dash}%m{dash}%d}": STRETCH for kind, dash in days} | kept


def go_on(connection: Connection, given: Given, *, is_filed: bool) -> None:
    """Let every series of the restored books go on behind numbers that were given.

    Args:
        connection: a writing transaction on the restored books.
        given: those numbers.
        is_filed: receipts are on a fiscal device, which tells their numbers when it is met; it is
            asked for those behind the backup's, so they are left to it (production lesson L16).
    """
    for name, last in sorted(given.items()):
        kind = name.partition(":")[0]
        if name in _CHAINS or (is_filed and kind == "receipt"):
            continue
        if kind in _GAPLESS:
            setting.go_on_behind(connection, name, last)
        else:
            setting.at_least(connection, name, last)
