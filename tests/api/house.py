"""A server for tests: its shop, its people, and a client that signs in."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from pos_app.api.app import create_app
from pos_app.api.settings import ApiSettings
from pos_app.domain.partner import Partner
from pos_app.domain.permission import Role
from pos_app.domain.user import User
from pos_app.ids import SeededIds
from pos_app.services import api_key, session
from pos_app.services.shop import Shop
from pos_app.store import partner, rate_limit, rebase, user, warehouse
from pos_app.store.engine import Store
from pos_app.store.user import StoredUser
from pos_app.store.warehouse import Warehouse
from tests.shops import MORNING, PASSWORD, FixedClock, _digest, actor, fill, shop_rules

SECRET = "a signing secret that is longer than sixty-four bytes, so that HS512 takes it too"
WAREHOUSE = "SHOP1"
OTHER = "DEPOT"
ROLES = tuple(role.value for role in Role)
METHODS = {"Cashier": ["Cash", "Transfer"]}
OWN = {"Customer": "C0001"}
PLACED = {"StockController": (WAREHOUSE,), "DepotController": (OTHER,)}


def name_of(role: str) -> str:
    return f"the-{role.lower()}"


@dataclass
class House:
    """One server at work and ways to talk to it."""

    shop: Shop
    clock: FixedClock
    app: FastAPI
    client: TestClient

    def token(self, role: str = "Admin") -> str:
        """An access token of a real session, without the time a password takes to check."""
        with self.shop.store.write() as connection:
            found = user.by_username(connection, name_of(role))
            assert found is not None
            begun = session._begin(self.shop, connection, found, address="")
        return str(self.app.state.context.tokens.issue(begun.account, begun.session_id).token)

    def key(self, role: str = "ApiUser", name: str = "program") -> str:
        return api_key.issue(self.shop, actor("manager"), name_of(role), name).key

    def till_key(self, till: str = "T01") -> str:
        return api_key.issue_for_till(self.shop, actor("manager"), till, f"till-{till}").key

    def as_local(self) -> Caller:
        """Nobody, on the server's own machine."""
        return Caller(TestClient(self.app, client=("127.0.0.1", 5)), {})

    def fresh_limits(self) -> None:
        """Forget every request so far, for tests that ask more than a client may."""
        with self.shop.store.write() as connection:
            rate_limit.reset(connection, None)
        self.app.state.context.limiter.start_afresh()

    def as_role(self, role: str = "Admin") -> Caller:
        return Caller(self.client, {"Authorization": f"Bearer {self.token(role)}"})


@dataclass
class Caller:
    """A client with credentials."""

    client: TestClient
    headers: dict[str, str]

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(path, params=query or None, headers=self.headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.post(path, json=body, headers=self.headers | _dashed(headers))

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.put(path, json=body, headers=self.headers | _dashed(headers))

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.patch(path, json=body, headers=self.headers | _dashed(headers))

    def delete(self, path: str, **query: Any) -> Any:
        return self.client.delete(path, params=query or None, headers=self.headers)


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def build(store: Store, *, has_sap: bool = True, **settings: Any) -> House:
    """A server on a store, with people of every role and two warehouses."""
    if settings:
        shop, clock, app = make(has_sap, **settings)
    else:
        shop, clock, app = _kept(has_sap)
    return fit((shop, clock, app), store)


def fit(made: tuple[Shop, FixedClock, FastAPI], store: Store) -> House:
    """A server that was made before, on a store of its own, on the first morning."""
    shop, clock, app = made
    clock._now = MORNING
    app.state.context.limiter.start_afresh()
    object.__setattr__(shop, "store", store)
    object.__setattr__(shop, "ids", SeededIds(random.Random(7), clock.now))
    fill(shop)
    people(shop, ROLES)
    goods(shop)
    return House(shop, clock, app, TestClient(app, raise_server_exceptions=False))


@cache
def _kept(has_sap: bool) -> tuple[Shop, FixedClock, FastAPI]:
    """An application takes its time to get up; most tests share one and bring a store each."""
    return make(has_sap)


def make(has_sap: bool, **settings: Any) -> tuple[Shop, FixedClock, FastAPI]:
    clock = FixedClock()
    nothing: Any = None
    shop = Shop(
        store=nothing,
        clock=clock,
        ids=SeededIds(random.Random(7), clock.now),
        rules=shop_rules(role="server", till="SRV", has_sap=has_sap),
    )
    return shop, clock, create_app(shop, ApiSettings(jwt_secret=SECRET, **settings))


def people(shop: Shop, roles: Iterable[str]) -> None:
    now = shop.clock.now()
    with shop.store.write() as connection:
        for role in roles:
            found = User(
                f"U-{role}",
                name_of(role),
                role,
                role,
                warehouses=PLACED.get(role, ()),
                partner=OWN.get(role, ""),
            )
            user.add(
                connection,
                StoredUser(
                    user=found,
                    email=f"{role.lower()}@example.com",
                    password_hash=_digest(PASSWORD),
                    profile={"payment_methods": METHODS.get(role, [])},
                    created_at=now,
                    changed_at=now,
                ),
            )


def goods(shop: Shop) -> None:
    now = shop.clock.now()
    with shop.store.write() as connection:
        warehouse.put(
            connection,
            [
                Warehouse(WAREHOUSE, "Shop one", "1 First Street", "Harare"),
                Warehouse(OTHER, "Depot", "2 Second Street", "Bulawayo"),
                Warehouse("OLD", "Closed", is_active=False),
            ],
        )
        partner.put(
            connection,
            [
                Partner("S0001", "Dairy Supplies", "1", "USD", kind="supplier"),
                Partner("C0002", "Second Canteen", "1", "##"),
                Partner("C0009", "Frozen Customer", "1", "USD", is_active=False),
            ],
            at=now,
        )
        rebase.rebase(connection, [_place("MILK", OTHER, "7", now)])


def _place(item: str, place: str, quantity: str, now: datetime) -> dict[str, Any]:
    return {
        "item": item,
        "warehouse": place,
        "base": Decimal(quantity),
        "base_seq": 1,
        "committed": Decimal(0),
        "ordered": Decimal(0),
        "changed_at": now,
    }


def invoice_body(**changes: Any) -> dict[str, Any]:
    """An invoice for ten litres of milk."""
    line = {"itemCode": "MILK", "quantity": 10, "unitPrice": 1.99, "warehouseCode": WAREHOUSE}
    return {
        "cardCode": "C0001",
        "numAtCard": "PO-1",
        "docCurrency": "USD",
        "lines": [line],
    } | changes


def on_hand(shop: Shop, item: str, place: str = WAREHOUSE) -> Decimal:
    from pos_app.store import stock

    with shop.store.read() as connection:
        found: Decimal = stock.of_places(connection, [(item, place)])[item, place]["on_hand"]
    return found


SOON = date(2026, 11, 20)
