"""Every way round SQLite to a live file is refused, by any name; everything else is let through."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from pos_app.store import setting
from pos_app.store.engine import open_store
from pos_app.store.guard import LiveDatabaseTouched

Touch = Callable[[Path], object]


def by_sqlite(path: Path) -> None:
    sqlite3.connect(path).close()


def by_sqlite_uri(path: Path) -> None:
    sqlite3.connect(f"file:{path}?mode=ro", uri=True).close()


TOUCHES: list[Touch] = [
    lambda path: path.open("rb").close(),
    lambda path: open(bytes(path), "rb").close(),  # noqa: PTH123 - the very call to refuse
    lambda path: os.close(os.open(path, os.O_RDONLY)),
    lambda path: path.read_bytes(),
    lambda path: path.write_bytes(b""),
    lambda path: shutil.copy(path, f"{path}.copy"),
    lambda path: shutil.move(path, f"{path}.moved"),
    lambda path: path.rename(f"{path}.renamed"),
    lambda path: path.unlink(),
    lambda path: os.truncate(path, 0),
    lambda path: os.link(path, f"{path}.link"),
    by_sqlite,
    by_sqlite_uri,
]


@pytest.mark.parametrize("number", range(len(TOUCHES)))
@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
def test_a_live_file_is_out_of_reach(sqlite_path: Path, number: int, suffix: str) -> None:
    with open_store(sqlite_path) as store:
        with store.write() as connection:
            setting.write(connection, "a", "1")
        with pytest.raises(LiveDatabaseTouched):
            TOUCHES[number](Path(f"{sqlite_path}{suffix}"))
        with store.read() as connection:
            assert setting.read(connection, "a") == "1"


def test_other_names_of_the_file_are_known(
    sqlite_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    symbolic, hard = sqlite_path.with_name("symbolic"), sqlite_path.with_name("hard")
    symbolic.symlink_to(sqlite_path)
    hard.hardlink_to(sqlite_path)
    monkeypatch.chdir(sqlite_path.parent)
    names = [symbolic, hard, Path(sqlite_path.name), sqlite_path.parent / "." / sqlite_path.name]
    with open_store(sqlite_path):
        for name in names:
            with pytest.raises(LiveDatabaseTouched):
                name.read_bytes()


def test_other_files_are_nobody_s_business(sqlite_path: Path) -> None:
    other = sqlite_path.with_name("other.db")
    with open_store(sqlite_path):
        other.write_bytes(b"x")
        assert Path(shutil.copy(other, f"{other}.copy")).read_bytes() == b"x"
        other.unlink()
        by_sqlite(sqlite_path.with_name("foreign.db"))
        os.close(os.open("/dev/null", os.O_RDONLY))
        assert sqlite_path.stat().st_size > 0


def test_a_closed_store_lets_go(sqlite_path: Path) -> None:
    first = open_store(sqlite_path)
    with open_store(sqlite_path):
        first.close()
        with pytest.raises(LiveDatabaseTouched):
            sqlite_path.read_bytes()
    assert sqlite_path.read_bytes().startswith(b"SQLite format 3")


def test_a_store_that_could_not_be_opened_guards_nothing(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    path.write_bytes(b"x" * 5000)
    with pytest.raises(Exception, match="cannot be used"):
        open_store(path)
    assert path.read_bytes() == b"x" * 5000


def test_the_files_may_be_asked_about(sqlite_path: Path) -> None:
    """The log's size is watched, so looking at a file without opening it stays allowed."""
    with open_store(sqlite_path) as store:
        with store.write() as connection:
            setting.write(connection, "a", "1")
        assert Path(f"{sqlite_path}-wal").stat().st_size > 0
        assert {entry.name for entry in os.scandir(sqlite_path.parent)} >= {"shop.db"}
