"""Passwords that were, by their verifiers, and requests to set a new one by mail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    RowMapping,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from pos_app.store.schema import Id, Instant, autokey, table

password_history = table(
    "password_history",
    autokey("seq"),
    Column("user_id", Id, nullable=False),
    Column("hash", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("password_history_by_user", "user_id", "seq"),
)

# Whoever asks leaves a row, whether the address is somebody's or not: asking costs the same.
password_resets = table(
    "password_resets",
    Column("id", Id, primary_key=True),
    Column("email", Text, nullable=False),  # as it was asked for
    Column("address", Text, nullable=False),  # where from
    Column("asked_at", Instant, nullable=False),
    Column("worked_at", Instant),  # when it was looked up
    Column("user_id", Id, nullable=False),  # empty: nobody's
    Column("hash", Text, unique=True),  # of the token; none once it is no good any more
    Column("expires_at", Instant),
    Index("password_resets_by_address", "address", "asked_at"),
    Index("password_resets_by_user", "user_id"),
    Index("password_resets_by_time", "asked_at"),
)


def past(connection: Connection, user_id: str, *, limit: int) -> list[str]:
    """The verifiers of a user's former passwords, newest first."""
    query = select(password_history.c.hash).where(password_history.c.user_id == user_id)
    return list(
        connection.execute(query.order_by(password_history.c.seq.desc()).limit(limit)).scalars()
    )


def keep(connection: Connection, user_id: str, verifier: str, *, at: datetime, most: int) -> None:
    """Remember a password that was, and forget the oldest beyond `most`."""
    mine = password_history.c.user_id == user_id
    connection.execute(insert(password_history).values(user_id=user_id, hash=verifier, at=at))
    kept = select(password_history.c.seq).where(mine).order_by(password_history.c.seq.desc())
    last = connection.execute(kept.offset(most).limit(1)).scalar()
    if last is not None:
        connection.execute(delete(password_history).where(mine, password_history.c.seq <= last))


def ask(connection: Connection, row: Mapping[str, Any]) -> None:
    """Keep a request."""
    connection.execute(insert(password_resets).values(user_id="", **row))


def asked_from(connection: Connection, address: str, *, since: datetime) -> list[datetime]:
    """When this address asked since a moment, oldest first."""
    mine = (password_resets.c.address == address) & (password_resets.c.asked_at > since)
    query = select(password_resets.c.asked_at).where(mine).order_by(password_resets.c.asked_at)
    return list(connection.execute(query).scalars())


def answered(connection: Connection, user_id: str, *, since: datetime) -> int:
    """How many requests of a user were answered since a moment."""
    mine = (password_resets.c.user_id == user_id) & (password_resets.c.worked_at > since)
    query = select(func.count()).select_from(password_resets).where(mine)
    return int(connection.execute(query).scalar_one())


def next_request(connection: Connection, *, lock: bool = False) -> RowMapping | None:
    """The oldest request nobody looked up; `lock` takes it, and passes over one that is taken."""
    query = select(password_resets).where(password_resets.c.worked_at.is_(None))
    first = query.order_by(password_resets.c.asked_at).limit(1)
    taken = first.with_for_update(skip_locked=True) if lock else first
    return connection.execute(taken).mappings().first()


def answer(connection: Connection, reset_id: str, values: Mapping[str, Any]) -> None:
    """Note what became of a request."""
    mine = password_resets.c.id == reset_id
    connection.execute(update(password_resets).where(mine).values(dict(values)))


def by_token(connection: Connection, token_hash: str, *, now: datetime) -> str:
    """Whose token this is, empty when it is nobody's, was used, or is over."""
    mine = (password_resets.c.hash == token_hash) & (password_resets.c.expires_at > now)
    return str(connection.execute(select(password_resets.c.user_id).where(mine)).scalar() or "")


def use_token(connection: Connection, token_hash: str, *, now: datetime) -> bool:
    """Use a token up; False when somebody else did, or it is over."""
    mine = (password_resets.c.hash == token_hash) & (password_resets.c.expires_at > now)
    used = update(password_resets).where(mine).values(hash=None)
    return connection.execute(used).rowcount == 1


def void_tokens(connection: Connection, user_id: str) -> None:
    """Make every token of a user useless."""
    mine = (password_resets.c.user_id == user_id) & password_resets.c.hash.is_not(None)
    connection.execute(update(password_resets).where(mine).values(hash=None))


def drop_old(connection: Connection, before: datetime) -> None:
    """Forget requests from before a moment."""
    connection.execute(delete(password_resets).where(password_resets.c.asked_at < before))
