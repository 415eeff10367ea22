"""The morning's stock, transfers SAP tells of, and what was sold from a warehouse."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from pos_app.store.engine import Store
from tests.api import house as houses
from tests.api.house import OTHER, WAREHOUSE, House
from tests.api.test_stock_snapshot import SALE, event
from tests.conformance.step import Act, Look, Step

DESKTOP = "/api/DesktopIntegration"
SALES = "/api/Stock/warehouse/{warehouseCode}/sales"
SHOP = {"warehouseCode": WAREHOUSE}
TODAY = {"fromDate": "2026-11-02", "toDate": "2026-11-02"}
SOLD = {
    "totalItemsSold": 2,
    "totalInvoices": 1,
    "totalSalesValue": 18.08,
    "items.0.itemCode": "YOGHURT",
    "items.0.totalQuantitySold": 6,
}


@cache
def _made() -> Any:
    return houses.make(True)


def server(store: Store) -> House:
    """A shop that keeps the stock of both warehouses every morning."""
    made = houses.fit(_made(), store)
    rules = made.shop.rules
    kept = replace(rules.stock, monitored=(WAREHOUSE, OTHER))
    object.__setattr__(made.shop, "rules", replace(rules, stock=kept))
    return made


def _local(**says: Any) -> tuple[Look, ...]:
    return (Look(route=f"GET {DESKTOP}/stock/{{warehouseCode}}/local", at=SHOP, says=says),)


def _later(house: House, _known: dict[str, Any]) -> None:
    """What is sold now is sold after the snapshot."""
    house.clock.sleep(60)


STEPS = (
    Step(
        route=f"GET {DESKTOP}/stock/monitored-warehouses",
        says={"0": WAREHOUSE, "1": OTHER},
    ),
    Step(
        route=f"POST {DESKTOP}/stock/fetch-daily",
        body={"snapshotDate": "2026-11-02", "warehouses": [WAREHOUSE, OTHER]},
        says={"startedAt": "2026-11-02T06:00:00Z"},
        then=_local(
            snapshotStatus="Complete",
            **{"items.7.itemCode": "YOGHURT", "items.7.originalQuantity": 35},
        ),
    ),
    Step(
        route=f"GET {DESKTOP}/stock/{{warehouseCode}}/local",
        at=SHOP,
        query={"snapshotDate": "2026-11-02"},
        says={"warehouseCode": WAREHOUSE},
    ),
    Step(
        route=f"POST {DESKTOP}/webhook/transfer-event",
        body=event(),
        says={
            "adjusted": True,
            "adjustments.0.direction": "OUT",
            "adjustments.0.newAvailableQuantity": 28,
            "adjustments.1.direction": "IN",
        },
        then=_local(**{"items.7.availableQuantity": 28, "items.7.transferAdjustment": -7}),
    ),
    Act(_later),
    Step(
        route=f"POST {DESKTOP}/sales",
        body=SALE,
        then=_local(**{"items.7.originalQuantity": 35, "items.7.availableQuantity": 22}),
    ),
    Step(route=f"GET {SALES}", at=SHOP, query=TODAY, says=SOLD),
    Step(route=f"POST {SALES}", at=SHOP, body=TODAY, says=SOLD),
)
