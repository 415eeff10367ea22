"""Prices as desktop programs read and fetch them."""

from __future__ import annotations

from pos_app.store.engine import Store
from tests.api import house as houses
from tests.api.house import House
from tests.conformance.step import Look, Step

PRICES = "/api/DesktopIntegration/prices"
LISTS = f"{PRICES}/pricelists"
FETCHED = Look(route="GET /api/Price/cached", says={"lastSyncedAt": "2026-11-02T06:00:00Z"})
RETAIL = {"priceListNum": "1"}


def server(store: Store) -> House:
    """A server with a way to fetch prices."""
    return houses.build(store, fetch_prices=lambda: None)


STEPS = (
    Step(route=f"GET {LISTS}", says={"totalCount": 2, "priceLists.0.listNum": 1}),
    Step(route=f"POST {LISTS}/sync", says={"count": 2}, then=(FETCHED,)),
    Step(route=f"POST {PRICES}/sync", then=(FETCHED,)),
    Step(
        route=f"GET {LISTS}/{{priceListNum}}",
        at=RETAIL,
        says={"priceListName": "Retail USD", "currency": "USD", "totalCount": 7},
    ),
    Step(
        route=f"POST {LISTS}/{{priceListNum}}/sync",
        at=RETAIL,
        says={"priceListNum": 1, "count": 7},
        then=(FETCHED,),
    ),
    Step(
        route=f"GET {LISTS}/{{priceListNum}}/items/{{itemCode}}",
        at={"priceListNum": "2", "itemCode": "MILK"},
        says={"price": 51.74, "currency": "ZIG"},
    ),
    Step(
        route=f"GET {PRICES}/business-partner/{{cardCode}}",
        at={"cardCode": "C0001"},
        query={"itemCodes": "MILK"},
        says={"totalCount": 1, "prices.0.price": 1.99},
    ),
)
