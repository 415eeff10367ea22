"""Goods between warehouses: sent, asked for, and what is known of them on their way to SAP."""

from __future__ import annotations

from typing import Any

from tests.conformance.step import Look, Step

TRANSFER = "/api/InventoryTransfer"
BODY: dict[str, Any] = {
    "fromWarehouse": "SHOP1",
    "toWarehouse": "DEPOT",
    "docDate": "2026-11-02",
    "comments": "Restock",
    "lines": [{"itemCode": "MILK", "quantity": 20}],
}
OF_TRANSFER, OF_REQUEST = {"docEntry": "$transfer"}, {"docEntry": "$request"}
DEPOT = {"warehouseCode": "DEPOT"}
IN_DEPOT = "GET /api/Stock/warehouse/{warehouseCode}/items"


def _request(name: str = "request", **says: Any) -> tuple[Look, ...]:
    at = {"docEntry": f"${name}"}
    return (Look(route=f"GET {TRANSFER}/request/{{docEntry}}", at=at, says=says),)


def _in_depot(count: int) -> Look:
    query = {"itemCodes": "MILK"}
    return Look(route=IN_DEPOT, at=DEPOT, query=query, says={"items.0.inStock": count})


STEPS = (
    Step(
        route=f"POST {TRANSFER}",
        body=BODY,
        status=202,
        keep={"transfer": "transfer.docEntry"},
        then=(_in_depot(27),),
    ),
    Step(
        route=f"GET {TRANSFER}/{{docEntry}}",
        at=OF_TRANSFER,
        says={"lines.0.quantity": 20},
    ),
    Step(route=f"GET {TRANSFER}/detail/{{docEntry}}", at=OF_TRANSFER, says={"comments": "Restock"}),
    Step(route=f"GET {TRANSFER}/status/{{docEntry}}", at=OF_TRANSFER, says={"status": "Pending"}),
    Step(
        route=f"GET {TRANSFER}/{{warehouseCode}}",
        at=DEPOT,
        missing={"warehouseCode": "NOWHERE"},
        says={"totalCount": 1},
    ),
    Step(route=f"GET {TRANSFER}/{{warehouseCode}}/paged", at=DEPOT, says={"totalCount": 1}),
    Step(
        route=f"GET {TRANSFER}/{{warehouseCode}}/date/{{date}}",
        at=DEPOT | {"date": "2026-11-02"},
        missing={"warehouseCode": "NOWHERE", "date": "2026-11-02"},
        says={"totalCount": 1},
    ),
    Step(
        route=f"GET {TRANSFER}/{{warehouseCode}}/daterange",
        at=DEPOT,
        query={"fromDate": "2026-11-01", "toDate": "2026-11-02"},
        says={"totalCount": 1},
    ),
    Step(
        route=f"POST {TRANSFER}/request",
        body=BODY,
        keep={"request": "transferRequest.docEntry"},
        then=_request(comments="Restock"),
    ),
    Step(
        route=f"GET {TRANSFER}/request/{{docEntry}}",
        at=OF_REQUEST,
        says={"lines.0.quantity": 20},
    ),
    Step(route=f"GET {TRANSFER}/requests", says={"count": 1}),
    Step(route=f"GET {TRANSFER}/requests/{{warehouseCode}}", at=DEPOT, says={"count": 1}),
    Step(
        route=f"POST {TRANSFER}/request/{{docEntry}}/convert",
        at=OF_REQUEST,
        status=202,
        says={"requestDocEntry": "$request"},
        then=(_in_depot(47),),
    ),
    Step(
        route=f"POST {TRANSFER}/request",
        body=BODY | {"comments": "Not needed"},
        keep={"unwanted": "transferRequest.docEntry"},
    ),
    Step(
        route=f"POST {TRANSFER}/request/{{docEntry}}/close",
        at={"docEntry": "$unwanted"},
        then=_request("unwanted", documentStatus="Closed"),
    ),
    Step(
        route=f"POST {TRANSFER}",
        body=BODY | {"inTransit": True},
        status=201,
        keep={"sent": "transfer.docEntry"},
    ),
    Step(
        route=f"POST {TRANSFER}/{{docEntry}}/receive",
        at={"docEntry": "$sent"},
        body={"lines": [{"lineNum": 0, "quantityReceived": 18, "reason": "damaged"}]},
        says={"transfer.lines.0.quantityReceived": 18},
        then=(_in_depot(65),),
    ),
    Step(
        route=f"POST {TRANSFER}",
        body=BODY | {"inTransit": True, "comments": "Wrong van"},
        status=201,
        keep={"wrong": "transfer.docEntry"},
    ),
    Step(
        route=f"POST {TRANSFER}/{{docEntry}}/cancel",
        at={"docEntry": "$wrong"},
        says={"status": "Cancelled"},
        then=(
            Look(
                route=f"GET {TRANSFER}/status/{{docEntry}}",
                at={"docEntry": "$wrong"},
                says={"status": "Cancelled"},
            ),
        ),
    ),
    *(
        Step(
            route=f"POST {TRANSFER}/request",
            role="StockController",
            body=BODY,
            keep={name: "transferRequest.docEntry"},
        )
        for name in ("wanted", "refused")
    ),
    Step(
        route=f"POST {TRANSFER}/request/{{docEntry}}/approve",
        role="Manager",
        at={"docEntry": "$wanted"},
        body={"comments": "Before Friday"},
        says={"status": "Approved"},
        then=_request("wanted", decision="Before Friday"),
    ),
    Step(
        route=f"POST {TRANSFER}/request/{{docEntry}}/reject",
        role="Manager",
        at={"docEntry": "$refused"},
        body={"comments": "We have none to spare"},
        says={"status": "Rejected"},
        then=_request("refused", decision="We have none to spare"),
    ),
)
