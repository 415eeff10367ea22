"""What the server has accepted from tills: the first answer, given again for the same envelope."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, RowMapping, Text, func, insert, select, text

from pos_app.store.item_table import chunks
from pos_app.store.schema import Instant, Json, big, index_where, table
from pos_app.store.session import api_keys

FLAGGED = "flags <> '[]'"

intake = table(
    "intake",
    Column("id", Text, primary_key=True),
    Column("till", Text, nullable=False),
    Column("till_seq", big(), nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("upstream_seq", big(), nullable=False),
    Column("accepted_at", Instant, nullable=False),
    Column("flags", Json, nullable=False),  # what somebody should look at, though it was taken
    Index("intake_by_key", "kind", "key"),
    Index("intake_by_till", "till", "till_seq"),
    index_where("intake_flagged", "accepted_at", where=FLAGGED),
)


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Note an accepted envelope; raises UniqueViolation when it was accepted before."""
    connection.execute(insert(intake), row)


def by_id(connection: Connection, envelope_id: str) -> RowMapping | None:
    """The acceptance of one envelope."""
    return connection.execute(select(intake).where(intake.c.id == envelope_id)).mappings().first()


def of_key(connection: Connection, kind: str, key: str) -> list[RowMapping]:
    """The acceptances about one document, oldest first."""
    where = (intake.c.kind == kind) & (intake.c.key == key)
    query = select(intake).where(where).order_by(intake.c.upstream_seq)
    return list(connection.execute(query).mappings())


def of_till(
    connection: Connection, till: str, *, after: int = 0, limit: int = 1000
) -> list[RowMapping]:
    """What came from a till, by its own numbers."""
    where = (intake.c.till == till) & (intake.c.till_seq > after)
    query = select(intake).where(where).order_by(intake.c.till_seq).limit(limit)
    return list(connection.execute(query).mappings())


def flagged(
    connection: Connection, *, since: datetime | None = None, limit: int = 1000
) -> list[RowMapping]:
    """Envelopes somebody should look at that were accepted after a moment, newest first."""
    query = select(intake).where(text(FLAGGED))
    if since is not None:
        query = query.where(intake.c.accepted_at > since)
    newest = (intake.c.accepted_at.desc(), intake.c.upstream_seq.desc())
    return list(connection.execute(query.order_by(*newest).limit(limit)).mappings())


def flags_of(connection: Connection, keys: Collection[str]) -> dict[str, list[dict[str, str]]]:
    """What somebody should look at of these documents, by key; those without are left out."""
    found: dict[str, list[dict[str, str]]] = {}
    for chunk in chunks(sorted(keys)):
        query = select(intake.c.key, intake.c.flags).where(intake.c.key.in_(chunk))
        for row in connection.execute(query.where(intake.c.flags != [])):
            found.setdefault(row.key, []).extend(row.flags)
    return found


def last_heard(connection: Connection) -> dict[str, datetime]:
    """When each till that has a key last delivered anything; one that never did is left out."""
    found = {}
    for till in connection.execute(_TILLS).scalars():
        query = select(intake.c.accepted_at).where(intake.c.till == till)
        at = connection.execute(query.order_by(intake.c.till_seq.desc()).limit(1)).scalar()
        if at is not None:
            found[till] = at
    return found


def last_seq(connection: Connection, till: str) -> int:
    """The highest number of a till's outbox that has arrived, 0 before the first."""
    query = select(func.max(intake.c.till_seq)).where(intake.c.till == till)
    return int(connection.execute(query).scalar() or 0)


_TILLS = select(api_keys.c.till).where(api_keys.c.till != "").distinct().order_by(api_keys.c.till)
