"""Brings a database to the schema of this program, and refuses what it does not know."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from pos_app.errors import Unavailable
from pos_app.store.engine import Store
from pos_app.store.schema import schema_version

MIGRATIONS = Path(__file__).parent / "migrations"
_STEP = re.compile(r"v(\d{4})_\w+\.py")
_LOCK = 7_068_771_001
"""Key of the PostgreSQL advisory lock under which one process at a time changes the schema."""


class SchemaUnknown(Unavailable):
    """The database was made by a newer program, or by another one (`version` is empty then)."""

    code = "schema_unknown"

    def __init__(self, place: str, version: str) -> None:
        problem = (
            f"has the schema {version} of a newer program: install that one, or name another"
            if version
            else "belongs to another program: name another"
        )
        super().__init__(f"The database {place} {problem} database.", place=place)


def head() -> str:
    """The newest schema version this program has a step for, such as ``0001``."""
    steps = (MIGRATIONS / "versions").glob("v*.py")
    return max(found[1] for step in steps if (found := _STEP.fullmatch(step.name)))


def version(connection: Connection) -> str | None:
    """The schema version of a database, None while it has none."""
    names = table_names(connection)
    if schema_version.name not in names:
        return None
    return connection.execute(select(schema_version.c.version_num)).scalar()


def upgrade(store: Store) -> None:
    """Make the schema of an empty database, or take every step that an older one lacks.

    All steps are one transaction. A database that is up to date costs one look.

    Raises:
        SchemaUnknown: a newer program, or another one, made this database.
        Unavailable: it cannot be changed now; nothing was changed.
    """
    with store.read() as connection:
        found = version(connection)
    if found == head():
        return
    with store.restructure() as connection:
        if store.dialect == "postgresql":
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        _bring_up(connection, store.place)


def is_empty(connection: Connection) -> bool:
    """Whether a database has no table yet."""
    return not table_names(connection)


def check_ours(connection: Connection, place: str) -> None:
    """Refuse a database whose tables are another program's; an empty one passes.

    Raises:
        SchemaUnknown: they are.
    """
    names = table_names(connection)
    if names and schema_version.name not in names:
        raise SchemaUnknown(place, "")


def create(connection: Connection) -> None:
    """Make every table in an empty database and note its version, without running the steps.

    That this equals running them is proven by a test on both databases.
    """
    from pos_app.store.tables import all_tables

    all_tables().create_all(connection, checkfirst=False)
    _note(connection, head())


def run_steps(connection: Connection, target: str = "head") -> None:
    """Run the steps a database lacks, up to a version."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    schema_version.create(connection, checkfirst=True)
    command.upgrade(config, target)


def _bring_up(connection: Connection, place: str) -> None:
    found = version(connection)
    if found == head():
        return
    if found is None:
        if table_names(connection):
            raise SchemaUnknown(place, "")
        create(connection)
    elif found > head():
        raise SchemaUnknown(place, found)
    else:
        run_steps(connection)


def _note(connection: Connection, found: str) -> None:
    connection.execute(delete(schema_version))
    connection.execute(insert(schema_version).values(version_num=found))


def table_names(connection: Connection) -> set[str]:
    """Every table of a database, of the program or not."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    else:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    return set(connection.exec_driver_sql(query).scalars())
