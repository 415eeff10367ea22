"""`pos backup` and `pos restore`: a till in one file, and back."""

from __future__ import annotations

import shutil
from pathlib import Path

from pos_app.store.engine import open_store
from tests.cli.till import Till


def test_a_till_to_a_stick_and_back(till: Till, tmp_path: Path) -> None:
    stick = tmp_path / "stick.zip"
    made = till.here("backup", str(stick), "--json")
    assert (made.code, made.err) == (0, "")
    assert made.json["file"] == str(stick)
    assert "ok" in till.here("doctor").out.split("backup")[0].splitlines()[-1]
    with open_store(till.database) as store:
        with store.read() as connection:
            connection.exec_driver_sql("SELECT 1 FROM sales").first()
        busy = till.here("restore", str(stick), "--json")
        assert (busy.code, busy.error) == (3, "still_in_use")
    done = till.here("restore", str(stick))
    assert done.code == 0
    assert "Restored" in done.out
    assert "kept as" in done.out
    again = till.here("backup", str(stick), "--json")
    assert (again.code, again.error) == (3, "conflict")
    missing = till.here("restore", str(tmp_path / "none.zip"))
    assert missing.code == 2


def test_a_spare_till_takes_its_settings_from_the_stick(till: Till, tmp_path: Path) -> None:
    stick = tmp_path / "stick.zip"
    assert till.here("backup", str(stick)).code == 0
    text = till.config.read_text(encoding="utf-8")
    till.config.unlink()
    shutil.move(till.database, tmp_path / "old.db")
    done = till.here("restore", str(stick))
    assert done.code == 0, done.err
    assert till.config.read_text(encoding="utf-8") == text
    assert till.database.exists()
