"""The sessions of one user: seen and ended by that user, or on the server's own console."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from pos_app.errors import RecordNotFound
from pos_app.services import password
from pos_app.services.session import Account, end_of, tell
from pos_app.services.shop import Shop
from pos_app.store import session as sessions
from pos_app.store import user as users
from pos_app.store.user import StoredUser


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A sign-in that is still good.

    Attributes:
        device: what the program called itself when it signed in; anybody can claim anything.
        address: of the network, where it signed in from.
        used_at: when it began or was last renewed, which a program at work does every hour.
        ends_at: when it is over, however often it is renewed.
    """

    id: str
    device: str
    address: str
    began_at: datetime
    used_at: datetime
    ends_at: datetime


def own(shop: Shop, account: Account) -> list[OpenSession]:
    """The sessions of whoever asks, the last used first."""
    with shop.store.read() as connection:
        return _open(shop, connection, account.actor.user_id)


def of_user(shop: Shop, username: str) -> list[OpenSession]:
    """The sessions of a user, the last used first.

    Raises:
        RecordNotFound: there is no such user.
    """
    with shop.store.read() as connection:
        return _open(shop, connection, _known(connection, username).user.id)


def end_own(shop: Shop, account: Account, secret: str, session_id: str | None) -> int:
    """End one of the own sessions, or all but this one, and say how many (ASVS 5.0 7.5.2).

    Args:
        shop: the server.
        account: who asks, in the session that stays.
        secret: the own password again.
        session_id: which; None for all others.

    Raises:
        CurrentPasswordWrong, OwnSecretLocked: it is not the password, or was wrong too often.
        RecordNotFound: the user has no such session.
    """
    password.prove(shop, account.actor, secret)
    with shop.store.write() as connection:
        stored = users.by_id(connection, account.actor.user_id)
        if stored is None:
            raise RecordNotFound("user", account.actor.username)
        by = account.actor.username
        return _end(shop, connection, stored, session_id, by=by, keeps=account.session_id)


def end_of_user(shop: Shop, username: str, session_id: str | None, *, by: str) -> int:
    """End one session of a user, or all, and say how many.

    Raises:
        RecordNotFound: there is no such user, or no such session of that user.
    """
    with shop.store.write() as connection:
        stored = _known(connection, username)
        return _end(shop, connection, stored, session_id, by=by, keeps="")


def _end(
    shop: Shop,
    connection: Connection,
    stored: StoredUser,
    session_id: str | None,
    *,
    by: str,
    keeps: str,
) -> int:
    mine, reason = _open(shop, connection, stored.user.id), f"ended by {by}"
    chosen = [one.id for one in mine if one.id == (session_id or one.id)]
    if session_id is None:
        chosen = [one for one in chosen if one != keeps]
    elif not chosen:
        raise RecordNotFound("session", session_id)
    at = shop.clock.now()
    ended = sum(sessions.end(connection, one, at=at, reason=reason) for one in chosen)
    facts = {"by": by, "sessions": str(ended)}
    tell(shop, connection, stored.user.username, action="session.end", facts=facts)
    return ended


def _open(shop: Shop, connection: Connection, user_id: str) -> list[OpenSession]:
    now = shop.clock.now()
    rows = [_of(shop, row) for row in sessions.of_user(connection, user_id, now)]
    return [row for row in rows if now < row.ends_at]


def _of(shop: Shop, row: RowMapping) -> OpenSession:
    return OpenSession(
        id=row["id"],
        device=row["device"],
        address=row["address"],
        began_at=row["created_at"],
        used_at=row["used_at"],
        ends_at=end_of(shop, row["created_at"]),
    )


def _known(connection: Connection, username: str) -> StoredUser:
    stored = users.by_username(connection, username)
    if stored is None:
        raise RecordNotFound("user", username)
    return stored
