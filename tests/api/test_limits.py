"""The rate limits on a clock of our own: they refuse, they report, and they forget in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.api.limits import Limiter, Rule, Rules
from tests.api.house import House, build
from tests.shops import FixedClock

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


def test_looking_counts_nothing() -> None:
    limiter, rule = Limiter(FixedClock(START)), Rule(2, 60, 4)
    limiter.hit("user:a", rule)
    for _ in range(5):
        assert limiter.look("user:a", rule).remaining == 1
    assert limiter.hit("user:a", rule).is_allowed
    assert not limiter.look("user:a", rule).is_allowed
    assert [verdict.client for verdict in limiter.clients()] == ["user:a"]
    limiter.forget("user:a")
    assert limiter.hit("user:a", rule).is_allowed


def test_clients_that_left_are_forgotten() -> None:
    clock = FixedClock(START)
    limiter, rule = Limiter(clock), Rule(5, 60, 4)
    for number in range(2500):
        limiter.hit(f"ip:{number}", rule)
    clock.sleep(61)
    for _ in range(1000):
        limiter.look("ip:me", rule)
    assert len(limiter._windows) < 10


@pytest.mark.parametrize("jump", [-3600, 3600, 86_400 * 400])
def test_a_clock_that_jumps_locks_nobody_out(jump: int) -> None:
    clock = FixedClock(START)
    limiter, rule = Limiter(clock), Rule(2, 60, 4)
    for _ in range(3):
        limiter.hit("user:a", rule)
    clock.sleep(jump)
    assert limiter.hit("user:a", rule).is_allowed


@given(st.lists(st.integers(0, 40), min_size=1, max_size=60))
def test_no_window_ever_lets_more_through(pauses: list[int]) -> None:
    clock = FixedClock(START)
    limiter, rule = Limiter(clock), Rule(5, 60, 4)
    let_in: list[datetime] = []
    for pause in pauses:
        clock.sleep(pause)
        now = clock.now()
        verdict = limiter.hit("user:a", rule)
        if verdict.is_allowed:
            let_in.append(now)
        else:
            wait = timedelta(seconds=verdict.retry_seconds)
            assert timedelta(0) < wait <= timedelta(seconds=60)
        recent = [at for at in let_in if now - at < timedelta(seconds=45)]
        assert len(recent) <= 5
