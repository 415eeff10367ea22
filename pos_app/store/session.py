"""Sessions of people at the API, their refresh tokens by hash, and the keys of programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Index,
    Integer,
    RowMapping,
    Text,
    bindparam,
    insert,
    literal,
    select,
    update,
)

from pos_app.store.fast import Prepared, Record
from pos_app.store.purge import drop_some
from pos_app.store.schema import Flag, Instant, table

# One row per sign-in. `step` counts rotations; `spent` is the token whose use began this step.
sessions = table(
    "sessions",
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("step", Integer, nullable=False),
    Column("spent", Text, nullable=False, server_default=""),
    Column("address", Text, nullable=False, server_default=""),
    Column("device", Text, nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("end_reason", Text, nullable=False, server_default=""),
    Index("sessions_by_user", "user_id"),
    Index("sessions_by_expiry", "expires_at"),
)

refresh_tokens = table(
    "refresh_tokens",
    Column("hash", Text, primary_key=True),
    Column("session_id", Text, nullable=False),
    Column("step", Integer, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("refresh_tokens_by_session", "session_id"),
    Index("refresh_tokens_by_expiry", "expires_at"),
)

# A key stands for a user, or for a till and for nobody.
api_keys = table(
    "api_keys",
    Column("hash", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("user_id", Text, nullable=False, server_default=""),
    Column("till", Text, nullable=False, server_default=""),
    Column("scope", Text, nullable=False, server_default="all"),  # domain.session.KeyScope
    Column("is_active", Flag, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("api_keys_by_user", "user_id"),
    CheckConstraint("(user_id = '') <> (till = '')", name="owner"),
)


def begin(connection: Connection, row: Mapping[str, Any]) -> None:
    """Enter a session."""
    connection.execute(insert(sessions).values(row))


def by_id(connection: Connection, session_id: str) -> Record | None:
    """One session."""
    return _BY_ID.first_mapping(connection, {"of_id": session_id})


def of_user(connection: Connection, user_id: str, now: datetime) -> list[RowMapping]:
    """The sessions of a user that may still be renewed, the last used first."""
    query = select(sessions).where(
        sessions.c.user_id == user_id, sessions.c.ended_at.is_(None), sessions.c.expires_at > now
    )
    ordered = query.order_by(sessions.c.used_at.desc(), sessions.c.id)
    return list(connection.execute(ordered).mappings())


def add_token(connection: Connection, row: Mapping[str, Any]) -> None:
    """Enter a refresh token by its hash."""
    connection.execute(insert(refresh_tokens).values(row))


def by_token(connection: Connection, token_hash: str) -> tuple[RowMapping, RowMapping] | None:
    """A refresh token and its session, which stays locked until the transaction ends."""
    token = (
        connection.execute(select(refresh_tokens).where(refresh_tokens.c.hash == token_hash))
        .mappings()
        .first()
    )
    if token is None:
        return None
    query = select(sessions).where(sessions.c.id == token["session_id"]).with_for_update()
    found = connection.execute(query).mappings().first()
    return (token, found) if found else None


def change(connection: Connection, session_id: str, values: Mapping[str, Any]) -> bool:
    """Change a session that has not ended; False when it has."""
    mine = (sessions.c.id == session_id) & sessions.c.ended_at.is_(None)
    return connection.execute(update(sessions).where(mine).values(values)).rowcount == 1


def end(connection: Connection, session_id: str, *, at: datetime, reason: str) -> bool:
    """End a session; False when it had ended before."""
    return change(connection, session_id, {"ended_at": at, "end_reason": reason})


def end_all(
    connection: Connection, user_id: str, *, at: datetime, reason: str, but: str = ""
) -> int:
    """End every session of a user, but the one named, and say how many there were."""
    mine = (sessions.c.user_id == user_id) & sessions.c.ended_at.is_(None)
    mine &= sessions.c.id != but
    ended = update(sessions).where(mine).values(ended_at=at, end_reason=reason)
    return connection.execute(ended).rowcount


def end_every(connection: Connection, *, at: datetime, reason: str) -> int:
    """End every session of everybody and say how many there were."""
    ended = update(sessions).where(sessions.c.ended_at.is_(None))
    return connection.execute(ended.values(ended_at=at, end_reason=reason)).rowcount


def drop_tokens(connection: Connection, now: datetime) -> int:
    """Forget some of the refresh tokens that are over; how many."""
    return drop_some(connection, refresh_tokens, refresh_tokens.c.expires_at <= now)


def drop_expired(connection: Connection, now: datetime) -> int:
    """Forget some of the sessions that are over; how many."""
    return drop_some(connection, sessions, sessions.c.expires_at <= now)


def add_key(connection: Connection, row: Mapping[str, Any]) -> None:
    """Enter an API key; raises UniqueViolation when the name is taken."""
    connection.execute(insert(api_keys).values(row))


def by_key(connection: Connection, key_hash: str) -> Mapping[str, Any] | None:
    """The API key with this hash."""
    return _BY_KEY.first_mapping(connection, {"of_hash": key_hash})


def keys(connection: Connection) -> list[RowMapping]:
    """Every API key, by name."""
    return list(connection.execute(select(api_keys).order_by(api_keys.c.name)).mappings())


def keys_ending(connection: Connection, since: datetime, until: datetime) -> list[RowMapping]:
    """Active API keys that end between two moments, by name."""
    row = api_keys.c
    active = row.is_active == literal(True, Flag())
    query = select(api_keys).where(active, row.expires_at > since, row.expires_at <= until)
    return list(connection.execute(query.order_by(row.name)).mappings())


def retire_key(connection: Connection, name: str) -> bool:
    """Make an API key useless; False when there is no active one of this name."""
    mine = (api_keys.c.name == name) & (api_keys.c.is_active == literal(True, Flag()))
    return connection.execute(update(api_keys).where(mine).values(is_active=False)).rowcount == 1


_BY_ID = Prepared(select(sessions).where(sessions.c.id == bindparam("of_id")))
_BY_KEY = Prepared(select(api_keys).where(api_keys.c.hash == bindparam("of_hash")))
