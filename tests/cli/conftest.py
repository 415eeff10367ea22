"""A till for commands, with and without goods."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pos_app.store.engine import open_store
from pos_app.store.migrate import upgrade
from tests import shops
from tests.cli.till import Till


@pytest.fixture(scope="session")
def filled_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of an open till, closed, to be copied."""
    path = tmp_path_factory.mktemp("filled") / "pos.db"
    with open_store(path) as store:
        upgrade(store)
        shops.open_till(shops.open_shop(store))
    return path


@pytest.fixture
def bare_till(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Till:
    """A till whose database does not exist yet."""
    return Till(tmp_path, monkeypatch, capfd)


@pytest.fixture
def till(bare_till: Till, filled_database: Path) -> Till:
    """A till with goods, people and an open shift."""
    shutil.copy(filled_database, bare_till.database)
    return bare_till
