"""Goods that leave or come in without a sale, each for a reason."""

from __future__ import annotations

from typing import Any

from tests.conformance.step import Look, Step

ISSUE, RECEIPT = "/api/GoodsIssue", "/api/GoodsReceipt"
OUT: dict[str, Any] = {
    "warehouseCode": "SHOP1",
    "reason": "damaged",
    "docDate": "2026-11-02",
    "comments": "Fell off the pallet",
    "externalReference": "GI/7",
    "lines": [{"itemCode": "MILK", "quantity": 3}],
}
LOT = {"batchNumber": "Y-FOUND", "quantity": 4, "expiryDate": "2027-02-01"}
IN: dict[str, Any] = {
    "warehouseCode": "SHOP1",
    "reason": "found",
    "lines": [{"itemCode": "YOGHURT", "quantity": 4, "unitCost": 0.9, "batchNumbers": [LOT]}],
}


def _on_shelf(item: str, count: int) -> Look:
    return Look(
        route="GET /api/Stock/warehouse/{warehouseCode}/items",
        at={"warehouseCode": "SHOP1"},
        query={"itemCodes": item},
        says={"items.0.inStock": count},
    )


STEPS = (
    Step(route=f"GET {ISSUE}/reasons", role="Manager", says={"#": 2}),
    Step(
        route=f"POST {ISSUE}",
        role="Manager",
        body=OUT,
        keep={"issue": "id"},
        says={"number": "GI-000001", "sapStatus": "Pending"},
        then=(_on_shelf("MILK", 97),),
    ),
    Step(
        route=f"GET {ISSUE}/{{docEntry}}",
        role="Manager",
        at={"docEntry": "$issue"},
        says={"comments": "Fell off the pallet"},
    ),
    Step(
        route=f"GET {ISSUE}",
        role="Manager",
        query={"warehouseCode": "SHOP1"},
        says={"totalCount": 1},
    ),
    Step(route=f"GET {RECEIPT}/reasons", role="Manager", says={"0.code": "found"}),
    Step(
        route=f"POST {RECEIPT}",
        role="Manager",
        body=IN,
        keep={"receipt": "id"},
        says={"number": "GR-000001"},
        then=(_on_shelf("YOGHURT", 39),),
    ),
    Step(
        route=f"GET {RECEIPT}/{{docEntry}}",
        role="Manager",
        at={"docEntry": "$receipt"},
        says={"lines.0.batchNumbers.0.batchNumber": "Y-FOUND"},
    ),
    Step(
        route=f"GET {RECEIPT}",
        role="Manager",
        query={"warehouseCode": "SHOP1"},
        says={"totalCount": 1},
    ),
)
