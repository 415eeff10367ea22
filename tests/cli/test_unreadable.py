"""Books that cannot be opened: one sentence that says what to do, and nothing is overwritten."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from pos_app.store.engine import open_store
from tests.cli.till import Till

RESTORE = "restore the last backup with 'pos restore'"


def _newer(path: Path) -> None:
    with open_store(path) as store, store.write() as connection:
        connection.exec_driver_sql("UPDATE schema_version SET version_num = '9999'")


def _others(path: Path) -> None:
    path.unlink()
    with closing(dbapi2.connect(str(path))) as connection:
        connection.execute("CREATE TABLE theirs (x)")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _torn(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2 + 100])


def _pages(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    for page in range(3 * 4096, len(whole), 2 * 4096):
        whole[page : page + 200] = b"\xff" * 200
    path.write_bytes(whole)


CASES: dict[str, tuple[Callable[[Path], object], str]] = {
    "garbage": (lambda path: path.write_bytes(b"no database at all" * 1000), RESTORE),
    "zeros": (lambda path: path.write_bytes(bytes(8192)), RESTORE),
    "torn": (_torn, RESTORE),
    "pages": (_pages, RESTORE),
    "newer": (_newer, "of a newer program: install that one, or name another database"),
    "others": (_others, "belongs to another program: name another database"),
    "folder": (_folder, "it is a folder: nothing was saved, name a file in the settings"),
}


def test_a_file_that_cannot_be_opened_is_told_and_left_as_it_is(till: Till) -> None:
    whole = till.database.read_bytes()
    for name, (spoil, wanted) in CASES.items():
        till.database.write_bytes(whole)
        spoil(till.database)
        before = till.database.read_bytes() if till.database.is_file() else None
        told = till.here("status")
        assert (told.code, told.out) == (5, ""), name
        assert told.err.count("\n") == 1
        assert wanted in told.err, name
        after = till.database.read_bytes() if till.database.is_file() else None
        assert before == after, name
        for end in ("-wal", "-shm"):
            till.database.with_name(till.database.name + end).unlink(missing_ok=True)


@pytest.mark.parametrize("left", ["nothing", "empty"])
def test_books_that_are_gone_are_not_begun_anew_beside_their_backups(till: Till, left: str) -> None:
    assert till.here("backup").code == 0
    [backup] = (till.folder / "backups").glob("*.zip")
    till.database.unlink()
    if left == "empty":
        till.database.touch()
    told = till.here("status")
    assert told.code == 5
    assert "There are no books in" in told.err
    assert "restore the newest with 'pos restore', or move that folder away" in told.err
    assert till.database.exists() == (left == "empty")
    assert till.here("restore", str(backup)).code == 0
    assert till.here("status").code == 0


def test_books_of_another_program_are_not_restored_over(till: Till, tmp_path: Path) -> None:
    stick = tmp_path / "stick.zip"
    assert till.here("backup", str(stick)).code == 0
    for spoil, code, wanted in ((_others, 5, "another program"), (_folder, 2, "names the folder")):
        spoil(till.database)
        told = till.here("restore", str(stick))
        assert told.code == code
        assert wanted in told.err
        if till.database.is_dir():
            shutil.rmtree(till.database)
        else:
            assert till.database.read_bytes().startswith(b"SQLite format 3")
            with closing(dbapi2.connect(str(till.database))) as connection:
                assert connection.execute("SELECT count(*) FROM theirs").fetchone() == (0,)


@pytest.mark.postgres
def test_a_postgres_that_lets_nobody_in_or_has_lost_its_tables(
    till: Till, empty_postgres_url: str
) -> None:
    advice = "see that it runs and that address, user and password in the settings are right"
    name = empty_postgres_url.partition("?")[0].rpartition("/")[2]
    for url, wanted in {
        "postgresql://u:no-word-of-this@127.0.0.1:1/x": "Connection refused",
        empty_postgres_url.replace(f"/{name}", "/nowhere"): 'database "nowhere" does not exist',
        empty_postgres_url.replace("//postgres", "//stranger"): 'role "stranger" does not exist',
    }.items():
        _serve(till, url)
        told = till.here("status")
        assert told.code == 5
        assert wanted in told.err
        assert advice in told.err
        assert "no-word-of-this" not in told.err
    _serve(till, empty_postgres_url)
    (till.folder / "backups").mkdir()
    (till.folder / "backups" / "shopinventory_backup_20261102_060000_abcdef.zip").touch()
    told = till.here("status")
    assert told.code == 5
    assert "There are no books in" in told.err


def _serve(till: Till, url: str) -> None:
    till.configure(role="server")
    text = till.config.read_text(encoding="utf-8")
    till.config.write_text(text.replace('url = "pos.db"', f'url = "{url}"'), encoding="utf-8")
