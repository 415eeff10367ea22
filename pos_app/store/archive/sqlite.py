"""A SQLite file copied while others write, and looked at afterwards (production lesson L93)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2

from pos_app.domain.backup import BackupDamaged
from pos_app.errors import DiskFull
from pos_app.store.archive.content import Content, Counting, Row, Shape, columns_of, quoted
from pos_app.store.engine import Store

_CHUNK = 1000
_FULL = 13
_COUNTED = "SELECT name, seq FROM sqlite_sequence"


def snapshot(
    store: Store, target: Path, shapes: Sequence[Shape], *, tick: Callable[[], None]
) -> dict[str, Content]:
    """Copy the database into one file, and say what was in it at that moment.

    Copy and figures come from one view, which writers do not change; they are not kept waiting.

    Args:
        store: the shop's.
        target: a file that does not exist.
        shapes: the tables to count.
        tick: called now and then, for whoever waits to hear of it.

    Raises:
        DiskFull: there is no room; the file is to be removed.
    """
    with store.read() as connection:
        source: Any = connection.connection.driver_connection
        found = {}
        for shape in shapes:
            found[shape.name] = _content(source, shape)
            tick()
        try:
            with closing(dbapi2.connect(str(target))) as copy:
                source.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
        except dbapi2.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == _FULL:
                raise DiskFull(str(target)) from error
            raise
    return found


def examine(
    path: Path, shapes: Sequence[Shape], *, tick: Callable[[], None] = lambda: None
) -> Mapping[str, Content]:
    """Look at every page, every foreign key and every row of a database file nobody uses.

    Raises:
        BackupDamaged: it is not whole.
    """
    try:
        with closing(dbapi2.connect(str(path))) as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if found != "ok":
                raise BackupDamaged(path.name, f"its pages are damaged ({found})")
            if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise BackupDamaged(path.name, "a row in it points nowhere")
            contents = {}
            for shape in shapes:
                contents[shape.name] = _content(connection, shape)
                tick()
            return contents
    except dbapi2.DatabaseError as error:
        raise BackupDamaged(path.name, f"it is no database ({error})") from error


def counters(connection: Any) -> dict[str, int]:
    """How far the tables have counted that count by themselves; those that have not are left out.

    AUTOINCREMENT keeps it, so that the id of a row that is gone comes to no other (sqlite.org,
    SQLite Autoincrement).
    """
    return {name: int(last) for name, last in connection.execute(_COUNTED)}


def counters_of(path: Path) -> dict[str, int]:
    """The same of a database file nobody uses."""
    with closing(dbapi2.connect(str(path))) as connection:
        return counters(connection)


def count_on(connection: Any, shape: Shape, last: int) -> None:
    """Let a table go on counting behind an id that was given."""
    behind = "UPDATE sqlite_sequence SET seq = ? WHERE name = ?"
    if not connection.execute(behind, (last, shape.name)).rowcount:
        begun = "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)"
        connection.execute(begun, (shape.name, last))


def rows(path: Path, shape: Shape) -> Iterator[Row]:
    """The rows of one table of a database file nobody uses."""
    with closing(dbapi2.connect(str(path))) as connection:
        yield from _rows(connection, shape)


def _content(connection: Any, shape: Shape) -> Content:
    counting = Counting()
    for row in _rows(connection, shape):
        counting.add(row)
    return counting.content()


def _rows(connection: Any, shape: Shape) -> Iterator[Row]:
    query = f"SELECT {columns_of(shape)} FROM {quoted(shape.name)}"  # noqa: S608 - names of ours
    cursor = connection.execute(query)
    while chunk := cursor.fetchmany(_CHUNK):
        yield from chunk
