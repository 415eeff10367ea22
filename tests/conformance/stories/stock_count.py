"""Goods that are counted while the shop sells, and booked by somebody else."""

from __future__ import annotations

from typing import Any

from tests.conformance.step import Look, Step

COUNT = "/api/StockCount"
THIS, OTHER = {"id": "$count"}, {"id": "$other"}
LINES: dict[str, Any] = {
    "lines": [
        {"itemCode": "MILK", "quantity": 98},
        {"itemCode": "YOGHURT", "batchNumber": "Y-SOON", "quantity": 5},
    ]
}


def _is(which: dict[str, str], **says: Any) -> tuple[Look, ...]:
    return (Look(route=f"GET {COUNT}/{{id}}", at=which, says=says),)


STEPS = (
    Step(
        route=f"POST {COUNT}",
        role="StockController",
        body={"warehouseCode": "SHOP1", "comments": "Shelf three"},
        keep={"count": "id"},
        says={"status": "Open", "isBlind": True},
        then=_is(THIS, comments="Shelf three"),
    ),
    Step(
        route=f"PUT {COUNT}/{{id}}/lines",
        role="StockController",
        at=THIS,
        body=LINES,
        says={"lines.#": 2},
        then=_is(THIS, **{"lines.0.quantity": 98}),
    ),
    Step(
        route=f"POST {COUNT}/{{id}}/lock",
        role="StockController",
        at=THIS,
        says={"status": "Counted", "lines.0.difference": -2},
        then=_is(THIS, status="Counted"),
    ),
    Step(
        route=f"POST {COUNT}/{{id}}/recount",
        role="Manager",
        at=THIS,
        says={"status": "Open"},
        then=_is(THIS, status="Open"),
    ),
    Step(
        route=f"POST {COUNT}/{{id}}/lock",
        role="StockController",
        at=THIS,
        says={"status": "Counted"},
        then=_is(THIS, status="Counted"),
    ),
    Step(
        route=f"POST {COUNT}/{{id}}/post",
        role="Manager",
        at=THIS,
        says={"status": "Posted"},
        then=(
            Look(
                route="GET /api/Stock/warehouse/{warehouseCode}/items",
                at={"warehouseCode": "SHOP1"},
                query={"itemCodes": "MILK"},
                says={"items.0.inStock": 98},
            ),
        ),
    ),
    Step(
        route=f"POST {COUNT}",
        role="StockController",
        body={"warehouseCode": "SHOP1", "isBlind": False},
        keep={"other": "id"},
        then=_is(OTHER, isBlind=False),
    ),
    Step(
        route=f"POST {COUNT}/{{id}}/cancel",
        role="Manager",
        at=OTHER,
        says={"status": "Cancelled"},
        then=_is(OTHER, status="Cancelled"),
    ),
    Step(route=f"GET {COUNT}", query={"warehouseCode": "SHOP1"}, says={"totalCount": 2}),
    Step(route=f"GET {COUNT}/{{id}}", at=THIS, says={"number": "CNT-000001"}),
)
