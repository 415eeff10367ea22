"""Sessions at the API: signing in by password, and refresh tokens that rotate.

A refresh token is good once. While the one it was exchanged for has not been used, it is taken
again, since the answer may have been lost on the way; after that its use ends the whole session,
as somebody else has a copy (RFC 9700 §4.14.2).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from sqlalchemy import Connection, RowMapping

from pos_app.domain.permission import Actor
from pos_app.domain.user import (
    PASSWORD_RULE,
    Lockout,
    SignInRefused,
    after_failure,
    after_success,
    check_password_lock,
)
from pos_app.services import credential
from pos_app.services.shop import Shop
from pos_app.store import address as addresses
from pos_app.store import audit
from pos_app.store import session as sessions
from pos_app.store import user as users
from pos_app.store.user import StoredUser

REFRESH_LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user as the API knows them.

    Attributes:
        warehouses: codes; empty is every warehouse.
        payment_methods: names the user may take; empty is all.
        key_name: the API key that was shown, or empty.
    """

    actor: Actor
    email: str
    warehouses: tuple[str, ...] = ()
    payment_methods: tuple[str, ...] = ()
    key_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session with the token that prolongs it, shown once and never stored."""

    account: Account
    session_id: str
    refresh_token: str


def sign_in(shop: Shop, username: str, password: str, *, address: str = "") -> SignedIn:
    """Begin a session by name or e-mail, in any case, and password.

    Raises:
        SignInRefused: unknown, inactive or wrong; never told apart.
        PasswordLocked: too many wrong passwords for this user, or from this address.
    """
    now = shop.clock.now()
    watched = address if _is_watched(address) else ""
    with shop.store.read() as connection:
        found = _by_name(connection, username)
        lockout = addresses.lockout(connection, watched) if watched else Lockout()
    check_password_lock(lockout, now)
    if found is not None:
        check_password_lock(found.password_lockout, now)
    fits = credential.matches(found.password_hash if found else "", password)
    if found is None or not fits or not found.user.is_active:
        _failed(shop, found, username=username, address=watched)
        raise SignInRefused
    with shop.store.write() as connection:
        tell(shop, connection, found.user.username, action="session.begin", facts={})
        current = users.by_id(connection, found.user.id) or found
        check_password_lock(current.password_lockout, now)
        users.set_password_lockout(connection, found.user.id, after_success())
        users.signed_in(connection, found.user.id, now)
        if watched:
            addresses.set_lockout(connection, watched, after_success(), at=now)
        sessions.drop_expired(connection, now)
        return _begin(shop, connection, found, address=address)


def refresh(shop: Shop, token: str) -> SignedIn:
    """Exchange a refresh token for the next one.

    Raises:
        SignInRefused: it is unknown, over, or was used before; the last ends its session.
    """
    with shop.store.write() as connection:
        exchanged = _exchange(shop, connection, digest(token))
    if exchanged is None:
        raise SignInRefused
    return exchanged


def sign_out(shop: Shop, actor: Actor, token: str) -> None:
    """End the session of a refresh token; an unknown or foreign one is no error."""
    with shop.store.write() as connection:
        found = sessions.by_token(connection, digest(token))
        if found is None or found[1]["user_id"] != actor.user_id:
            return
        if sessions.end(connection, found[1]["id"], at=shop.clock.now(), reason="signed out"):
            tell(shop, connection, actor.username, action="session.end", facts={})


def sign_out_everywhere(shop: Shop, connection: Connection, user_id: str, *, reason: str) -> int:
    """End every session of a user within a transaction, as after a change of password."""
    return sessions.end_all(connection, user_id, at=shop.clock.now(), reason=reason)


def account_of(shop: Shop, user_id: str, session_id: str) -> Account:
    """The account behind an access token, as it is now.

    Raises:
        SignInRefused: the session has ended, or the user is gone or inactive.
    """
    with shop.store.read() as connection:
        session = sessions.by_id(connection, session_id)
        found = users.by_id(connection, user_id)
    if session is None or session["ended_at"] is not None or session["user_id"] != user_id:
        raise SignInRefused
    return account(found)


def digest(secret: str) -> str:
    """How tokens and keys are stored: SHA-256, enough for 256 bits of chance."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _by_name(connection: Connection, name: str) -> StoredUser | None:
    return users.by_username(connection, name) or users.by_email(connection, name)


def _is_watched(address: str) -> bool:
    """Whether wrong tries count per address; a shop's own network is one address for many."""
    try:
        return ip_address(address).is_global
    except ValueError:
        return False


def _failed(shop: Shop, found: StoredUser | None, *, username: str, address: str) -> None:
    """Count a wrong try; who it was is read again, so that none of two at once is lost."""
    now = shop.clock.now()
    name = found.user.username if found else username[:50]
    with shop.store.write() as connection:
        # The audit chain has one writer at a time; what is read behind it is the last word.
        tell(shop, connection, name, action="session.refuse", facts={"address": address})
        if found is not None:
            current = users.by_id(connection, found.user.id) or found
            lockout = after_failure(current.password_lockout, now, rule=PASSWORD_RULE)
            users.set_password_lockout(connection, found.user.id, lockout)
        if address:
            known = addresses.lockout(connection, address)
            counted = after_failure(known, now, rule=PASSWORD_RULE)
            addresses.set_lockout(connection, address, counted, at=now)


def _begin(shop: Shop, connection: Connection, found: StoredUser, *, address: str) -> SignedIn:
    now = shop.clock.now()
    session_id, token = shop.ids.new(), secrets.token_urlsafe(64)
    sessions.begin(
        connection,
        {
            "id": session_id,
            "user_id": found.user.id,
            "step": 0,
            "address": address,
            "created_at": now,
            "used_at": now,
            "expires_at": now + REFRESH_LIFE,
        },
    )
    _keep(connection, token, session_id=session_id, step=0, now=now)
    return SignedIn(account=account(found), session_id=session_id, refresh_token=token)


def _keep(connection: Connection, token: str, *, session_id: str, step: int, now: datetime) -> None:
    row = {"hash": digest(token), "session_id": session_id, "step": step}
    sessions.add_token(connection, row | {"expires_at": now + REFRESH_LIFE})


def _exchange(shop: Shop, connection: Connection, shown: str) -> SignedIn | None:
    now = shop.clock.now()
    found = sessions.by_token(connection, shown)
    if found is None:
        return None
    token, session = found
    owner = users.by_id(connection, session["user_id"])
    if session["ended_at"] is not None or now >= token["expires_at"]:
        return None
    if owner is None or not owner.user.is_active:
        return None
    if not _is_good(token, session, shown):
        sessions.end(connection, session["id"], at=now, reason="refresh token used twice")
        facts = {"session": session["id"]}
        tell(shop, connection, owner.user.username, action="session.stolen", facts=facts)
        return None
    step, fresh = token["step"] + 1, secrets.token_urlsafe(64)
    values = {"step": step, "spent": shown, "used_at": now, "expires_at": now + REFRESH_LIFE}
    sessions.change(connection, session["id"], values)
    _keep(connection, fresh, session_id=session["id"], step=step, now=now)
    return SignedIn(account=account(owner), session_id=session["id"], refresh_token=fresh)


def _is_good(token: RowMapping, session: RowMapping, shown: str) -> bool:
    """Whether a token is of the present step, or the very one whose answer may have been lost."""
    is_present = bool(token["step"] == session["step"])
    is_last = bool(token["step"] == session["step"] - 1 and session["spent"] == shown)
    return is_present or is_last


def account(found: StoredUser | None, *, key_name: str = "") -> Account:
    """A stored user as an account.

    Raises:
        SignInRefused: there is none, or it is inactive.
    """
    if found is None or not found.user.is_active:
        raise SignInRefused
    user = found.user
    actor = user.actor()
    if key_name:
        actor = Actor(user.id, user.username, user.role, user.permissions, kind="api_key")
    return Account(
        actor=actor,
        email=found.email,
        warehouses=user.warehouses,
        payment_methods=tuple(found.profile.get("payment_methods", ())),
        key_name=key_name,
    )


def tell(
    shop: Shop, connection: Connection, subject: str, *, action: str, facts: dict[str, str]
) -> None:
    """Enter into the audit what somebody did about sessions or keys."""
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=subject,
        action=action,
        subject=subject,
        details=facts,
    )
