"""The fiscal device behind the server, as other programs use it."""

from __future__ import annotations

from typing import Any

from pos_app.store.engine import Store
from tests.api.house import House
from tests.api.test_revmax import Desk, body
from tests.conformance.step import Look, Step

BASE = "/api/revmax"
NUMBER = {"invoiceNumber": "INV-1001"}
EXTENDED: dict[str, Any] = body("INV-1002")


def server(store: Store) -> House:
    """A server with a simulated device."""
    return Desk(store).house


def _filed(number: str) -> tuple[Look, ...]:
    return (
        Look(
            route=f"GET {BASE}/invoices/{{invoiceNumber}}",
            at={"invoiceNumber": number},
            says={"code": 0},
        ),
    )


STEPS = (
    Step(route=f"GET {BASE}/card-details", says={"code": 0}),
    Step(route=f"GET {BASE}/license", says={"code": 0}),
    Step(
        route=f"POST {BASE}/license",
        body={"license": "LICENSE-1"},
        says={"code": 0},
        then=(Look(route=f"GET {BASE}/license", says={"code": 0}),),
    ),
    Step(route=f"POST {BASE}/transact", body=body(), says={"code": 0}, then=_filed("INV-1001")),
    Step(
        route=f"POST {BASE}/transact-ext",
        body=EXTENDED,
        says={"code": 0},
        then=_filed("INV-1002"),
    ),
    Step(route=f"GET {BASE}/invoices/{{invoiceNumber}}", at=NUMBER, says={"code": 0}),
    Step(route=f"GET {BASE}/unprocessed-invoices/summary", says={"code": 0}),
    Step(route=f"GET {BASE}/day-status", says={"code": 0}),
    Step(route=f"GET {BASE}/z-report", says={"code": 0}),
)
