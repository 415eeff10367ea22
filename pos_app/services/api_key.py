"""Keys at the API: of programs, which may what their user may, and of tills, for themselves."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import RowMapping

from pos_app.domain.permission import TILL, Actor, till_actor
from pos_app.domain.session import KEY_LIFE, TILL_KEY_LIFE, TILL_KEY_LIFE_MOST, KeyScope
from pos_app.domain.user import SignInRefused
from pos_app.errors import Conflict, InvalidInput, RecordNotFound
from pos_app.services.session import Account, account, digest, tell
from pos_app.services.shop import Shop
from pos_app.store import session as sessions
from pos_app.store import user as users
from pos_app.store.fault import UniqueViolation
from pos_app.store.user import StoredUser

KEY_PREFIX = "pos"
TILL_MOST = 20
"""Characters of a till's code."""


class KeyNameTaken(Conflict):
    """Another API key has this name."""

    code = "api_key_name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is an API key {name[:50]!r} already: choose another name.", name=name[:50]
        )


class KeyNameInvalid(InvalidInput):
    """The name of an API key is empty or too long."""

    code = "api_key_name_invalid"

    def __init__(self) -> None:
        super().__init__("An API key needs a name of 1 to 50 printable characters.")


class KeyLifeTooLong(InvalidInput):
    """An API key would outlive what the contract allows."""

    code = "api_key_life_too_long"

    def __init__(self, life: timedelta) -> None:
        super().__init__(
            f"Such an API key is good for {life.days} days at most: "
            "choose fewer, and make another one before it ends."
        )


class TillInvalid(InvalidInput):
    """The code of a till is empty or too long."""

    code = "till_invalid"

    def __init__(self, till: str) -> None:
        super().__init__(
            f"A till has a code of 1 to {TILL_MOST} printable characters: {till[:40]!r} is none.",
            till=till[:40],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKey:
    """An API key as anybody may see it.

    Attributes:
        username: whose it is; empty for a till's.
        role: what it may do.
        till: the till it is for, or empty.
        scope: what of that, see `KeyScope`.
        is_active: not revoked; it may still have expired.
    """

    name: str
    username: str
    role: str
    till: str
    scope: str
    created_at: datetime
    expires_at: datetime
    is_active: bool

    def state(self, now: datetime) -> str:
        """``active``, ``revoked`` or ``expired``."""
        if not self.is_active:
            return "revoked"
        return "expired" if now >= self.expires_at else "active"


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """An API key at the only moment it can be read."""

    name: str
    key: str
    expires_at: datetime


def account_of(shop: Shop, key: str) -> Account:
    """The account an API key belongs to; that of a till is nobody's.

    Raises:
        SignInRefused: the key is unknown, retired or expired, or its user is inactive.
    """
    with shop.store.read() as connection:
        row = sessions.by_key(connection, digest(key))
        found = users.by_id(connection, row["user_id"]) if row else None
    if row is None or not row["is_active"] or shop.clock.now() >= row["expires_at"]:
        raise SignInRefused
    if row["till"]:
        actor = till_actor(row["till"], row["name"])
        return Account(actor=actor, email="", key_name=row["name"], ends_at=row["expires_at"])
    made = account(found, key_name=row["name"])
    return replace(made, ends_at=row["expires_at"], reads_only=row["scope"] == KeyScope.READ)


def issue(
    shop: Shop,
    actor: Actor,
    username: str,
    name: str,
    *,
    life: timedelta = KEY_LIFE,
    scope: KeyScope = KeyScope.ALL,
) -> IssuedKey:
    """Make an API key for a user; its text is shown now and never again.

    Raises:
        RecordNotFound: there is no such user.
        KeyNameTaken, KeyNameInvalid: the name cannot be used.
        KeyLifeTooLong: it would last longer than 90 days (contract §1.2).
    """
    if life > KEY_LIFE:
        raise KeyLifeTooLong(KEY_LIFE)
    with shop.store.read() as connection:
        owner = users.by_username(connection, username)
    if owner is None:
        raise RecordNotFound("user", username)
    return _issue(shop, actor, name, {"user_id": owner.user.id, "scope": scope.value}, life=life)


def issue_for_till(
    shop: Shop, actor: Actor, till: str, name: str, *, life: timedelta = TILL_KEY_LIFE
) -> IssuedKey:
    """Make the key a till synchronises with; it is good for that till and for nothing else.

    Raises:
        KeyNameTaken, KeyNameInvalid: the name cannot be used.
        TillInvalid: no till can have this code.
        KeyLifeTooLong: it would last longer than ten years.
    """
    if life > TILL_KEY_LIFE_MOST:
        raise KeyLifeTooLong(TILL_KEY_LIFE_MOST)
    if not (0 < len(till) <= TILL_MOST and till.isprintable()):
        raise TillInvalid(till)
    return _issue(shop, actor, name, {"till": till}, life=life)


def _issue(
    shop: Shop, actor: Actor, name: str, owner: dict[str, str], *, life: timedelta
) -> IssuedKey:
    if not (0 < len(name) <= 50 and name.isprintable()):
        raise KeyNameInvalid
    key = f"{KEY_PREFIX}_{secrets.token_urlsafe(6)}.{secrets.token_urlsafe(32)}"
    now = shop.clock.now()
    expires_at = now + life
    row = {
        "hash": digest(key),
        "name": name,
        "is_active": True,
        "created_at": now,
        "expires_at": expires_at,
    }
    facts = {"name": name, **owner}
    try:
        with shop.store.write() as connection:
            sessions.add_key(connection, row | owner)
            tell(shop, connection, actor.username, action="api_key.issue", facts=facts)
    except UniqueViolation:
        raise KeyNameTaken(name) from None
    return IssuedKey(name, key, expires_at)


def every(shop: Shop) -> list[KnownKey]:
    """Every API key by name, also those that are no good any more."""
    with shop.store.read() as connection:
        rows = sessions.keys(connection)
        owners = {row["user_id"]: users.by_id(connection, row["user_id"]) for row in rows}
    return [_known_key(row, owners[row["user_id"]]) for row in rows]


def _known_key(row: RowMapping, owner: StoredUser | None) -> KnownKey:
    return KnownKey(
        name=row["name"],
        username=owner.user.username if owner else "",
        role=TILL if row["till"] else owner.user.role if owner else "",
        till=row["till"],
        scope=row["scope"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        is_active=row["is_active"],
    )


def retire(shop: Shop, actor: Actor, name: str) -> None:
    """Make an API key useless at once.

    Raises:
        RecordNotFound: there is no active key of this name.
    """
    with shop.store.write() as connection:
        if not sessions.retire_key(connection, name):
            raise RecordNotFound("API key", name)
        tell(shop, connection, actor.username, action="api_key.retire", facts={"name": name})
