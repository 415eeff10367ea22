"""Users of the server: the first Admin, those an Admin registers, and unlocking."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.grant import check_grant
from pos_app.domain.permission import (
    Actor,
    Permission,
    Role,
    check_permissions,
    check_role,
    require,
)
from pos_app.domain.user import User, check_new_pin, check_user
from pos_app.errors import Conflict, InvalidInput, NotAllowed, RecordNotFound
from pos_app.services import credential, guess, password, session, two_factor
from pos_app.services.session import Account
from pos_app.services.shop import Shop
from pos_app.store import audit, feed
from pos_app.store import two_factor as factors
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
    """A user to be made; secrets are plain here and nowhere else.

    Attributes:
        is_given: others have the same password, so another one is chosen before anything else.
    """

    username: str
    password: str
    role: str
    name: str = ""
    email: str = ""
    pin: str = ""
    warehouses: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    partner: str = ""
    profile: Mapping[str, Any] = field(default_factory=dict)
    is_given: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """A user as a list shows them.

    Attributes:
        number: what the contract calls the user by.
        permissions: given directly, on top of the role's.
        effective: everything the user may do now.
        partner: the customer whose portal account it is, or empty.
        profile: further facts, see `Profile`.
    """

    id: str
    number: int
    username: str
    name: str
    email: str
    role: str
    is_active: bool
    failures: int
    locked_until: datetime | None
    warehouses: tuple[str, ...]
    permissions: tuple[str, ...]
    effective: tuple[str, ...]
    partner: str
    profile: Mapping[str, Any]
    has_two_factor: bool
    created_at: datetime
    changed_at: datetime
    signed_in_at: datetime | None

    def is_locked(self, now: datetime) -> bool:
        """Whether wrong passwords keep the user out at a moment."""
        return self.locked_until is not None and now < self.locked_until


def first_admin(shop: Shop, new: NewUser) -> UserRow:
    """Make the first Admin of an empty server.

    Raises:
        NotEmpty: there is somebody.
        SecretTooWeak, UserInvalid, EmailInvalid: not with these words.
    """
    verifiers = _hashed(new)
    with shop.store.write() as connection:
        if users.count(connection):
            raise NotEmpty
        made = _make(shop, connection, replace(new, role=Role.ADMIN.value), verifiers)
        tell(shop, connection, made.user.username, action="user.first_admin", subject=made)
    return _row(made, has_two_factor=False)


def add(shop: Shop, new: NewUser, *, by: str) -> UserRow:
    """Make a user from the server's own console, where whoever types is trusted.

    Raises:
        RoleUnknown, SecretTooWeak, UserInvalid, EmailInvalid: not with these words.
        UserTaken: name or address belong to somebody.
    """
    verifiers = _hashed(new)
    try:
        with shop.store.write() as connection:
            made = _make(shop, connection, new, verifiers)
            # The audit chain has one writer at a time: behind it nobody else takes the same words.
            tell(shop, connection, by, action="user.add", subject=made)
            check_free(connection, made.user.username, made.email, but=made.user.id)
    except UniqueViolation:
        raise UserTaken("User name", new.username) from None
    return _row(made, has_two_factor=False)


def register(shop: Shop, actor: Actor, new: NewUser) -> Account:
    """Make a user at the request of somebody who may.

    Raises:
        PermissionMissing: the actor may not.
        RoleUnknown, SecretTooWeak, UserInvalid, EmailInvalid, UserTaken, GrantTooWide: as `make`.
    """
    row = make(shop, actor, new)
    with shop.store.read() as connection:
        return session.account(users.by_id(connection, row.id))


def make(shop: Shop, actor: Actor, new: NewUser) -> UserRow:
    """Make a user at the request of somebody who may, who gives no right he has not got.

    Raises:
        PermissionMissing: the actor may not make users, or not give rights beside the role's.
        GrantTooWide: the actor has not got all that the new user would have.
        PermissionUnknown, RoleUnknown: there is none of that name.
        SecretTooWeak, UserInvalid, EmailInvalid, UserTaken: as `add`.
    """
    require(actor, Permission.USERS_CREATE)
    role, extra = check_role(new.role), check_permissions(new.permissions)
    if extra:
        require(actor, Permission.USERS_MANAGE_PERMISSIONS)
    check_grant(actor, role, extra)
    return add(shop, new, by=actor.username)


def page(shop: Shop, *, after: str = "", limit: int = 100) -> list[UserRow]:
    """Users by name behind the user name `after`."""
    with shop.store.read() as connection:
        rows = users.page(connection, after=after, limit=limit)
        return rows_of(connection, [stored for stored in rows if stored.deleted_at is None])


def unlock(shop: Shop, username: str, *, by: str) -> UserRow:
    """Forget the wrong tries of a user, from the server's own console.

    Raises:
        RecordNotFound: there is none of this name.
    """
    with shop.store.write() as connection:
        stored = named(connection, username)
        return lift(shop, connection, stored, by=by)


def lift(
    shop: Shop, connection: Connection, stored: StoredUser, *, by: str, forgets: bool = True
) -> UserRow:
    """Lift the locks of a user within a transaction; without `forgets` the tries stay counted."""
    password = guess.unlocked(stored.password_lockout, forgets=forgets)
    pin = guess.unlocked(stored.pin_lockout, forgets=forgets)
    users.set_password_lockout(connection, stored.user.id, password)
    users.set_pin_lockout(connection, stored.user.id, pin)
    tell(shop, connection, by, action="user.unlock", subject=stored)
    return row_of(connection, replace(stored, password_lockout=password, pin_lockout=pin))


def reset_two_factor(shop: Shop, username: str, *, by: str) -> bool:
    """Take a user's second factor away, from the server's own console; False when there is none.

    Raises:
        RecordNotFound: there is none of this name.
    """
    with shop.store.write() as connection:
        return two_factor.reset(shop, connection, named(connection, username), by=by)


def set_password(shop: Shop, username: str, new: str, *, by: str) -> None:
    """Give a user a new password, from the server's own console; every session ends.

    Raises:
        RecordNotFound: there is none of this name.
        SecretTooWeak, PasswordUsedBefore, PasswordMoved: not this one.
    """
    with shop.store.read() as connection:
        stored = named(connection, username)
    fresh = password.prepare(shop, stored, new)
    with shop.store.write() as connection:
        password.put(shop, connection, fresh, by=by, action="password.set")


def named(connection: Connection, username: str) -> StoredUser:
    """The user of a name.

    Raises:
        RecordNotFound: there is none, or it was deleted.
    """
    stored = users.by_username(connection, username)
    if stored is None or stored.deleted_at is not None:
        raise RecordNotFound("user", username[:60])
    return stored


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verifiers:
    password: str
    pin: str


def _hashed(new: NewUser) -> _Verifiers:
    """The verifiers of a new user's secrets, made before a transaction that others wait for."""
    password.check(new.password, (new.username, new.email, *new.name.split()))
    return _Verifiers(
        password=credential.digest(new.password),
        pin=credential.digest(check_new_pin(new.pin)) if new.pin else "",
    )


def _make(shop: Shop, connection: Connection, new: NewUser, made: _Verifiers) -> StoredUser:
    role = check_role(new.role)
    email = checked_email(new.email)
    user = check_user(
        User(
            id=shop.ids.new(),
            username=new.username.strip(),
            name=new.name.strip() or new.username.strip(),
            role=role.value,
            permissions_extra=check_permissions(new.permissions),
            warehouses=new.warehouses,
            partner=new.partner,
        )
    )
    now = shop.clock.now()
    stored = StoredUser(
        user=user,
        email=email,
        password_hash=made.password,
        pin_hash=made.pin,
        profile={**new.profile, **(password.given(made.password) if new.is_given else {})},
        created_at=now,
        changed_at=now,
    )
    users.add(connection, stored)
    return users.by_id(connection, user.id) or stored


def checked_email(email: str) -> str:
    """An e-mail address without the spaces around it, or nothing.

    Raises:
        EmailInvalid: it is none.
    """
    text = email.strip()
    if text and not _EMAIL.fullmatch(text):
        raise EmailInvalid(text)
    return text


def check_free(connection: Connection, username: str, email: str, *, but: str = "") -> None:
    """Neither word may be anybody's name or address, as both sign in (contract §2.1).

    Args:
        connection: where to look.
        username: the name; empty is not looked for.
        email: the address; empty is not looked for.
        but: the id of the user they may belong to.

    Raises:
        UserTaken: one belongs to somebody else.
    """
    for what, word in (("User name", username), ("E-mail", email)):
        if word and users.owners(connection, word) - {but}:
            raise UserTaken(what, word)


def row_of(connection: Connection, stored: StoredUser) -> UserRow:
    """A stored user as a list shows it."""
    return rows_of(connection, [stored])[0]


def rows_of(connection: Connection, found: Sequence[StoredUser]) -> list[UserRow]:
    """Stored users as a list shows them."""
    secured = factors.enabled(connection, [stored.user.id for stored in found])
    return [_row(stored, has_two_factor=stored.user.id in secured) for stored in found]


def _row(stored: StoredUser, *, has_two_factor: bool) -> UserRow:
    user, lockout = stored.user, stored.password_lockout
    return UserRow(
        id=user.id,
        number=stored.number,
        username=user.username,
        name=user.name,
        email=stored.email,
        role=user.role,
        is_active=user.is_active,
        failures=lockout.failures,
        locked_until=lockout.locked_until,
        warehouses=user.warehouses,
        permissions=tuple(sorted(user.permissions_extra)),
        effective=tuple(sorted(user.permissions)),
        partner=user.partner,
        profile=stored.profile,
        has_two_factor=has_two_factor,
        created_at=stored.created_at,
        changed_at=stored.changed_at,
        signed_in_at=stored.signed_in_at,
    )


def tell(
    shop: Shop,
    connection: Connection,
    by: str,
    *,
    action: str,
    subject: StoredUser,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Enter into the audit what was done to a user, and let the tills know."""
    audit.append(
        connection,
        at=shop.clock.now(),
        actor=by,
        action=action,
        subject=subject.user.username,
        details={"role": subject.user.role, **(facts or {})},
    )
    feed.changed_all(connection, [("user", subject.user.id)])
