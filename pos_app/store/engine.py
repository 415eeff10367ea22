"""The store: one SQLite file or one PostgreSQL database, writers in a row, readers beside them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from sqlalchemy import URL, Connection, Engine, RootTransaction, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pos_app.errors import DatabaseBusy, DiskFull, MalformedInput, Unavailable
from pos_app.store import postgres, sqlite
from pos_app.store.disk import check_disk
from pos_app.store.fault import CommitUnknown, DatabaseFailing, IntegrityFault
from pos_app.store.guard import guard_database, release_database
from pos_app.store.version import Version, Watch

Synchronous = Literal["FULL", "NORMAL", "OFF"]


class DatabaseMissing(Unavailable):
    """There is no database where one should be opened."""

    code = "database_missing"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"There is no database at {path}: check the path in the settings, or restore a backup.",
            path=path,
        )


class NestedWrite(RuntimeError):
    """A writing transaction was asked for inside another one of the same thread."""


class UsedAfterFork(RuntimeError):
    """A forked child used its parent's store; start children by spawning them."""


class Store:
    """A database taken into use: hands out transactions and closes what it opened.

    Attributes:
        dialect: ``sqlite`` or ``postgresql``.
        path: the file, or None on PostgreSQL.
        place: what errors call this database: the path, or the address without its password.
        busy_ms: how long a lock or a free connection is waited for.
    """

    def __init__(
        self, writer: Engine, reader: Engine, *, path: Path | None, place: str, busy_ms: int
    ) -> None:
        self.dialect = writer.dialect.name
        self.path = path
        self.place = place
        self.busy_ms = busy_ms
        self._writer = writer
        self._reader = reader
        self._watch: Watch = (postgres if path is None else sqlite).watch(reader)
        self._process = os.getpid()
        self._inside = threading.local()
        self._is_open = True
        self._is_commit_unknown = False

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Run the block as one transaction that may write, undone if the block raises.

        On SQLite it begins IMMEDIATE, so nothing it reads can change before it commits. Writers of
        other threads and processes wait in line.

        Raises:
            DatabaseBusy: the line was longer than ``busy_ms``; nothing was saved.
            DiskFull, DatabaseFailing, DatabaseDamaged: nothing was saved.
            CommitUnknown: COMMIT failed in a way that does not say whether it took effect.
            UniqueViolation, ForeignKeyViolation, CheckViolation: a row breaks the schema.
        """
        if getattr(self._inside, "write", False):
            raise NestedWrite("pass the connection on instead of opening a second transaction")
        self._inside.write = True
        try:
            with self._transaction(self._writer) as (connection, transaction):
                yield connection
                self._commit(connection, transaction)
        finally:
            self._inside.write = False

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Run the block on one unchanging view of the database; it cannot write."""
        with self._transaction(self._reader) as (connection, _):
            yield connection

    @property
    def is_near(self) -> bool:
        """Whether asking for the `version` waits for nobody."""
        return self.path is not None

    def version(self) -> Version | None:
        """What the database is now: as long as this is equal, nobody has committed anything.

        None where that cannot be told; then everything may have changed.
        """
        is_usable = self._is_open and not self._is_commit_unknown
        if not is_usable or self._process != os.getpid():
            return None
        return self._watch.version()

    @contextmanager
    def restructure(self) -> Iterator[Connection]:
        """Write as `write` does, with foreign keys looked at only before COMMIT.

        SQLite rebuilds a table to change it, which drops the old one that others still point to.

        Raises:
            ForeignKeyViolation: rows point to others that are not there any more.
        """
        with self._writer.connect() as connection:
            sqlite.set_foreign_keys(connection, is_on=False)
        try:
            with self.write() as connection:
                yield connection
                sqlite.check_foreign_keys(connection)
        finally:
            with self._writer.connect() as connection:
                sqlite.set_foreign_keys(connection, is_on=True)

    def close(self) -> None:
        """Close every connection; the files may be touched again afterwards."""
        if self._is_open:
            self._is_open = False
            self._dispose()
            if self.path is not None:
                release_database(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[tuple[Connection, RootTransaction]]:
        self._check_usable()
        try:
            connection = engine.connect()
        except PoolTimeout as error:
            raise DatabaseBusy(self.busy_ms // 1000) from error
        try:
            transaction = connection.begin()
            try:
                yield connection, transaction
            except StatementError as error:
                raise _plain(error) from error
            finally:
                if transaction.is_active:
                    self._roll_back(connection, transaction)
        finally:
            connection.close()

    def _commit(self, connection: Connection, transaction: RootTransaction) -> None:
        """End the transaction; what fails here is either undone for certain or called unknown."""
        try:
            transaction.commit()
        except (DatabaseBusy, DiskFull, IntegrityFault):
            connection.invalidate()
            raise
        except Exception as error:
            self._is_commit_unknown = True
            connection.invalidate()
            raise CommitUnknown(self.place, str(error.__cause__ or error)) from error

    def _roll_back(self, connection: Connection, transaction: RootTransaction) -> None:
        try:
            transaction.rollback()
        except Exception:
            connection.invalidate()
            raise

    def _check_usable(self) -> None:
        if self._process != os.getpid():
            raise UsedAfterFork("a forked process must open its own store")
        if not self._is_open:
            raise RuntimeError(f"the store {self.place} is closed")
        if self._is_commit_unknown:
            self._settle()

    def _settle(self) -> None:
        """Make the outcome of a failed COMMIT final before anybody looks.

        A commit whose sync failed is invisible now, yet its frames in the log would count after a
        crash. The next commit that succeeds overwrites them; until then no look-up is the truth.
        """
        self._dispose()
        if self.dialect == "sqlite":
            with self._writer.connect() as connection, connection.begin():
                sqlite.overwrite_tail(connection)
        self._is_commit_unknown = False

    def _dispose(self) -> None:
        self._watch.close()
        self._writer.dispose()
        self._reader.dispose()


def open_store(
    url_or_path: str | Path,
    *,
    create: bool = True,
    busy_ms: int = 5000,
    readers: int = 8,
    synchronous: Synchronous = "FULL",
) -> Store:
    """Open a database; its schema is brought up to date by `pos_app.store.migrate.upgrade`.

    Args:
        url_or_path: a path, ``sqlite:///path`` or ``postgresql://user@host/name``.
        create: make the SQLite file if it is missing; PostgreSQL databases are made by their admin.
        busy_ms: the longest wait for a lock or a free connection, in milliseconds.
        readers: reading connections kept open (SQLite), or all connections (PostgreSQL).
        synchronous: FULL survives power cuts; the others are for tests and simulations.

    Raises:
        DatabaseMissing: there is no such file and it must not be made.
        DatabaseDamaged: the file is not a database.
        DiskUnfit: the file would lie on a network disk or in a synchronised folder.
        DatabaseFailing, DatabaseBusy: it cannot be opened now.
        MalformedInput: the address is not one of a SQLite file or a PostgreSQL database.
    """
    url = _address(url_or_path)
    if url.get_backend_name() == "sqlite":
        return _open_file(
            Path(url.database or ""),
            create=create,
            busy_ms=busy_ms,
            readers=readers,
            synchronous=synchronous,
        )
    place = url.render_as_string(hide_password=True)
    engine = postgres.make_engine(url, place=place, busy_ms=busy_ms, connections=readers)
    store = Store(engine, postgres.reader(engine), path=None, place=place, busy_ms=busy_ms)
    with store.read():
        return store


def _open_file(
    path: Path, *, create: bool, busy_ms: int, readers: int, synchronous: Synchronous
) -> Store:
    sqlite.check_version()
    path = path.absolute()
    check_disk(path)
    if path.is_dir():
        raise DatabaseFailing(str(path), "it is a folder", "name a file in the settings")
    if not path.exists():
        if not create:
            raise DatabaseMissing(str(path))
        sqlite.make_file(path)
    writer, reader = sqlite.make_engines(
        path, busy_ms=busy_ms, readers=readers, synchronous=synchronous
    )
    store = Store(writer, reader, path=path, place=str(path), busy_ms=busy_ms)
    try:
        with store.read():
            guard_database(path)
    except BaseException:
        writer.dispose()
        reader.dispose()
        raise
    return store


def _plain(error: StatementError) -> BaseException:
    """The error of a column that refused a value, instead of the wrapping round it."""
    return error if isinstance(error, DBAPIError) or error.orig is None else error.orig


def _address(url_or_path: str | Path) -> URL:
    text = str(url_or_path)
    if isinstance(url_or_path, Path) or "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise MalformedInput("The database address", "cannot be read") from error
    backend = url.drivername.partition("+")[0]
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite" or not url.database or url.database == ":memory:":
        raise MalformedInput(
            "The database address", "is not a path, sqlite:///path or postgresql://host/name"
        )
    return url
