"""Users: one name whatever its case, and lockouts that nobody loses by a restart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pos_app.domain.user import Lockout, User
from pos_app.store import user as users
from pos_app.store.engine import Store, open_store
from pos_app.store.fault import UniqueViolation
from pos_app.store.user import StoredUser

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
TENDAI = StoredUser(
    number=1,
    user=User(
        id="u1",
        username="Tendai",
        name="Tendai Moyo",
        role="Cashier",
        permissions_extra=frozenset({"drawer.open", "audit.view"}),
        warehouses=("W2", "W1"),
    ),
    email="tendai@shop.co.zw",
    password_hash="$argon2id$x",
    pin_hash="$argon2id$y",
    profile={"firstName": "Tendai", "sections": ["a"]},
    created_at=NOW,
    changed_at=NOW,
)


def another(user_id: str, username: str, role: str = "Manager") -> StoredUser:
    user = User(id=user_id, username=username, name=username, role=role)
    return StoredUser(user=user, created_at=NOW, changed_at=NOW)


@pytest.fixture
def shop(store: Store) -> Store:
    with store.write() as connection:
        users.add(connection, TENDAI)
    return store


def test_a_user_comes_back_as_it_was_added(shop: Store) -> None:
    with shop.read() as connection:
        assert users.by_id(connection, "u1") == TENDAI
        assert users.by_username(connection, "TENDAI ") == TENDAI
        assert users.by_username(connection, "tend") is None
        assert users.by_id(connection, "u2") is None


@pytest.mark.parametrize("username", ["tendai", "TENDAI", " Tendai"])
def test_one_name_belongs_to_one_user(shop: Store, username: str) -> None:
    with pytest.raises(UniqueViolation) as caught, shop.write() as connection:
        users.add(connection, another("u2", username))
    assert caught.value.constraint == "uq_users_username_key"


def test_case_means_nothing_beyond_ascii_either(store: Store) -> None:
    with store.write() as connection:
        users.add(connection, another("u1", "STRASSE"))
        assert users.by_username(connection, "straße") is not None


def test_wrong_tries_are_kept_apart_and_survive(shop: Store) -> None:
    locked = Lockout(5, NOW + timedelta(minutes=15))
    with shop.write() as connection:
        assert users.by_username(connection, "tendai", lock=True) == TENDAI
        users.set_password_lockout(connection, "u1", locked)
    with shop.write() as connection:
        users.set_pin_lockout(connection, "u1", Lockout(2))
        users.signed_in(connection, "u1", NOW)
        found = users.by_id(connection, "u1", lock=True)
    assert found == replace(
        TENDAI, password_lockout=locked, pin_lockout=Lockout(2), signed_in_at=NOW
    )


def test_lockouts_survive_closing_the_database(sqlite_store: Store) -> None:
    with sqlite_store.write() as connection:
        users.add(connection, TENDAI)
        users.set_pin_lockout(connection, "u1", Lockout(6, NOW))
    assert sqlite_store.path is not None
    sqlite_store.close()
    with open_store(sqlite_store.path) as store, store.read() as connection:
        found = users.by_id(connection, "u1")
    assert found is not None
    assert found.pin_lockout == Lockout(6, NOW)


def test_users_told_by_the_server_keep_their_own_counters_here(shop: Store) -> None:
    with shop.write() as connection:
        users.set_pin_lockout(connection, "u1", Lockout(3))
        users.signed_in(connection, "u1", NOW)
        told = replace(TENDAI, pin_hash="new", user=replace(TENDAI.user, role="Manager"))
        users.put(connection, [told, another("u2", "Rudo")])
        found = users.by_id(connection, "u1")
        assert found == replace(told, pin_lockout=Lockout(3), signed_in_at=NOW)
        assert users.by_username(connection, "rudo") == another("u2", "Rudo")


def test_changing_everything(shop: Store) -> None:
    changed = replace(TENDAI, user=replace(TENDAI.user, username="Tatenda", is_active=False))
    with shop.write() as connection:
        assert users.change(connection, changed)
        assert users.by_username(connection, "tatenda") == changed
        assert users.by_username(connection, "tendai") is None
        assert not users.change(connection, another("u9", "Nobody"))


def test_pages_and_counts(shop: Store) -> None:
    retired = another("u3", "anna")
    retired = replace(retired, user=replace(retired.user, is_active=False))
    with shop.write() as connection:
        users.add(connection, another("u2", "Rudo", role="Admin"))
        users.add(connection, retired)
        names = [stored.user.username for stored in users.page(connection, limit=2)]
        assert names == ["anna", "Rudo"]
        rest = [stored.user.username for stored in users.page(connection, after="RUDO", limit=2)]
        assert rest == ["Tendai"]
        active = users.page(connection, limit=9, is_active=True)
        assert [stored.user.username for stored in active] == ["Rudo", "Tendai"]
        assert users.count(connection) == 3
        assert users.count(connection, role="Admin") == 1
