"""The feed: what changed on the server, for tills to fetch; and how far a till has come."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Text

from pos_app.store.schema import Instant, big, table

# One row per changed thing, moved to the end at each change; its content is read from its own table.
feed = table(
    "feed",
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("seq", big(), nullable=False),
    Index("feed_by_seq", "seq", unique=True),
)

# Its single row is locked by every change, so that commit order is sequence order.
feed_head = table(
    "feed_head",
    Column("id", Integer, primary_key=True),
    Column("seq", big(), nullable=False),
    Column("epoch", Text, nullable=False),
)

# Envelopes the server has accepted: the first answer, given again for the same envelope.
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
    Index("intake_by_key", "kind", "key"),
    Index("intake_by_till", "till", "till_seq"),
)

checkpoints = table(
    "checkpoints",
    Column("source", Text, primary_key=True),
    Column("epoch", Text, nullable=False),
    Column("seq", big(), nullable=False),
    Column("fetched_at", Instant, nullable=False),  # when the source was last reached
    Column("changed_at", Instant, nullable=False),
)
