"""Sessions at the API: signing in by password, and refresh tokens that rotate.

A refresh token is good once. While the one it was exchanged for has not been used, it is taken
again, since the answer may have been lost on the way; after that its use ends the whole session,
as somebody else has a copy (RFC 9700 §4.14.2). However often it is renewed, a session ends with
the days of the settings.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from pos_app.domain.permission import Actor
from pos_app.domain.portal import GIVEN_LIFE
from pos_app.domain.session import REFRESH_LIFE, session_end
from pos_app.domain.two_factor import CHALLENGE_LIFE
from pos_app.domain.user import SignInRefused
from pos_app.services import credential, guess
from pos_app.services.password import is_given
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import session as sessions
from pos_app.store import two_factor as factors
from pos_app.store import user as users
from pos_app.store.user import StoredUser


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user as the API knows them.

    Attributes:
        warehouses: codes; empty is every warehouse.
        payment_methods: names the user may take; empty is all.
        partner: the customer whose portal account it is, or empty.
        key_name: the API key that was shown, or empty.
        session_id: the session an access token is of, or empty.
        ends_at: from when on the session, or the API key that was shown, is not good any more;
            None where none was shown.
        reads_only: the API key that was shown is good for reading alone.
        is_given: the password is one others were given, too: it lets nobody do anything else
            than choose another.
    """

    actor: Actor
    email: str
    warehouses: tuple[str, ...] = ()
    payment_methods: tuple[str, ...] = ()
    partner: str = ""
    key_name: str = ""
    session_id: str = ""
    ends_at: datetime | None = None
    reads_only: bool = False
    is_given: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """A sign-in whose password was right and whose code is still missing.

    Attributes:
        token: goes with the code; good for five minutes, and until another sign-in is begun.
    """

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session with the token that prolongs it, shown once and never stored."""

    account: Account
    session_id: str
    refresh_token: str


def sign_in(
    shop: Shop, username: str, password: str, *, address: str = "", device: str = ""
) -> SignedIn | Challenge:
    """Begin a session by name or e-mail, in any case, and password.

    Whoever has a second factor gets a challenge instead; wrong tries are forgotten only once the
    code is right, too, or codes could be guessed for ever by signing in between.

    Args:
        shop: the server.
        username: or e-mail address.
        password: as it was typed.
        address: of the network, where it came from.
        device: what the program calls itself, for the user's own list of sessions.

    Raises:
        SignInRefused: unknown, inactive or wrong; never told apart.
        PasswordLocked: too many wrong passwords for this name, or from this address.
    """
    with shop.store.read() as connection:
        found = by_name(connection, username)
        guess.check(shop, connection, found, username, address=address)
    fits = credential.matches(found.password_hash if found else "", password)
    if found is None or not fits or not found.user.is_active or _is_over(shop, found):
        guess.wrong(shop, found, username, address=address, action="session.refuse")
        raise SignInRefused
    with shop.store.write() as connection:
        if factors.enabled(connection, [found.user.id]):
            return _challenge(shop, connection, found)
        return begin(shop, connection, found, address=address, device=device)


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
    ends_at = end_of(shop, session["created_at"])
    if shop.clock.now() >= ends_at:
        raise SignInRefused
    return replace(account(found), session_id=session_id, ends_at=ends_at)


def end_of(shop: Shop, began: datetime) -> datetime:
    """When a session that began then is over, however often it was renewed."""
    return session_end(began, days=shop.rules.session_days, zone=shop.rules.zone)


def digest(secret: str) -> str:
    """How tokens and keys are stored: SHA-256, enough for 256 bits of chance."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def by_name(connection: Connection, name: str) -> StoredUser | None:
    """Whoever signs in under a name or an e-mail address."""
    return users.by_username(connection, name) or users.by_email(connection, name)


def begin(
    shop: Shop, connection: Connection, found: StoredUser, *, address: str, device: str = ""
) -> SignedIn:
    """Begin the session of somebody who proved to be the one.

    Raises:
        PasswordLocked: others used up the tries meanwhile.
        SignInRefused: deactivated meanwhile, or the password is another one by now.
    """
    facts = {"address": address}
    tell(shop, connection, found.user.username, action="session.begin", facts=facts)
    guess.right(shop, connection, found, address=address)
    current = users.by_id(connection, found.user.id)
    if current is None or current.password_hash != found.password_hash:
        raise SignInRefused
    users.signed_in(connection, found.user.id, shop.clock.now())
    return _begin(shop, connection, current, address=address, device=device)


def _is_over(shop: Shop, found: StoredUser) -> bool:
    """Whether it is a password others were given, too, and nobody chose another in time."""
    return is_given(found) and shop.clock.now() >= found.created_at + GIVEN_LIFE


def _challenge(shop: Shop, connection: Connection, found: StoredUser) -> Challenge:
    token = secrets.token_urlsafe(32)
    row = {"user_id": found.user.id, "hash": digest(token)}
    factors.challenge(connection, row | {"expires_at": shop.clock.now() + CHALLENGE_LIFE})
    tell(shop, connection, found.user.username, action="session.ask_code", facts={})
    return Challenge(token=token)


def _begin(
    shop: Shop, connection: Connection, found: StoredUser | None, *, address: str, device: str = ""
) -> SignedIn:
    now = shop.clock.now()
    ends_at = end_of(shop, now)
    owner = replace(account(found), ends_at=ends_at)
    session_id, token = shop.ids.new(), secrets.token_urlsafe(64)
    sessions.begin(
        connection,
        {
            "id": session_id,
            "user_id": owner.actor.user_id,
            "step": 0,
            "address": address,
            "device": device,
            "created_at": now,
            "used_at": now,
            "expires_at": min(now + REFRESH_LIFE, ends_at),
        },
    )
    _keep(connection, token, session_id=session_id, step=0, until=min(now + REFRESH_LIFE, ends_at))
    return SignedIn(account=owner, session_id=session_id, refresh_token=token)


def _keep(
    connection: Connection, token: str, *, session_id: str, step: int, until: datetime
) -> None:
    row = {"hash": digest(token), "session_id": session_id, "step": step}
    sessions.add_token(connection, row | {"expires_at": until})


def _exchange(shop: Shop, connection: Connection, shown: str) -> SignedIn | None:
    now = shop.clock.now()
    found = sessions.by_token(connection, shown)
    if found is None:
        return None
    token, session = found
    owner, ends_at = (
        users.by_id(connection, session["user_id"]),
        end_of(shop, session["created_at"]),
    )
    if session["ended_at"] is not None or now >= min(token["expires_at"], ends_at):
        return None
    if owner is None or not owner.user.is_active:
        return None
    if not _is_good(token, session, shown):
        sessions.end(connection, session["id"], at=now, reason="refresh token used twice")
        facts = {"session": session["id"]}
        tell(shop, connection, owner.user.username, action="session.stolen", facts=facts)
        return None
    step, fresh = token["step"] + 1, secrets.token_urlsafe(64)
    until = min(now + REFRESH_LIFE, ends_at)
    values = {"step": step, "spent": shown, "used_at": now, "expires_at": until}
    sessions.change(connection, session["id"], values)
    _keep(connection, fresh, session_id=session["id"], step=step, until=until)
    renewed = replace(account(owner), ends_at=ends_at)
    return SignedIn(account=renewed, session_id=session["id"], refresh_token=fresh)


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
        partner=user.partner,
        key_name=key_name,
        is_given=is_given(found),
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
