"""Invoices on their way to SAP: followed, counted, tried again and taken out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.api.house import House
from tests.api.test_queue import fail
from tests.conformance.neighbours import post_to_sap, server_apart
from tests.conformance.step import Act, Look, Step

DESKTOP = "/api/DesktopIntegration"
QUEUE = f"{DESKTOP}/queue"
ONE = f"{QUEUE}/{{externalReference}}"
FIRST, SECOND, THIRD = ({"externalReference": name} for name in ("Q-1", "Q-2", "Q-3"))
BODY: dict[str, Any] = {
    "sourceSystem": "DESKTOP_APP",
    "cardCode": "C0001",
    "docCurrency": "USD",
    "lines": [{"itemCode": "MILK", "quantity": 2, "warehouseCode": "SHOP1"}],
}


server = server_apart

ENTERED = {
    "CardCode": "C0001",
    "DocDate": "2026-11-02",
    "DocumentLines": [
        {
            "ItemCode": "MILK",
            "Quantity": Decimal(2),
            "PriceAfterVAT": Decimal("1.99"),
            "VatGroup": "O1",
            "WarehouseCode": "SHOP1",
        }
    ],
}


def _is(which: dict[str, str], **says: Any) -> tuple[Look, ...]:
    return (Look(route=f"GET {ONE}", at=which, says=says),)


def _refused(house: House, _known: dict[str, Any]) -> None:
    """SAP refuses the second."""
    fail(house, "Q-2")


def _enter_by_hand(house: House, known: dict[str, Any]) -> None:
    """SAP refuses the third, so that somebody enters it there; what its story needs is set up."""
    fail(house, "Q-3")
    post_to_sap(house, known)
    sap = known["sap"][1]
    object.__setattr__(house.app.state.context.settings, "sap", sap)
    known["number"] = sap.post("Invoices", ENTERED)["DocNum"]


STEPS = (
    Step(
        route=f"POST {DESKTOP}/invoices/queue",
        body=BODY | {"externalReferenceId": "Q-1"},
        keep={"queue id": "queueId", "reservation": "reservationId"},
        then=_is(FIRST, status="Pending"),
    ),
    Step(
        route=f"POST {DESKTOP}/invoices/queue",
        body=BODY | {"externalReferenceId": "Q-2", "priority": 9},
        then=_is(SECOND, status="Pending"),
    ),
    Step(
        route=f"GET {DESKTOP}/invoices/queue-status/{{queueId}}",
        at={"queueId": "$queue id"},
        says={"externalReference": "Q-1", "status": "Pending", "totalAmount": 3.98},
    ),
    Step(route=f"GET {ONE}", at=FIRST, says={"queueId": "$queue id", "canCancel": True}),
    Step(
        route=f"GET {QUEUE}/by-reservation/{{reservationId}}",
        at={"reservationId": "$reservation"},
        says={"queueId": "$queue id"},
    ),
    Step(
        route=f"GET {QUEUE}",
        query={"sourceSystem": "DESKTOP_APP", "limit": 100},
        says={"#": 2, "0.externalReference": "Q-2"},
    ),
    Act(_refused),
    Step(
        route=f"GET {QUEUE}/review",
        query={"limit": 50},
        says={"#": 1, "0.externalReference": "Q-2", "0.lastError": "SAP says no"},
    ),
    Step(
        route=f"GET {QUEUE}/stats",
        says={"totalQueued": 2, "pending": 1, "requiresReview": 1, "totalAmountPending": 7.96},
    ),
    Step(
        route=f"POST {ONE}/retry",
        at=SECOND,
        says={"status": "Pending"},
        then=_is(SECOND, status="Pending", retryCount=0),
    ),
    Act(_refused),
    Step(route=f"GET {QUEUE}/incidents", says={"#": 1, "0.count": 1}),
    Step(
        route=f"POST {QUEUE}/requeue",
        role="Manager",
        body={"reason": "SAP is put right", "dryRun": False},
        missing_status=None,
        says={"references": ["Q-2"]},
        then=_is(SECOND, status="Pending"),
    ),
    Step(route=f"DELETE {ONE}", at=FIRST, then=_is(FIRST, status="Cancelled", canCancel=False)),
    Step(
        route=f"POST {DESKTOP}/invoices/queue",
        body=BODY | {"externalReferenceId": "Q-3"},
        then=_is(THIRD, status="Pending"),
    ),
    Act(_enter_by_hand),
    Step(
        route=f"POST {ONE}/posted",
        at=THIRD,
        body={"sapDocNum": "$number"},
        says={"sapDocNum": "$number"},
        then=_is(THIRD, status="Completed"),
    ),
)
