"""Claim a row of the posting queue, keep the lease, and write back only while it is ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    Select,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from pos_app.domain.posting import CONSOLIDATED, FINAL, PostingState
from pos_app.store.posting import posting_steps, postings

WAITING = (PostingState.PENDING.value, PostingState.FAILED.value)


def claim(
    connection: Connection,
    *,
    owner: str,
    now: datetime,
    lease: timedelta,
    is_fresh_first: bool = False,
) -> RowMapping | None:
    """Take the next due row: by priority, then age; rows whose worker died come back this way.

    On PostgreSQL rows that another worker is taking are skipped; on SQLite there is one writer.
    The token grows with every claim and fences whoever held the row before.

    Args:
        connection: of a writing transaction.
        owner: name of the worker.
        now: the moment.
        lease: how long the row is the worker's.
        is_fresh_first: whether rows that never failed go before older ones that did.
    """
    row = postings.c
    found = None
    if is_fresh_first:
        found = _first(connection, _due(now).where(row.failures == 0))
    if found is None:
        found = _first(connection, _due(now))
    if found is None:
        return None
    values = {
        "state": PostingState.PROCESSING.value,
        "lease_owner": owner,
        "lease_token": row.lease_token + 1,
        "lease_until": now + lease,
        "started_at": found["started_at"] or now,
    }
    connection.execute(update(postings).where(row.queue_id == found["queue_id"]).values(values))
    claimed = select(postings).where(row.queue_id == found["queue_id"])
    return connection.execute(claimed).mappings().one()


def _first(connection: Connection, query: Select[Any]) -> RowMapping | None:
    one = query.limit(1).with_for_update(skip_locked=True)
    return connection.execute(one).mappings().first()


def due(connection: Connection, *, now: datetime, limit: int) -> list[RowMapping]:
    """The rows that are claimed next, in their order, if nobody else takes them."""
    return list(connection.execute(_due(now).limit(limit)).mappings())


def _due(now: datetime) -> Select[Any]:
    row = postings.c
    is_due = or_(
        and_(row.state.in_(WAITING), row.try_at <= now),
        and_(row.state == PostingState.PROCESSING.value, row.lease_until < now),
    )
    return select(postings).where(is_due).order_by(row.priority, row.queue_id)


def free(connection: Connection, now: datetime) -> int:
    """Let every row that a worker has in hand be claimed now; that one is fenced by its token."""
    row = postings.c
    held = (row.state == PostingState.PROCESSING.value, row.lease_until >= now)
    over = {"lease_until": now - timedelta(seconds=1)}
    return connection.execute(update(postings).where(*held).values(over)).rowcount


def wake(connection: Connection, waits_for: str, *, now: datetime, limit: int) -> None:
    """Let the first rows that wait for something be tried now: it may be there."""
    row = postings.c
    asleep = (row.state.in_(WAITING), row.waits_for == waits_for, row.try_at > now)
    first = select(row.queue_id).where(*asleep).order_by(row.priority, row.queue_id).limit(limit)
    these = connection.execute(first.with_for_update(skip_locked=True)).scalars().all()
    connection.execute(update(postings).where(row.queue_id.in_(these)).values(try_at=now))


def settle(connection: Connection, claimed: RowMapping, values: Mapping[str, Any]) -> bool:
    """Write the end of an attempt; False when the lease has gone to somebody else meanwhile."""
    row = postings.c
    ours = and_(row.queue_id == claimed["queue_id"], row.lease_token == claimed["lease_token"])
    # Another token, so that of two who end or move a row at once the second finds it changed.
    token = {"lease_token": row.lease_token + 1}
    freed = {"lease_owner": None, "lease_until": None, **token, **values}
    return connection.execute(update(postings).where(ours).values(freed)).rowcount == 1


def steps_of(connection: Connection, queue_id: int) -> list[RowMapping]:
    """The steps of a row in their order."""
    query = select(posting_steps).where(posting_steps.c.queue_id == queue_id)
    return list(connection.execute(query.order_by(posting_steps.c.step)).mappings())


def highest(connection: Connection, kind: str) -> int:
    """The highest number that documents of a kind were ever given, 0 before the first."""
    row = posting_steps.c
    query = select(func.max(row.doc_entry), func.max(row.doc_num)).where(row.kind == kind)
    return max(int(number or 0) for number in connection.execute(query).one())


def add_steps(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write down every step before the first is taken; raises UniqueViolation for a known key."""
    if rows:
        connection.execute(insert(posting_steps), list(rows))


def steps_many(connection: Connection, queue_ids: Sequence[int]) -> dict[int, int]:
    """How many steps these rows have."""
    row = posting_steps.c
    found: dict[int, int] = {}
    for start in range(0, len(queue_ids), 500):
        these = row.queue_id.in_(queue_ids[start : start + 500])
        query = select(row.queue_id, func.count()).where(these).group_by(row.queue_id)
        found |= {queue_id: int(count) for queue_id, count in connection.execute(query)}
    return found


def drop_steps(connection: Connection, queue_id: int) -> None:
    """Forget the steps of a row, none of which was taken."""
    connection.execute(delete(posting_steps).where(posting_steps.c.queue_id == queue_id))


def move_step(
    connection: Connection, claimed: RowMapping, step: int, values: Mapping[str, Any]
) -> bool:
    """Note that a step was sent, or what came of it; False when the lease has gone meanwhile."""
    row = postings.c
    lease = select(row.lease_token).where(row.queue_id == claimed["queue_id"]).with_for_update()
    if connection.execute(lease).scalar() != claimed["lease_token"]:
        return False
    where = (posting_steps.c.queue_id == claimed["queue_id"]) & (posting_steps.c.step == step)
    return connection.execute(update(posting_steps).where(where).values(dict(values))).rowcount == 1


def waiting(connection: Connection) -> tuple[int, datetime | None]:
    """How many rows workers have to do with, and since when the oldest waits."""
    mine = [state for state in PostingState if state not in FINAL | CONSOLIDATED]
    query = select(func.count(), func.min(postings.c.created_at)).where(postings.c.state.in_(mine))
    count, oldest = connection.execute(query).one()
    return int(count), oldest


def next_due(connection: Connection) -> datetime | None:
    """When the next row may be claimed: one that waits, or one whose worker may have died."""
    row = postings.c
    waits = select(func.min(row.try_at)).where(row.state.in_(WAITING))
    held = select(func.min(row.lease_until)).where(row.state == PostingState.PROCESSING.value)
    found = (connection.execute(query).scalar() for query in (waits, held))
    return min((moment for moment in found if moment is not None), default=None)
