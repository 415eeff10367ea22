"""The feed: what changed on the server, for tills to fetch; and how far a till has come."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, Connection, Index, Integer, Text, bindparam, update

from pos_app.store.schema import Instant, big, table
from pos_app.store.upsert import upsert

# One row per changed thing, moved to the end at each change; its content stands in its own table.
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
    Column("seq", big(), nullable=False, server_default="0"),
    Column("epoch", Text, nullable=False, server_default=""),
    # A restored server opens a new epoch: of the one before it knows all up to `since`.
    Column("previous", Text, nullable=False, server_default=""),
    Column("since", big(), nullable=False, server_default="0"),
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


_COUNT = (
    update(feed_head)
    .where(feed_head.c.id == 1)
    .values(seq=feed_head.c.seq + bindparam("count"))
    .returning(feed_head.c.seq)
)


def claim(connection: Connection, count: int = 1) -> int:
    """Take the next numbers of the feed and return the first of them.

    From here to the end of the transaction nobody else gets one, so that whoever has seen a number
    has seen all before it. Change rows first and claim last: the head is the last lock taken.
    """
    last = connection.execute(_COUNT, {"count": count}).scalar()
    if last is None:
        upsert(connection, feed_head, [{"id": 1}])
        last = connection.execute(_COUNT, {"count": count}).scalar_one()
    return int(last) - count + 1


def changed(connection: Connection, kind: str, key: str) -> int:
    """Note, in the transaction of the change itself, that a thing changed; return its number.

    Kinds and keys: ``item`` code, ``price`` item, ``special_price`` item, ``stock``
    ``item|warehouse``, ``partner`` code, ``user`` id, ``rate`` pair, ``tax_group`` code,
    ``price_list`` code, ``warehouse`` code, ``sale_status`` sale id, ``setting`` name.
    """
    return changed_all(connection, [(kind, key)])


def changed_all(connection: Connection, changes: Sequence[tuple[str, str]]) -> int:
    """Note many changes at once, in their order; return the first of their numbers."""
    unique = list(dict.fromkeys(changes))
    first = claim(connection, len(unique))
    rows = [{"kind": kind, "key": key, "seq": first + at} for at, (kind, key) in enumerate(unique)]
    upsert(connection, feed, rows)
    return first
