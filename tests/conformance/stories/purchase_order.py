"""From a purchase order to the goods on the shelf."""

from __future__ import annotations

from typing import Any

from tests.conformance.neighbours import post_to_sap
from tests.conformance.step import Act, Look, Step

ORDER = "/api/PurchaseOrder"
BODY: dict[str, Any] = {
    "cardCode": "S0001",
    "warehouseCode": "SHOP1",
    "supplierRefNo": "SREF-1",
    "lines": [{"itemCode": "MILK", "quantity": 100, "unitPrice": 1.1, "taxPercent": 15.5}],
}
OF_ORDER = {"id": "$order"}


def _ordered(name: str = "order", **says: Any) -> tuple[Look, ...]:
    return (Look(route=f"GET {ORDER}/{{id}}", at={"id": f"${name}"}, says=says),)


STEPS = (
    Step(
        route=f"POST {ORDER}",
        body=BODY,
        keep={"order": "id", "order number": "orderNumber"},
        says={"status": "Draft", "docTotal": 127.05},
        then=_ordered(supplierRefNo="SREF-1"),
    ),
    Step(route=f"GET {ORDER}", query={"cardCode": "S0001"}, says={"totalCount": 1}),
    Step(route=f"GET {ORDER}/{{id}}", at=OF_ORDER, says={"status": "Draft"}),
    Step(
        route=f"GET {ORDER}/number/{{orderNumber}}",
        at={"orderNumber": "$order number"},
        says={"id": "$order"},
    ),
    Step(
        route=f"PUT {ORDER}/{{id}}",
        at=OF_ORDER,
        body=BODY | {"comments": "Before noon."},
        then=_ordered(comments="Before noon."),
    ),
    Step(
        route=f"PATCH {ORDER}/{{id}}/status",
        at=OF_ORDER,
        body={"status": "Pending"},
        then=_ordered(status="Pending"),
    ),
    Step(
        route=f"POST {ORDER}/{{id}}/approve",
        at=OF_ORDER,
        role="Manager",
        says={"status": "Approved"},
        then=_ordered(status="Approved"),
    ),
    Act(post_to_sap),
    Step(
        route=f"GET {ORDER}/sap",
        keep={"order in SAP": "orders.0.sapDocEntry"},
        says={"totalCount": 1},
    ),
    Step(
        route=f"GET {ORDER}/sap/{{docEntry}}",
        at={"docEntry": "$order in SAP"},
        says={"id": "$order"},
    ),
    Step(
        route=f"POST {ORDER}/{{id}}/receive",
        at=OF_ORDER,
        body={"lines": [{"lineNum": 0, "itemCode": "MILK", "quantityReceived": 45}]},
        says={"status": "PartiallyReceived"},
        then=(
            *_ordered(status="PartiallyReceived"),
            Look(
                route="GET /api/Stock/warehouse/{warehouseCode}/items",
                at={"warehouseCode": "SHOP1"},
                query={"itemCodes": "MILK"},
                says={"items.0.inStock": 145},
            ),
        ),
    ),
    Step(route=f"POST {ORDER}", body=BODY, keep={"unwanted": "id"}),
    Step(
        route=f"DELETE {ORDER}/{{id}}",
        at={"id": "$unwanted"},
        then=(Look(route=f"GET {ORDER}", query={"status": "Draft"}, says={"totalCount": 0}),),
    ),
)
