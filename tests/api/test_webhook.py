"""``/api/Webhook``: made by an Admin, told with its cause, its secret never said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from random import Random

import httpx2
import pytest

from pos_app.services.seal import Seal
from pos_app.services.webhook import book, work
from sync.webhook.address import Policy
from sync.webhook.sender import Sender
from tests.api.house import SECRET, House, build, invoice_body

ASKED = {
    "name": "Orders",
    "url": "https://hooks.example.com/stock",
    "secret": "whsec_abc123",
    "events": ["invoice.created", "stock.out"],
    "retryCount": 3,
    "timeoutSeconds": 30,
    "customHeaders": {"X-Custom-Header": "value"},
}
NEVER = {"stock.transfer": "Ask for transfer.created and transfer.received."}
KEYS = {
    "id", "name", "url", "events", "isActive", "retryCount", "timeoutSeconds", "customHeaders",
    "createdAt", "lastTriggeredAt", "successCount", "failureCount", "lastError",
}  # fmt: skip


@pytest.fixture
def house(sqlite_store: object) -> House:
    return build(sqlite_store)  # type: ignore[arg-type]


def lookup(host: str, port: int) -> Sequence[str]:
    return ["93.184.216.34"]


def test_a_webhook_hears_of_an_invoice(house: House) -> None:
    admin = house.as_role()
    made = admin.post("/api/Webhook", ASKED)
    assert made.status_code == 201, made.text
    said = made.json()
    assert set(said) == KEYS
    assert admin.get("/api/Webhook").json() == [said]
    assert "whsec" not in made.text
    changed = admin.put(f"/api/Webhook/{said['id']}", {"events": ["invoice.created"]})
    assert changed.json() == said | {"events": ["invoice.created"]}
    invoice = admin.post("/api/Invoice", invoice_body())
    assert invoice.status_code == 201, invoice.text
    seen: list[httpx2.Request] = []

    async def content() -> AsyncIterator[bytes]:
        yield b"ok"

    def take(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, content=content())

    sender = Sender(Policy(), lookup=lookup, transport=httpx2.MockTransport(take))
    seal = Seal(SECRET, book.PURPOSE)
    assert work.work(house.shop, sender, seal=seal, rng=Random(1)).done == 1
    (request,) = seen
    assert request.headers["X-Webhook-Event"] == "invoice.created"
    assert request.headers["X-Custom-Header"] == "value"
    page = admin.get("/api/Webhook/deliveries", webhookId=said["id"], pageSize=10**9).json()
    assert (page["totalCount"], page["items"]) == (1, page["deliveries"])
    assert page["items"][0]["isSuccess"]
    assert admin.get(f"/api/Webhook/{said['id']}").json()["successCount"] == 1
    assert admin.delete(f"/api/Webhook/{said['id']}").status_code == 204
    assert admin.get(f"/api/Webhook/{said['id']}").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://169.254.169.254/latest/meta-data"},
        {"url": "http://localhost:8080/"},
        {"events": ["stock.lo"]},
        {"events": []},
        {"retryCount": 11},
        {"timeoutSeconds": 4},
        {"name": " "},
        {"name": "x" * 101},
        {"customHeaders": {"Host": "other"}},
        {"customHeaders": {"transfer-Encoding": "chunked"}},
        {"customHeaders": {"x-webhook-Signature": "sha256=00"}},
        {"customHeaders": {"X-Two": "a\r\nHost: other"}},
        {"customHeaders": "none"},
    ],
)
def test_what_cannot_be_a_webhook(house: House, wrong: dict[str, object]) -> None:
    admin = house.as_role()
    refused = admin.post("/api/Webhook", ASKED | wrong)
    assert refused.status_code == 400
    assert next(iter(wrong)) in {name.split(".")[0] for name in refused.json()["errors"]}
    assert admin.get("/api/Webhook").json() == []


def test_a_trial_says_what_came_of_it(house: House) -> None:
    admin = house.as_role()
    number = admin.post("/api/Webhook", ASKED | {"url": "https://hooks.invalid./x"}).json()["id"]
    tried = admin.post(f"/api/Webhook/{number}/test", {"eventType": "stock.low"})
    assert tried.status_code == 200
    assert (tried.json()["success"], tried.json()["statusCode"]) == (False, None)
    wrong = admin.post(f"/api/Webhook/{number}/test", {"eventType": "moon.full"})
    assert wrong.status_code == 400
    assert admin.post("/api/Webhook/99/test", {"eventType": "stock.low"}).status_code == 404


def test_every_event_type_is_told_to_anybody(house: House) -> None:
    told = house.client.get("/api/Webhook/event-types").json()
    rows, never = told["eventTypes"], told["neverTold"]
    assert {"eventType": "stock.transfer", "reason": NEVER["stock.transfer"]} in never
    assert {"invoice.created", "stock.low", "payment.received"} <= {r["eventType"] for r in rows}
    assert all(row["category"] and row["description"] for row in rows)
