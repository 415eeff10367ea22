"""What the server tells by itself: once for each matter, day and warehouse, whoever looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from pos_app.domain.notification import NotificationType
from pos_app.domain.permission import Actor, Role
from pos_app.services import api_key
from pos_app.services.notification import make, view
from pos_app.services.notification.make import Asked
from pos_app.services.notification.watch import Watcher
from pos_app.services.shop import Shop
from pos_app.store import fiscal as journal
from pos_app.store import incident, level
from pos_app.store.engine import Store
from pos_app.store.fiscal import fiscal_journal
from pos_app.store.level import Level
from tests.counter import counter
from tests.shops import open_shop

BOSS = Actor("U-B", "boss", Role.MANAGER, frozenset())
ADMIN = Actor("U-A", "admin", Role.ADMIN, frozenset())


def told(shop: Shop, actor: Actor = BOSS) -> list[Any]:
    return list(view.page(shop, actor, offset=0, limit=100).notifications)


def open_incident(shop: Shop, cause: str, rows: int) -> None:
    now = shop.clock.now()
    row = {
        "cause": cause,
        "sentence": "Account is locked.",
        "rows": rows,
        "most_rows": rows,
        "opened_at": now,
        "changed_at": now,
    }
    with shop.store.write() as connection:
        incident.begin(connection, [row])


def test_an_incident_is_told_once_a_day_by_whoever_sees_it(store: Store) -> None:
    shop = open_shop(store, role="server")
    open_incident(shop, "-5002: Account is locked.", 300)
    first, second = Watcher(shop), Watcher(shop)
    assert [first.look(), second.look(), first.look()] == [1, 0, 0]
    [one] = told(shop)
    assert one.title == "300 documents stand still on the way to SAP"
    assert "Account is locked." in one.message
    assert (one.type, one.category, one.created_by) == ("Error", "SAP", "server")
    open_incident(shop, "away", 1)
    assert first.look() == 1
    shop.clock.sleep(86_400)
    assert first.look() == 2, "the next day both again, since both still stand"


def test_what_runs_out_is_one_message_per_warehouse_and_day(store: Store) -> None:
    shop = open_shop(store, role="server")
    with shop.store.write() as connection:
        low = [Level(code, "SHOP1", Decimal(100), Decimal(1)) for code in ("MILK", "BREAD", "BOOK")]
        level.put(connection, [*low, Level("BANANA", "SHOP1", Decimal(5), Decimal(1))])
    watcher = Watcher(shop)
    assert [watcher.look(), watcher.look()] == [1, 0]
    [one] = told(shop)
    assert one.title == "3 items run out in SHOP1"
    assert "Milk 1 l (100)" in one.message
    assert "Bananas" not in one.message


def test_trouble_of_the_fiscal_device_is_told(sqlite_store: Store) -> None:
    till = counter(sqlite_store)
    till.sell("MILK", amount="20.00")
    shop = till.shop
    watcher = Watcher(shop)
    before = {one.title for one in told(shop)}
    assert before == set()
    shop.clock.sleep(16 * 60)
    assert watcher.look() == 1
    assert told(shop)[0].title == "1 receipts wait for the fiscal device"
    with shop.store.write() as connection:
        connection.execute(update(fiscal_journal).values(state="disputed"))
        assert journal.troubled(connection)
    watcher.look()
    assert "1 fiscal receipts are disputed" in {one.title for one in told(shop)}
    quiet = replace(shop.rules, fiscal=replace(shop.rules.fiscal, is_required=False))
    assert Watcher(replace(shop, rules=quiet)).look() == 0


def test_a_key_that_ends_soon_is_told_to_admins_once(store: Store) -> None:
    shop = open_shop(store, role="server")
    watcher = Watcher(shop)
    api_key.issue_for_till(shop, ADMIN, "T01", "till one", life=timedelta(days=20))
    api_key.issue_for_till(shop, ADMIN, "T02", "till two", life=timedelta(days=20))
    api_key.retire(shop, ADMIN, "till two")
    assert watcher.look() == 0
    shop.clock.sleep(timedelta(days=7).total_seconds())
    assert [watcher.look(), watcher.look()] == [1, 0]
    [one] = told(shop, ADMIN)
    assert one.title.startswith("API key till one ends on 2026-11-")
    assert told(shop) == [], "Admins alone look after keys"
    shop.clock.sleep(timedelta(days=14).total_seconds())
    assert watcher.look() == 0, "it has ended"


def test_what_is_put_away_is_not_told_again(store: Store) -> None:
    shop = open_shop(store, role="server")
    asked = Asked(
        title="Backup failed",
        message="No room.",
        type=NotificationType.ERROR,
        category="Backup",
    )
    assert make.tell(shop, "backup:1", asked)
    [one] = told(shop, ADMIN)
    assert told(shop) == [], "Admins alone look after backups"
    view.delete(shop, ADMIN, one.id)
    assert not make.tell(shop, "backup:1", asked)
    assert told(shop, ADMIN) == []
    shop.clock.sleep(timedelta(days=31).total_seconds())
    assert view.sweep(shop) == 1


@pytest.mark.parametrize("role", [Role.USER, Role.API_USER])
def test_an_unknown_category_is_for_admins(sqlite_store: Store, role: Role) -> None:
    shop = open_shop(sqlite_store, role="server")
    make.tell(shop, "odd", Asked(title="Odd", message="Odd.", category="Odd"))
    assert told(shop, Actor("U-X", "x", role, frozenset())) == []
    assert len(told(shop, ADMIN)) == 1
