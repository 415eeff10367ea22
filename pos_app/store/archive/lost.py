"""What stood in the old books and does not stand in the restored ones."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from pysqlite3 import dbapi2
from sqlalchemy import Connection

from pos_app.store.archive.content import quoted
from pos_app.store.archive.postgres import is_there

Lost = Mapping[str, tuple[str, ...]]
"""Numbers by kind of document; kinds of which nothing is missing are left out."""

MOST = 1000
NAMED = {
    "sales": "receipt",
    "credit_notes": "number",
    "trades": "number",
    "purchases": "number",
    "transfers": "number",
    "movements": "number",
    "counts": "number",
    "payments": "id",
}
"""The tables of documents, and what one is called by."""


def of_files(old: Path, fresh: Path) -> Lost | None:
    """Compare two database files; None where the old one cannot be read."""
    try:
        with closing(dbapi2.connect(str(fresh))) as connection:
            connection.execute("ATTACH DATABASE ? AS old", (str(old),))
            found = {}
            for table, name in NAMED.items():
                query = _missing("old", "main", table, name)
                found[table] = tuple(str(row[0]) for row in connection.execute(query))
    except dbapi2.Error:
        return None
    return _named(found)


def of_schemas(connection: Connection, old: str) -> Lost | None:
    """Compare the tables in a schema with those in use; None where the old ones are others."""
    current = connection.exec_driver_sql("SELECT current_schema()").scalar_one()
    found = {}
    for table, name in NAMED.items():
        if is_there(connection, table, old):
            query = _missing(old, current, table, name)
            found[table] = tuple(connection.exec_driver_sql(query).scalars())
    return _named(found)


def _missing(old: str, current: str, table: str, name: str) -> str:
    return (
        f"SELECT {quoted(name)} FROM {quoted(old)}.{quoted(table)} EXCEPT "  # noqa: S608 - of ours
        f"SELECT {quoted(name)} FROM {quoted(current)}.{quoted(table)} ORDER BY 1 LIMIT {MOST}"
    )


def _named(found: Mapping[str, tuple[str, ...]]) -> Lost:
    return {table: numbers for table, numbers in found.items() if numbers}
