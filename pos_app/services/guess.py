"""Wrong passwords and codes: counted per user and per address, for names nobody has alike."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from ipaddress import ip_address

from sqlalchemy import Connection

from pos_app.domain.user import (
    PASSWORD_RULE,
    Lockout,
    OwnSecretLocked,
    after_failure,
    after_success,
    check_password_lock,
    seconds_locked,
)
from pos_app.errors import RecordNotFound
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import guess as guesses
from pos_app.store import user as users
from pos_app.store.user import StoredUser

KEPT = timedelta(days=1)
"""How long wrong tries are remembered where there is no user to count them at."""


def check(
    shop: Shop, connection: Connection, found: StoredUser | None, name: str, *, address: str = ""
) -> None:
    """Let somebody try.

    Raises:
        PasswordLocked: too many wrong tries for this name, somebody's or not, or from the address.
    """
    now = shop.clock.now()
    for source in _sources(found, name, address):
        check_password_lock(guesses.lockout(connection, source), now)
    if found is not None:
        check_password_lock(found.password_lockout, now)


def check_own(shop: Shop, found: StoredUser) -> None:
    """Let somebody who is signed in show the own password or a code.

    Raises:
        OwnSecretLocked: too many were wrong.
    """
    now = shop.clock.now()
    seconds = seconds_locked(found.password_lockout, now)
    if seconds and found.password_lockout.locked_until is not None:
        raise OwnSecretLocked(found.password_lockout.locked_until, seconds=seconds)


def wrong(shop: Shop, found: StoredUser | None, name: str, *, address: str, action: str) -> None:
    """Count a wrong try; who it was is read again, so that none of two at once is lost."""
    now = shop.clock.now()
    told = found.user.username if found else name[:50]
    with shop.store.write() as connection:
        # The audit chain has one writer at a time; what is read behind it is the last word.
        audit.append(
            connection,
            at=now,
            actor=told,
            action=action,
            subject=told,
            details={"address": address},
        )
        if found is not None:
            current = users.by_id(connection, found.user.id) or found
            lockout = after_failure(current.password_lockout, now, rule=PASSWORD_RULE)
            users.set_password_lockout(connection, found.user.id, lockout)
        for source in _sources(found, name, address):
            known = guesses.lockout(connection, source)
            counted = after_failure(known, now, rule=PASSWORD_RULE)
            guesses.set_lockout(connection, source, counted, at=now)


def right(shop: Shop, connection: Connection, found: StoredUser, *, address: str) -> None:
    """Forget the wrong tries of somebody who proved to be the one.

    Raises:
        PasswordLocked: others used up the tries meanwhile.
    """
    now = shop.clock.now()
    current = users.by_id(connection, found.user.id) or found
    check_password_lock(current.password_lockout, now)
    users.set_password_lockout(connection, found.user.id, after_success())
    for source in _sources(found, "", address):
        guesses.forget(connection, source)
    guesses.drop_old(connection, now - KEPT)


def unlock_address(shop: Shop, address: str, *, by: str) -> None:
    """Forget the wrong tries from an address.

    Raises:
        RecordNotFound: nothing was wrong there.
    """
    with shop.store.write() as connection:
        if not guesses.forget(connection, _of_address(address.strip())):
            raise RecordNotFound("wrong sign-ins from", address[:60])
        audit.append(
            connection,
            at=shop.clock.now(),
            actor=by,
            action="address.unlock",
            subject=address.strip(),
            details={},
        )


def unlocked(known: Lockout, *, forgets: bool) -> Lockout:
    """A lockout that is lifted, with or without what led to it."""
    return Lockout() if forgets else Lockout(known.failures, None)


def _sources(found: StoredUser | None, name: str, address: str) -> list[str]:
    sources = [_of_address(address)] if _is_watched(address) else []
    if found is None:
        key = users.key_of(name).encode("utf-8", "surrogatepass")
        sources.append(f"name {hashlib.sha256(key).hexdigest()}")
    return sources


def _of_address(address: str) -> str:
    return f"ip {address}"


def _is_watched(address: str) -> bool:
    """Whether wrong tries count per address; a shop's own network is one address for many."""
    try:
        return ip_address(address).is_global
    except ValueError:
        return False
