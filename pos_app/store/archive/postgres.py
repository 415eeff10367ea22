"""A PostgreSQL database as one file per table, all of one moment, by COPY alone.

``pg_dump`` need not be installed: COPY in one REPEATABLE READ transaction gives the same view of
every table (PostgreSQL 17, §13.2.2 and COPY, text format).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.backup import BackupDamaged
from pos_app.store.archive.content import Content, Counting, Row, Shape, columns_of, quoted
from pos_app.store.engine import Store

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MEANT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def snapshot(
    store: Store, folder: Path, shapes: Sequence[Shape], *, tick: Callable[[], None]
) -> tuple[dict[str, Content], dict[str, int]]:
    """Write every table of one moment into a folder; say what was in it, and how far it counted.

    Raises:
        OSError: there is no room.
    """
    contents: dict[str, Content] = {}
    with store.read() as connection:
        for shape in shapes:
            contents[shape.name] = _dump(connection, shape, folder / file_name(shape))
            tick()
        return contents, counters(connection, shapes)


def counters(connection: Connection, shapes: Sequence[Shape], schema: str = "") -> dict[str, int]:
    """How far the tables have counted that count by themselves, here or in a schema."""
    return {
        shape.name: _last(connection, shape, schema)
        for shape in shapes
        if shape.counter and is_there(connection, shape.name, schema)
    }


def is_there(connection: Connection, name: str, schema: str = "") -> bool:
    """Whether there is such a table, here or in a schema."""
    query = "SELECT to_regclass(%s) IS NOT NULL"
    return bool(connection.exec_driver_sql(query, (_within(name, schema),)).scalar_one())


def _within(name: str, schema: str) -> str:
    return f"{quoted(schema)}.{quoted(name)}" if schema else quoted(name)


def file_name(shape: Shape) -> str:
    """The file of one table."""
    return f"{shape.name}.copy"


def rows(path: Path, shape: Shape) -> Iterator[Row]:
    """The rows of a file that COPY has written.

    Raises:
        BackupDamaged: a line is not one of this table.
    """
    with path.open("rb") as file:
        for line in file:
            yield parsed(line, shape, path.name)


def parsed(line: bytes, shape: Shape, name: str) -> Row:
    """One line of COPY's text format."""
    try:
        fields = line.decode("utf-8").removesuffix("\n").split("\t")
        kinds = zip(fields, shape.kinds, strict=True)
        return [_value(field, kind) for field, kind in kinds]
    except ValueError as error:
        raise BackupDamaged(name, "a line of it is torn") from error


def load(connection: Connection, shape: Shape, rows: Iterable[Row]) -> None:
    """Fill one empty table."""
    driver: Any = connection.connection.driver_connection
    into = f"COPY {quoted(shape.name)} ({columns_of(shape)}) FROM STDIN"
    with driver.cursor() as cursor, cursor.copy(into) as copy:
        for row in rows:
            copy.write_row(row)


def content(connection: Connection, shape: Shape) -> Content:
    """What is in one table now."""
    counting = Counting()
    for line in _lines(connection, shape):
        counting.add(parsed(line, shape, shape.name))
    return counting.content()


def count_on(connection: Connection, shape: Shape, last: int) -> None:
    """Let a counter go on behind a number that was given."""
    if last:
        query = "SELECT setval(pg_get_serial_sequence(%s, %s), %s)"
        connection.exec_driver_sql(query, (quoted(shape.name), shape.counter, last))


def _dump(connection: Connection, shape: Shape, path: Path) -> Content:
    counting = Counting()
    with path.open("wb") as file:
        for line in _lines(connection, shape):
            counting.add(parsed(line, shape, path.name))
            file.write(line)
    return counting.content()


def _lines(connection: Connection, shape: Shape) -> Iterator[bytes]:
    """The lines of a table; a block of the protocol may hold several, or a part of one."""
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        query = f"COPY {quoted(shape.name)} ({columns_of(shape)}) TO STDOUT"
        with cursor.copy(query) as copy:
            rest = b""
            for block in copy:
                *lines, rest = (rest + bytes(block)).split(b"\n")
                for line in lines:
                    yield line + b"\n"


def _last(connection: Connection, shape: Shape, schema: str) -> int:
    name = connection.exec_driver_sql(
        "SELECT pg_get_serial_sequence(%s, %s)", (_within(shape.name, schema), shape.counter)
    ).scalar()
    if not name:
        return 0
    query = f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {name}"  # noqa: S608
    return int(connection.exec_driver_sql(query).scalar_one())


def _value(field: str, kind: str) -> Any:
    if field == r"\N":
        return None
    text = _ESCAPED.sub(lambda found: _MEANT.get(found[1], found[1]), field)
    if kind == "int":
        return int(text)
    return bytes.fromhex(text.removeprefix("\\x")) if kind == "bytes" else text
