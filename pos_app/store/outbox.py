"""The outbox: envelopes that leave this till, in order within their stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    RowMapping,
    Text,
    and_,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from pos_app.store.fast import Prepared
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
    Index("outbox_by_state", "state", "seq"),
    Index("outbox_by_stream", "stream", "seq"),
    Index("outbox_by_key", "key"),
)

_ENQUEUE = Prepared(insert(outbox))
_SETTLE = (
    update(outbox)
    .where(outbox.c.id == bindparam("p_id"), outbox.c.state == "pending")
    .values(
        state=bindparam("p_state"),
        attempts=bindparam("p_attempts"),
        reason=bindparam("p_reason"),
        try_at=func.coalesce(bindparam("p_try_at", type_=Instant), outbox.c.try_at),
        delivered_at=bindparam("p_delivered_at", type_=Instant),
        upstream_seq=bindparam("p_upstream_seq", type_=big()),
    )
)
_SEVERITY = {"delivered": 0, "pending": 1, "quarantined": 2}


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

    Envelopes of one stream arrive in the order they were added. A note has a stream of its own and
    may overtake its original, which costs it nothing: the receiver lets it wait.

    Args:
        connection: the transaction of the deed.
        id: identity of the envelope, for ever; the receiver takes it once.
        stream: ``sale:<id>``, ``shift:<id>`` or ``audit``.
        kind: ``sale``, ``fiscal``, ``shift`` or ``audit``.
        key: identity of the document it carries.
        payload: canonical JSON.
        content_hash: SHA-256 of the payload, as hexadecimal.
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
        "state": "pending",
        "attempts": 0,
        "queued_at": at,
        "try_at": at,
    }
    _ENQUEUE.run(connection, row)


def due(
    connection: Connection, *, after: int, limit: int, now: datetime | None
) -> list[RowMapping]:
    """Envelopes with a larger `seq` that may be sent, in order.

    An envelope waits while an earlier one of its stream is quarantined, or has to wait itself.

    Args:
        connection: any transaction.
        after: the last `seq` already looked at.
        limit: how many at most.
        now: envelopes to be tried later than this are left; None leaves none.
    """
    earlier = outbox.alias("earlier")
    holds_up: ColumnElement[bool] = earlier.c.state == "quarantined"
    ready: ColumnElement[bool] = outbox.c.state == "pending"
    if now is not None:
        holds_up = or_(holds_up, and_(earlier.c.state == "pending", earlier.c.try_at > now))
        ready = and_(ready, outbox.c.try_at <= now)
    blocked = exists().where(
        earlier.c.stream == outbox.c.stream, earlier.c.seq < outbox.c.seq, holds_up
    )
    query = select(outbox).where(ready, outbox.c.seq > after, ~blocked)
    return list(connection.execute(query.order_by(outbox.c.seq).limit(limit)).mappings())


def settle(connection: Connection, verdicts: Sequence[Mapping[str, Any]], at: datetime) -> None:
    """Write down what became of envelopes; one that another process settled first stays so.

    Args:
        connection: a writing transaction.
        verdicts: ``id``, ``state``, ``attempts``, ``reason``, ``try_at``, ``upstream_seq`` each.
        at: now; the moment of delivery.
    """
    rows = [
        {
            **{f"p_{name}": value for name, value in verdict.items()},
            "p_delivered_at": at if verdict["state"] == "delivered" else None,
        }
        for verdict in verdicts
    ]
    if rows:
        connection.execute(_SETTLE, rows)


def by_id(connection: Connection, envelope_id: str) -> RowMapping | None:
    """One envelope."""
    return connection.execute(select(outbox).where(outbox.c.id == envelope_id)).mappings().first()


def of_key(connection: Connection, key: str) -> list[RowMapping]:
    """The envelopes of one document, in order."""
    query = select(outbox).where(outbox.c.key == key).order_by(outbox.c.seq)
    return list(connection.execute(query).mappings())


def worst_of(connection: Connection, streams: Sequence[str]) -> dict[str, RowMapping]:
    """For each stream, the envelope that is furthest from being delivered."""
    columns = (outbox.c.stream, outbox.c.state, outbox.c.reason, outbox.c.attempts, outbox.c.seq)
    query = select(*columns).where(outbox.c.stream.in_(list(streams))).order_by(outbox.c.seq)
    worst: dict[str, RowMapping] = {}
    for row in connection.execute(query).mappings():
        known = worst.get(row["stream"])
        if known is None or _SEVERITY[row["state"]] > _SEVERITY[known["state"]]:
            worst[row["stream"]] = row
    return worst


def waiting(connection: Connection, state: str = "pending") -> tuple[int, datetime | None]:
    """How many envelopes are in a state, and when the oldest of them was added."""
    count = connection.execute(
        select(func.count()).select_from(outbox).where(outbox.c.state == state)
    ).scalar_one()
    oldest = (
        select(outbox.c.queued_at).where(outbox.c.state == state).order_by(outbox.c.seq).limit(1)
    )
    return int(count), connection.execute(oldest).scalar()


def is_pending(connection: Connection, stream: str) -> bool:
    """Whether anything of a stream still waits."""
    where = (outbox.c.state == "pending") & (outbox.c.stream == stream)
    return connection.execute(select(outbox.c.seq).where(where).limit(1)).first() is not None


def next_try(connection: Connection, now: datetime) -> datetime | None:
    """When the next envelope that has to wait may be tried; None when none has to."""
    later = (outbox.c.state == "pending") & (outbox.c.try_at > now)
    return connection.execute(select(func.min(outbox.c.try_at)).where(later)).scalar()


def quarantined(connection: Connection) -> list[RowMapping]:
    """Envelopes a person has to look at, oldest first."""
    query = select(outbox).where(outbox.c.state == "quarantined").order_by(outbox.c.seq)
    return list(connection.execute(query).mappings())


def release(connection: Connection, envelope_id: str, at: datetime) -> bool:
    """Let a quarantined envelope be tried again with all its attempts; False if it is not one."""
    where = (outbox.c.id == envelope_id) & (outbox.c.state == "quarantined")
    again = {"state": "pending", "attempts": 0, "try_at": at}
    return connection.execute(update(outbox).where(where).values(again)).rowcount == 1


def offer_again(connection: Connection, *, since: int, at: datetime) -> int:
    """Make deliveries pending that a restored server does not remember; return how many.

    Args:
        connection: a writing transaction.
        since: the last number of the feed that the server still knows.
        at: now.
    """
    where = (outbox.c.state == "delivered") & (outbox.c.upstream_seq > since)
    again = {"state": "pending", "try_at": at, "delivered_at": None, "upstream_seq": None}
    return connection.execute(update(outbox).where(where).values(again)).rowcount
