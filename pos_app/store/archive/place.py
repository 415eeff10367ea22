"""Put a restored database where the old one was, and keep the old one aside."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2
from sqlalchemy import Connection

from pos_app.domain.backup import StillInUse
from pos_app.errors import MalformedInput
from pos_app.store.archive.content import quoted
from pos_app.store.archive.pack import sync, sync_folder
from pos_app.store.migrate import SchemaUnknown, check_ours, table_names
from pos_app.store.sqlite import is_anothers

_LOG = ("-wal", "-shm", "-journal")


@contextmanager
def alone(path: Path) -> Iterator[Any]:
    """Be the only one who has a database file open, so that it may be replaced.

    What can still be read of it is read through the connection given; None where no file is.

    A database in the write-ahead mode can leave it only when nobody else is connected, and is one
    file afterwards (sqlite.org, PRAGMA journal_mode). A damaged one is nobody's.

    Raises:
        StillInUse: somebody is.
        SchemaUnknown: it is a whole database of another program.
        MalformedInput: it is a folder.
    """
    if not path.exists():
        yield None
        return
    if path.is_dir():
        raise MalformedInput("The setting database.url", f"names the folder {path}, not a file")
    with closing(dbapi2.connect(str(path), timeout=0, isolation_level=None)) as connection:
        _check_ours(connection, path)
        is_whole = _is_freed(connection, path)
        yield connection
        if is_whole:
            with suppress(dbapi2.Error):  # its file has gone aside
                connection.execute("ROLLBACK")


def _check_ours(connection: Any, path: Path) -> None:
    """What cannot be read is nobody's."""
    try:
        is_others = is_anothers(connection)
    except dbapi2.Error:
        return
    if is_others:
        raise SchemaUnknown(str(path), "")


def _is_freed(connection: Any, path: Path) -> bool:
    try:
        mode = connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
        if mode != "delete":
            raise StillInUse(str(path))
        connection.execute("BEGIN EXCLUSIVE")
    except dbapi2.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (5, 6):
            raise StillInUse(str(path)) from error
        return False
    except dbapi2.DatabaseError:
        return False
    return True


def replace_file(fresh: Path, path: Path, aside: Path) -> None:
    """Keep the old file under another name and put the new one in its place, whole or not at all.

    What a damaged database left of its log goes aside before: it would be played into the new one.
    """
    fresh.chmod(0o600)
    sync(fresh)
    if path.exists():
        with suppress(FileExistsError):
            os.link(path, aside)
        for end in _LOG:
            left = path.with_name(path.name + end)
            if left.exists():
                left.rename(aside.with_name(aside.name + end))
    fresh.replace(path)
    sync_folder(path.parent)


def check_alone(connection: Connection, place: str) -> None:
    """Refuse to go on while others are connected to this PostgreSQL database.

    Raises:
        StillInUse: somebody is.
    """
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    if connection.exec_driver_sql(query).scalar_one():
        raise StillInUse(place)


def move_aside(connection: Connection, schema: str, place: str) -> bool:
    """Move every table and function of the shop into a schema of its own; False if there is none.

    It is undone with the transaction (PostgreSQL changes its catalogues in transactions, too).

    Raises:
        SchemaUnknown: the tables are another program's.
    """
    check_ours(connection, place)
    tables = sorted(table_names(connection))
    if not tables:
        return False
    connection.exec_driver_sql(f"CREATE SCHEMA {quoted(schema)}")
    for name in tables:
        connection.exec_driver_sql(f"ALTER TABLE {quoted(name)} SET SCHEMA {quoted(schema)}")
    functions = connection.exec_driver_sql(
        "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n "
        "ON n.oid = p.pronamespace WHERE n.nspname = current_schema() AND NOT EXISTS "
        "(SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
    ).scalars()
    for name in list(functions):
        connection.exec_driver_sql(f"ALTER FUNCTION {name} SET SCHEMA {quoted(schema)}")
    return True
