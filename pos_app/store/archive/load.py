"""Fill an empty database with the rows of a backup, whichever database they came from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.backup import BackupDamaged
from pos_app.store.archive import postgres, sqlite
from pos_app.store.archive.content import (
    Content,
    Counting,
    Row,
    Shape,
    columns_of,
    differing,
    quoted,
)

_CHUNK = 500

RowsOf = Callable[[Shape], Iterable[Row]]


def fill(
    connection: Connection,
    shapes: Sequence[Shape],
    rows_of: RowsOf,
    *,
    counters: Mapping[str, int],
) -> None:
    """Put every row into its table, and let counters go on where they were."""
    for shape in shapes:
        connection.exec_driver_sql(f"DELETE FROM {quoted(shape.name)}")  # noqa: S608 - of ours
        if connection.dialect.name == "postgresql":
            postgres.load(connection, shape, rows_of(shape))
            if shape.counter:
                last = max(counters.get(shape.name, 0), _largest(connection, shape))
                postgres.count_on(connection, shape, last)
        else:
            _insert(connection, shape, rows_of(shape))
            if counters.get(shape.name):
                driver = connection.connection.driver_connection
                sqlite.count_on(driver, shape, counters[shape.name])


def check(
    connection: Connection, shapes: Sequence[Shape], expected: Mapping[str, Content], name: str
) -> None:
    """Read back what was put in.

    Raises:
        BackupDamaged: it is not what the backup says is in it.
    """
    found = {shape.name: content(connection, shape) for shape in shapes}
    wrong = differing(expected, found)
    if wrong:
        raise BackupDamaged(name, f"the rows of {', '.join(wrong)} are not those it was made of")


def content(connection: Connection, shape: Shape) -> Content:
    """What is in one table now."""
    if connection.dialect.name == "postgresql":
        return postgres.content(connection, shape)
    counting = Counting()
    query = f"SELECT {columns_of(shape)} FROM {quoted(shape.name)}"  # noqa: S608 - names of ours
    for row in connection.exec_driver_sql(query):
        counting.add(tuple(row))
    return counting.content()


def _largest(connection: Connection, shape: Shape) -> int:
    query = f"SELECT COALESCE(MAX({quoted(shape.counter)}), 0) FROM {quoted(shape.name)}"  # noqa: S608
    return int(connection.exec_driver_sql(query).scalar_one())


def _insert(connection: Connection, shape: Shape, rows: Iterable[Row]) -> None:
    marks = ", ".join("?" for _ in shape.columns)
    into = f"INSERT INTO {quoted(shape.name)} ({columns_of(shape)}) VALUES ({marks})"  # noqa: S608
    for chunk in _chunks(rows):
        connection.exec_driver_sql(into, chunk)


def _chunks(rows: Iterable[Row]) -> Iterator[list[tuple[Any, ...]]]:
    walk = iter(rows)
    while chunk := [tuple(row) for row in islice(walk, _CHUNK)]:
        yield chunk
