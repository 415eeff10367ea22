"""From a quotation over an order to its invoices."""

from __future__ import annotations

from typing import Any

from tests.conformance.step import Look, Step

ORDER, QUOTATION = "/api/SalesOrder", "/api/Quotation"
LINES = [{"itemCode": "MILK", "quantity": 10, "warehouseCode": "SHOP1"}]
BODY: dict[str, Any] = {
    "cardCode": "C0001",
    "customerRefNo": "REF-001",
    "currency": "USD",
    "discountPercent": 5,
    "lines": LINES,
}


def _shown(path: str, name: str, **says: Any) -> Look:
    return Look(route=f"GET {path}/{{id}}", at={"id": f"${name}"}, says=says)


STEPS = (
    Step(
        route=f"POST {QUOTATION}",
        body=BODY | {"contactPerson": "Jane", "termsAndConditions": "30 days"},
        keep={"quotation": "id", "quotation number": "quotationNumber"},
        says={"status": "Draft", "docTotal": 18.91},
        then=(_shown(QUOTATION, "quotation", contactPerson="Jane"),),
    ),
    Step(
        route=f"GET {QUOTATION}",
        query={"cardCode": "C0001"},
        says={"totalCount": 1, "quotations.0.id": "$quotation"},
    ),
    Step(route=f"GET {QUOTATION}/{{id}}", at={"id": "$quotation"}, says={"status": "Draft"}),
    Step(
        route=f"GET {QUOTATION}/number/{{quotationNumber}}",
        at={"quotationNumber": "$quotation number"},
        says={"id": "$quotation"},
    ),
)
