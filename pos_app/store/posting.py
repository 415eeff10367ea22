"""The posting queue: documents on their way into SAP, and each step already taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Text,
    UniqueConstraint,
    insert,
    or_,
    select,
)

from pos_app.store import tally
from pos_app.store.fast import Prepared
from pos_app.store.schema import Instant, Json, Minor, autokey, big, table

postings = table(
    "postings",
    autokey("queue_id"),
    Column("key", Text, nullable=False, unique=True),  # the business key SAP is asked for
    Column("kind", Text, nullable=False),  # a name of services.posting.kinds
    Column("document_id", Text, nullable=False),
    Column("reference", Text, nullable=False),  # receipt number or the caller's own
    Column("source", Text, nullable=False),
    Column("reservation_id", Text),
    Column("partner", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("total", Minor, nullable=False),
    Column("state", Text, nullable=False),  # Pending | Processing | Completed | Failed | …
    Column("waits_for", Text, nullable=False, server_default=""),  # rate | period | approval | …
    Column("priority", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("attempts_max", Integer, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row, of any kind
    Column("reason", Text, nullable=False, server_default=""),
    Column("reason_code", Text, nullable=False, server_default=""),
    Column("cause", Text, nullable=False, server_default=""),  # one for all rows of an incident
    Column("failed_since", Instant),  # first of the failures in a row
    Column("request", Json, nullable=False),
    Column("lease_owner", Text),
    Column("lease_token", big(), nullable=False),  # fences a worker that lost its lease
    Column("lease_until", Instant),
    Column("try_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("created_by", Text, nullable=False),
    Index("postings_by_state", "state", "priority", "queue_id"),
    Index("postings_by_document", "document_id"),
    Index("postings_by_turn", "priority", "queue_id"),
)

COUNTED = tally.tally(postings, key="queue_id", who="source", kinds=("{row}.state", "{row}.kind"))

posting_steps = table(
    "posting_steps",
    Column("queue_id", big(), ForeignKey("postings.queue_id"), primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("kind", Text, nullable=False),  # the SAP document: invoice | payment | …
    Column("key", Text, nullable=False),
    Column("state", Text, nullable=False),  # waiting | sent | lost | draft | done
    Column("request", Json, nullable=False),
    Column("sent_at", Instant),
    Column("done_at", Instant),
    Column("doc_entry", Integer),
    Column("doc_num", Integer),
    Column("doc_total", Minor),
    Column("adopted", Integer, nullable=False),
    UniqueConstraint("kind", "key"),
)


def by_key(connection: Connection, key: str) -> RowMapping | None:
    """One row by the key SAP is asked for."""
    return connection.execute(select(postings).where(postings.c.key == key)).mappings().first()


def heard() -> ColumnElement[bool]:
    """Of a step: SAP may hold something of it, be it a draft or another than we meant."""
    step = posting_steps.c
    return or_(step.state != "waiting", step.sent_at.is_not(None), step.doc_entry.is_not(None))


def was_taken_out(connection: Connection, key: str) -> bool:
    """Whether a document was cancelled in the queue, so that SAP never gets it from here."""
    row = by_key(connection, key)
    return row is not None and row["state"] == "Cancelled"


def add(connection: Connection, row: Mapping[str, Any]) -> int:
    """Queue a document and return its number; raises UniqueViolation for a key queued before."""
    made = _ADD.first(connection, row)
    assert made is not None  # noqa: S101 - an INSERT gives its key back, or fails
    return int(made[0])


_ADD = Prepared(insert(postings).returning(postings.c.queue_id))
