"""The spool: a row before the first byte, and what became of it."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Text

from pos_app.store.schema import Instant, autokey, table

print_jobs = table(
    "print_jobs",
    autokey("seq"),
    Column("id", Text, nullable=False, unique=True),
    Column("document_kind", Text, nullable=False),  # receipt | copy | shift | slip
    Column("document_id", Text, nullable=False),
    Column("copy_number", Integer, nullable=False),
    Column("printer", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("bytes", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("queued_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("try_at", Instant),
    Index("print_jobs_by_state", "state", "seq"),
    Index("print_jobs_by_document", "document_id"),
)
