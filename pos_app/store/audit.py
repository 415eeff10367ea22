"""The audit chain: every deed, linked by hash to the one before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    RowMapping,
    Text,
    bindparam,
    func,
    insert,
    select,
)

from pos_app.domain.audit import AuditEvent, chain_hash
from pos_app.store import setting, tally
from pos_app.store.fast import Prepared
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
    Index("audit_by_actor", "actor", "seq"),
    Index("audit_by_action", "action", "seq"),
)

COUNTED = tally.tally(audit, key="seq", who="actor", kinds=("{row}.action",))

GENESIS = "0" * 64


def append(
    connection: Connection,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    details: dict[str, Any],
) -> str:
    """Add an event to the chain and return its hash; the series row keeps writers in line."""
    seq = setting.next_number(connection, "audit")
    before = _HASH_OF.first(connection, {"of_seq": seq - 1})
    previous = before[0] if before else GENESIS
    event = AuditEvent(seq=seq, at=at, actor=actor, action=action, subject=subject, details=details)
    linked = chain_hash(previous, event)
    row = {"seq": seq, "at": at, "actor": actor, "action": action, "subject": subject}
    _ADD.run(connection, row | {"details": details, "previous_hash": previous, "hash": linked})
    return linked


def head(connection: Connection) -> tuple[int, str]:
    """Sequence and hash of the newest event."""
    query = select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    row = connection.execute(query).first()
    return (row.seq, row.hash) if row else (0, GENESIS)


def newest(connection: Connection) -> datetime | None:
    """The latest instant in the chain, None while it is empty."""
    at: datetime | None = connection.execute(select(func.max(audit.c.at))).scalar()
    return at


def walk(connection: Connection) -> Iterator[RowMapping]:
    """Every event from the first."""
    yield from connection.execute(select(audit).order_by(audit.c.seq)).mappings()


def about(connection: Connection, subject: str) -> list[RowMapping]:
    """The events of one subject, such as a receipt, in order."""
    query = select(audit).where(audit.c.subject == subject).order_by(audit.c.seq)
    return list(connection.execute(query).mappings())


_HASH_OF = Prepared(select(audit.c.hash).where(audit.c.seq == bindparam("of_seq")))
_ADD = Prepared(insert(audit))
