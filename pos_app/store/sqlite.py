"""How a SQLite file is opened: the patched library, and the connection recipe."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2
from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.pool import QueuePool

from pos_app.errors import Unavailable
from pos_app.store.compiled import SHARED
from pos_app.store.fault import DatabaseFailing, ForeignKeyViolation, translate
from pos_app.store.version import Watch

OLDEST = (3, 51, 3)
"""The first SQLite without the race between a checkpoint and a reset of the log."""

_SPARE_READERS = 32
_LOG_ATTEMPTS = 50
_BUSY = 5
_READONLY = 8
_OTHERS = (
    "SELECT count(*) > 0 AND count(*) FILTER (WHERE name = 'schema_version') = 0 "
    "FROM sqlite_master WHERE type = 'table'"
)


class SqliteTooOld(Unavailable):
    """The SQLite library this Python has can corrupt a database with two writers."""

    code = "sqlite_too_old"

    def __init__(self, found: str) -> None:
        oldest = ".".join(map(str, OLDEST))
        super().__init__(
            f"SQLite {found} can damage the database, {oldest} or newer is needed: "
            "install the package pysqlite3 as pinned.",
            found=found,
            oldest=oldest,
        )


def check_version(found: tuple[int, ...] = dbapi2.sqlite_version_info) -> None:
    """Refuse a library with a known way to lose data.

    Raises:
        SqliteTooOld: it is older than `OLDEST`.
    """
    if found < OLDEST:
        raise SqliteTooOld(".".join(map(str, found)))


def make_file(path: Path) -> None:
    """Make an empty file that only its owner can read.

    Raises:
        DatabaseFailing: the folder cannot be made or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise DatabaseFailing(str(path), error.strerror or str(error)) from error


def make_engines(
    path: Path, *, busy_ms: int, readers: int, synchronous: str
) -> tuple[Engine, Engine]:
    """The engine whose one connection writes, and the engine whose connections only read."""
    pragmas = (
        f"PRAGMA busy_timeout = {busy_ms:d}",
        f"PRAGMA synchronous = {synchronous}",
        "PRAGMA foreign_keys = ON",
    )
    make = partial(_make_engine, path=path, busy_ms=busy_ms)
    writer = make("BEGIN IMMEDIATE", pragmas, size=1, spare=0)
    reading = (*pragmas, "PRAGMA query_only = ON")
    return writer, make("BEGIN", reading, size=readers, spare=_SPARE_READERS)


def overwrite_tail(connection: Connection) -> None:
    """Commit something, so that frames of a failed commit can never count again."""
    version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    connection.exec_driver_sql(f"PRAGMA user_version = {(int(version) + 1) % 2**30:d}")


def watch(engine: Engine) -> Watch:
    """Tells the versions of the file: a few microseconds, and nobody is ever waited for.

    ``data_version`` changes with every commit of any other connection, in this process or not
    (sqlite.org, PRAGMA data_version); the one it is asked of never writes.
    """
    return Watch(engine, "PRAGMA data_version", _never_wait)


def _never_wait(driver: Any) -> None:
    driver.execute("PRAGMA busy_timeout = 0")


def set_foreign_keys(connection: Connection, *, is_on: bool) -> None:
    """Switch the checks of this connection; inside a transaction SQLite would ignore it."""
    if connection.dialect.name == "sqlite":
        driver = connection.connection.driver_connection
        driver.execute(f"PRAGMA foreign_keys = {'ON' if is_on else 'OFF'}")  # type: ignore[union-attr]


def check_foreign_keys(connection: Connection) -> None:
    """Look at every foreign key of the database.

    Raises:
        ForeignKeyViolation: one points nowhere.
    """
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise ForeignKeyViolation("", f"a row of {broken[0]} points to no row of {broken[2]}")


def _make_engine(
    begin: str, pragmas: tuple[str, ...], *, path: Path, busy_ms: int, size: int, spare: int
) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        module=dbapi2,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=spare,
        pool_timeout=busy_ms / 1000,
        pool_use_lifo=True,
        pool_reset_on_return=None,
        connect_args={"isolation_level": None, "cached_statements": 512, "timeout": busy_ms / 1000},
        execution_options=SHARED,
    )
    place = str(path)

    def prepare(connection: Any, record: Any) -> None:
        for pragma in pragmas:
            connection.execute(pragma)
        _use_log(connection, place)
        record.info["waited_ms"] = busy_ms

    def say_begin(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        try:
            driver.execute(begin)  # type: ignore[union-attr]
        except dbapi2.Error as error:
            raise translate(error, place=place, waited_ms=busy_ms) or error from error

    def explain(context: ExceptionContext) -> BaseException | None:
        return translate(context.original_exception, place=place, waited_ms=busy_ms)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", say_begin)
    event.listen(engine, "handle_error", explain)
    return engine


def is_anothers(connection: Any) -> bool:
    """Whether there are tables in a file and none is this program's."""
    return bool(connection.execute(_OTHERS).fetchone()[0])


def _use_log(connection: Any, place: str) -> None:
    """Switch to the write-ahead log; SQLite does not wait while it switches, so wait before.

    A file of another program stays as it is; whoever looks at its schema refuses it.
    """
    if is_anothers(connection):
        return
    for _ in range(_LOG_ATTEMPTS):
        try:
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        except dbapi2.OperationalError as error:
            if error.sqlite_errorcode != _BUSY:
                raise
            _wait(connection)
        else:
            if mode == "wal":
                return
            break
    raise DatabaseFailing(place, "it cannot keep a write-ahead log there")


def _wait(connection: Any) -> None:
    """Wait until nobody else writes; a log another process has only half made counts as busy."""
    try:
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")
    except dbapi2.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != _READONLY:
            raise
