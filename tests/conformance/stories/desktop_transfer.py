"""Transfers and requests of desktop programs, and their queue."""

from __future__ import annotations

from typing import Any

from tests.api.house import House
from tests.api.test_queue import fail
from tests.conformance.step import Act, Look, Step

DESKTOP = "/api/DesktopIntegration"
TRANSFERS, REQUESTS = f"{DESKTOP}/transfers", f"{DESKTOP}/transfer-requests"
QUEUE = f"{DESKTOP}/transfer-queue"
DEPOT = {"warehouseCode": "DEPOT"}
NOWHERE = {"warehouseCode": "NOWHERE"}
OF_TRANSFER, OF_REQUEST = {"docEntry": "$transfer"}, {"docEntry": "$request"}
FIRST, SECOND = {"externalReference": "TRF-2"}, {"externalReference": "TRF-3"}
BODY: dict[str, Any] = {
    "externalReference": "TRF-1",
    "sourceSystem": "DESKTOP_APP",
    "fromWarehouse": "SHOP1",
    "toWarehouse": "DEPOT",
    "docDate": "2026-11-02",
    "comments": "Restock",
    "isTransferRequest": False,
    "lines": [{"lineNum": 0, "itemCode": "MILK", "quantity": 20, "warehouseCode": "DEPOT"}],
}
ASKED: dict[str, Any] = {
    "fromWarehouse": "SHOP1",
    "toWarehouse": "DEPOT",
    "docDate": "2026-11-02",
    "comments": "For the weekend",
    "lines": [{"itemCode": "MILK", "quantity": 5}],
}


def _in_depot(count: int) -> Look:
    return Look(
        route="GET /api/Stock/warehouse/{warehouseCode}/items",
        at=DEPOT,
        query={"itemCodes": "MILK"},
        says={"items.0.inStock": count},
    )


def _queued(which: dict[str, str], **says: Any) -> Look:
    return Look(route=f"GET {QUEUE}/{{externalReference}}", at=which, says=says)


def _request(name: str, **says: Any) -> Look:
    at = {"docEntry": f"${name}"}
    return Look(route=f"GET {REQUESTS}/{{docEntry}}", at=at, says=says)


def _refused(house: House, _known: dict[str, Any]) -> None:
    """SAP refuses the third."""
    fail(house, "TRF-3")


SENT = (
    Step(
        route=f"POST {TRANSFERS}/validate",
        body=BODY,
        says={"isValid": True, "linesValidated": 1},
        then=(_in_depot(7),),
    ),
    Step(
        route=f"POST {TRANSFERS}",
        body=BODY,
        # The goods move now; SAP is told later by the posting worker.
        status=202,
        keep={"transfer": "transfer.docEntry"},
        says={"wasQueued": True, "queueExternalReference": "TRF-1"},
        then=(_in_depot(27), _queued({"externalReference": "TRF-1"}, status="Pending")),
    ),
    Step(
        route=f"GET {TRANSFERS}/{{docEntry}}",
        at=OF_TRANSFER,
        says={"lines.0.quantity": 20, "comments": "Restock"},
    ),
    Step(
        route=f"GET {TRANSFERS}/warehouse/{{warehouseCode}}",
        at=DEPOT,
        missing=NOWHERE,
        says={"#": 1, "0.docEntry": "$transfer"},
    ),
    Step(
        route=f"GET {TRANSFERS}/warehouse/{{warehouseCode}}/date-range",
        at=DEPOT,
        missing=NOWHERE,
        query={"fromDate": "2026-11-02", "toDate": "2026-11-02"},
        says={"#": 1, "0.docEntry": "$transfer"},
    ),
    Step(
        route=f"GET {TRANSFERS}/warehouse/{{warehouseCode}}/paged",
        at=DEPOT,
        missing=NOWHERE,
        query={"page": 1, "pageSize": 20},
        says={"#": 1, "0.docEntry": "$transfer"},
    ),
)

ON_THEIR_WAY = (
    Step(
        route=f"POST {TRANSFERS}/queued",
        body=BODY | {"externalReference": "TRF-2"},
        says={"success": True, "externalReference": "TRF-2", "status": "Pending"},
        then=(_in_depot(47), _queued(FIRST, status="Pending", totalQuantity=20)),
    ),
    Step(
        route=f"POST {TRANSFERS}/queued",
        body=BODY | {"externalReference": "TRF-3", "priority": 5},
        says={"externalReference": "TRF-3"},
        then=(_in_depot(67), _queued(SECOND, status="Pending")),
    ),
    Step(
        route=f"GET {QUEUE}/{{externalReference}}",
        at=FIRST,
        says={"fromWarehouse": "SHOP1", "lineCount": 1, "canCancel": True},
    ),
    Step(
        route=f"GET {QUEUE}",
        query={"sourceSystem": "DESKTOP_APP", "limit": 100},
        says={"#": 3, "0.externalReference": "TRF-3"},
    ),
    Act(_refused),
    Step(
        route=f"GET {QUEUE}/review",
        query={"limit": 50},
        says={"#": 1, "0.externalReference": "TRF-3", "0.lastError": "SAP says no"},
    ),
    Step(route=f"GET {QUEUE}/stats", says={"pending": 2, "requiresReview": 1}),
    Step(
        route=f"POST {QUEUE}/{{externalReference}}/retry",
        at=SECOND,
        says={"status": "Pending"},
        then=(_queued(SECOND, status="Pending", retryCount=0),),
    ),
    Step(
        route=f"DELETE {QUEUE}/{{externalReference}}",
        at=FIRST,
        then=(_queued(FIRST, status="Cancelled"), _in_depot(47)),
    ),
)

ASKED_FOR = (
    Step(
        route=f"POST {REQUESTS}",
        body=ASKED,
        keep={"request": "docEntry"},
        says={"documentStatus": "Open"},
        then=(_request("request", comments="For the weekend"), _in_depot(47)),
    ),
    Step(
        route=f"GET {REQUESTS}/{{docEntry}}",
        at=OF_REQUEST,
        says={"lines.0.quantity": 5, "documentStatus": "Open"},
    ),
    Step(
        route=f"GET {REQUESTS}/warehouse/{{warehouseCode}}",
        at=DEPOT,
        missing=NOWHERE,
        says={"#": 1, "0.docEntry": "$request"},
    ),
    Step(
        route=f"GET {REQUESTS}/paged",
        query={"page": 1, "pageSize": 20},
        says={"#": 1, "0.docEntry": "$request"},
    ),
    Step(
        route=f"POST {REQUESTS}/{{docEntry}}/convert",
        at=OF_REQUEST,
        status=202,
        then=(_in_depot(52), _request("request", documentStatus="Closed")),
    ),
    Step(route=f"POST {REQUESTS}", body=ASKED, keep={"unwanted": "docEntry"}),
    Step(
        route=f"POST {REQUESTS}/{{docEntry}}/close",
        at={"docEntry": "$unwanted"},
        then=(_request("unwanted", documentStatus="Closed"),),
    ),
)

STEPS = (*SENT, *ON_THEIR_WAY, *ASKED_FOR)
