"""Sign in at the till, by password or by PIN; lockouts survive a restart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from sqlalchemy import Connection

from pos_app.domain.permission import Actor, Role
from pos_app.domain.user import (
    PASSWORD_RULE,
    PIN_RULE,
    SignInRefused,
    after_failure,
    after_success,
    check_password_lock,
    check_pin_lock,
)
from pos_app.services import credential
from pos_app.services.shop import Shop
from pos_app.store import audit
from pos_app.store import user as users
from pos_app.store.user import StoredUser

MOST_PEOPLE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may sign in here, as the sign-in screen lists them."""

    username: str
    name: str
    role: str
    has_pin: bool


def people(shop: Shop) -> list[Person]:
    """Active users with a secret, by name; programs and customers have no business at a till."""
    with shop.store.read() as connection:
        rows = users.page(connection, limit=MOST_PEOPLE)
    return [
        Person(
            username=row.user.username,
            name=row.user.name,
            role=row.user.role,
            has_pin=bool(row.pin_hash),
        )
        for row in rows
        if row.user.is_active
        and row.user.role not in {Role.API_USER, Role.CUSTOMER}
        and (row.pin_hash or row.password_hash)
    ]


def with_pin(shop: Shop, username: str, pin: str) -> Actor:
    """Sign in by PIN.

    Raises:
        SignInRefused: unknown user, wrong PIN or inactive; never told apart.
        PinLocked: too many wrong PINs; the wait survives a restart.
    """
    known = _known(shop, username)
    if known is not None:
        check_pin_lock(known.pin_lockout, shop.clock.now())
    is_right = credential.matches(known.pin_hash if known else "", pin)
    if known is None or not (is_right and known.user.is_active):
        _refuse(shop, known, username, by_pin=True)
    return _welcome(shop, known, by_pin=True)


def with_password(shop: Shop, username: str, password: str) -> Actor:
    """Sign in by password.

    Raises:
        SignInRefused: unknown user, wrong password or inactive; never told apart.
        PasswordLocked: five wrong passwords lock for 15 minutes.
    """
    known = _known(shop, username)
    if known is not None:
        check_password_lock(known.password_lockout, shop.clock.now())
    is_right = credential.matches(known.password_hash if known else "", password)
    if known is None or not (is_right and known.user.is_active):
        _refuse(shop, known, username, by_pin=False)
    return _welcome(shop, known, by_pin=False)


def sign_out(shop: Shop, actor: Actor) -> None:
    """Note that somebody left the till."""
    with shop.store.write() as connection:
        _audit(shop, connection, actor.username, "sign_out")


def _known(shop: Shop, username: str) -> StoredUser | None:
    """Whoever may sign in at a till by this name; a customer's portal account is not known here."""
    with shop.store.read() as connection:
        found = users.by_username(connection, username)
    return None if found is not None and found.user.partner else found


def _refuse(shop: Shop, known: StoredUser | None, username: str, *, by_pin: bool) -> NoReturn:
    """Count the wrong try before it is answered, so that a restart helps nobody."""
    now = shop.clock.now()
    with shop.store.write() as connection:
        if known is not None:
            fresh = users.by_id(connection, known.user.id) or known
            if by_pin:
                lockout = after_failure(fresh.pin_lockout, now, rule=PIN_RULE)
                users.set_pin_lockout(connection, known.user.id, lockout)
            else:
                lockout = after_failure(fresh.password_lockout, now, rule=PASSWORD_RULE)
                users.set_password_lockout(connection, known.user.id, lockout)
        _audit(shop, connection, username[:50], "sign_in.refused")
    raise SignInRefused


def _welcome(shop: Shop, known: StoredUser, *, by_pin: bool) -> Actor:
    lockout = known.pin_lockout if by_pin else known.password_lockout
    if lockout.failures:
        with shop.store.write() as connection:
            if by_pin:
                users.set_pin_lockout(connection, known.user.id, after_success())
            else:
                users.set_password_lockout(connection, known.user.id, after_success())
    return known.user.actor()


def _audit(shop: Shop, connection: Connection, username: str, action: str) -> None:
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=username,
        action=action,
        subject=shop.rules.till,
        details={},
    )
