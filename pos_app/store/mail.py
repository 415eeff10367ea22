"""The spool of mail: whole messages in rows, claimed by whoever sends them, fenced by a token."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    RowMapping,
    Text,
    and_,
    func,
    insert,
    or_,
    select,
    update,
)

from pos_app.domain.mail import MailState
from pos_app.store.schema import Id, Instant, Json, autokey, table

mails = table(
    "mails",
    autokey("seq"),
    Column("id", Id, nullable=False, unique=True),
    Column("kind", Text, nullable=False),  # what sort of letter, in one word
    Column(
        "document_id", Text, nullable=False
    ),  # what it is about, empty for nothing in particular
    Column("sender", Text, nullable=False),
    Column("recipients", Json, nullable=False),  # everybody it is for
    Column("left_over", Json, nullable=False),  # those who do not have it yet
    Column("subject", Text, nullable=False),
    Column("message", LargeBinary, nullable=False),  # RFC 5322; empty once it is sent or dropped
    Column("state", Text, nullable=False),  # see domain.mail.MailState
    Column("reason", Text, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("username", Text, nullable=False),  # who caused it
    Column("queued_at", Instant, nullable=False),
    Column("try_at", Instant, nullable=False),
    Column("good_until", Instant),  # afterwards nobody wants it any more
    Column("handed_at", Instant),
    Column("ended_at", Instant),
    Column("lease_owner", Text),
    Column("lease_token", Integer, nullable=False),
    Column("lease_until", Instant),
    Index("mails_by_state", "state", "try_at"),
    Index("mails_by_document", "document_id"),
)

_LISTED = [column for column in mails.c if column.name != "message"]
_AT_REST = (MailState.PENDING.value, MailState.FAILED.value, MailState.UNKNOWN.value)
_WORKED = (MailState.SENDING.value, MailState.HANDED.value)


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Put a letter into the spool."""
    first = {"reason": "", "failures": 0, "lease_token": 0, "try_at": row["queued_at"]}
    connection.execute(insert(mails).values(first | dict(row)))


def claim(
    connection: Connection, *, owner: str, now: datetime, lease: timedelta
) -> RowMapping | None:
    """Take the next letter that is due, with its message; one whose sender died comes back.

    On PostgreSQL letters that another process is taking are skipped; on SQLite there is one writer.
    """
    row = mails.c
    due = or_(
        and_(row.state == MailState.PENDING.value, row.try_at <= now),
        and_(row.state == MailState.SENDING.value, row.lease_until < now),
    )
    query = select(row.seq).where(due).order_by(row.try_at, row.seq).limit(1)
    found = connection.execute(query.with_for_update(skip_locked=True)).scalar()
    if found is None:
        return None
    values = {
        "state": MailState.SENDING.value,
        "lease_owner": owner,
        "lease_token": row.lease_token + 1,
        "lease_until": now + lease,
    }
    connection.execute(update(mails).where(row.seq == found).values(values))
    return connection.execute(select(mails).where(row.seq == found)).mappings().one()


def move(connection: Connection, claimed: RowMapping, values: Mapping[str, Any]) -> bool:
    """Change a letter that was claimed; False when it is somebody else's meanwhile."""
    row = mails.c
    ours = and_(
        row.seq == claimed["seq"],
        row.lease_token == claimed["lease_token"],
        row.state.in_(_WORKED),
    )
    return connection.execute(update(mails).where(ours).values(dict(values))).rowcount == 1


def change(
    connection: Connection, mail_id: str, *, was: Collection[str], values: Mapping[str, Any]
) -> bool:
    """Change a letter nobody works on; False when it is in none of these states."""
    where = and_(mails.c.id == mail_id, mails.c.state.in_(sorted(was)))
    return connection.execute(update(mails).where(where).values(dict(values))).rowcount == 1


def has_work(connection: Connection, now: datetime) -> bool:
    """Whether a letter is due, was left by somebody who died, or is wanted no more."""
    row = mails.c
    found = or_(
        and_(row.state == MailState.PENDING.value, row.try_at <= now),
        and_(row.state.in_(_WORKED), row.lease_until < now),
        and_(row.state.in_(_AT_REST), row.good_until < now),
    )
    return connection.execute(select(row.seq).where(found).limit(1)).first() is not None


def lose(connection: Connection, *, now: datetime, reason: str) -> int:
    """Letters whose sender died after handing them over: nobody knows about them any more."""
    row = mails.c
    where = and_(row.state == MailState.HANDED.value, row.lease_until < now)
    values = {"state": MailState.UNKNOWN.value, "reason": reason, "ended_at": now}
    return connection.execute(update(mails).where(where).values(values)).rowcount


def expire(connection: Connection, *, now: datetime, reason: str) -> int:
    """Letters that have waited until nobody wants them any more, what they say with them."""
    row = mails.c
    where = and_(row.state.in_(_AT_REST), row.good_until < now)
    values = {
        "state": MailState.EXPIRED.value,
        "reason": reason,
        "message": b"",
        "ended_at": now,
    }
    return connection.execute(update(mails).where(where).values(values)).rowcount


def by_id(connection: Connection, mail_id: str) -> RowMapping | None:
    """One letter without what it says."""
    query = select(*_LISTED).where(mails.c.id == mail_id)
    return connection.execute(query).mappings().first()


def by_ids(connection: Connection, mail_ids: Collection[str]) -> list[RowMapping]:
    """These letters without what they say."""
    query = select(*_LISTED).where(mails.c.id.in_(sorted(mail_ids)))
    return list(connection.execute(query).mappings())


def of_document(connection: Connection, document_id: str) -> list[RowMapping]:
    """Every letter about one thing, oldest first."""
    query = select(*_LISTED).where(mails.c.document_id == document_id)
    return list(connection.execute(query.order_by(mails.c.seq)).mappings())


def page(connection: Connection, *, states: Sequence[str], limit: int) -> list[RowMapping]:
    """Letters in these states, newest first."""
    query = select(*_LISTED).where(mails.c.state.in_(list(states)))
    return list(connection.execute(query.order_by(mails.c.seq.desc()).limit(limit)).mappings())


def counts(connection: Connection) -> dict[str, tuple[int, datetime]]:
    """How many letters are in each state that is not the end, and since when the oldest is."""
    row = mails.c
    ended = (MailState.SENT.value, MailState.CANCELLED.value, MailState.EXPIRED.value)
    query = select(row.state, func.count(), func.min(row.queued_at)).where(row.state.not_in(ended))
    found = connection.execute(query.group_by(row.state))
    return {state: (int(count), oldest) for state, count, oldest in found}


def trouble(connection: Connection) -> str:
    """Why the oldest letter that stands still does, empty when none does."""
    row = mails.c
    query = select(row.reason).where(row.state.in_(_AT_REST), row.reason != "")
    return str(connection.execute(query.order_by(row.seq).limit(1)).scalar() or "")


def next_due(connection: Connection) -> datetime | None:
    """When the next letter may be taken."""
    row = mails.c
    waits = select(func.min(row.try_at)).where(row.state == MailState.PENDING.value)
    held = select(func.min(row.lease_until)).where(row.state.in_(_WORKED))
    found = (connection.execute(query).scalar() for query in (waits, held))
    return min((moment for moment in found if moment is not None), default=None)
