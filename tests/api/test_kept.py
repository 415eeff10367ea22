"""Answers given again: only while nothing has changed, and only to whom they were given.

Every change shows in the very next answer; what stands around one is of each request alone.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from pos_app.api import shopinventory
from pos_app.api.kept import MOST_EACH, KeptAnswers, KeptRoute
from pos_app.api.shelf import Shelf
from pos_app.api.standstills import Standstills
from pos_app.domain.currency import Rate
from pos_app.domain.price import ListPrice, SpecialPrice
from pos_app.services import api_key, catalogue, standstill
from pos_app.services.rate_limit import board, setting
from pos_app.services.standstill import Standstill
from pos_app.store import currency, price, rebase, user
from pos_app.store import session as sessions
from pos_app.store.engine import Store, open_store
from pos_app.store.version import Version
from tests.api.house import WAREHOUSE, Caller, House, _place, build, name_of
from tests.shops import MORNING, actor

PRODUCT = "/api/Product/MILK"
PAGE = f"/api/Stock/warehouse/{WAREHOUSE}/paged"
CUSTOMER = "/api/Price/by-customer/C0001"
ROUTES = {
    "/Product": "/Product",
    "/Product/warehouse/{warehouseCode}": "/Product/warehouse/SHOP1",
    "/Product/warehouse/{warehouseCode}/paged": "/Product/warehouse/SHOP1/paged?page=1&pageSize=2",
    "/Product/warehouse/{warehouseCode}/item/{itemCode}/batches": (
        "/Product/warehouse/SHOP1/item/YOGHURT/batches"
    ),
    "/Product/{itemCode}": "/Product/MILK",
    "/Product/{itemCode}/batches": "/Product/YOGHURT/batches",
    "/Stock/warehouses": "/Stock/warehouses",
    "/Stock/warehouse-codes": "/Stock/warehouse-codes",
    "/Stock/warehouse/{code}": "/Stock/warehouse/SHOP1",
    "/Stock/warehouse/{warehouseCode}/paged": "/Stock/warehouse/SHOP1/paged",
    "/Stock/warehouse/{warehouseCode}/items": "/Stock/warehouse/SHOP1/items?itemCodes=MILK",
    "/Stock/batch/{warehouseCode}/{itemCode}": "/Stock/batch/SHOP1/YOGHURT",
    "/Price": "/Price",
    "/Price/cached": "/Price/cached",
    "/Price/by-customer/{cardCode}": "/Price/by-customer/C0001",
    "/Price/grouped": "/Price/grouped",
    "/Price/currency/{currency}": "/Price/currency/USD",
    "/Price/pricelists": "/Price/pricelists",
    "/Price/pricelists/{priceListNum}/items": "/Price/pricelists/1/items",
    "/Price/pricelists/{priceListNum}/items/{itemCode}": "/Price/pricelists/1/items/MILK",
    "/Price/businesspartner/{cardCode}": "/Price/businesspartner/C0001",
    "/Price/{itemCode}": "/Price/MILK",
    "/ExchangeRate": "/ExchangeRate",
    "/ExchangeRate/convert": "/ExchangeRate/convert?from=USD&to=ZIG&amount=2",
    "/ExchangeRate/{fromCurrency}/{toCurrency}": "/ExchangeRate/USD/ZIG",
    "/ExchangeRate/{fromCurrency}/{toCurrency}/history": "/ExchangeRate/USD/ZIG/history",
}


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of requests that were not answered from memory."""
    found: list[str] = []
    inner = KeptAnswers._make

    async def make(self: KeptAnswers, scope: Any, *rest: Any, **named: Any) -> None:
        found.append(scope["path"])
        await inner(self, scope, *rest, **named)

    monkeypatch.setattr(KeptAnswers, "_make", make)
    return found


def warm(caller: Caller, path: str, asked: list[str]) -> Any:
    """Ask until the answer comes from memory; a portion of the limit is taken in between."""
    for _ in range(4):
        before = len(asked)
        answer = caller.get(path)
        if len(asked) == before:
            return answer
    raise AssertionError(f"{path} is never kept: {answer.status_code} {answer.text[:200]}")


def milk(house: House) -> None:
    with house.shop.store.write() as connection:
        price.put(connection, [ListPrice("MILK", "1", Decimal("7.77"))])


def moved(house: House) -> None:
    with house.shop.store.write() as connection:
        place = _place("MILK", WAREHOUSE, "777", house.clock.now())
        rebase.rebase(connection, [place | {"base_seq": 2}])


def rate(house: House) -> None:
    with house.shop.store.write() as connection:
        told = Rate("USD", "ZIG", Decimal("77.7"), house.clock.now())
        currency.add_rate(connection, told, source="test")


def role(wanted: str) -> Callable[[House], None]:
    def change(house: House) -> None:
        with house.shop.store.write() as connection:
            found = user.by_username(connection, name_of("DepotController"))
            assert found is not None
            user.change(connection, replace(found, user=replace(found.user, role=wanted)))

    return change


def inactive(house: House) -> None:
    with house.shop.store.write() as connection:
        found = user.by_username(connection, name_of("StockController"))
        assert found is not None
        user.change(connection, replace(found, user=replace(found.user, is_active=False)))


def ended(house: House) -> None:
    with house.shop.store.write() as connection:
        sessions.end_every(connection, at=house.clock.now(), reason="test")


def revoked(house: House) -> None:
    api_key.retire(house.shop, actor("manager"), "program")


def blocked(house: House) -> None:
    limiter, client = house.app.state.context.limiter, f"user:{name_of('Manager')}"
    board.block(
        house.shop, limiter, actor("manager"), client, minutes=5, reason="too eager", own=()
    )


def limited(house: House) -> None:
    limiter = house.app.state.context.limiter
    setting.change(house.shop, actor("manager"), replace(limiter.config, requests=77))
    limiter.refresh()


def at(moment: timedelta) -> Callable[[House], None]:
    def change(house: House) -> None:
        house.clock._now = MORNING + moment

    return change


def tomorrow(house: House) -> None:
    """No commit at all, but the shop's day ends."""
    house.clock._now = MORNING + timedelta(days=1)


@dataclass(frozen=True)
class Change:
    """Something that happens, and what the next answer has to show of it."""

    name: str
    do: Callable[[House], None]
    shows: Callable[[Any], bool]
    path: str = PRODUCT
    by: str = "Cashier"


def status(wanted: int) -> Callable[[Any], bool]:
    return lambda answer: bool(answer.status_code == wanted)


CHANGES = [
    Change("a price", milk, lambda answer: answer.json()["price"] == 7.77),
    Change("stock", moved, lambda answer: answer.json()["quantityInStock"] == 784),
    Change("stock on a page", moved, lambda answer: '"inStock":777' in answer.text, PAGE),
    Change("a rate", rate, lambda answer: "77.7" in answer.text, "/api/ExchangeRate"),
    Change("a user is deactivated", inactive, status(401), by="StockController"),
    Change("a role", role("ReadOnly"), status(403), by="DepotController"),
    Change("a session ends", ended, status(401)),
    Change("a key is revoked", revoked, status(401), by="key"),
    Change("a client is blocked", blocked, status(429), by="Manager"),
    Change("limits", limited, lambda answer: answer.headers["x-ratelimit-limit"] == "77"),
    Change("a key ends within a second", at(timedelta(seconds=0.5)), status(401), by="short key"),
    Change("a token ends", at(timedelta(minutes=61)), status(401)),
    Change("a second passes", at(timedelta(seconds=1)), lambda a: "06:00:01Z" in a.text, PAGE),
    Change("a day begins", tomorrow, lambda a: "6.66" in a.text, CUSTOMER, by="day key"),
]


def caller_of(house: House, by: str) -> Caller:
    """Fresh credentials, in the first second of the morning."""
    house.clock._now = MORNING
    house.fresh_limits()
    if "key" not in by:
        return house.as_role(by)
    life = timedelta(seconds=0.5) if by == "short key" else timedelta(days=90)
    name = "program" if by == "key" else by
    made = api_key.issue(house.shop, actor("manager"), name_of("ApiUser"), name, life=life)
    return Caller(house.client, {"X-API-Key": made.key})


def test_every_change_shows_in_the_very_next_answer(house: House, asked: list[str]) -> None:
    with house.shop.store.write() as connection:
        special = SpecialPrice(
            item="MILK", price=Decimal("6.66"), currency="USD", valid_from=date(2026, 11, 3)
        )
        price.replace_specials(connection, ["MILK"], [special])
    for change in CHANGES:
        caller = caller_of(house, change.by)
        before = warm(caller, change.path, asked)
        assert before.status_code == 200, change.name
        if change.name != "stock on a page":
            assert not change.shows(before), change.name
        change.do(house)
        assert change.shows(caller.get(change.path)), change.name


def test_another_process_s_commit_shows(quick: House, asked: list[str]) -> None:
    caller = quick.as_role("Cashier")
    warm(caller, PRODUCT, asked)
    path = quick.shop.store.path
    assert path is not None
    with open_store(path) as other, other.write() as connection:
        price.put(connection, [ListPrice("MILK", "1", Decimal("7.77"))])
    assert caller.get(PRODUCT).json()["price"] == 7.77


def test_every_kept_route_is_named_here_is_kept_and_does_nothing_else(
    quick: House, asked: list[str]
) -> None:
    found = {
        route.path
        for router in shopinventory.ROUTERS
        for route in router.routes
        if isinstance(route, KeptRoute) and "GET" in route.methods
    }
    assert found == set(ROUTES)
    limiter, caller = quick.app.state.context.limiter, quick.as_role("Cashier")
    setting.change(quick.shop, actor("manager"), replace(limiter.config, is_enabled=False))
    limiter.refresh()
    version = quick.shop.store.version()
    for path in ROUTES.values():
        first = caller.get(f"/api{path}")
        asked.clear()
        again = caller.get(f"/api{path}")
        assert (again.content, again.status_code) == (first.content, 200), path
        assert asked == [], path
    assert quick.shop.store.version() == version, "asking for one of them writes"


def test_what_is_not_kept(quick: House, asked: list[str]) -> None:
    caller = quick.as_role("Cashier")
    sales = f"/api/Stock/warehouse/{WAREHOUSE}/sales?fromDate=2026-11-01&toDate=2026-11-02"
    for path, wanted in (("/api/Product/NONE", 404), (sales, 200)):
        asked.clear()
        assert [caller.get(path).status_code for _ in range(3)] == [wanted] * 3
        assert len(asked) == 3, path
    asked.clear()
    assert caller.get("/api/Auth/me").status_code == 200
    assert caller.get(f"{PRODUCT}?api-version=9").status_code == 400
    assert asked == [], "these never come to where answers are kept"


def test_a_request_with_a_body_is_read_to_its_end(quick: House, asked: list[str]) -> None:
    caller = quick.as_role("Cashier")
    warm(caller, PRODUCT, asked)
    told = quick.client.request("GET", PRODUCT, content=b"x" * 2**21, headers=caller.headers)
    assert told.status_code == 413
    told = quick.client.request("GET", PRODUCT, content=b"{}", headers=caller.headers)
    assert told.status_code == 200


def test_nobody_gets_what_was_kept_for_another(quick: House, asked: list[str]) -> None:
    cashier, manager = quick.as_role("Cashier"), quick.as_role("Manager")
    warm(cashier, PRODUCT, asked)
    asked.clear()
    assert manager.get(PRODUCT).status_code == 200
    assert asked == [PRODUCT]
    assert quick.client.get(PRODUCT).status_code == 401
    assert quick.as_role("ReadOnly").get(PRODUCT).status_code == 403
    wrong = {name: value[:-2] + "xx" for name, value in cashier.headers.items()}
    assert quick.client.get(PRODUCT, headers=wrong).status_code == 401
    spoilt = {**cashier.headers, "X-API-Version": "9"}
    assert quick.client.get(PRODUCT, headers=spoilt).status_code == 400
    till = {"X-API-Key": quick.till_key()}
    assert quick.client.get(PRODUCT, headers=till).status_code == 403


def test_what_stands_around_an_answer_is_of_each_request(quick: House, asked: list[str]) -> None:
    caller = quick.as_role("Cashier")
    first, *rest = (warm(caller, PRODUCT, asked) for _ in range(3))
    ids = {answer.headers["x-correlation-id"] for answer in (first, *rest)}
    assert len(ids) == 3
    left = [int(answer.headers["x-ratelimit-remaining"]) for answer in (first, *rest)]
    assert left == [left[0], left[0] - 1, left[0] - 2]
    own = {"x-correlation-id", "x-ratelimit-remaining"}
    quick.clock.sleep(0.25)
    named = quick.client.get(PRODUCT, headers={**caller.headers, "X-Correlation-ID": "mine"})
    assert named.headers["x-correlation-id"] == "mine"
    quick.clock.sleep(1)
    fresh = caller.get(PRODUCT)
    own |= {"x-ratelimit-reset"}
    kept_headers = {k: v for k, v in first.headers.items() if k not in own}
    assert kept_headers == {k: v for k, v in fresh.headers.items() if k not in own}


def test_kept_answers_are_counted_under_their_route(quick: House, asked: list[str]) -> None:
    registry = quick.app.state.context.metrics.registry
    labels = {"method": "GET", "route": "/api/Product/{itemCode}", "status": "200"}

    def count() -> float:
        return registry.get_sample_value("pos_http_requests_total", labels) or 0

    caller, before = quick.as_role("Cashier"), count()
    for _ in range(5):
        caller.get(PRODUCT)
    assert len(asked) < 5
    assert count() == before + 5


def test_without_a_version_everything_is_read(
    quick: House, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = quick.as_role("Cashier")
    warm(caller, PRODUCT, asked)
    monkeypatch.setattr(type(quick.shop.store), "version", lambda _self: None)
    asked.clear()
    before = caller.get(PRODUCT)
    milk(quick)
    assert before.json()["price"] != caller.get(PRODUCT).json()["price"]


def test_the_layer_can_be_left_out(sqlite_store: Store, asked: list[str]) -> None:
    house = build(sqlite_store, keeps_answers=False)
    caller = house.as_role("Cashier")
    answers = [caller.get(PRODUCT) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    milk(house)
    assert caller.get(PRODUCT).json()["price"] == 7.77
    assert asked == []


def test_a_read_across_a_second_is_not_kept(
    quick: House, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it was read for is over when it is ready."""
    caller = quick.as_role("Cashier")
    warm(caller, PRODUCT, asked)
    make, path = KeptAnswers._make, PAGE

    async def slowly(self: KeptAnswers, scope: Any, *rest: Any, **named: Any) -> None:
        quick.clock.sleep(0.9)
        await make(self, scope, *rest, **named)

    monkeypatch.setattr(KeptAnswers, "_make", slowly)
    quick.clock._now = MORNING + timedelta(seconds=0.5)
    late = caller.get(path)
    quick.clock._now = MORNING + timedelta(seconds=0.5)
    asked.clear()
    assert "06:00:01Z" in late.text
    caller.get(path)
    assert asked == [path]


async def ask_twice(house: House, path: str, entered: threading.Event) -> list[Any]:
    """Two requests of one client at once, the second when the first is at work."""
    headers = house.as_role("Cashier").headers
    transport = httpx2.ASGITransport(house.app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://shop") as client:
        first = asyncio.create_task(client.get(path, headers=headers))
        await asyncio.to_thread(entered.wait, 10)
        second = asyncio.create_task(client.get(path, headers=headers))
        return [await first, await second]


@pytest.mark.parametrize(("path", "reads"), [(PRODUCT, 1), ("/api/Product/NONE", 2)])
def test_who_asks_the_same_meanwhile_waits_for_it_but_not_for_a_refusal(
    quick: House, monkeypatch: pytest.MonkeyPatch, path: str, reads: int
) -> None:
    entered, read, count = threading.Event(), catalogue.one, []

    def one(shop: Any, code: str) -> Any:
        count.append(code)
        entered.set()
        return read(shop, code)

    limiter = quick.app.state.context.limiter
    setting.change(quick.shop, actor("manager"), replace(limiter.config, is_enabled=False))
    limiter.refresh()
    monkeypatch.setattr(catalogue, "one", one)
    answers = asyncio.run(ask_twice(quick, path, entered))
    assert answers[0].content == answers[1].content
    assert len(count) == reads


def test_a_question_that_was_put_before_somebody_came_tells_them_nothing(
    quick: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a database that is far: those who come meanwhile share the next question."""
    asked: list[Standstill | None] = []
    put, go_on = threading.Event(), threading.Event()

    def current(shop: Any) -> Standstill | None:
        found = standstill.Standstill(shop.store.version(), MORNING)
        asked.append(found)
        put.set()
        assert go_on.wait(10)
        return found

    async def come(many: int) -> list[Standstill | None]:
        early = asyncio.create_task(door.of(scope))
        await asyncio.to_thread(put.wait, 10)
        await asyncio.to_thread(milk, quick)
        late = [asyncio.create_task(door.of(scope)) for _ in range(many)]
        await asyncio.sleep(0)
        go_on.set()
        return [await task for task in (early, *late)]

    scope = {"type": "http", "method": "GET", "path": PRODUCT}
    door = Standstills(quick.shop, keeps=True)
    monkeypatch.setattr(type(quick.shop.store), "is_near", False)
    monkeypatch.setattr("pos_app.api.standstills.standstill.current", current)
    early, *late = asyncio.run(come(5))
    assert early not in late
    assert len(set(late)) == 1
    assert len(asked) == 2


def standstills() -> tuple[Standstill, Standstill]:
    life = object()
    return Standstill(Version(life, 1), MORNING), Standstill(Version(life, 2), MORNING)


def test_a_shelf_holds_one_standstill_within_bounds() -> None:
    one, other = standstills()
    shelf: Shelf[str] = Shelf(most=3, most_bytes=10)
    shelf.put(one, "a", "A", size=6)
    shelf.put(one, "b", "B", size=6)
    assert (shelf.find(one, "a"), shelf.find(one, "b")) == ("A", None)
    for key in "cde":
        shelf.put(one, key, key.upper())
    assert [shelf.find(one, key) for key in "acde"] == ["A", "C", "D", None]
    assert shelf.find(other, "a") is None
    shelf.put(other, "b", "B", size=6)
    assert (shelf.find(other, "b"), shelf.find(one, "a")) == ("B", None)


def test_standstills_are_told_apart_by_second_and_version(quick: House) -> None:
    first = standstill.current(quick.shop)
    quick.clock.sleep(0.999)
    assert standstill.current(quick.shop) == first
    quick.clock.sleep(0.001)
    assert standstill.current(quick.shop) != first
    quick.clock._now = MORNING
    assert standstill.current(quick.shop) == first
    milk(quick)
    assert standstill.current(quick.shop) != first


def test_large_answers_are_not_kept(
    quick: House, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pos_app.api.kept.MOST_EACH", 100)
    caller = quick.as_role("Cashier")
    for _ in range(3):
        caller.get(PAGE)
    assert len(asked) == 3
    assert MOST_EACH > 100
