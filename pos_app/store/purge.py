"""Rows whose time is over, some at a time: nobody waits long for the writer, however many."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Table, delete, select, tuple_

MOST = 500
"""Rows of one transaction; a few milliseconds."""


def drop_some(connection: Connection, rows: Table, over: ColumnElement[bool]) -> int:
    """Delete up to `MOST` rows that are over, and say how many; what others delete is left out."""
    key = rows.primary_key.columns
    some = select(*key).where(over).limit(MOST).with_for_update(skip_locked=True)
    return connection.execute(delete(rows).where(tuple_(*key).in_(some))).rowcount
