"""Users of the server: the first Admin, those an Admin registers, and unlocking."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from pos_app.domain.permission import Actor, Permission, Role, check_role, require
from pos_app.domain.user import Lockout, User, check_new_password, check_new_pin, check_user
from pos_app.errors import Conflict, InvalidInput, NotAllowed, RecordNotFound
from pos_app.services import credential, session
from pos_app.services.session import Account
from pos_app.services.shop import Shop
from pos_app.store import audit, feed
from pos_app.store import user as users
from pos_app.store.fault import UniqueViolation
from pos_app.store.user import StoredUser

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")


class UserTaken(Conflict):
    """Another user has this name or address."""

    code = "user_taken"

    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"{what} {name[:60]!r} is taken: choose another one.", name=name[:60])


class EmailInvalid(InvalidInput):
    """A text is no e-mail address."""

    code = "email_invalid"

    def __init__(self, email: str) -> None:
        super().__init__(f"{email[:60]!r} is not an e-mail address: correct it.", email=email[:60])


class NotEmpty(NotAllowed):
    """The first Admin is made only where nobody is."""

    code = "users_exist"

    def __init__(self) -> None:
        super().__init__("There are users already: sign in as an Admin to add more.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """A user to be made; secrets are plain here and nowhere else."""

    username: str
    password: str
    role: str
    name: str = ""
    email: str = ""
    pin: str = ""
    warehouses: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """A user as a list shows them."""

    id: str
    username: str
    name: str
    email: str
    role: str
    is_active: bool
    failures: int
    locked_until: datetime | None
    warehouses: tuple[str, ...]
    created_at: datetime
    signed_in_at: datetime | None


def first_admin(shop: Shop, new: NewUser) -> UserRow:
    """Make the first Admin of an empty server.

    Raises:
        NotEmpty: there is somebody.
        SecretTooWeak, UserInvalid, EmailInvalid: not with these words.
    """
    with shop.store.write() as connection:
        if users.count(connection):
            raise NotEmpty
        made = _make(shop, connection, replace(new, role=Role.ADMIN.value))
        _tell(shop, connection, made.user.username, action="user.first_admin", subject=made)
    return _row(made)


def add(shop: Shop, new: NewUser, *, by: str) -> UserRow:
    """Make a user from the server's own console, where whoever types is trusted.

    Raises:
        RoleUnknown, SecretTooWeak, UserInvalid, EmailInvalid: not with these words.
        UserTaken: name or address belong to somebody.
    """
    try:
        with shop.store.write() as connection:
            made = _make(shop, connection, new)
            _tell(shop, connection, by, action="user.add", subject=made)
    except UniqueViolation:
        raise UserTaken("User name", new.username) from None
    return _row(made)


def register(shop: Shop, actor: Actor, new: NewUser) -> Account:
    """Make a user at the request of somebody who may.

    Raises:
        PermissionMissing: the actor may not.
        RoleUnknown, SecretTooWeak, UserInvalid, EmailInvalid, UserTaken: as `add`.
    """
    require(actor, Permission.USERS_CREATE)
    row = add(shop, new, by=actor.username)
    with shop.store.read() as connection:
        return session.account(users.by_id(connection, row.id))


def page(shop: Shop, *, after: str = "", limit: int = 100) -> list[UserRow]:
    """Users by name behind the user name `after`."""
    with shop.store.read() as connection:
        return [_row(stored) for stored in users.page(connection, after=after, limit=limit)]


def unlock(shop: Shop, username: str, *, by: str) -> UserRow:
    """Forget the wrong tries of a user.

    Raises:
        RecordNotFound: there is none of this name.
    """
    with shop.store.write() as connection:
        stored = users.by_username(connection, username)
        if stored is None:
            raise RecordNotFound("user", username)
        users.set_password_lockout(connection, stored.user.id, Lockout())
        users.set_pin_lockout(connection, stored.user.id, Lockout())
        _tell(shop, connection, by, action="user.unlock", subject=stored)
    return _row(replace(stored, password_lockout=Lockout(), pin_lockout=Lockout()))


def _make(shop: Shop, connection: Connection, new: NewUser) -> StoredUser:
    role = check_role(new.role)
    email = _checked_email(new.email)
    user = check_user(
        User(
            id=shop.ids.new(),
            username=new.username.strip(),
            name=new.name.strip() or new.username.strip(),
            role=role.value,
            permissions_extra=frozenset(new.permissions),
            warehouses=new.warehouses,
        )
    )
    _check_free(connection, user.username, email)
    now = shop.clock.now()
    stored = StoredUser(
        user=user,
        email=email,
        password_hash=credential.digest(check_new_password(new.password)),
        pin_hash=credential.digest(check_new_pin(new.pin)) if new.pin else "",
        created_at=now,
        changed_at=now,
    )
    users.add(connection, stored)
    return stored


def _checked_email(email: str) -> str:
    text = email.strip()
    if text and not _EMAIL.fullmatch(text):
        raise EmailInvalid(text)
    return text


def _check_free(connection: Connection, username: str, email: str) -> None:
    """Neither word may be anybody's name or address, as both sign in (contract §2.1)."""
    for what, word in (("User name", username), ("E-mail", email)):
        if word and (users.by_username(connection, word) or users.has_email(connection, word)):
            raise UserTaken(what, word)


def _row(stored: StoredUser) -> UserRow:
    user, lockout = stored.user, stored.password_lockout
    return UserRow(
        id=user.id,
        username=user.username,
        name=user.name,
        email=stored.email,
        role=user.role,
        is_active=user.is_active,
        failures=lockout.failures,
        locked_until=lockout.locked_until,
        warehouses=user.warehouses,
        created_at=stored.created_at,
        signed_in_at=stored.signed_in_at,
    )


def _tell(shop: Shop, connection: Connection, by: str, *, action: str, subject: StoredUser) -> None:
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=by,
        action=action,
        subject=subject.user.username,
        details={"role": subject.user.role},
    )
    changes: Sequence[tuple[str, str]] = [("user", subject.user.id)]
    feed.changed_all(connection, changes)
