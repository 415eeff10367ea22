"""Counts of requests that every process adds to, who is blocked, and how many came on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    RowMapping,
    Text,
    and_,
    delete,
    func,
    or_,
    select,
    update,
)

from pos_app.store.schema import BusinessDate, Instant, autokey, big, table
from pos_app.store.upsert import add_to, upsert

rate_clients = table(
    "rate_clients",
    autokey("entry"),
    Column("client", Text, nullable=False, unique=True),
    Column("last_request_at", Instant, nullable=False),
    Column("refused", big(), nullable=False, server_default="0"),
    Column("blocked_until", Instant),
    Column("block_reason", Text, nullable=False, server_default=""),
    Column("blocked_by", Text, nullable=False, server_default=""),
    Column("blocks", Integer, nullable=False, server_default="0"),
    Column("reset_at", Instant),
    Index("rate_clients_by_block", "blocked_until"),
    Index("rate_clients_by_reset", "reset_at"),
)

rate_windows = table(
    "rate_windows",
    Column("client", Text, primary_key=True),
    Column("counts", Text, primary_key=True),  # what is counted; empty is everything
    Column("segment", Instant, primary_key=True),
    Column("owner", Text, primary_key=True),  # the process that took them
    Column("taken", Integer, nullable=False),
    Index("rate_windows_by_segment", "segment"),
)

rate_days = table(
    "rate_days",
    Column("day", BusinessDate, primary_key=True),
    Column("client", Text, primary_key=True),
    Column("requests", big(), nullable=False),
    Column("refused", big(), nullable=False),
)


def touch(connection: Connection, client: str, at: datetime) -> None:
    """Note that a client was here; others who count it wait until this transaction ends."""
    rows = [{"client": client, "last_request_at": at}]
    upsert(connection, rate_clients, rows, key=("client",))


def taken(connection: Connection, client: str, counts: str, *, since: datetime) -> list[RowMapping]:
    """What each process took of a client's window from a segment on."""
    row = rate_windows.c
    where = (row.client == client) & (row.counts == counts) & (row.segment >= since)
    return list(connection.execute(select(rate_windows).where(where)).mappings())


def take(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Set what a process holds of a client's segments."""
    upsert(connection, rate_windows, rows)


def forget_windows(connection: Connection, client: str, *, before: datetime) -> None:
    """Drop the segments of a client that no window holds any more."""
    row = rate_windows.c
    connection.execute(delete(rate_windows).where(row.client == client, row.segment < before))


def add_days(connection: Connection, day: date, counted: Mapping[str, tuple[int, int]]) -> None:
    """Add requests and refusals by client to a day, and the refusals to the clients."""
    for client, (requests, refused) in counted.items():
        base = {"day": day, "client": client}
        new = base | {"requests": 0, "refused": 0}
        add_to(
            connection,
            rate_days,
            column="requests",
            touched="day",
            rows=[new | {"requests": requests}],
        )
        if refused:
            add_to(
                connection,
                rate_days,
                column="refused",
                touched="day",
                rows=[new | {"refused": refused}],
            )
            more = rate_clients.c.refused + refused
            mine = rate_clients.c.client == client
            connection.execute(update(rate_clients).where(mine).values(refused=more))


def blocks(connection: Connection, now: datetime) -> dict[str, datetime]:
    """Who is blocked now, and until when."""
    table = rate_clients.c
    query = select(table.client, table.blocked_until).where(table.blocked_until > now)
    return {row.client: row.blocked_until for row in connection.execute(query)}


def resets(connection: Connection, since: datetime) -> list[str]:
    """Whose windows were emptied by hand since a moment, that moment included."""
    row = rate_clients.c
    return list(connection.execute(select(row.client).where(row.reset_at >= since)).scalars())


def change(connection: Connection, client: str, values: Mapping[str, Any]) -> bool:
    """Change what is known of a client; False when nothing is."""
    where = rate_clients.c.client == client
    return connection.execute(update(rate_clients).where(where).values(values)).rowcount == 1


def block(connection: Connection, client: str, values: Mapping[str, Any]) -> None:
    """Block a client that was touched."""
    more = rate_clients.c.blocks + 1
    change(connection, client, dict(values) | {"blocks": more})


def reset(connection: Connection, client: str | None) -> None:
    """Empty the windows of a client, or of all."""
    query = delete(rate_windows)
    connection.execute(query if client is None else query.where(rate_windows.c.client == client))


def by_client(connection: Connection, client: str) -> RowMapping | None:
    """What is known of a client."""
    query = select(rate_clients).where(rate_clients.c.client == client)
    return connection.execute(query).mappings().first()


def page(
    connection: Connection, *, now: datetime, is_blocked: bool, offset: int, limit: int
) -> tuple[int, list[RowMapping]]:
    """How many clients are known, all or the blocked ones, and some from the latest back."""
    row = rate_clients.c
    where = [row.blocked_until > now] if is_blocked else []
    count = connection.execute(select(func.count()).select_from(rate_clients).where(*where))
    query = select(rate_clients).where(*where)
    query = query.order_by(row.last_request_at.desc(), row.entry.desc())
    rows = connection.execute(query.offset(offset).limit(limit)).mappings()
    return int(count.scalar() or 0), list(rows)


def windows_of(
    connection: Connection, clients: Sequence[str], counts: str, *, since: datetime
) -> dict[str, dict[datetime, int]]:
    """What all processes took of the windows of some clients, by segment."""
    row = rate_windows.c
    query = select(row.client, row.segment, func.sum(row.taken))
    query = query.where(row.client.in_(list(clients)), row.counts == counts, row.segment >= since)
    found: dict[str, dict[datetime, int]] = {}
    for client, segment, total in connection.execute(query.group_by(row.client, row.segment)):
        found.setdefault(client, {})[segment] = int(total)
    return found


def totals(connection: Connection, *, now: datetime, since: datetime, day: date) -> dict[str, int]:
    """Counts over all clients: known, active since a segment, blocked, and what came on a day."""
    row, window, of_day = rate_clients.c, rate_windows.c, rate_days.c
    active = select(func.count(func.distinct(window.client))).where(
        window.segment >= since, window.taken > 0
    )
    requests = select(func.coalesce(func.sum(of_day.requests), 0)).where(of_day.day == day)
    refused = select(func.coalesce(func.sum(of_day.refused), 0)).where(of_day.day == day)
    queries = {
        "clients": select(func.count()).select_from(rate_clients),
        "active": active,
        "blocked": select(func.count()).where(row.blocked_until > now),
        "requests": requests,
        "refused": refused,
        "clients_today": select(func.count()).where(of_day.day == day),
    }
    return {name: int(connection.execute(query).scalar() or 0) for name, query in queries.items()}


def forget(connection: Connection, *, before: datetime, day: date, now: datetime) -> int:
    """Drop clients that were not here for long and are not blocked, and old days; how many."""
    row = rate_clients.c
    is_free = or_(row.blocked_until.is_(None), row.blocked_until <= now)
    gone = connection.execute(
        delete(rate_clients).where(and_(row.last_request_at < before, is_free))
    )
    connection.execute(delete(rate_windows).where(rate_windows.c.segment < before))
    connection.execute(delete(rate_days).where(rate_days.c.day < day))
    return int(gone.rowcount)


def is_forgettable(connection: Connection, *, before: datetime) -> bool:
    """Whether anything is old enough to be dropped."""
    query = select(rate_clients.c.entry).where(rate_clients.c.last_request_at < before).limit(1)
    return connection.execute(query).first() is not None
