"""What is left after kill -9, a full disk, a failing COMMIT and a stray open()."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from pos_app.errors import DiskFull
from pos_app.store import setting
from pos_app.store.engine import Store, open_store
from pos_app.store.fault import CommitUnknown, DatabaseFailing
from pos_app.store.migrate import upgrade

pytestmark = pytest.mark.process

WRITER = """
import sys
from pos_app.store.engine import open_store
from pos_app.store import setting
store = open_store(sys.argv[1], create=False)
number = int(sys.argv[2])
while True:
    number += 1
    with store.write() as connection:
        for part in ("a", "b", "c"):
            setting.write(connection, f"{number}{part}", "x" * 200)
        setting.write(connection, "last", str(number))
    print(number, flush=True)
"""


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def read_until_killed(child: subprocess.Popen[str], lines: int) -> list[str]:
    """Kill the child after some lines, wherever it is by then; everything it said until then."""
    assert child.stdout is not None
    said = [child.stdout.readline().strip() for _ in range(lines)]
    child.send_signal(signal.SIGKILL)
    said += child.stdout.read().split()
    child.wait(10)
    assert child.stdin is not None
    child.stdin.close()
    child.stdout.close()
    return said


def test_l58_every_acknowledged_row_survives_kill_9(sqlite_path: Path) -> None:
    last = 0
    for round_number in range(5):
        said = read_until_killed(start(WRITER, sqlite_path, last), 3 + 7 * round_number)
        with open_store(sqlite_path) as store, store.read() as connection:
            found = int(setting.read(connection, "last") or 0)
            assert found in (int(said[-1]), int(said[-1]) + 1)
            for number in range(1, found + 1):
                parts = [setting.read(connection, f"{number}{part}") for part in "abc"]
                assert parts == ["x" * 200] * 3, f"commit {number} is torn"
            assert setting.read(connection, f"{found + 1}a") is None
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        last = found


# Another program of the machine, with whatever SQLite the system has.
BYSTANDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
connection.close()
"""

BARE = """
import sys
from pysqlite3 import dbapi2
connection = dbapi2.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = WAL")
connection.execute("PRAGMA synchronous = FULL")
connection.execute("CREATE TABLE t (x INTEGER)")
connection.execute("INSERT INTO t VALUES (0)")
open(sys.argv[1], "rb").close()
print("touched", flush=True)
sys.stdin.readline()
for number in range(10):
    connection.execute("INSERT INTO t VALUES (?)", (number,))
print("written", flush=True)
sys.stdin.readline()
"""

GUARDED = """
import sys
from pos_app.store.engine import open_store
from pos_app.store.guard import LiveDatabaseTouched
from pos_app.store import setting
store = open_store(sys.argv[1])
try:
    open(sys.argv[1], "rb").close()
except LiveDatabaseTouched:
    print("touched", flush=True)
sys.stdin.readline()
for number in range(10):
    with store.write() as connection:
        setting.write(connection, str(number), "x")
print("written", flush=True)
sys.stdin.readline()
"""


def touched_then_killed(code: str, path: Path) -> None:
    """A writer touches its file, another process looks in, the writer writes and dies."""
    writer = start(code, path)
    assert writer.stdin is not None
    assert writer.stdout is not None
    assert writer.stdout.readline() == "touched\n"
    subprocess.run([sys.executable, "-c", BYSTANDER, path], check=True, timeout=30)
    writer.stdin.write("\n")
    writer.stdin.flush()
    assert writer.stdout.readline() == "written\n"
    writer.kill()
    writer.wait(10)
    writer.stdin.close()
    writer.stdout.close()


def test_without_the_guard_a_stray_open_loses_committed_rows(tmp_path: Path) -> None:
    """Why the guard exists: ten commits are gone, and the integrity check says ok.

    A bystander with a SQLite of 2026 notices that it is not alone, so there this shows nothing.
    """
    import sqlite3

    from pysqlite3 import dbapi2

    if sqlite3.sqlite_version_info >= (3, 51):
        pytest.skip("the system's own SQLite is new enough to notice the other process")
    path = tmp_path / "bare.db"
    touched_then_killed(BARE, path)
    connection = dbapi2.connect(path)
    kept = connection.execute("SELECT count(*) FROM t").fetchone()[0]
    verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    assert (kept, verdict) == (1, "ok")


def test_with_the_guard_nothing_is_lost(sqlite_path: Path) -> None:
    touched_then_killed(GUARDED, sqlite_path)
    with open_store(sqlite_path) as store, store.read() as connection:
        kept = [setting.read(connection, str(number)) for number in range(10)]
    assert kept == ["x"] * 10


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount; the test with a file size limit covers the rest")
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def test_l58_a_full_disk_is_one_sentence_and_nothing_half_written(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 300_000)
    with open_store(small_disk / "shop.db") as store:
        upgrade(store)
        written = 0
        while written < 1000:
            try:
                with store.write() as connection:
                    for part in "abc":
                        setting.write(connection, f"{written + 1}{part}", "x" * 20_000)
            except DiskFull as error:
                assert "free some space, nothing was saved" in error.sentence  # noqa: PT017
                break
            written += 1
        assert 2 < written < 1000
        with store.read() as connection:
            assert setting.read(connection, f"{written}c") == "x" * 20_000
            assert setting.read(connection, f"{written + 1}a") is None
        ballast.unlink()
        with store.write() as connection:
            setting.write(connection, "again", "x" * 20_000)
        with store.read() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


LIMITED = """
import os, resource, sys
from pos_app.store.engine import open_store
from pos_app.store import setting
from pos_app.store.fault import CommitUnknown
store = open_store(sys.argv[1])
with store.write() as connection:
    setting.write(connection, "before", "kept")
size = os.stat(sys.argv[1] + "-wal").st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
try:
    with store.write() as connection:
        setting.write(connection, "during", "unknown")
except CommitUnknown as error:
    print(error.code, error.exit_code)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
with store.read() as connection:
    print(setting.read(connection, "before"), setting.read(connection, "during"))
with store.write() as connection:
    setting.write(connection, "after", "kept")
with store.read() as connection:
    print(setting.read(connection, "after"))
os._exit(0)
"""


def test_a_commit_that_fails_is_unknown_until_it_is_looked_up(sqlite_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, sqlite_path],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines() == ["commit_unknown 4", "kept None", "kept"]
    with open_store(sqlite_path) as store, store.read() as connection:
        names = ("before", "during", "after")
        found = [setting.read(connection, name) for name in names]
        assert found == ["kept", None, "kept"]
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def lose_connection(store: Store, admin: Store, *, then: Callable[[Connection], None]) -> None:
    """Write, have the server end the connection, do something more, and try to commit."""
    with store.write() as connection:
        own = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        setting.write(connection, "a", "1")
        with admin.write() as killer:
            killer.exec_driver_sql(f"SELECT pg_terminate_backend({own:d}, 5000)")
        then(connection)


@pytest.mark.postgres
def test_a_connection_lost_in_the_middle_undoes_the_block(postgres_url: str) -> None:
    with open_store(postgres_url) as store, open_store(postgres_url) as admin:
        with pytest.raises(DatabaseFailing):
            lose_connection(store, admin, then=lambda found: setting.write(found, "b", "1"))
        with store.write() as connection:
            assert setting.read(connection, "a") is None


@pytest.mark.postgres
def test_a_connection_lost_at_commit_is_unknown(postgres_url: str) -> None:
    with open_store(postgres_url) as store, open_store(postgres_url) as admin:
        with pytest.raises(CommitUnknown):
            lose_connection(store, admin, then=lambda _: None)
        with store.read() as connection:
            assert setting.read(connection, "a") is None
