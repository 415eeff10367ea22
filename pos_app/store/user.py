"""Users, the verifiers of their secrets, and the wrong tries that lock them out."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Text,
    bindparam,
    func,
    literal,
    or_,
    select,
    update,
)

from pos_app.domain.permission import Role
from pos_app.domain.user import Lockout, User
from pos_app.store import setting
from pos_app.store.fast import Prepared, Record
from pos_app.store.schema import Flag, Id, Instant, Json, big, table

users = table(
    "users",
    Column("id", Id, primary_key=True),
    Column("number", big(), unique=True),  # what the contract calls a user by; a till has none
    Column("username", Text, nullable=False),
    Column("username_key", Id, nullable=False, unique=True),  # the name without its case
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("is_active", Flag, nullable=False),
    Column("permissions_extra", Json, nullable=False),
    Column("warehouses", Json, nullable=False),
    Column("partner", Text, nullable=False),  # whose portal account it is; staff has none
    Column("profile", Json, nullable=False),  # what only the office asks for, by its own names
    Column("password_hash", Text, nullable=False),
    Column("pin_hash", Text, nullable=False),
    Column("password_failures", Integer, nullable=False),
    Column("password_locked_until", Instant),
    Column("pin_failures", Integer, nullable=False),
    Column("pin_locked_until", Instant),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("signed_in_at", Instant),
    Column("deleted_at", Instant),  # never listed again; the name stays taken, as the audit has it
)

NO_WRONG_TRIES = Lockout()
SERIES = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredUser:
    """A user with what is kept of the secrets; empty verifiers match nothing.

    Attributes:
        number: counted up where the user was made; 0 elsewhere.
        profile: further facts by the names of whoever asks for them; no rule reads them here.
        deleted_at: since when the user is gone for good.
    """

    user: User
    number: int = 0
    email: str = ""
    password_hash: str = ""
    pin_hash: str = ""
    password_lockout: Lockout = NO_WRONG_TRIES
    pin_lockout: Lockout = NO_WRONG_TRIES
    profile: Mapping[str, Any] = field(default_factory=dict)
    created_at: datetime
    changed_at: datetime
    signed_in_at: datetime | None = None
    deleted_at: datetime | None = None


def key_of(username: str) -> str:
    """What tells two user names apart: neither case, nor spaces at the ends, nor spelling do."""
    return unicodedata.normalize("NFKC", username).strip().casefold()


def by_id(connection: Connection, user_id: str, *, lock: bool = False) -> StoredUser | None:
    """One user; `lock` keeps others from changing it until the transaction ends."""
    row = (_HELD_BY_ID if lock else _BY_ID).first_mapping(connection, {"of_id": user_id})
    return _user(row) if row else None


def by_username(connection: Connection, username: str, *, lock: bool = False) -> StoredUser | None:
    """One user by name, whatever its case; `lock` as for `by_id`, to count wrong tries."""
    told = {"of_key": key_of(username)}
    row = (_HELD_BY_KEY if lock else _BY_KEY).first_mapping(connection, told)
    return _user(row) if row else None


def by_number(connection: Connection, number: int, *, lock: bool = False) -> StoredUser | None:
    """One user by number, deleted ones too; `lock` as for `by_id`."""
    query = select(users).where(users.c.number == number)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    return _user(row) if row else None


def owners(connection: Connection, word: str) -> set[str]:
    """The ids of those whose user name or e-mail address this is, whatever its case."""
    key = key_of(word)
    mine = or_(users.c.username_key == key, func.lower(users.c.email) == key)
    return set(connection.execute(select(users.c.id).where(mine)).scalars())


def ids_of(connection: Connection, usernames: Iterable[str | None]) -> dict[str, str]:
    """The identities of people by the names they signed with; who is not known is left out."""
    keys = {key_of(name): name for name in usernames if name}
    query = select(users.c.username_key, users.c.id).where(users.c.username_key.in_(keys))
    return {keys[row.username_key]: row.id for row in connection.execute(query)} if keys else {}


def by_email(connection: Connection, email: str) -> StoredUser | None:
    """The one user with this e-mail address, whatever its case; None when several have it."""
    wanted = key_of(email)
    if "@" not in wanted:
        return None
    rows = (
        connection.execute(select(users).where(func.lower(users.c.email) == wanted))
        .mappings()
        .all()
    )
    return _user(rows[0]) if len(rows) == 1 else None


def page(
    connection: Connection, *, after: str = "", limit: int, is_active: bool | None = None
) -> list[StoredUser]:
    """The next users by name behind the user name `after`; a short page is the last one."""
    query = select(users).where(users.c.username_key > key_of(after))
    if is_active is not None:
        query = query.where(users.c.is_active == is_active)
    rows = connection.execute(query.order_by(users.c.username_key).limit(limit)).mappings()
    return [_user(row) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which users a list shows; what is empty or None is not asked for.

    Attributes:
        search: part of the name, user name or e-mail, in any case.
    """

    search: str = ""
    role: str = ""
    is_active: bool | None = None


def found(connection: Connection, wanted: Wanted, *, offset: int, limit: int) -> list[StoredUser]:
    """A page of the users who are not deleted, by name."""
    query = select(users).where(*_fits(wanted)).order_by(users.c.username_key)
    rows = connection.execute(query.offset(offset).limit(limit)).mappings()
    return [_user(row) for row in rows]


def found_count(connection: Connection, wanted: Wanted) -> int:
    """How many users such a list has in all."""
    query = select(func.count()).select_from(users).where(*_fits(wanted))
    return int(connection.execute(query).scalar_one())


def _fits(wanted: Wanted) -> list[ColumnElement[bool]]:
    tests: list[ColumnElement[bool]] = [users.c.deleted_at.is_(None)]
    if wanted.search:
        parts = (users.c.username, users.c.name, users.c.email)
        tests.append(or_(*(part.icontains(wanted.search, autoescape=True) for part in parts)))
    if wanted.role:
        tests.append(users.c.role == wanted.role)
    if wanted.is_active is not None:
        tests.append(users.c.is_active == literal(wanted.is_active, Flag()))
    return tests


def lock_admins(connection: Connection) -> set[str]:
    """The ids of those who can administer now; nobody else changes them until the transaction ends.

    Ordered, so that two who lock them at once wait for each other and never in a circle.
    """
    able = (users.c.role == Role.ADMIN.value, users.c.is_active == literal(True, Flag()))
    query = select(users.c.id).where(*able, users.c.deleted_at.is_(None)).order_by(users.c.id)
    return set(connection.execute(query.with_for_update()).scalars())


def count(connection: Connection, *, role: str | None = None) -> int:
    """How many users there are, active or not."""
    query = select(func.count()).select_from(users)
    if role is not None:
        query = query.where(users.c.role == role)
    return int(connection.execute(query).scalar_one())


def add(connection: Connection, stored: StoredUser) -> None:
    """Insert a user with the next number, or with its own where it has one already.

    Raises:
        UniqueViolation: the name is taken (``uq_users_username_key``).
    """
    row = _row(stored)
    if stored.number:
        setting.at_least(connection, SERIES, stored.number)
    else:
        row["number"] = setting.next_number(connection, SERIES)
    connection.execute(users.insert(), row)


def put(connection: Connection, told: Iterable[StoredUser]) -> None:
    """Insert or change users as another place keeps them, all but this place's own counters.

    Wrong tries and sign-ins are counted where they happen: a user who is there already keeps them.
    """
    for row in map(_row, told):
        told_row = {name: value for name, value in row.items() if name not in _OWN_COLUMNS}
        changed = update(users).where(users.c.id == row["id"]).values(told_row)
        if connection.execute(changed).rowcount == 0:
            connection.execute(users.insert(), row)


def change(connection: Connection, stored: StoredUser) -> bool:
    """Replace a user with its secrets and counters; False when there is none of this id."""
    row = _row(stored)
    return (
        connection.execute(update(users).where(users.c.id == row["id"]).values(row)).rowcount == 1
    )


def set_password(
    connection: Connection, user_id: str, verifier: str, *, was: str, at: datetime
) -> bool:
    """Replace the verifier of a password; False when it is not `was` any more."""
    mine = (users.c.id == user_id) & (users.c.password_hash == was)
    told = {"password_hash": verifier, "changed_at": at}
    return connection.execute(update(users).where(mine).values(told)).rowcount == 1


def set_password_lockout(connection: Connection, user_id: str, lockout: Lockout) -> None:
    """Keep how often the password was wrong."""
    told = {"password_failures": lockout.failures, "password_locked_until": lockout.locked_until}
    connection.execute(update(users).where(users.c.id == user_id).values(told))


def set_pin_lockout(connection: Connection, user_id: str, lockout: Lockout) -> None:
    """Keep how often the PIN was wrong."""
    told = {"pin_failures": lockout.failures, "pin_locked_until": lockout.locked_until}
    connection.execute(update(users).where(users.c.id == user_id).values(told))


def signed_in(connection: Connection, user_id: str, at: datetime) -> None:
    """Note when the user last signed in."""
    connection.execute(update(users).where(users.c.id == user_id).values(signed_in_at=at))


def _user(row: Record) -> StoredUser:
    return StoredUser(
        user=User(
            id=row["id"],
            username=row["username"],
            name=row["name"],
            role=row["role"],
            is_active=row["is_active"],
            permissions_extra=frozenset(row["permissions_extra"]),
            warehouses=tuple(row["warehouses"]),
            partner=row["partner"],
        ),
        number=row["number"] or 0,
        email=row["email"],
        password_hash=row["password_hash"],
        pin_hash=row["pin_hash"],
        password_lockout=Lockout(row["password_failures"], row["password_locked_until"]),
        pin_lockout=Lockout(row["pin_failures"], row["pin_locked_until"]),
        profile=row["profile"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        signed_in_at=row["signed_in_at"],
        deleted_at=row["deleted_at"],
    )


def _row(stored: StoredUser) -> dict[str, Any]:
    user = stored.user
    return {
        "id": user.id,
        "number": stored.number or None,
        "username": user.username,
        "username_key": key_of(user.username),
        "name": user.name,
        "email": stored.email,
        "role": user.role,
        "is_active": user.is_active,
        "permissions_extra": sorted(user.permissions_extra),
        "warehouses": list(user.warehouses),
        "partner": user.partner,
        "profile": dict(stored.profile),
        "password_hash": stored.password_hash,
        "pin_hash": stored.pin_hash,
        "password_failures": stored.password_lockout.failures,
        "password_locked_until": stored.password_lockout.locked_until,
        "pin_failures": stored.pin_lockout.failures,
        "pin_locked_until": stored.pin_lockout.locked_until,
        "created_at": stored.created_at,
        "changed_at": stored.changed_at,
        "signed_in_at": stored.signed_in_at,
        "deleted_at": stored.deleted_at,
    }


_OWN_COLUMNS = {
    "number",
    "password_failures",
    "password_locked_until",
    "pin_failures",
    "pin_locked_until",
    "created_at",
    "signed_in_at",
}
_OF_ID = select(users).where(users.c.id == bindparam("of_id"))
_OF_KEY = select(users).where(users.c.username_key == bindparam("of_key"))
_BY_ID, _HELD_BY_ID = Prepared(_OF_ID), Prepared(_OF_ID.with_for_update())
_BY_KEY, _HELD_BY_KEY = Prepared(_OF_KEY), Prepared(_OF_KEY.with_for_update())
