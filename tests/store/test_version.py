"""The version of a database: another one after every commit of anybody, and never when unsure."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from pos_app.store import setting
from pos_app.store.engine import Store, open_store


def put(store: Store, value: str) -> None:
    with store.write() as connection:
        setting.write(connection, "a", value)


def changed(store: Store, do: Callable[[], object]) -> bool:
    before = store.version()
    assert before is not None
    assert store.version() == before
    do()
    after = store.version()
    assert after is not None
    return after != before


def test_a_commit_of_the_same_process_is_another_version(store: Store) -> None:
    assert changed(store, lambda: put(store, "1"))
    assert changed(store, lambda: put(store, "2"))


def test_looking_is_not(store: Store) -> None:
    def look() -> None:
        with store.read() as connection:
            assert setting.read(connection, "a") is None

    assert not changed(store, look)


def test_a_change_that_was_undone_is_not_there_whatever_the_version_says(store: Store) -> None:
    before = store.version()
    with contextlib.suppress(KeyError), store.write() as connection:
        setting.write(connection, "a", "1")
        raise KeyError
    assert before is not None
    assert store.version() is not None
    with store.read() as connection:
        assert setting.read(connection, "a") is None


def test_what_is_not_committed_yet_changes_nothing_until_it_is(store: Store) -> None:
    before = store.version()
    with store.write() as connection:
        setting.write(connection, "a", "1")
        during = store.version()
        with store.read() as other:
            assert setting.read(other, "a") is None
        assert store.version() == during
    assert store.version() not in (before, during)


def test_another_store_of_the_same_file_is_seen(sqlite_path: Path) -> None:
    with open_store(sqlite_path) as one, open_store(sqlite_path) as other:
        assert changed(one, lambda: put(other, "1"))
        assert one.version() != other.version(), "of two lives, which nobody can compare"


def test_another_process_is_seen(sqlite_store: Store) -> None:
    code = (
        "import sys\n"
        "from pysqlite3 import dbapi2\n"
        "with dbapi2.connect(sys.argv[1]) as connection:\n"
        "    connection.execute(\"INSERT INTO settings (name, value) VALUES ('b', '1')\")\n"
        "connection.close()\n"
    )
    command = [sys.executable, "-c", code, str(sqlite_store.path)]
    assert changed(sqlite_store, lambda: subprocess.run(command, check=True, timeout=60))


@pytest.mark.postgres
def test_another_server_of_the_same_database_is_seen(postgres_url: str) -> None:
    with open_store(postgres_url) as one, open_store(postgres_url) as other:
        assert changed(one, lambda: put(other, "1"))


@pytest.mark.postgres
def test_transactions_that_end_in_another_order_than_they_began(postgres_url: str) -> None:
    with open_store(postgres_url) as one, open_store(postgres_url) as other:
        seen = [one.version()]
        with one.write() as early:
            setting.write(early, "a", "1")
            with other.write() as late:
                setting.write(late, "b", "1")
            seen.append(one.version())
        seen.append(one.version())
    assert len(set(seen)) == 3


@pytest.mark.postgres
def test_a_commit_below_one_that_is_still_at_work_is_seen(postgres_url: str) -> None:
    """The newest transaction has ended, an older one ends after it, the oldest never moves."""
    with (
        open_store(postgres_url) as oldest,
        open_store(postgres_url) as older,
        open_store(postgres_url) as newest,
        oldest.write() as first,
    ):
        setting.write(first, "a", "1")
        with older.write() as second:
            setting.write(second, "b", "1")
            put_other(newest)
            before = newest.version()
        assert newest.version() != before


def put_other(store: Store) -> None:
    with store.write() as connection:
        setting.write(connection, "c", "1")


def test_nobody_is_waited_for_and_a_failure_is_no_version(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sqlite_store.version()

    class Gone:
        def execute(self, _question: str) -> None:
            raise dbapi2.OperationalError("disk I/O error")

        def close(self) -> None:
            pass

    sqlite_store._watch._driver.close()
    monkeypatch.setattr(sqlite_store._watch, "_driver", Gone())
    assert sqlite_store.version() is None
    after = sqlite_store.version()
    assert after is not None
    assert after != before, "of a new connection, whose figures begin afresh"


@pytest.mark.postgres
def test_a_connection_the_server_ended_is_no_version_then_a_new_life(postgres_store: Store) -> None:
    before = postgres_store.version()
    with postgres_store.write() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND query LIKE '%%pg_current_snapshot()::text END'"
        )
    assert postgres_store.version() is None
    assert postgres_store.version() not in (None, before)


def test_a_commit_nobody_knows_of_leaves_no_version(sqlite_store: Store) -> None:
    assert sqlite_store.version() is not None
    sqlite_store._is_commit_unknown = True
    assert sqlite_store.version() is None
    put(sqlite_store, "1")
    assert sqlite_store.version() is not None


def test_a_closed_store_has_none(sqlite_path: Path) -> None:
    store = open_store(sqlite_path)
    assert store.version() is not None
    store.close()
    assert store.version() is None
