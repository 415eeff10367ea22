"""The spool: a row before the first byte, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    LargeBinary,
    RowMapping,
    Text,
    func,
    insert,
    select,
    update,
)

from pos_app.store.schema import Instant, autokey, table

print_jobs = table(
    "print_jobs",
    autokey("seq"),
    Column("id", Text, nullable=False, unique=True),
    Column("document_kind", Text, nullable=False),  # receipt | copy | shift | slip
    Column("document_id", Text, nullable=False),
    Column("copy_number", Integer, nullable=False),
    Column("printer", Text, nullable=False),
    Column("state", Text, nullable=False),  # see printing.spool
    Column("reason", Text, nullable=False, server_default=""),
    Column("bytes", LargeBinary, nullable=False),
    Column("fallback_bytes", LargeBinary),  # for the second printer, where it differs; b"": cannot
    Column("attempts", Integer, nullable=False),
    Column("queued_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("try_at", Instant),
    Index("print_jobs_by_state", "state", "seq"),
    Index("print_jobs_by_document", "document_id"),
)


OFFICE = "office"
"""Stands where jobs name their printer: pages for the office go by a queue of their own."""


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Queue a job; raises UniqueViolation when this very job was queued before."""
    connection.execute(insert(print_jobs).values(row))


def by_id(connection: Connection, job_id: str) -> RowMapping | None:
    """One job."""
    return (
        connection.execute(select(print_jobs).where(print_jobs.c.id == job_id)).mappings().first()
    )


def of_document(connection: Connection, document_id: str) -> list[RowMapping]:
    """Every job of one document, oldest first."""
    query = select(print_jobs).where(print_jobs.c.document_id == document_id)
    return list(connection.execute(query.order_by(print_jobs.c.seq)).mappings())


def of_documents(connection: Connection, document_ids: list[str]) -> dict[str, list[RowMapping]]:
    """Every job of each document that has any, oldest first."""
    query = select(print_jobs).where(print_jobs.c.document_id.in_(document_ids))
    found: dict[str, list[RowMapping]] = {}
    for row in connection.execute(query.order_by(print_jobs.c.seq)).mappings():
        found.setdefault(row["document_id"], []).append(row)
    return found


def first_queued(connection: Connection, *, is_office: bool = False) -> RowMapping | None:
    """The oldest job that is not printed; those behind it wait for it.

    Whatever printer it was queued for: the address may change, the till has one.
    """
    where = (print_jobs.c.state == "queued") & _is_for(is_office=is_office)
    query = select(print_jobs).where(where).order_by(print_jobs.c.seq).limit(1)
    return connection.execute(query).mappings().first()


def next_due(
    connection: Connection, now: datetime, *, is_office: bool = False
) -> RowMapping | None:
    """The oldest job that is not printed, unless it is to be left alone for now."""
    row = first_queued(connection, is_office=is_office)
    return row if row and (row["try_at"] is None or row["try_at"] <= now) else None


def in_state(
    connection: Connection, state: str, *, is_office: bool | None = None
) -> list[RowMapping]:
    """Jobs in one state, oldest first: all of them, or those of one queue."""
    query = select(print_jobs).where(print_jobs.c.state == state).order_by(print_jobs.c.seq)
    if is_office is not None:
        query = query.where(_is_for(is_office=is_office))
    return list(connection.execute(query).mappings())


def keep_bytes(connection: Connection, job_id: str, data: bytes) -> None:
    """Keep what a job sends, laid out late."""
    where = print_jobs.c.id == job_id
    connection.execute(update(print_jobs).where(where).values(bytes=data))


def _is_for(*, is_office: bool) -> ColumnElement[bool]:
    return print_jobs.c.printer == OFFICE if is_office else print_jobs.c.printer != OFFICE


def move(
    connection: Connection, job_id: str, *, was: str, state: str, values: Mapping[str, Any]
) -> bool:
    """Change the state of a job; False when it is no longer in the state it was read in."""
    where = (print_jobs.c.id == job_id) & (print_jobs.c.state == was)
    changed = connection.execute(update(print_jobs).where(where).values(state=state, **values))
    return changed.rowcount == 1


def waiting(connection: Connection) -> tuple[int, datetime | None]:
    """How many jobs wait for paper or for somebody's word, and since when."""
    where = print_jobs.c.state.in_(("queued", "started", "unconfirmed"))
    query = select(func.count(), func.min(print_jobs.c.queued_at)).where(where)
    count, oldest = connection.execute(query).one()
    return int(count), oldest
