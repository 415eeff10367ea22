"""Changing users: what they are called, what they may, whether they may come in at all.

Whatever changes who somebody is or what he may ends his sessions on every process; the tills learn
of it through the feed. Nobody is ever removed: the audit trail goes on naming him.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from pos_app.domain.grant import LastAdmin, check_grant, check_reach
from pos_app.domain.permission import (
    Actor,
    Permission,
    Role,
    check_permissions,
    check_role,
    require,
)
from pos_app.domain.user import SignInRefused, User, check_user
from pos_app.errors import RecordNotFound
from pos_app.services import notice, password, two_factor, user
from pos_app.services.shop import Shop
from pos_app.services.user import UserRow
from pos_app.store import password as passwords
from pos_app.store import session
from pos_app.store import user as users
from pos_app.store.fault import UniqueViolation
from pos_app.store.user import StoredUser


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be different about a user; None leaves it as it is.

    Attributes:
        permissions: all that is given beside the role's.
        profile: further facts by name; those named are replaced.
    """

    username: str | None = None
    name: str | None = None
    email: str | None = None
    role: str | None = None
    is_active: bool | None = None
    permissions: frozenset[str] | None = None
    warehouses: tuple[str, ...] | None = None
    profile: Mapping[str, Any] | None = None


def change(shop: Shop, actor: Actor, number: int, wanted: Change) -> UserRow:
    """Change a user.

    Raises:
        PermissionMissing: the actor may not edit users, or not give roles or permissions.
        RecordNotFound: there is no such user.
        UserOutOfReach, GrantTooWide: the user may more than the actor, or would.
        LastAdmin: nobody could administer any more.
        RoleUnknown, PermissionUnknown, UserInvalid, EmailInvalid, UserTaken: not with these words.
    """
    require(actor, Permission.USERS_EDIT)
    try:
        with shop.store.write() as connection:
            return _change(shop, connection, actor, number, wanted, action="user.change")
    except UniqueViolation:
        raise user.UserTaken("User name", wanted.username or "") from None


def set_active(shop: Shop, actor: Actor, number: int, *, is_active: bool) -> UserRow:
    """Let a user in again, or not any more.

    Raises:
        PermissionMissing, RecordNotFound, UserOutOfReach, LastAdmin: as `change`.
    """
    require(actor, Permission.USERS_EDIT)
    action = "user.activate" if is_active else "user.deactivate"
    with shop.store.write() as connection:
        wanted = Change(is_active=is_active)
        return _change(shop, connection, actor, number, wanted, action=action)


def grant(
    shop: Shop, actor: Actor, number: int, permissions: Iterable[str], *, replaces: bool
) -> UserRow:
    """Give a user permissions beside the role's, in the place of those given before or with them.

    Raises:
        PermissionMissing: the actor may not give permissions.
        PermissionUnknown: there is none of that name.
        RecordNotFound, UserOutOfReach, GrantTooWide: as `change`.
    """
    require(actor, Permission.USERS_MANAGE_PERMISSIONS)
    told = check_permissions(permissions)
    with shop.store.write() as connection:
        stored = _within_reach(connection, actor, number)
        extra = told if replaces else told | stored.user.permissions_extra
        check_grant(actor, stored.user.role, extra)
        made = replace(stored, user=replace(stored.user, permissions_extra=extra))
        return _keep(shop, connection, actor, stored, made, action="user.grant")


def retire(shop: Shop, actor: Actor, number: int) -> UserRow:
    """Deactivate a user at the request of somebody who may delete users.

    Raises:
        PermissionMissing: not this actor.
        RecordNotFound, UserOutOfReach, LastAdmin: as `change`.
    """
    require(actor, Permission.USERS_DELETE)
    with shop.store.write() as connection:
        stored = _within_reach(connection, actor, number)
        told = replace(stored, user=replace(stored.user, is_active=False))
        return _keep(shop, connection, actor, stored, told, action="user.deactivate")


def delete(shop: Shop, actor: Actor, number: int) -> None:
    """Remove a user from every list, with all secrets; the name stays taken, as the audit has it.

    Raises:
        PermissionMissing, RecordNotFound, UserOutOfReach, LastAdmin: as `retire`.
    """
    require(actor, Permission.USERS_DELETE)
    with shop.store.write() as connection:
        stored = _within_reach(connection, actor, number)
        gone = replace(
            stored,
            user=replace(stored.user, is_active=False),
            email="",
            password_hash="",
            pin_hash="",
            deleted_at=shop.clock.now(),
        )
        two_factor.reset(shop, connection, stored, by=actor.username)
        _keep(shop, connection, actor, stored, gone, action="user.delete")


def unlock(shop: Shop, actor: Actor, number: int, *, forgets: bool = True) -> UserRow:
    """Lift the locks of a user.

    Raises:
        PermissionMissing, RecordNotFound, UserOutOfReach: as `change`.
    """
    require(actor, Permission.USERS_EDIT)
    with shop.store.write() as connection:
        stored = _within_reach(connection, actor, number)
        return user.lift(shop, connection, stored, by=actor.username, forgets=forgets)


def reset_two_factor(shop: Shop, actor: Actor, number: int) -> bool:
    """Take a user's second factor away; False when there was none.

    Raises:
        PermissionMissing, RecordNotFound, UserOutOfReach: as `change`.
    """
    require(actor, Permission.USERS_EDIT)
    with shop.store.write() as connection:
        stored = _within_reach(connection, actor, number)
        return two_factor.reset(shop, connection, stored, by=actor.username)


def set_password(shop: Shop, actor: Actor, number: int, new: str) -> None:
    """Give a user another password; every session of the user ends.

    Raises:
        PermissionMissing, RecordNotFound, UserOutOfReach: as `change`.
        SecretTooWeak, PasswordUsedBefore, PasswordMoved: not this one.
    """
    require(actor, Permission.USERS_EDIT)
    with shop.store.read() as connection:
        stored = _within_reach(connection, actor, number, lock=False)
    fresh = password.prepare(shop, stored, new)
    with shop.store.write() as connection:
        password.put(shop, connection, fresh, by=actor.username, action="password.set")


def rename(
    shop: Shop, actor: Actor, *, secret: str, username: str | None, email: str | None, keeps: str
) -> UserRow:
    """Change the own user name or e-mail address, by password; other sessions end.

    Args:
        shop: the server.
        actor: who.
        secret: the password.
        username: the new name; None leaves it.
        email: the new address; None leaves it.
        keeps: the session that goes on.

    Raises:
        CurrentPasswordWrong, OwnSecretLocked: not with this password.
        UserInvalid, EmailInvalid, UserTaken: not with these words.
    """
    password.prove(shop, actor, secret)
    try:
        with shop.store.write() as connection:
            stored = users.by_id(connection, actor.user_id, lock=True)
            if stored is None:
                raise SignInRefused
            told = _renamed(stored, Change(username=username, email=email))
            return _keep(shop, connection, actor, stored, told, action="user.rename", keeps=keeps)
    except UniqueViolation:
        raise user.UserTaken("User name", username or "") from None


def _change(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    number: int,
    wanted: Change,
    *,
    action: str,
) -> UserRow:
    stored = _within_reach(connection, actor, number)
    told = _renamed(stored, wanted)
    role = check_role(wanted.role) if wanted.role is not None else told.user.role
    extra = told.user.permissions_extra
    if wanted.permissions is not None:
        extra = check_permissions(wanted.permissions)
    if role != stored.user.role:
        require(actor, Permission.USERS_MANAGE_ROLES)
    if extra != stored.user.permissions_extra:
        require(actor, Permission.USERS_MANAGE_PERMISSIONS)
    check_grant(actor, role, extra)
    made = replace(
        told.user,
        role=str(role),
        permissions_extra=extra,
        is_active=told.user.is_active if wanted.is_active is None else wanted.is_active,
        warehouses=told.user.warehouses if wanted.warehouses is None else wanted.warehouses,
    )
    profile = {**told.profile, **(wanted.profile or {})}
    return _keep(
        shop,
        connection,
        actor,
        stored,
        replace(told, user=made, profile=profile),
        action=action,
    )


def _renamed(stored: StoredUser, wanted: Change) -> StoredUser:
    known = stored.user
    made = replace(
        known,
        username=known.username if wanted.username is None else wanted.username.strip(),
        name=known.name if wanted.name is None else wanted.name.strip() or known.username,
    )
    email = stored.email if wanted.email is None else user.checked_email(wanted.email)
    return replace(stored, user=made, email=email)


def _within_reach(
    connection: Connection, actor: Actor, number: int, *, lock: bool = True
) -> StoredUser:
    # Admins first, always in this order: two who change each other wait and never meet.
    if lock:
        users.lock_admins(connection)
    stored = users.by_number(connection, number, lock=lock)
    if stored is None or stored.deleted_at is not None:
        raise RecordNotFound("user", number)
    check_reach(actor, stored.user)
    return stored


def _keep(
    shop: Shop,
    connection: Connection,
    actor: Actor,
    before: StoredUser,
    after: StoredUser,
    *,
    action: str,
    keeps: str = "",
) -> UserRow:
    check_user(after.user)
    steps_down = _administers(before.user) and not _administers(after.user)
    if steps_down and not users.lock_admins(connection) - {before.user.id}:
        raise LastAdmin(before.user.username)
    facts = _difference(before, after)
    if not facts and after == before:
        return user.row_of(connection, before)
    now = shop.clock.now()
    # The audit chain has one writer at a time: behind it nobody else takes the same words.
    user.tell(shop, connection, actor.username, action=action, subject=before, facts=facts)
    user.check_free(
        connection,
        after.user.username if after.user.username != before.user.username else "",
        after.email if after.email != before.email else "",
        but=before.user.id,
    )
    if {"email", "username"} & set(facts):
        told = f"Your sign-in is now {after.user.username}, {after.email or 'without e-mail'}."
        notice.tell(shop, connection, before.user.username, before.email, what=told)
    changed = replace(after, changed_at=now)
    users.change(connection, changed)
    if set(facts) & _ENDING:
        passwords.void_tokens(connection, before.user.id)
        session.end_all(connection, before.user.id, at=now, reason="user changed", but=keeps)
    return user.row_of(connection, changed)


_ENDING = {"username", "email", "role", "permissions", "is_active", "deleted"}
"""Whoever is changed in one of these signs in again."""


def _administers(found: User) -> bool:
    return found.role == Role.ADMIN and found.is_active


def _difference(before: StoredUser, after: StoredUser) -> dict[str, Any]:
    """What changed, by name, as the audit tells it; secrets are no part of it."""
    pairs: dict[str, tuple[Any, Any]] = {
        "username": (before.user.username, after.user.username),
        "name": (before.user.name, after.user.name),
        "email": (before.email, after.email),
        "role": (before.user.role, after.user.role),
        "is_active": (before.user.is_active, after.user.is_active),
        "permissions": (
            sorted(before.user.permissions_extra),
            sorted(after.user.permissions_extra),
        ),
        "warehouses": (list(before.user.warehouses), list(after.user.warehouses)),
        "deleted": (before.deleted_at is not None, after.deleted_at is not None),
        "profile": (dict(before.profile), dict(after.profile)),
    }
    return {name: {"from": old, "to": new} for name, (old, new) in pairs.items() if old != new}
