"""Whether a database passes its own check."""

from __future__ import annotations

from sqlalchemy import Connection, text


def damage(connection: Connection) -> str:
    """The first thing SQLite finds wrong with its pages and indexes, empty when nothing is.

    PostgreSQL has no such check from within; what it cannot read it refuses when it is read.
    """
    if connection.dialect.name != "sqlite":
        return ""
    said = str(connection.execute(text("PRAGMA quick_check(1)")).scalar())
    return "" if said == "ok" else said
