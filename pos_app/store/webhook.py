"""Webhooks, what each is still to be told, and what came of every try."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Text,
    and_,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from pos_app.store import tally
from pos_app.store.fast import Prepared
from pos_app.store.purge import drop_some
from pos_app.store.schema import Flag, Id, Instant, Json, autokey, big, table
from pos_app.store.tally import Asked

webhooks = table(
    "webhooks",
    autokey("number"),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False, server_default=""),  # sealed
    Column("events", Json, nullable=False),
    Column("headers", Json, nullable=False),
    Column("is_active", Flag, nullable=False),
    Column("attempts_most", Integer, nullable=False),
    Column("timeout_seconds", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("triggered_at", Instant),
    Column("succeeded", big(), nullable=False, server_default="0"),
    Column("failed", big(), nullable=False, server_default="0"),
    Column("failing_since", Instant),
    Column("problem", Text, nullable=False, server_default=""),  # why it was switched off
)

# One row per event and webhook, in the order of their causes.
webhook_messages = table(
    "webhook_messages",
    autokey("seq"),
    Column("webhook", big(), ForeignKey("webhooks.number"), nullable=False),
    Column("event_id", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("subject", Text, nullable=False),  # of one subject the next waits for the one before
    Column("data", Json, nullable=False),
    Column("at", Instant, nullable=False),
    Column("state", Text, nullable=False),  # pending | done | dead
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("try_at", Instant, nullable=False),
    Column("token", Integer, nullable=False, server_default="0"),  # fences who lost the lease
    Column("lease_until", Instant),
    Index("webhook_messages_by_state", "state", "try_at"),
    Index("webhook_messages_by_subject", "webhook", "subject", "seq"),
    Index("webhook_messages_by_time", "at"),
)

webhook_deliveries = table(
    "webhook_deliveries",
    autokey("number"),
    Column("webhook", big(), ForeignKey("webhooks.number"), nullable=False),
    Column("event_id", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("status", Integer),
    Column("is_success", Flag, nullable=False),
    Column("problem", Text, nullable=False, server_default=""),
    Column("milliseconds", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Index("webhook_deliveries_by_webhook", "webhook", "number"),
    Index("webhook_deliveries_by_time", "at"),
)

_COUNTED = tally.tally(webhook_deliveries, key="number", who="webhook")

# What was told to run out; forgotten when there is enough again.
webhook_stock = table(
    "webhook_stock",
    Column("item", Id, primary_key=True),
    Column("warehouse", Id, primary_key=True),
    Column("event", Text, nullable=False),
)


_IS_ACTIVE = webhooks.c.is_active == literal(True, Flag())
_LISTENERS = Prepared(select(webhooks.c.number, webhooks.c.events).where(_IS_ACTIVE))


def listeners(connection: Connection, event: str) -> list[int]:
    """The webhooks that want to hear of an event."""
    return [int(row[0]) for row in _LISTENERS.all(connection, {}) if event in row[1]]


def enqueue(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write down what is to be told."""
    connection.execute(insert(webhook_messages), list(rows))


def add(connection: Connection, row: Mapping[str, Any]) -> int:
    """Enter a webhook and return its number."""
    made = connection.execute(insert(webhooks).values(dict(row)).returning(webhooks.c.number))
    return int(made.scalar_one())


def change(connection: Connection, number: int, values: Mapping[str, Any]) -> bool:
    """Change one; False when there is none."""
    where = webhooks.c.number == number
    return connection.execute(update(webhooks).where(where).values(dict(values))).rowcount == 1


def drop(connection: Connection, number: int) -> bool:
    """Forget one with all it was told and was still to be told; False when there is none."""
    for made in (webhook_messages, webhook_deliveries):
        connection.execute(delete(made).where(made.c.webhook == number))
    return connection.execute(delete(webhooks).where(webhooks.c.number == number)).rowcount == 1


def by_number(connection: Connection, number: int) -> RowMapping | None:
    """One webhook."""
    query = select(webhooks).where(webhooks.c.number == number)
    return connection.execute(query).mappings().first()


def every(connection: Connection) -> list[RowMapping]:
    """All, in the order they were made."""
    return list(connection.execute(select(webhooks).order_by(webhooks.c.number)).mappings())


def claim(connection: Connection, *, now: datetime, lease: timedelta) -> RowMapping | None:
    """Take the next message that is due and whose forerunners of the same subject are through.

    Of one webhook one message is on its way at a time, so that a slow receiver keeps nobody else
    waiting. On PostgreSQL rows another process is taking are skipped; on SQLite there is one
    writer. The token grows with every claim.
    """
    row, before = webhook_messages.c, webhook_messages.alias("before")
    busy = webhook_messages.alias("busy")
    waits = select(before.c.seq).where(
        before.c.webhook == row.webhook,
        before.c.subject == row.subject,
        before.c.state == "pending",
        before.c.seq < row.seq,
    )
    sending = select(busy.c.seq).where(
        busy.c.webhook == row.webhook, busy.c.state == "pending", busy.c.lease_until >= now
    )
    query = (
        select(webhook_messages)
        .join(webhooks, webhooks.c.number == row.webhook)
        .where(
            row.state == "pending",
            row.try_at <= now,
            _IS_ACTIVE,
            ~waits.exists(),
            ~sending.exists(),
        )
        .order_by(row.try_at, row.seq)
        .limit(1)
        .with_for_update(skip_locked=True, of=webhook_messages)
    )
    found = connection.execute(query).mappings().first()
    if found is None:
        return None
    values = {"token": found["token"] + 1, "lease_until": now + lease}
    ours = and_(row.seq == found["seq"], row.token == found["token"])
    connection.execute(update(webhook_messages).where(ours).values(values))
    return (
        connection.execute(select(webhook_messages).where(row.seq == found["seq"])).mappings().one()
    )


def settle(connection: Connection, claimed: RowMapping, values: Mapping[str, Any]) -> bool:
    """Write the end of a try; False when the lease has gone to somebody else meanwhile."""
    row = webhook_messages.c
    ours = and_(row.seq == claimed["seq"], row.token == claimed["token"], row.state == "pending")
    told = {"lease_until": None, **values}
    return connection.execute(update(webhook_messages).where(ours).values(told)).rowcount == 1


def waiting(connection: Connection) -> tuple[int, datetime | None]:
    """How many messages wait, and when the next is due."""
    query = (
        select(func.count(), func.min(webhook_messages.c.try_at))
        .join(webhooks, webhooks.c.number == webhook_messages.c.webhook)
        .where(webhook_messages.c.state == "pending", _IS_ACTIVE)
    )
    count, due = connection.execute(query).one()
    return int(count), due


def add_delivery(connection: Connection, row: Mapping[str, Any]) -> None:
    """Note one try."""
    connection.execute(insert(webhook_deliveries).values(dict(row)))


def deliveries(
    connection: Connection, *, webhook: int | None, limit: int, offset: int
) -> tuple[list[RowMapping], int]:
    """Tries, newest first, and how many there are."""
    row = webhook_deliveries.c
    query = select(webhook_deliveries, webhooks.c.name.label("webhook_name")).join(
        webhooks, webhooks.c.number == row.webhook
    )
    if webhook is not None:
        query = query.where(row.webhook == webhook)
    asked = Asked(who=None if webhook is None else str(webhook))
    total, found = tally.page(connection, _COUNTED, query, asked, offset=offset, limit=limit)
    return found, total


def forget_messages(connection: Connection, before: datetime) -> int:
    """Forget some of the messages that are long through; how many."""
    row = webhook_messages.c
    over = and_(or_(row.state == "done", row.state == "dead"), row.at < before)
    return drop_some(connection, webhook_messages, over)


def forget_deliveries(connection: Connection, before: datetime) -> int:
    """Forget some of the tries of long ago; how many."""
    return drop_some(connection, webhook_deliveries, webhook_deliveries.c.at < before)


def told_stock(connection: Connection) -> dict[tuple[str, str], str]:
    """What was told to have run low or out, by item and warehouse."""
    rows = connection.execute(select(webhook_stock))
    return {(row.item, row.warehouse): row.event for row in rows}


def tell_stock(
    connection: Connection, told: Mapping[tuple[str, str], str], gone: Iterable[tuple[str, str]]
) -> None:
    """Note what was told, and what has enough again."""
    row = webhook_stock.c
    for item, warehouse in [*gone, *told]:
        where = and_(row.item == item, row.warehouse == warehouse)
        connection.execute(delete(webhook_stock).where(where))
    rows = [{"item": key[0], "warehouse": key[1], "event": event} for key, event in told.items()]
    if rows:
        connection.execute(insert(webhook_stock), rows)
