"""The rate limits on a clock of our own: they refuse, they report, and they forget in time."""

from __future__ import annotations

import itertools
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from pos_app.api.app import create_app
from pos_app.api.settings import ApiSettings
from pos_app.domain.rate_limit import EVERYTHING, Rule, Rules, Verdict
from pos_app.ids import SeededIds
from pos_app.services.rate_limit import board
from pos_app.services.rate_limit.limiter import Limiter
from pos_app.services.shop import Shop
from pos_app.store.engine import Store
from tests.api.house import SECRET, Caller, House, build
from tests.shops import FixedClock, shop_rules

NAMES = itertools.count()
START = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)


def test_the_hundred_and_first_request_is_refused_and_told_when_to_come(quick: House) -> None:
    caller = quick.as_role("Cashier")
    left = [
        int(caller.get("/api/Product/MILK").headers["x-ratelimit-remaining"]) for _ in range(100)
    ]
    assert left == list(range(99, -1, -1))
    refused = caller.get("/api/Product/MILK")
    told = refused.json()
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == str(told["retryAfter"])
    assert told["code"] == "rate_limited"
    assert {"error", "details", "retryAfter"} <= set(told)
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert refused.headers["x-frame-options"] == "DENY"
    quick.clock.sleep(told["retryAfter"])
    assert caller.get("/api/Product/MILK").status_code == 200


def test_each_user_key_and_address_has_a_window_of_its_own(sqlite_store: object) -> None:
    house = build(sqlite_store, limits=Rules(everything=Rule(2, 60, 4)))  # type: ignore[arg-type]
    cashier, manager = house.as_role("Cashier"), house.as_role("Manager")
    key = {"X-API-Key": house.key()}
    for _ in range(2):
        assert cashier.get("/api/Auth/me").status_code == 200
        assert house.client.get("/api/Health").status_code == 200
        assert house.client.get("/api/Product/MILK", headers=key).status_code == 200
    assert cashier.get("/api/Auth/me").status_code == 429
    assert house.client.get("/api/Health").status_code == 429
    assert house.client.get("/api/Product/MILK", headers=key).status_code == 429
    assert manager.get("/api/Auth/me").status_code == 200


def test_signing_in_has_ten_tries_a_minute_whatever_the_name(quick: House) -> None:
    for number in range(10):
        body = {"username": f"guess{number}", "password": "x"}
        assert quick.client.post("/api/Auth/login", json=body).status_code == 401
    assert quick.client.post("/api/Auth/login", json={}).status_code == 429
    assert quick.client.post("/api/Auth/refresh", json={}).status_code == 429
    assert quick.client.get("/api/Health").status_code == 200
    quick.clock.sleep(60)
    assert quick.client.post("/api/Auth/login", json={}).status_code == 400


def test_a_spoofed_address_changes_nothing(quick: House) -> None:
    for number in range(10):
        headers = {"X-Forwarded-For": f"10.1.1.{number}", "Forwarded": f"for=10.2.2.{number}"}
        quick.client.post("/api/Auth/login", json={}, headers=headers)
    answer = quick.client.post("/api/Auth/login", json={}, headers={"X-Forwarded-For": "10.9.9.9"})
    assert answer.status_code == 429


def test_unknown_addresses_and_refusals_count_too(sqlite_store: object) -> None:
    house = build(sqlite_store, limits=Rules(everything=Rule(3, 60, 4)))  # type: ignore[arg-type]
    caller = house.as_role("Cashier")
    statuses = [caller.get(path).status_code for path in ("/api/no", "/no", "/api/Invoice/x")]
    assert statuses == [404, 404, 400]
    assert caller.get("/api/Auth/me").status_code == 429


def test_tills_are_never_held_up_by_what_programs_ask(sqlite_store: object) -> None:
    house = build(sqlite_store, limits=Rules(everything=Rule(1, 60, 4)))  # type: ignore[arg-type]
    headers = {"X-API-Key": house.key()}
    assert house.client.get("/api/Product/MILK", headers=headers).status_code == 200
    assert house.client.get("/api/Product/MILK", headers=headers).status_code == 429
    till = {"X-API-Key": house.till_key()}
    for _ in range(3):
        feed = house.client.get("/sync/feed", params={"till": "T01"}, headers=till)
        assert feed.status_code == 200


@dataclass
class Door:
    """The limiter of one server process, asked as the middleware asks it."""

    limiter: Limiter

    def hit(self, client: str = "user:a") -> Verdict:
        return self.limiter.hit(client, EVERYTHING) or self.limiter.claim(client, EVERYTHING)


def shop_of(store: Store) -> Shop:
    clock = FixedClock(START)
    ids = SeededIds(random.Random(7), clock.now)
    return Shop(store=store, clock=clock, ids=ids, rules=shop_rules(role="server"))


def door(store: Store, requests: int, shop: Shop | None = None) -> Door:
    return Door(Limiter(shop or shop_of(store), Rules(everything=Rule(requests, 60, 4))))


def test_looking_counts_nothing(sqlite_store: Store) -> None:
    at = door(sqlite_store, 2)
    at.hit()
    for _ in range(5):
        assert at.limiter.look("user:a").remaining == 1
    assert at.hit().is_allowed
    assert not at.limiter.look("user:a").is_allowed
    assert not at.hit().is_allowed


def test_clients_that_left_are_forgotten(sqlite_store: Store) -> None:
    shop = shop_of(sqlite_store)
    at = door(sqlite_store, 5, shop)
    for number in range(60):
        at.hit(f"ip:10.0.0.{number}")
    shop.clock.sleep(61)
    for _ in range(1000):
        at.limiter.hit("ip:me", EVERYTHING)
    assert len(at.limiter._windows) < 10
    shop.clock.sleep(8 * 86_400)
    assert board.clean_up(shop) == 60
    assert board.clean_up(shop) == 0


@pytest.mark.parametrize("jump", [-3600, 3600, 86_400 * 400])
def test_a_clock_that_jumps_locks_nobody_out(jump: int, sqlite_store: Store) -> None:
    shop = shop_of(sqlite_store)
    at = door(sqlite_store, 2, shop)
    for _ in range(3):
        at.hit()
    shop.clock.sleep(jump)
    assert at.hit().is_allowed


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pauses=st.lists(st.integers(0, 40), min_size=1, max_size=25))
def test_no_window_ever_lets_more_through(pauses: list[int], sqlite_store: Store) -> None:
    shop = shop_of(sqlite_store)
    at, let_in = door(sqlite_store, 5, shop), []
    client = f"user:{next(NAMES)}"
    for pause in pauses:
        shop.clock.sleep(pause)
        now = shop.clock.now()
        verdict = at.hit(client)
        if verdict.is_allowed:
            let_in.append(now)
        else:
            wait = timedelta(seconds=verdict.retry_seconds)
            assert timedelta(0) < wait <= timedelta(seconds=60)
        recent = [at for at in let_in if now - at < timedelta(seconds=45)]
        assert len(recent) <= 5


def test_all_processes_together_let_in_what_one_would(store: Store) -> None:
    shop = shop_of(store)
    doors = [door(store, 100, shop) for _ in range(3)]
    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(lambda number: doors[number % 3].hit(), range(180)))
    assert 91 <= sum(verdict.is_allowed for verdict in told) <= 100
    shop.clock.sleep(61)
    assert all(one.hit().is_allowed for one in doors)


def test_one_write_serves_many_requests(sqlite_store: Store) -> None:
    at = door(sqlite_store, 1000)
    claims = 0
    for _ in range(300):
        if at.limiter.hit("user:a", EVERYTHING) is None:
            at.limiter.claim("user:a", EVERYTHING)
            claims += 1
    assert claims <= 4


def test_while_the_database_takes_nothing_a_process_counts_alone(sqlite_store: Store) -> None:
    at = door(sqlite_store, 3)
    told = [at.limiter.count_alone("user:a", EVERYTHING).is_allowed for _ in range(5)]
    assert told == [True, True, True, False, False]


PATH = "/api/RateLimit"
KEYS = {
    "clientId", "requestsInWindow", "maxRequests", "windowSizeSeconds", "windowResetAt",
    "isBlocked", "blockedUntil", "remainingRequests",
}  # fmt: skip


def test_what_one_process_is_told_all_do(store: Store) -> None:
    house = build(store)
    other = TestClient(create_app(house.shop, ApiSettings(jwt_secret=SECRET)))
    admin, cashier = house.as_role("Admin"), house.as_role("Cashier")

    def elsewhere(caller: Caller, path: str = "/api/Auth/me") -> int:
        house.clock.sleep(1)
        return other.get(path, headers=caller.headers).status_code

    assert elsewhere(cashier) == 200
    name = "user:the-cashier"
    told = admin.post(f"{PATH}/block/{name}", {"durationMinutes": 5, "reason": "runs wild"})
    assert (told.status_code, "blocked until" in told.json()["message"]) == (200, True)
    assert elsewhere(cashier) == 429
    refused = cashier.get("/api/Auth/me")
    assert (refused.status_code, refused.json()["code"]) == (429, "client_blocked")
    assert 200 < int(refused.headers["retry-after"]) <= 300
    seen = cashier.get(f"{PATH}/check").json()
    assert (seen["isAllowed"], seen["isBlocked"]) == (False, True)
    (row,) = admin.get(f"{PATH}/blocked").json()
    assert (row["clientId"], row["clientType"], row["blockReason"]) == (name, "User", "runs wild")
    assert [row["clientId"] for row in admin.get(PATH, blockedOnly=True).json()["items"]] == [name]
    assert admin.post(f"{PATH}/unblock/{name}").status_code == 200
    assert elsewhere(cashier) == 200

    config = admin.get(f"{PATH}/config").json()
    assert config == {
        "maxRequests": 100,
        "windowSizeSeconds": 60,
        "blockDurationMinutes": 15,
        "isEnabled": True,
        "whitelistedIPs": [],
        "whitelistedApiKeys": [],
    }
    assert admin.put(f"{PATH}/config", config | {"maxRequests": 3}).status_code == 200
    assert [elsewhere(cashier) for _ in range(4)] == [200, 200, 200, 429]
    assert admin.post(f"{PATH}/reset/{name}").status_code == 200
    assert elsewhere(cashier) == 200
    free = config | {"maxRequests": 1, "whitelistedApiKeys": ["program"]}
    house.clock.sleep(60)
    assert admin.put(f"{PATH}/config", free).status_code == 200
    key = {"X-API-Key": house.key()}
    house.clock.sleep(1)
    assert {other.get("/api/Product/MILK", headers=key).status_code for _ in range(5)} == {200}
    house.clock.sleep(60)
    assert admin.put(f"{PATH}/config", config | {"isEnabled": False}).status_code == 200
    assert "x-ratelimit-limit" not in cashier.get("/api/Auth/me").headers


def test_one_count_is_told_everywhere_and_check_adds_none(quick: House) -> None:
    admin, cashier = quick.as_role("Admin"), quick.as_role("Cashier")
    for _ in range(3):
        cashier.get("/api/Auth/me")
    for _ in range(2):
        seen = cashier.get(f"{PATH}/check").json()
        assert (seen["isAllowed"], seen["currentRequests"], seen["maxRequests"]) == (True, 3, 100)
    current = cashier.get(f"{PATH}/current").json()
    assert set(current) == KEYS
    assert (current["clientId"], current["requestsInWindow"]) == ("user:the-cashier", 4)
    one = admin.get(f"{PATH}/client/user:the-cashier").json()
    assert set(one) >= KEYS | {"id", "clientType", "usagePercent", "lastRequestAt"}
    assert (one["requestCount"], one["usagePercent"], one["remainingRequests"]) == (4, 4, 96)
    page = admin.get(PATH, page=1, pageSize=1).json()
    assert (page["totalCount"], len(page["items"]), page["hasMore"]) == (2, 1, True)
    stats = admin.get(f"{PATH}/stats").json()
    assert (stats["totalClients"], stats["activeClients"], stats["blockedClients"]) == (2, 2, 0)
    assert (stats["totalRequestsToday"], stats["averageRequestsPerClient"]) == (7, 3.5)
    assert admin.post(f"{PATH}/cleanup").json()["message"] == "0 clients are forgotten."


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "block/nobody", None, 400),
        ("POST", "block/ip:not-an-address", None, 400),
        ("POST", "block/user:the-admin", None, 400),
        ("POST", "block/user:x", {"durationMinutes": 0}, 400),
        ("POST", "block/ip:2001:db8::1", None, 200),
        ("POST", "unblock/user:never-here", None, 404),
        ("POST", "reset/user:never-here", None, 404),
        ("GET", "client/user:never-here", None, 404),
        ("PUT", "config", {"maxRequests": 0}, 400),
        ("PUT", "config", {"whitelistedIPs": ["x"]}, 400),
        ("PUT", "config", {"windowSizeSeconds": "soon"}, 400),
    ],
)
def test_what_makes_no_sense_is_said_so(
    quick: House, method: str, path: str, body: Any, status: int
) -> None:
    headers = quick.as_role("Admin").headers
    answer = quick.client.request(method, f"{PATH}/{path}", json=body, headers=headers)
    assert answer.status_code == status, answer.text
