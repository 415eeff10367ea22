"""Users as lists and pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pos_app.domain.permission import Permission
from pos_app.errors import RecordNotFound
from pos_app.services.shop import Shop
from pos_app.services.user import UserRow, row_of, rows_of
from pos_app.store import user as users
from pos_app.store.user import StoredUser, Wanted


@dataclass(frozen=True, slots=True)
class Found:
    """A page of users, and how many there are in all."""

    rows: list[UserRow]
    total: int


def page(
    shop: Shop,
    *,
    search: str = "",
    role: str = "",
    is_active: bool | None = None,
    offset: int,
    limit: int,
) -> Found:
    """Users by name; those that were deleted are in no list."""
    wanted = Wanted(search=search.strip(), role=role, is_active=is_active)
    with shop.store.read() as connection:
        rows = users.found(connection, wanted, offset=offset, limit=limit)
        total = users.found_count(connection, wanted)
        return Found(rows_of(connection, rows), total)


def by_number(shop: Shop, number: int) -> UserRow:
    """One user.

    Raises:
        RecordNotFound: there is none of this number, or it was deleted.
    """
    with shop.store.read() as connection:
        stored = users.by_number(connection, number)
        return row_of(connection, _there(stored, number))


def by_id(shop: Shop, user_id: str) -> UserRow:
    """One user by identity.

    Raises:
        RecordNotFound: as `by_number`.
    """
    with shop.store.read() as connection:
        return row_of(connection, _there(users.by_id(connection, user_id), user_id))


def permissions() -> Mapping[str, list[str]]:
    """Every permission there is, by what it is about."""
    grouped: dict[str, list[str]] = {}
    for permission in Permission:
        grouped.setdefault(permission.partition(".")[0], []).append(permission.value)
    return grouped


def _there(stored: StoredUser | None, key: object) -> StoredUser:
    if stored is None or stored.deleted_at is not None:
        raise RecordNotFound("user", key)
    return stored
