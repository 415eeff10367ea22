"""The audit chain: every deed, linked by hash to the one before."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Text

from pos_app.store.schema import Instant, Json, table

audit = table(
    "audit",
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", Json, nullable=False),
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    Index("audit_by_subject", "subject"),
    Index("audit_by_time", "at"),
)
