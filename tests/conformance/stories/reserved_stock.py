"""Stock less what is reserved, and lines and batches judged against it."""

from __future__ import annotations

from typing import Any

from tests.conformance.step import Look, Step

DESKTOP = "/api/DesktopIntegration"
SHOP = {"warehouseCode": "SHOP1"}
YOGHURT = {"warehouseCode": "SHOP1", "itemCode": "YOGHURT"}
LINE: dict[str, Any] = {"itemCode": "YOGHURT", "quantity": 7, "warehouseCode": "SHOP1"}
HELD = {
    "externalReferenceId": "R-1",
    "sourceSystem": "DesktopApp",
    "cardCode": "C0001",
    "lines": [LINE],
}
SHARES = [{"batchNumber": "Y-SOON", "quantity": 4}, {"batchNumber": "Y-LATE", "quantity": 6}]
DOCUMENT = {
    "lines": [LINE | {"lineNumber": 0, "quantity": 10, "batchAllocations": SHARES}],
    "autoAllocate": True,
    "strategy": "FEFO",
}

UNTOUCHED = Look(
    route="GET /api/Stock/warehouse/{warehouseCode}/items",
    at=SHOP,
    query={"itemCodes": "YOGHURT"},
    says={"items.0.inStock": 35},
)

STEPS = (
    Step(
        route=f"POST {DESKTOP}/validate-batch-allocation",
        body=DOCUMENT,
        says={
            "isValid": True,
            "batchesAutoAllocated": 2,
            "strategyUsed": "FEFO",
            "allocatedLines.0.batches.0.remainingAfterAllocation": 1,
        },
        then=(UNTOUCHED,),
    ),
    Step(
        route=f"POST {DESKTOP}/reservations",
        body=HELD,
        then=(
            Look(
                route=f"GET {DESKTOP}/stock/{{warehouseCode}}/{{itemCode}}",
                at=YOGHURT,
                says={"totalReservedQuantity": 7, "availableQuantity": 28},
            ),
            UNTOUCHED,
        ),
    ),
    Step(
        route=f"GET {DESKTOP}/stock/{{warehouseCode}}/{{itemCode}}",
        at=YOGHURT,
        says={"physicalQuantity": 35, "activeReservationCount": 1},
    ),
    Step(
        route=f"GET {DESKTOP}/stock/{{warehouseCode}}",
        at=SHOP,
        query={"itemCodes": "YOGHURT,MILK"},
        says={"#": 2, "1.itemCode": "YOGHURT", "1.availableQuantity": 28},
    ),
    Step(
        route=f"GET {DESKTOP}/stock/{{warehouseCode}}/{{itemCode}}/batches",
        at=YOGHURT,
        says={"0.batchNumber": "Y-LATE", "1.reservedQuantity": 5, "1.availableQuantity": 0},
    ),
    Step(
        route=f"POST {DESKTOP}/stock/validate",
        body={"lines": [LINE | {"quantity": 29}]},
        says={"isValid": False, "errors.0.errorCode": "INSUFFICIENT_STOCK"},
        then=(UNTOUCHED,),
    ),
    Step(
        route=f"POST {DESKTOP}/stock/validate",
        body={"lines": [LINE | {"quantity": 29}], "excludeReservationId": "R-1"},
        says={"isValid": True},
    ),
)
