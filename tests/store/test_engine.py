"""Transactions: what they keep, what they undo, who waits for whom, and what fork may not do."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pysqlite3 import dbapi2
from sqlalchemy import Connection, text

from pos_app.errors import DatabaseBusy, DatabaseDamaged, MalformedInput
from pos_app.store import setting, sqlite
from pos_app.store.engine import DatabaseMissing, NestedWrite, Store, UsedAfterFork, open_store
from pos_app.store.fault import (
    CheckViolation,
    DatabaseFailing,
    ForeignKeyViolation,
    UniqueViolation,
)
from pos_app.store.migrate import upgrade
from pos_app.store.sqlite import SqliteTooOld, check_version


def put(store: Store, name: str, value: str) -> None:
    with store.write() as connection:
        setting.write(connection, name, value)


def get(store: Store, name: str) -> str | None:
    with store.read() as connection:
        return setting.read(connection, name)


def test_what_is_written_is_there_for_readers(store: Store) -> None:
    put(store, "a", "1")
    assert get(store, "a") == "1"


def test_a_block_that_raises_leaves_nothing(store: Store) -> None:
    def fail() -> None:
        with store.write() as connection:
            setting.write(connection, "a", "1")
            raise KeyError("stop")

    with pytest.raises(KeyError):
        fail()
    assert get(store, "a") is None


def test_a_reader_sees_one_moment(store: Store) -> None:
    put(store, "a", "1")
    with store.read() as connection:
        assert setting.read(connection, "a") == "1"
        put(store, "a", "2")
        assert setting.read(connection, "a") == "1"
    assert get(store, "a") == "2"


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)read-?only"), store.read() as connection:
        setting.write(connection, "a", "1")
    assert get(store, "a") is None


def test_l26_no_update_is_lost_between_eight_threads(store: Store) -> None:
    put(store, "count", "0")
    errors: list[BaseException] = []

    def count() -> None:
        try:
            for _ in range(25):
                with store.write() as connection:
                    if store.dialect == "postgresql":
                        connection.execute(text("LOCK TABLE settings IN EXCLUSIVE MODE"))
                    value = int(setting.read(connection, "count") or 0)
                    setting.write(connection, "count", str(value + 1))
        except BaseException as error:  # noqa: BLE001 - told to the test below
            errors.append(error)

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert get(store, "count") == "200"


def test_a_second_transaction_inside_the_first_is_a_mistake(store: Store) -> None:
    with pytest.raises(NestedWrite), store.write(), store.write():
        pass
    put(store, "a", "1")
    assert get(store, "a") == "1"


def test_a_taken_key_names_its_constraint(store: Store) -> None:
    put(store, "a", "1")
    insert = "INSERT INTO settings (name, value) VALUES ('a', '2')"
    with pytest.raises(UniqueViolation) as caught, store.write() as connection:
        connection.exec_driver_sql(insert)
    assert caught.value.constraint in {"pk_settings", "settings_pkey"}
    assert get(store, "a") == "1"


def test_unique_columns_name_their_constraint_alike(store: Store) -> None:
    row = (
        "INSERT INTO barcodes (barcode, item, uom, factor, backwards) "
        "VALUES ('1', 'nobody', '', 1, '')"
    )
    with pytest.raises(ForeignKeyViolation), store.write() as connection:
        connection.exec_driver_sql(row)


def test_a_missing_value_is_a_check(store: Store) -> None:
    with pytest.raises(CheckViolation), store.write() as connection:
        connection.exec_driver_sql("INSERT INTO settings (name) VALUES ('a')")


def test_a_broken_statement_is_not_dressed_up(store: Store) -> None:
    with pytest.raises(Exception, match="no_such_table"), store.read() as connection:
        connection.exec_driver_sql("SELECT * FROM no_such_table")
    put(store, "a", "1")


def test_a_closed_store_says_so(sqlite_path: Path) -> None:
    store = open_store(sqlite_path)
    store.close()
    store.close()
    with pytest.raises(RuntimeError, match="is closed"), store.read():
        pass


def test_the_recipe_is_on_every_connection(sqlite_store: Store) -> None:
    for transaction in (sqlite_store.read, sqlite_store.write):
        with transaction() as connection:
            found = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            ]
        assert found == ["wal", 2, 1, 5000]


def test_ddl_is_undone_with_its_transaction(store: Store) -> None:
    def fail() -> None:
        with store.write() as connection:
            connection.exec_driver_sql("CREATE TABLE half (x INTEGER)")
            raise KeyError("stop")

    with pytest.raises(KeyError):
        fail()
    with pytest.raises(Exception, match="half"), store.read() as connection:
        connection.exec_driver_sql("SELECT * FROM half")


@contextlib.contextmanager
def lock_held(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the write lock until the block ends."""
    code = (
        "import sys\n"
        "from pysqlite3 import dbapi2\n"
        f"c = dbapi2.connect({str(path)!r}, isolation_level=None)\n"
        "c.execute('BEGIN IMMEDIATE')\n"
        "print('held', flush=True)\n"
        "sys.stdin.readline()\n"
        "c.execute('ROLLBACK')\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "held\n"
        yield holder
    finally:
        holder.communicate("\n", timeout=10)


@pytest.mark.process
def test_l58_another_process_with_the_lock_is_waited_for_then_named(sqlite_path: Path) -> None:
    with open_store(sqlite_path, busy_ms=300) as store, lock_held(sqlite_path):
        started = time.monotonic()
        with pytest.raises(DatabaseBusy), store.write():
            pass
        assert 0.2 < time.monotonic() - started < 3
        assert get(store, "a") is None


@pytest.mark.process
def test_l58_a_lock_that_is_given_back_in_time_is_only_a_wait(sqlite_path: Path) -> None:
    with open_store(sqlite_path, busy_ms=10_000) as store:
        with lock_held(sqlite_path):
            writer = threading.Thread(target=put, args=(store, "a", "1"))
            writer.start()
        writer.join(10)
        assert get(store, "a") == "1"


def test_writers_of_one_process_wait_in_line_with_a_limit(sqlite_path: Path) -> None:
    inside, done = threading.Event(), threading.Event()

    def hold(store: Store) -> None:
        with store.write():
            inside.set()
            done.wait(10)

    with open_store(sqlite_path, busy_ms=200) as store:
        holder = threading.Thread(target=hold, args=(store,))
        holder.start()
        assert inside.wait(5)
        with pytest.raises(DatabaseBusy), store.write():
            pass
        done.set()
        holder.join()
        put(store, "a", "1")


@pytest.mark.postgres
def test_a_row_locked_on_postgres_is_waited_for_then_named(postgres_url: str) -> None:
    inside, done = threading.Event(), threading.Event()

    def change(connection: Connection) -> None:
        connection.exec_driver_sql("UPDATE settings SET value = '2' WHERE name = 'a'")

    def hold(store: Store) -> None:
        with store.write() as connection:
            change(connection)
            inside.set()
            done.wait(10)

    with open_store(postgres_url, busy_ms=200) as store:
        put(store, "a", "1")
        holder = threading.Thread(target=hold, args=(store,))
        holder.start()
        assert inside.wait(5)
        with pytest.raises(DatabaseBusy), store.write() as connection:
            change(connection)
        done.set()
        holder.join()


@pytest.mark.postgres
def test_two_that_wait_for_each_other_are_told_apart(postgres_url: str) -> None:
    """PostgreSQL ends one of two deadlocked transactions: that one was busy, nothing more."""
    meeting = threading.Barrier(2, timeout=10)
    busy: list[DatabaseBusy] = []

    def change(store: Store, names: tuple[str, str]) -> None:
        try:
            with store.write() as connection:
                setting.write(connection, names[0], "x")
                meeting.wait()
                setting.write(connection, names[1], "x")
        except DatabaseBusy as error:
            busy.append(error)

    with open_store(postgres_url) as store:
        put(store, "a", "1")
        put(store, "b", "1")
        pairs: tuple[tuple[str, str], ...] = (("a", "b"), ("b", "a"))
        threads = [threading.Thread(target=change, args=(store, pair)) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert len(busy) == 1


@pytest.mark.postgres
def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(DatabaseFailing, match="cannot be used now"):
        open_store(f"postgresql://postgres@/none?host={tmp_path}")


def test_the_password_never_shows(tmp_path: Path) -> None:
    with pytest.raises(DatabaseFailing) as caught:
        open_store(f"postgresql://me:sesame@/none?host={tmp_path}")
    assert "sesame" not in str(caught.value)
    assert "sesame" not in str(caught.value.details)


@pytest.mark.parametrize(
    "address", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "://", "postgres//x://"]
)
def test_an_address_of_something_else_is_refused(address: str) -> None:
    with pytest.raises(MalformedInput):
        open_store(address)


def test_a_missing_file_is_not_made_when_it_should_be_there(tmp_path: Path) -> None:
    with pytest.raises(DatabaseMissing):
        open_store(tmp_path / "none.db", create=False)
    assert not (tmp_path / "none.db").exists()


def test_a_new_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/deep/new.db") as store:
        assert store.path == tmp_path / "deep" / "new.db"
        upgrade(store)
        modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "deep").iterdir()}
    assert modes == {0o600}


@pytest.mark.parametrize(
    "content", [b"not a database at all" * 100, b"SQLite format 3\0" + b"x" * 4096]
)
def test_a_file_of_something_else_is_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "shop.db"
    path.write_bytes(content)
    with pytest.raises(DatabaseDamaged):
        open_store(path)
    assert path.read_bytes() == content


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseFailing, match="name a file"):
        open_store(tmp_path)


def test_a_file_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseFailing):
        open_store(tmp_path / "file" / "shop.db")


def test_an_old_sqlite_is_refused() -> None:
    check_version()
    check_version((3, 51, 3))
    with pytest.raises(SqliteTooOld, match=r"3\.51\.2"):
        check_version((3, 51, 2))


def test_the_standard_library_s_sqlite_is_never_loaded(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from pos_app.store.engine import open_store\n"
        "from pos_app.store.migrate import upgrade\n"
        f"store = open_store({str(tmp_path / 'shop.db')!r})\n"
        "upgrade(store)\n"
        "store.close()\n"
        "print(sorted({'sqlite3', '_sqlite3', 'alembic', 'psycopg'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[]\n"


def run_in_fork(task: Callable[[], None]) -> int:
    """Exit code of a task done in a forked child: 0 done, 1 anything else."""
    child = os.fork()
    if child == 0:
        try:
            task()
        except BaseException:  # noqa: BLE001 - the child must end here, whatever happened
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.process
def test_a_forked_child_may_not_use_its_parent_s_store(sqlite_store: Store) -> None:
    def use() -> None:
        with pytest.raises(UsedAfterFork), sqlite_store.read():
            pass

    put(sqlite_store, "a", "1")
    assert run_in_fork(use) == 0
    put(sqlite_store, "a", "2")
    assert get(sqlite_store, "a") == "2"


def _count_in(path: Path) -> None:
    with open_store(path, create=False) as store:
        for _ in range(25):
            with store.write() as connection:
                value = int(setting.read(connection, "count") or 0)
                setting.write(connection, "count", str(value + 1))


@pytest.mark.process
def test_spawned_processes_share_the_file(sqlite_path: Path) -> None:
    start = multiprocessing.get_context("spawn")
    with open_store(sqlite_path) as store:
        children = [start.Process(target=_count_in, args=(sqlite_path,)) for _ in range(3)]
        for child in children:
            child.start()
        for child in children:
            child.join(60)
        assert [child.exitcode for child in children] == [0, 0, 0]
        assert get(store, "count") == "75"


@pytest.mark.process
def test_many_processes_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from pos_app.store.engine import open_store\n"
        "from pos_app.store.migrate import upgrade\n"
        "sys.stdin.readline()\n"
        f"store = open_store({str(tmp_path / 'shop.db')!r})\n"
        "upgrade(store)\n"
        "store.close()\n"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) for _ in range(4)
    ]
    for child in children:
        assert child.stdin is not None
        child.stdin.write(b"\n")
        child.stdin.flush()
    assert [child.wait(60) for child in children] == [0, 0, 0, 0]
    for child in children:
        assert child.stdin is not None
        child.stdin.close()


def test_a_log_that_another_process_has_half_made_is_waited_for(tmp_path: Path) -> None:
    """As four processes that opened one new file at once have met it."""
    busy, readonly = 5, 8
    codes = [busy, readonly]

    class HalfMade:
        def execute(self, asked: str) -> Any:
            if codes and asked.startswith(("PRAGMA journal", "BEGIN")):
                error = dbapi2.OperationalError("locked, or half made")
                error.sqlite_errorcode = codes.pop(0)
                raise error
            told = "wal" if asked.startswith("PRAGMA journal") else 0
            return SimpleNamespace(fetchone=lambda: (told,))

    sqlite._use_log(HalfMade(), str(tmp_path))
    assert codes == []
