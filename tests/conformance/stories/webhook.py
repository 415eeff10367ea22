"""Webhooks: made, tried, told of an invoice, changed and removed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from random import Random
from typing import Any

import httpx2

from pos_app.services.seal import Seal
from pos_app.services.webhook import book, work
from sync.webhook.address import Policy
from sync.webhook.sender import Sender
from tests.api.house import SECRET, House, invoice_body
from tests.conformance.neighbours import server_apart
from tests.conformance.step import Act, Look, Step

WEBHOOK = "/api/Webhook"
AT = {"id": "$webhook"}
BODY: dict[str, Any] = {
    "name": "Stock Alerts",
    "url": "https://hooks.example.com/stock",
    "secret": "whsec_abc123",
    "events": ["invoice.created", "stock.out"],
    "retryCount": 3,
    "timeoutSeconds": 30,
    "customHeaders": {"X-Custom-Header": "value"},
}
SHOWN = {name: value for name, value in BODY.items() if name != "secret"}
server = server_apart


async def _thanks() -> AsyncIterator[bytes]:
    yield b"Thank you."


def _open_receiver(house: House, known: dict[str, Any]) -> None:
    """Somebody listens at the public address of the webhook."""

    def take(request: httpx2.Request) -> httpx2.Response:
        known["heard"] = request.headers["X-Webhook-Event"]
        return httpx2.Response(200, content=_thanks())

    known["sender"] = sender = Sender(
        Policy(), lookup=lambda host, port: ["93.184.216.34"], transport=httpx2.MockTransport(take)
    )
    object.__setattr__(house.app.state.context.settings, "webhook_sender", sender)


def _deliver(house: House, known: dict[str, Any]) -> None:
    seal = Seal(SECRET, book.PURPOSE)
    assert work.work(house.shop, known["sender"], seal=seal, rng=Random(1)).done == 1
    assert known["heard"] == "invoice.created"


def _webhook(**says: Any) -> Look:
    return Look(route=f"GET {WEBHOOK}/{{id}}", at=AT, says=says)


def _number(count: int) -> Look:
    return Look(route=f"GET {WEBHOOK}", says={"#": count})


STEPS = (
    Act(_open_receiver),
    Step(
        route=f"GET {WEBHOOK}/event-types",
        role="",
        says={"eventTypes.0.eventType": "invoice.created"},
    ),
    Step(
        route=f"POST {WEBHOOK}",
        body=BODY,
        keep={"webhook": "id"},
        says={**SHOWN, "isActive": True},
        then=(_webhook(**SHOWN), _number(1)),
    ),
    Step(route=f"GET {WEBHOOK}", says={"0.id": "$webhook", "0.name": "Stock Alerts"}),
    Step(route=f"GET {WEBHOOK}/{{id}}", at=AT, says=SHOWN),
    Step(
        route=f"POST {WEBHOOK}/{{id}}/test",
        at=AT,
        body={"eventType": "stock.low", "sampleData": None},
        says={"success": True, "statusCode": 200, "responseBody": "Thank you."},
        then=(_webhook(successCount=0, lastTriggeredAt=None),),
    ),
    Step(route="POST /api/Invoice", body=invoice_body()),
    Act(_deliver),
    Step(
        route=f"GET {WEBHOOK}/deliveries",
        query={"webhookId": "$webhook"},
        says={
            "totalCount": 1,
            "deliveries.0.eventType": "invoice.created",
            "deliveries.0.isSuccess": True,
        },
    ),
    Step(
        route=f"PUT {WEBHOOK}/{{id}}",
        at=AT,
        body={"name": "Invoices", "events": ["invoice.created"], "isActive": False},
        says={"isActive": False, "successCount": 1},
        then=(_webhook(name="Invoices", events=["invoice.created"], url=BODY["url"]),),
    ),
    Step(route=f"DELETE {WEBHOOK}/{{id}}", at=AT, then=(_number(0),)),
)
