"""Insert or change a row by its primary key, in the words of either database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import sqlite

from pos_app.store.fast import Prepared


def upsert(
    connection: Connection,
    into: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: tuple[str, ...] = (),
) -> None:
    """Insert rows of the same columns; a row that is there already takes the values given.

    Args:
        connection: of a writing transaction.
        into: the table.
        rows: what to store.
        key: the unique columns that tell whether a row is there; the primary key by default.
    """
    if rows:
        statement = _replacing(connection.dialect.name, into, tuple(rows[0]), key)
        statement.run_many(connection, rows)


def add_new(connection: Connection, into: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless one with its key is there; say whether it was inserted."""
    statement = _insert(connection.dialect.name, into).on_conflict_do_nothing()
    # Not the row count: PostgreSQL's driver has none for an INSERT that gives its key back.
    kept = statement.returning(*into.primary_key)
    return connection.execute(kept, dict(row)).first() is not None


def add_to(
    connection: Connection,
    into: Table,
    *,
    column: str,
    touched: str,
    rows: Sequence[Mapping[str, Any]],
) -> None:
    """Insert rows; where one is there already, add to `column` and replace `touched`, no more."""
    if rows:
        _adding(connection.dialect.name, into, column, touched).run_many(connection, rows)


def _insert(dialect: str, into: Table) -> Any:
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(into)
    return sqlite.insert(into)


@cache
def _replacing(
    dialect: str, into: Table, columns: tuple[str, ...], key: tuple[str, ...]
) -> Prepared:
    made = _insert(dialect, into)
    keys = key or tuple(column.name for column in into.primary_key)
    told = {name: made.excluded[name] for name in columns if name not in keys}
    if not told:
        return Prepared(made.on_conflict_do_nothing(index_elements=keys))
    return Prepared(made.on_conflict_do_update(index_elements=keys, set_=told))


@cache
def _adding(dialect: str, into: Table, column: str, touched: str) -> Prepared:
    made = _insert(dialect, into)
    keys = [key.name for key in into.primary_key]
    told = {column: into.c[column] + made.excluded[column], touched: made.excluded[touched]}
    return Prepared(made.on_conflict_do_update(index_elements=keys, set_=told))
