"""Rows copied as they are from one installation to another, many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, delete, insert, select
from sqlalchemy import tuple_ as row_of

from pos_app.store import wire
from pos_app.store.upsert import upsert

Key = tuple[str, ...]
Rows = list[dict[str, Any]]

_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A table that is part of what is copied.

    Attributes:
        name: what its rows are called on the wire.
        by: the columns whose values name the thing.
        is_list: whether a thing has any number of rows, which are replaced together.
        key: for a single row, the unique columns that tell whether it is there; `by` by default.
        own: columns that every place keeps for itself.
        fresh: values of own columns in a row that is new here.
    """

    name: str
    table: Table
    by: Key
    is_list: bool = False
    key: Key = ()
    own: frozenset[str] = frozenset()
    fresh: Mapping[str, Any] = field(default_factory=dict)


def load(connection: Connection, part: Part, keys: Sequence[Key]) -> dict[Key, Rows]:
    """The rows of several things, with values as the database keeps them."""
    table = wire.plain(part.table)
    columns = [column for column in table.columns if column.name not in part.own]
    found: dict[Key, Rows] = {}
    for chunk in _chunks(keys):
        query = select(*columns).where(_one_of(table, part.by, chunk))
        for row in connection.execute(query).mappings():
            found.setdefault(tuple(row[name] for name in part.by), []).append(dict(row))
    return found


def save(connection: Connection, part: Part, told: Mapping[Key, Rows]) -> None:
    """Make the rows of several things what they are elsewhere."""
    table = wire.plain(part.table)
    known = {column.name for column in table.columns if column.name not in part.own}
    rows = [
        {name: value for name, value in row.items() if name in known}
        for things in told.values()
        for row in things
    ]
    if part.is_list:
        drop(connection, part, list(told))
        if rows:
            connection.execute(insert(table), rows)
    elif part.fresh:
        _change_or_add(connection, part, table, rows)
    else:
        upsert(connection, table, rows, key=part.key or part.by)


def drop(connection: Connection, part: Part, keys: Sequence[Key]) -> None:
    """Remove the rows of several things."""
    table = wire.plain(part.table)
    same = and_(*(table.c[name] == bindparam(f"p_{name}") for name in part.by))
    if keys:
        rows = [{f"p_{name}": key[at] for at, name in enumerate(part.by)} for key in keys]
        connection.execute(delete(table).where(same), rows)


def keys_of(connection: Connection, part: Part) -> set[Key]:
    """Every thing that has rows here."""
    columns = [wire.plain(part.table).c[name] for name in part.by]
    return {tuple(row) for row in connection.execute(select(*columns).distinct())}


def _change_or_add(connection: Connection, part: Part, table: Table, rows: Rows) -> None:
    """Leave a row's own columns alone, and give a new row its fresh ones."""
    there = load(connection, part, [tuple(row[name] for name in part.by) for row in rows])
    for row in rows:
        if tuple(row[name] for name in part.by) in there:
            same = and_(*(table.c[name] == row[name] for name in part.by))
            connection.execute(table.update().where(same).values(row))
        else:
            connection.execute(insert(table), {**part.fresh, **row})


def _one_of(table: Table, by: Key, keys: Sequence[Key]) -> ColumnElement[bool]:
    if len(by) == 1:
        return table.c[by[0]].in_([key[0] for key in keys])
    return row_of(*(table.c[name] for name in by)).in_(keys)


def _chunks(keys: Iterable[Key]) -> Iterator[Sequence[Key]]:
    rest = list(keys)
    for start in range(0, len(rest), _CHUNK):
        yield rest[start : start + _CHUNK]
