"""The outbox: envelopes that leave this till, in order within their stream."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Text

from pos_app.store.schema import Instant, autokey, big, table

outbox = table(
    "outbox",
    autokey("seq"),
    Column("id", Text, nullable=False, unique=True),
    Column("stream", Text, nullable=False),  # later envelopes of a stream wait for earlier ones
    Column("kind", Text, nullable=False),  # sale | fiscal | shift | audit
    Column("key", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("state", Text, nullable=False),  # pending | delivered | quarantined
    Column("attempts", Integer, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("queued_at", Instant, nullable=False),
    Column("try_at", Instant, nullable=False),
    Column("delivered_at", Instant),
    Column("upstream_seq", big()),  # the server's feed position that contains its effects
    Index("outbox_by_state", "state", "try_at", "seq"),
    Index("outbox_by_stream", "stream", "seq"),
    Index("outbox_by_key", "key"),
)
