"""Stock held for a document that is still to come, by both forms of each path."""

from __future__ import annotations

from typing import Any

from tests.conformance.step import Look, Step

RESERVATIONS = "/api/DesktopIntegration/reservations"
ONE = f"{RESERVATIONS}/{{reservationId}}"
MILK = {"lineNum": 0, "itemCode": "MILK", "quantity": 10, "warehouseCode": "SHOP1"}
BODY: dict[str, Any] = {
    "externalReferenceId": "R-1",
    "sourceSystem": "DesktopApp",
    "documentType": "Invoice",
    "cardCode": "C0001",
    "currency": "USD",
    "reservationDurationMinutes": 30,
    "lines": [MILK | {"unitPrice": 1.99}],
}


def _held(name: str, **says: Any) -> Look:
    return Look(route=f"GET {ONE}", at={"reservationId": f"${name}"}, says=says)


def _free(count: int) -> Look:
    """What of the milk nobody has bought or holds."""
    return Look(
        route="GET /api/DesktopIntegration/stock/{warehouseCode}/{itemCode}",
        at={"warehouseCode": "SHOP1", "itemCode": "MILK"},
        says={"availableQuantity": count},
    )


def _in_stock(count: int) -> Look:
    return Look(
        route="GET /api/Stock/warehouse/{warehouseCode}/items",
        at={"warehouseCode": "SHOP1"},
        query={"itemCodes": "MILK"},
        says={"items.0.inStock": count},
    )


def _reserve(reference: str, name: str) -> Step:
    return Step(
        route=f"POST {RESERVATIONS}",
        body=BODY | {"externalReferenceId": reference},
        keep={name: "reservation.reservationId"},
    )


STEPS = (
    Step(
        route=f"POST {RESERVATIONS}",
        body=BODY,
        keep={"first": "reservation.reservationId"},
        says={"success": True, "reservation.status": "Pending", "reservation.totalValue": 19.9},
        then=(_held("first", externalReferenceId="R-1"), _free(90), _in_stock(100)),
    ),
    Step(
        route=f"GET {ONE}",
        at={"reservationId": "$first"},
        says={"lines.0.reservedQuantity": 10, "cardName": "Corner Canteen"},
    ),
    Step(
        route=f"GET {RESERVATIONS}/by-reference/{{externalReferenceId}}",
        at={"externalReferenceId": "R-1"},
        says={"reservationId": "$first"},
    ),
    _reserve("R-2", "second"),
    Step(
        route=f"GET {RESERVATIONS}",
        query={"sourceSystem": "DesktopApp", "activeOnly": True, "pageSize": 1},
        says={"totalCount": 2, "hasMore": True, "reservations.0.reservationId": "$second"},
    ),
    Step(
        route=f"POST {RESERVATIONS}/renew",
        body={"reservationId": "$first", "extensionMinutes": 120},
        says={"reservation.renewalCount": 1},
        then=(_held("first", expiresAt="2026-11-02T08:00:00Z"),),
    ),
    Step(
        route=f"PUT {ONE}/confirm",
        at={"reservationId": "$first"},
        body={"numAtCard": "PO-7", "fiscalize": False},
        keep={"invoice": "invoice.docEntry"},
        says={"success": True, "reservationId": "$first", "invoice.docTotal": 19.9},
        then=(
            _held("first", status="Confirmed"),
            _in_stock(90),
            Look(
                route="GET /api/Invoice/{id}",
                at={"id": "$invoice"},
                says={"numAtCard": "PO-7", "docTotal": 19.9},
            ),
        ),
    ),
    Step(
        route=f"POST {RESERVATIONS}/confirm",
        body={"reservationId": "$second", "numAtCard": "PO-8"},
        says={"success": True, "invoice.numAtCard": "PO-8"},
        then=(_held("second", status="Confirmed"), _in_stock(80), _free(80)),
    ),
    _reserve("R-3", "third"),
    Step(
        route=f"DELETE {ONE}",
        at={"reservationId": "$third"},
        query={"reason": "changed their mind"},
        says={"success": True},
        then=(
            _held("third", status="Cancelled", cancellationReason="changed their mind"),
            _free(80),
        ),
    ),
    _reserve("R-4", "fourth"),
    Step(
        route=f"POST {RESERVATIONS}/cancel",
        body={"reservationId": "$fourth", "reason": "left"},
        says={"success": True},
        then=(_held("fourth", status="Cancelled", cancellationReason="left"), _free(80)),
    ),
)
