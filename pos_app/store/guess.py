"""Wrong sign-ins by where they came from, and by names that nobody has."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Connection, Index, Integer, Text, delete, select

from pos_app.domain.user import Lockout
from pos_app.store.schema import Instant, table
from pos_app.store.upsert import upsert

# A name nobody has is counted like a user, so that a lock tells nobody who exists.
guesses = table(
    "guesses",
    Column("source", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Instant),
    Column("changed_at", Instant, nullable=False),
    Index("guesses_by_time", "changed_at"),
)


def lockout(connection: Connection, source: str) -> Lockout:
    """How often a source was wrong."""
    query = select(guesses.c.failures, guesses.c.locked_until)
    row = connection.execute(query.where(guesses.c.source == source)).first()
    return Lockout(row.failures, row.locked_until) if row else Lockout()


def set_lockout(connection: Connection, source: str, counted: Lockout, *, at: datetime) -> None:
    """Keep how often a source was wrong."""
    told = {"failures": counted.failures, "locked_until": counted.locked_until}
    upsert(connection, guesses, [{"source": source, **told, "changed_at": at}])


def forget(connection: Connection, source: str) -> bool:
    """Forget a source; False when nothing was known of it."""
    return connection.execute(delete(guesses).where(guesses.c.source == source)).rowcount == 1


def drop_old(connection: Connection, before: datetime) -> None:
    """Forget what was counted before a moment."""
    connection.execute(delete(guesses).where(guesses.c.changed_at < before))
