"""A server on each database."""

from __future__ import annotations

import pytest

from pos_app.store.engine import Store
from tests.api.house import House, build


@pytest.fixture
def house(store: Store) -> House:
    """A server on each database in turn."""
    return build(store)


@pytest.fixture
def quick(sqlite_store: Store) -> House:
    """A server on SQLite alone, for what no database has a say in."""
    return build(sqlite_store)
