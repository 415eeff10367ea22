"""Errors, headers, versions, sizes and odd input, whoever of the layers answers."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import math
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.api import size, wire
from pos_app.api.headers import SECURITY
from pos_app.errors import DatabaseBusy
from pos_app.services import health as health_service
from tests.api.house import WAREHOUSE, House, build, invoice_body
from tests.shops import FixedClock

VALIDATION = {"type", "title", "errors"}
REFUSAL = {"error", "details", "code"}


def post_raw(house: House, path: str, body: bytes, kind: str = "application/json") -> Any:
    headers = house.as_role("Admin").headers | {"Content-Type": kind}
    return house.client.post(path, content=body, headers=headers)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/api/nothing", 404),
        ("GET", "/api/Product/NOPE", 404),
        ("PATCH", "/api/Product", 405),
        ("OPTIONS", "/api/Product", 405),
        ("DELETE", "/api/Health", 405),
        ("GET", "/api/Auth/me", 401),
        ("GET", "/api/Health?api-version=2.0", 400),
        ("GET", "/api/Health?api-version=now", 400),
        ("GET", "/api/Product/%00", 400),
        ("GET", "/api/BusinessPartner/search?query=%00", 400),
        ("GET", "/api/BusinessPartner/search?query=Caf%E9", 400),
        ("GET", "/api/BusinessPartner/search?query=%ED%A0%BD", 400),
        ("GET", "/api/Product/..%C0%AF..%C0%AFetc", 400),
        ("GET", "/api/Product/Caf%E9", 400),
        ("GET", "/api/Product/Caf%C3%A9", 404),
        ("GET", "/api/Product/" + "x" * 9_000, 404),
    ],
)
def test_every_refusal_has_the_contracts_shape(
    quick: House, method: str, path: str, status: int
) -> None:
    headers = {} if status == 401 else quick.as_role("Admin").headers
    answer = quick.client.request(method, path, headers=headers)
    assert answer.status_code == status
    assert set(answer.json()) == REFUSAL
    assert answer.json()["error"].endswith((".", "!"))
    assert len(answer.text) < 500, "a refusal is a sentence, however long what was asked"
    assert "cache-control" in answer.headers
    for name, value in SECURITY.items():
        assert answer.headers[name] == value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1,2",
        b"\xff\xfe",
        b'{"lines": [}',
        b"[" * 50_000,
        b'{"cardCode": NaN}',
        b'{"cardCode": "\\ud800"}',
        b'{"cardCode": "a\\u0000b"}',
        b'{"x": ' + b"9" * 5000 + b"}",
        b"null",
        b"[]",
        b'"text"',
        b"12",
    ],
)
def test_bodies_that_cannot_be_read_are_400(quick: House, body: bytes) -> None:
    answer = post_raw(quick, "/api/Invoice", body)
    assert answer.status_code == 400
    assert set(answer.json()) == VALIDATION
    assert answer.json()["title"] == "One or more validation errors occurred."


def test_another_content_type_is_415(quick: House) -> None:
    answer = post_raw(quick, "/api/Invoice", b"cardCode=C0001", "application/x-www-form-urlencoded")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cardCode": None}, "cardCode"),
        ({"cardCode": "  "}, "cardCode"),
        ({"cardCode": 12}, "cardCode"),
        ({"cardCode": "x" * 51}, "cardCode"),
        ({"lines": []}, "lines"),
        ({"lines": None}, "lines"),
        ({"lines": [7]}, "lines[0]"),
        ({"docDate": "01/04/2026"}, "docDate"),
        ({"docDate": "20260401x"}, "docDate"),
        ({"docDate": "2026-02-30"}, "docDate"),
        ({"docDate": 20260401}, "docDate"),
        ({"docDate": "0000-00-00"}, "docDate"),
        ({"salesPersonCode": 10**30}, "salesPersonCode"),
        ({"salesPersonCode": "x"}, "salesPersonCode"),
        ({"status": "Posted later"}, "status"),
    ],
)
def test_wrong_fields_are_named(quick: House, change: dict[str, Any], field: str) -> None:
    answer = quick.as_role("Admin").post("/api/Invoice", invoice_body(**change))
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert all(text.endswith(".") for text in answer.json()["errors"][field])


@pytest.mark.parametrize(
    "quantity",
    ["0", "-1", "1e400", "1E+999999999", "0.0000001", "1000001", '"NaN"', '"Infinity"', "true",
     '"1_000"', '"٣"', "null", "[]", "9" * 4000, '"' + "1" * 41 + '"'],
)  # fmt: skip
def test_odd_quantities_are_refused_by_name(quick: House, quantity: str) -> None:
    body = json.dumps(invoice_body()).replace('"quantity": 10', f'"quantity": {quantity}')
    answer = post_raw(quick, "/api/Invoice", body.encode())
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["lines[0].quantity"]


def test_numbers_may_come_as_text_and_names_in_any_case(house: House) -> None:
    line = {"ITEMCODE": "MILK", "Quantity": "2", "unitprice": "1.99", "WarehouseCode": WAREHOUSE}
    body = {"CardCode": "C0001", "NUMATCARD": "x", "U_VAN_SALEORDER": "V7", "Lines": [line]}
    answer = house.as_role("Admin").post("/api/Invoice", body)
    assert answer.status_code == 201
    assert answer.json()["u_Van_saleorder"] == "V7"


def test_amounts_go_out_as_exact_numbers(house: House) -> None:
    caller = house.as_role("Admin")
    made = caller.post("/api/Invoice", invoice_body())
    assert '"docTotal":19.90,' in made.text
    line = '"quantity":10,"unitPrice":1.99,"grossPrice":1.99,"lineTotal":19.90'
    assert line in made.text


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE invoices; --",
        "<script>alert(1)</script>",
        'Robert"); DELETE FROM users WHERE ("1"="1',
        "[bold]x[/bold] {{7*7}} ${7*7}",
        "../../etc/passwd",
        "שלום \u202e 你好 🍌",
    ],
)
def test_text_is_only_text(house: House, text: str) -> None:
    caller = house.as_role("Admin")
    made = caller.post("/api/Invoice", invoice_body(comments=text, numAtCard=text)).json()
    again = caller.get(f"/api/Invoice/{made['id']}").json()
    assert (again["comments"], again["numAtCard"]) == (text, text)
    assert caller.get("/api/BusinessPartner/search", query=text).status_code == 200
    assert caller.get(f"/api/Product/{text.replace('/', '%2F')}").status_code == 404


@pytest.mark.parametrize(
    ("query", "page", "size"),
    [
        ({}, 1, 20),
        ({"page": 0, "pageSize": 0}, 1, 1),
        ({"page": -5, "pageSize": -5}, 1, 1),
        ({"page": 10**18, "pageSize": 10**18}, 10**9, 100),
        ({"page": 2, "pageSize": 1}, 2, 1),
    ],
)
def test_pages_are_brought_into_bounds(
    house: House, query: dict[str, int], page: int, size: int
) -> None:
    caller = house.as_role("Admin")
    caller.post("/api/Invoice", invoice_body())
    told = caller.get("/api/Invoice", **query).json()
    assert (told["page"], told["pageSize"], told["totalCount"]) == (page, size, 1)
    assert told["totalPages"] == 1
    assert told["hasMore"] is False
    assert told["items"] == told["invoices"]
    assert len(told["items"]) == told["count"] == (1 if page == 1 else 0)


@pytest.mark.parametrize(
    "query",
    [
        "page=x",
        "pageSize=1.5",
        "page=" + "9" * 5000,
        "fromDate=yesterday",
        "fromDate=2026-02-02&toDate=2026-02-01",
        "status=Lost",
        "cardCode=" + "x" * 51,
    ],
)
def test_odd_queries_are_400_and_named(quick: House, query: str) -> None:
    answer = quick.as_role("Admin").get(f"/api/Invoice?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [query.partition("=")[0]]


@pytest.mark.parametrize("number", ["x", "1.5", "9" * 30, "-1", "0", "%20"])
def test_odd_document_numbers_are_never_an_error_of_ours(house: House, number: str) -> None:
    caller = house.as_role("Admin")
    for path in ("Invoice/", "Invoice/docnum/", "IncomingPayment/", "IncomingPayment/by-invoice/"):
        assert caller.get(f"/api/{path}{number}").status_code in {400, 404}


@pytest.mark.parametrize("version", ["1.0", "1", ""])
def test_version_one_is_served(quick: House, version: str) -> None:
    headers = {"X-API-Version": version} if version else {}
    answer = quick.client.get("/api/Health", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["api-supported-versions"] == "1.0"
    assert quick.client.get("/api/Health?api-version=1.0").status_code == 200
    assert quick.client.get("/api/Health/").status_code == 200


@pytest.mark.parametrize("version", ["2.0", "v1", "1.0.0", "\u0661"])
def test_other_versions_are_400(quick: House, version: str) -> None:
    answer = quick.client.get("/api/Health", headers={"X-API-Version": version.encode()})
    assert answer.status_code == 400
    assert answer.json()["code"] in {"unsupported_version", "invalid_version"}
    both = quick.client.get("/api/Health?api-version=2.0", headers={"X-API-Version": "1.0"})
    assert both.status_code == 400


@pytest.mark.parametrize("path", ["/api/Auth/login", "/api/Invoice"])
def test_a_body_that_never_ends_is_408(
    quick: House, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr("pos_app.api.size.BODY_SECONDS", -size.LARGEST_JSON / size.SLOWEST + 0.02)
    told = asyncio.run(dripped(quick, path))
    assert told[0]["status"] == 408
    assert json.loads(told[1]["body"])["code"] == "too_slow"


async def dripped(house: House, path: str) -> list[Any]:
    """What is answered to a request whose body stops after its first byte."""
    headers = house.as_role("Admin").headers | {
        "Content-Type": "application/json", "Idempotency-Key": "slow", "Content-Length": "9",
    }  # fmt: skip
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "scheme": "http", "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 80), "state": {},
        "headers": [(name.lower().encode(), text.encode()) for name, text in headers.items()],
    }  # fmt: skip
    told: list[Any] = []
    came = iter([{"type": "http.request", "body": b"{", "more_body": True}])

    async def receive() -> Any:
        found = next(came, None)
        if found is None:
            await asyncio.Event().wait()
        return found

    async def send(message: Any) -> None:
        told.append(message)

    await house.app(scope, receive, send)
    return told


def test_a_body_above_a_megabyte_is_413(quick: House) -> None:
    caller = quick.as_role("Admin")
    answer = post_raw(quick, "/api/Invoice", b" " * (1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")

    def chunks() -> Any:
        yield from [b" " * 65_536] * 17

    streamed = quick.client.post(
        "/api/Invoice",
        content=chunks(),
        headers=caller.headers | {"Content-Type": "application/json", "Idempotency-Key": "big"},
    )
    assert (streamed.status_code, streamed.json()["code"]) == (413, "too_large")


def test_a_correlation_id_is_kept_or_made(quick: House) -> None:
    given = quick.client.get("/api/Health", headers={"X-Correlation-ID": "till-7.4_2"})
    assert given.headers["x-correlation-id"] == "till-7.4_2"
    odd = quick.client.get("/api/Health", headers={"X-Correlation-ID": "a b\tc" + "x" * 80})
    made = odd.headers["x-correlation-id"]
    assert made != "a b\tc" + "x" * 80
    assert len(made) == 36


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/api/Product", "public, max-age=300"),
        ("/api/Stock/warehouses", "public, max-age=300"),
        ("/api/Price", "public, max-age=300"),
        ("/api/ExchangeRate", "public, max-age=300"),
        ("/api/Price/by-customer/C0001", "private, max-age=300"),
        ("/api/BusinessPartner", "no-store"),
        ("/api/Invoice", "no-store"),
        ("/api/Auth/me", "no-store"),
        ("/api/Product/NOPE", "no-store"),
    ],
)
def test_caches_keep_goods_and_prices_but_never_people(quick: House, path: str, value: str) -> None:
    answer = quick.as_role("Admin").get(path)
    assert answer.headers["cache-control"] == value
    assert answer.headers["vary"] == "Authorization, X-API-Key"


def test_no_origin_is_invited(quick: House) -> None:
    answer = quick.client.get("/api/Health", headers={"Origin": "https://elsewhere.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_failure_of_ours_tells_nothing_of_our_inside(
    quick: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("secret path /etc/shadow")

    monkeypatch.setattr(health_service, "check", broken)
    answer = quick.client.get("/api/Health", headers={"X-Correlation-ID": "c-1"})
    assert answer.status_code == 500
    assert answer.json()["details"] == "correlation id c-1"
    assert "secret" not in answer.text
    assert answer.headers["x-frame-options"] == "DENY"


def test_a_busy_database_is_503_and_says_when_to_come_again(
    quick: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_: object) -> None:
        raise DatabaseBusy(5)

    monkeypatch.setattr(health_service, "check", busy)
    answer = quick.client.get("/api/Health")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["code"] == "database_busy"


def test_health_says_when_the_database_is_gone(quick: House) -> None:
    assert quick.client.get("/api/Health").json()["status"] == "Healthy"
    with quick.shop.store.write() as connection:
        connection.exec_driver_sql("UPDATE schema_version SET version_num = '9999'")
    answer = quick.client.get("/api/Health")
    assert (answer.status_code, answer.json()["status"]) == (503, "Unhealthy")


def test_the_description_works_without_a_network(quick: House) -> None:
    described = quick.client.get("/openapi.json").json()
    assert described["openapi"].startswith("3.")
    login = described["paths"]["/api/Auth/login"]["post"]
    assert "security" not in login
    schemes = described["components"]["securitySchemes"]
    assert {row["type"] for row in schemes.values()} == {"http", "apiKey"}
    made = described["paths"]["/api/Invoice"]["post"]["responses"]
    assert {"201", "400", "401", "403", "429", "500", "503"} <= set(made)
    assert '"422"' not in quick.client.get("/openapi.json").text
    page = quick.client.get("/docs")
    assert page.status_code == 200
    for path in described["paths"]:
        assert path in page.text
    loads = re.sub("<pre[^>]*>.*?</pre>", "", page.text, flags=re.DOTALL)
    assert not re.search(r"\ssrc=|<link|@import|url\(|https://", loads)
    assert not re.search(r"\son[a-z]+=|style=", loads), "the policy would not let them run"
    assert "&quot;numAtCard&quot;: &quot;PO-1&quot;" in page.text, "bodies are shown by example"
    policy = dict(one.split(" ", 1) for one in page.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["form-action"] == policy["base-uri"] == "'none'"
    assert policy["connect-src"] == "'self'", "requests go to this server and nowhere else"
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        (inner,) = re.findall(f"<{tag}>(.*?)</{tag}>", page.text, flags=re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
        assert policy[rule] == f"'sha256-{digest}'"


def test_the_page_is_ready_to_try_every_route(quick: House) -> None:
    """Its script finds what it works with: a row for each parameter, a body where one is sent."""
    text = quick.client.get("/docs").text
    used = set(re.findall(r"\$\(\"([a-z-]+)\"\)", text))
    assert used, "the script names what it works with"
    assert all(f'id="{name}"' in text for name in used)
    assert ".innerHTML" not in text, "what a server answers is text"
    assert 'id="password" type="password"' in text, "ASVS 5.0 6.2.6"
    routes = re.findall(r"<details class='route'.*?</details>", text, flags=re.DOTALL)
    described = quick.client.get("/openapi.json").json()["paths"]
    assert len(routes) == sum(len(methods) for methods in described.values())
    one = next(route for route in routes if "data-path='/api/Invoice/{id}'" in route)
    assert "data-in='path' data-name='id'" in one
    assert sum(" data-try" in route for route in routes) == len(routes) - 4, "four take forms"
    bodies = [route for route in routes if "<pre class='body'>" in route]
    assert len(bodies) > 100


def test_metrics_are_for_this_machine_and_admins(sqlite_store: Any) -> None:
    quick = build(sqlite_store, posting_seconds=1.0)
    assert quick.client.get("/metrics").status_code == 401
    assert quick.as_role("Cashier").get("/metrics").status_code == 403
    quick.client.get("/api/Product/x-ray")
    quick.client.get("/somewhere/else")
    text = quick.as_role("Admin").get("/metrics").text
    wanted = (
        'pos_http_requests_total{method="GET",route="/api/Product/{itemCode}",status="401"} 1.0'
    )
    assert wanted in text
    assert 'route="unknown"' in text
    assert "pos_postings_waiting 0.0" in text
    assert "x-ray" not in text
    from starlette.testclient import TestClient

    local = TestClient(quick.app, client=("127.0.0.1", 5))
    assert local.get("/metrics").status_code == 200


def test_the_demos_clock_exists_only_in_the_demo(quick: House) -> None:
    assert quick.client.post("/_sandbox/clock", json={}).status_code == 404


def test_the_demos_clock_moves(sqlite_store: Any) -> None:
    class Movable(FixedClock):
        def set(self, now: Any) -> None:
            self._now = now

    clock = Movable()
    house = build(sqlite_store, demo_clock=clock)
    object.__setattr__(house.shop, "clock", clock)
    moved = house.client.post("/_sandbox/clock", json={"advance_seconds": 90})
    assert moved.json() == {"now": "2026-11-02T06:01:30+00:00"}
    put = house.client.post("/_sandbox/clock", json={"now": "2027-01-01T00:00:00+02:00"})
    assert put.json()["now"].startswith("2027-01-01T00:00:00")
    assert clock.now().isoformat() == "2027-01-01T00:00:00+02:00"
    for body in ({}, {"now": "1900-01-01T00:00:00Z"}, {"advance_seconds": 1e300}, {"now": "soon"}):
        assert house.client.post("/_sandbox/clock", json=body).status_code == 400


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(-(10**20), 10**20),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(values)
def test_json_survives_the_wire_exactly(value: Any) -> None:
    text = wire.write(value)
    assert json.loads(text, parse_float=Decimal) == json.loads(
        text, parse_float=Decimal, parse_int=int
    )
    back = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    assert back == as_decimals(value)


def as_decimals(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_decimals(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_decimals(inner) for inner in value]
    return Decimal(value) if type(value) is int else value


@given(st.binary())
def test_reading_noise_fails_in_one_way(noise: bytes) -> None:
    with contextlib.suppress(json.JSONDecodeError):
        wire.read(noise)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_reading_never_makes_a_float(number: float) -> None:
    found = wire.read(repr(number).encode())
    assert isinstance(found, Decimal | int)
    assert math.isclose(float(found), number)
