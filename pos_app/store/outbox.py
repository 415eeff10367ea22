"""The outbox: envelopes that leave this till, in order within their stream."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Connection, Index, Integer, Text, insert

from pos_app.domain.lamp import OutboxState
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
    Column("state", Text, nullable=False),  # waiting | delivered | quarantined
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

_ENQUEUE = insert(outbox)


def enqueue(
    connection: Connection,
    *,
    id: str,  # noqa: A002 - the envelope's own name for it
    stream: str,
    kind: str,
    key: str,
    payload: str,
    content_hash: str,
    at: datetime,
) -> None:
    """Add an envelope in the transaction of the deed it tells of.

    Envelopes of one stream arrive in the order they were added; a refund goes into the stream of
    the sale it refunds, so that it can never arrive before it.

    Args:
        connection: the transaction of the deed.
        id: identity of the envelope, for ever; the receiver answers it once.
        stream: ``sale:<id>``, ``shift:<id>`` or ``audit``.
        kind: ``sale``, ``fiscal``, ``shift`` or ``audit``.
        key: identity of the document it carries.
        payload: canonical JSON, made by `pos_app.services.envelope`.
        content_hash: what `pos_app.services.envelope` returned with it.
        at: when the deed was done.

    Raises:
        UniqueViolation: an envelope of this identity is there already.
    """
    row = {
        "id": id,
        "stream": stream,
        "kind": kind,
        "key": key,
        "payload": payload,
        "content_hash": content_hash,
        "state": OutboxState.WAITING.value,
        "attempts": 0,
        "queued_at": at,
        "try_at": at,
    }
    connection.execute(_ENQUEUE, row)
