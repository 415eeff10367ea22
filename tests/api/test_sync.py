"""Tills at the door of the real server, over real sockets."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from pos_app.services import api_key, feed, sync
from pos_app.services.shop import Shop
from pos_app.store import sale as sales
from pos_app.store.engine import open_store
from sync.errors import Rejected
from sync.http import HttpRemote
from sync.page import Position
from tests import pair, shops
from tests.api.house import House


@pytest.fixture
def url(house: House) -> Iterator[str]:
    """The address of the server at work."""
    with house.shop.store.write() as connection:
        feed.announce(connection)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(house.app, log_level="error", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listener.close()


@pytest.fixture
def till(tmp_path: Path, sqlite_template: Path) -> Iterator[Shop]:
    path = tmp_path / "till.db"
    path.write_bytes(sqlite_template.read_bytes())
    with open_store(path) as opened:
        yield pair.open_bare_till(opened)


def test_a_day_of_a_till_over_http(house: House, url: str, till: Shop) -> None:
    with HttpRemote(url, house.till_key()) as remote:
        first = sync.work(till, remote)
        assert (first.problem, first.fetched > 20) == ("", True)
        shops.open_till(till)
        posted = [pair.sell(till, "MILK", "BREAD") for _ in range(5)]
        done = sync.work(till, remote)
        assert (done.problem, done.waiting, done.delivered) == ("", 0, 7)
    with house.shop.store.read() as connection:
        assert all(sales.by_id(connection, row.sale_id) for row in posted)
    assert pair.on_hand(house.shop, "MILK") == pair.on_hand(till, "MILK") == 95


def test_a_key_that_is_none_stops_the_lane_and_costs_nothing(
    house: House, url: str, till: Shop
) -> None:
    with HttpRemote(url, "no-such-key") as remote:
        done = sync.work(till, remote)
    assert "key" in done.problem.lower()
    assert done.next_at is not None
    assert done.quarantined == 0
    with HttpRemote(url, house.key("ReadOnly", "reader")) as remote:
        assert sync.work(till, remote, is_forced=True).problem
    with HttpRemote(url, house.key("Cashier", "cashier")) as remote, pytest.raises(Rejected):
        remote.fetch(Position(), till="T01", limit=5)


def test_what_cannot_be_read_is_refused_in_the_servers_own_form(house: House) -> None:
    headers = {"X-API-Key": house.till_key()}
    for body in (b"", b"[]", b"{", b'{"till":"T01"}', b'{"till":"\\u0000"}', b"\xff"):
        answer = house.client.post("/sync/envelopes", content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_input")
    for query in ({"after": "-1"}, {"after": "x"}, {"limit": "0"}, {"epoch": "x" * 300}):
        answer = house.client.get("/sync/feed", params=query, headers=headers)
        assert answer.status_code == 400
    assert house.client.get("/sync/feed").status_code == 401


def test_pages_are_json_of_whole_numbers(house: House) -> None:
    with house.shop.store.write() as connection:
        feed.announce(connection)
    headers = {"X-API-Key": house.till_key()}
    answer = house.client.get(
        "/sync/feed", params={"limit": "2000", "till": "T01"}, headers=headers
    )
    page = json.loads(answer.text, parse_float=lambda text: pytest.fail(f"a fraction: {text}"))
    kinds = {row["kind"] for row in page["rows"]}
    assert {"item", "price", "stock", "partner", "user", "rate", "tax_group", "warehouse"} <= kinds
    assert page["until"] == page["head"] == page["rows"][-1]["seq"]


@pytest.mark.parametrize("role", ["ApiUser", "Admin"])
def test_what_people_sign_in_with_is_for_tills_alone(house: House, role: str) -> None:
    with house.shop.store.write() as connection:
        feed.announce(connection)
    query = {"till": "T01", "limit": "2000"}
    parcel = b'{"till":"T01"}'
    bearer = {"Authorization": f"Bearer {house.token(role)}"}
    for headers in ({"X-API-Key": house.key(role, "program")}, bearer):
        answer = house.client.get("/sync/feed", params=query, headers=headers)
        assert answer.status_code == 403
        assert "argon2" not in answer.text
        answer = house.client.post("/sync/envelopes", content=parcel, headers=headers)
        assert answer.status_code == 403


def test_a_tills_key_is_for_that_till_and_opens_nothing_else(house: House) -> None:
    headers = {"X-API-Key": house.till_key("T02")}
    mine = house.client.get("/sync/feed", params={"till": "T02"}, headers=headers)
    assert mine.status_code == 200
    other = house.client.get("/sync/feed", params={"till": "T01"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (403, "till_key_needed")
    for path in ("/api/Auth/me", "/api/Product", "/api/Invoice", "/api/BusinessPartner"):
        assert house.client.get(path, headers=headers).status_code in (401, 403), path


def test_a_till_goes_on_with_a_new_key(house: House, url: str, till: Shop) -> None:
    with HttpRemote(url, house.till_key()) as remote:
        assert sync.work(till, remote).problem == ""
    api_key.retire(house.shop, shops.actor("manager"), "till-T01")
    shops.open_till(till)
    pair.sell(till, "MILK")
    issued = api_key.issue_for_till(house.shop, shops.actor("manager"), "T01", "till-t01-next")
    with HttpRemote(url, issued.key) as remote:
        done = sync.work(till, remote, is_forced=True)
    assert (done.problem, done.waiting) == ("", 0)


def test_a_receipt_is_told_to_tills_alone(house: House) -> None:
    headers = {"X-API-Key": house.till_key("T02")}
    answer = house.client.get("/sync/receipts/T01-000001", headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"original": None, "why": ""})
    program = {"X-API-Key": house.key("ApiUser", "program")}
    assert house.client.get("/sync/receipts/T01-000001", headers=program).status_code == 403
    assert house.client.get("/sync/receipts/T01-000001").status_code == 401
