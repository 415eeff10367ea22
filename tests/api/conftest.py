"""A server on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

from pos_app.store.engine import Store
from tests.api.house import House, build


@pytest.fixture(scope="session", autouse=True)
def _plain_logs() -> Iterator[None]:
    """Log as a server does, to nowhere: the library's own default draws every local variable."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
        logger_factory=structlog.ReturnLoggerFactory(),
    )
    yield
    structlog.reset_defaults()


@pytest.fixture
def house(store: Store) -> House:
    """A server on each database in turn."""
    return build(store)


@pytest.fixture
def quick(sqlite_store: Store) -> House:
    """A server on SQLite alone, for what no database has a say in."""
    return build(sqlite_store)
