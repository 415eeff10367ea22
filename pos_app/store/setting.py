"""Who this installation is, and its gap-free number series."""

from __future__ import annotations

import json
import re
from datetime import date

from sqlalchemy import Column, Connection, Text, bindparam, delete, insert, select, update

from pos_app.store.fast import Prepared
from pos_app.store.schema import big, table
from pos_app.store.upsert import add_new

settings = table(
    "settings",
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

series = table(
    "series",
    Column("name", Text, primary_key=True),
    Column("last", big(), nullable=False),
)


def read(connection: Connection, name: str) -> str | None:
    """The value of a setting this installation keeps about itself."""
    return connection.execute(select(settings.c.value).where(settings.c.name == name)).scalar()


def write(connection: Connection, name: str, value: str) -> None:
    """Keep a value under a name."""
    changed = connection.execute(
        update(settings).where(settings.c.name == name).values(value=value)
    )
    if changed.rowcount == 0:
        connection.execute(insert(settings).values(name=name, value=value))


def drop(connection: Connection, name: str) -> None:
    """Keep nothing under a name any more."""
    connection.execute(delete(settings).where(settings.c.name == name))


def next_number(connection: Connection, name: str) -> int:
    """The next number of a series, from 1, without gaps: it is given back if the transaction is."""
    last = _NEXT.first(connection, {"series_name": name})
    if last is None:
        # Two may use a new series at once: one makes the row, the other waits for it.
        add_new(connection, series, {"name": name, "last": _begins_behind(connection, name)})
        last = _NEXT.first(connection, {"series_name": name})
    return int(last[0]) if last is not None else 1


def last_number(connection: Connection, name: str) -> int:
    """The last number given of a series, 0 before the first."""
    return int(connection.execute(select(series.c.last).where(series.c.name == name)).scalar() or 0)


def at_least(connection: Connection, name: str, last: int) -> None:
    """Let a series go on behind a number that was given already, wherever that was."""
    add_new(connection, series, {"name": name, "last": 0})
    behind = (series.c.name == name) & (series.c.last < last)
    connection.execute(update(series).where(behind).values(last=last))


def go_on_behind(connection: Connection, name: str, last: int) -> None:
    """Let a series go on behind numbers it gave in a life these books have forgotten.

    What lies between is kept: those numbers are used, and missing here they are no gap.
    """
    mine = last_number(connection, name)
    if last > mine:
        at_least(connection, name, last)
        kept = [*forgotten(connection, name), (mine + 1, last)]
        write(connection, f"{FORGOTTEN}{name}", json.dumps(kept))


def begin_behind(connection: Connection, last: int, until: date) -> None:
    """Let every series that has not begun yet do so behind a number, those of later days apart.

    Of numbers that were given in a life these books have forgotten, nobody knows in which series.
    """
    write(connection, _BEGIN, json.dumps([last, until.isoformat()]))


def _begins_behind(connection: Connection, name: str) -> int:
    told = read(connection, _BEGIN)
    if told is None or kind_of(name) in CHAINS | GAPLESS:
        return 0
    last, until = json.loads(told)
    day = _DAY.search(name)
    return 0 if day and "-".join(day.groups()) > until else int(last)


def kind_of(name: str) -> str:
    """A series without its till or day."""
    return name.partition(":")[0]


def forgotten(connection: Connection, name: str) -> list[tuple[int, int]]:
    """The numbers of a series that an earlier life gave: first and last of each stretch."""
    kept = json.loads(read(connection, f"{FORGOTTEN}{name}") or "[]")
    return [(int(first), int(last)) for first, last in kept]


FORGOTTEN = "forgotten:"

CHAINS = frozenset({"audit", "fiscal_journal"})
"""Links of a chain are counted without a gap and stand on no paper."""

GAPLESS = frozenset({"receipt", "shift"})
"""`pos check` asks these for every number, so what is left out is kept."""

_BEGIN = "series.begin_behind"
_DAY = re.compile(r":(\d{4})-?(\d{2})-?(\d{2})$")

_NEXT = Prepared(
    update(series)
    .where(series.c.name == bindparam("series_name"))
    .values(last=series.c.last + 1)
    .returning(series.c.last)
)
