"""What other programs read of goods, prices, customers, rates and the books."""

from __future__ import annotations

from decimal import Decimal

from pos_app.store import level, payment_terms, warehouse
from pos_app.store.engine import Store
from pos_app.store.level import Level
from pos_app.store.payment_terms import PaymentTerms
from pos_app.store.warehouse import Account, CostCentre
from tests.api import house as houses
from tests.api.house import House
from tests.conformance.step import Look, Step

PRICES = Look(route="GET /api/Price/cached", says={"lastSyncedAt": "2026-11-02T06:00:00Z"})
LISTS, RATES, PARTNERS = "/api/Price/pricelists", "/api/ExchangeRate", "/api/BusinessPartner"
SHOP, MILK = {"warehouseCode": "SHOP1"}, {"itemCode": "MILK"}
BOTH = {"warehouseCode": "SHOP1", "itemCode": "YOGHURT"}


def server(store: Store) -> House:
    """A server with accounts, cost centres and terms, and a way to fetch prices."""
    made = houses.build(store, fetch_prices=lambda: None)
    with made.shop.store.write() as connection:
        account = Account("4000", "Sales", kind="at_Revenues", currency="USD", balance=-500)
        warehouse.put_accounts(connection, [account])
        warehouse.put_cost_centres(connection, [CostCentre("SHOP1", "Shop one", 1)])
        payment_terms.put(connection, [PaymentTerms(2, "30 days", 30, 0)])
        level.put(connection, [Level("MILK", "SHOP1", Decimal(150), Decimal("1.10"))])
    return made


STEPS = (
    Step(route="GET /api/Health", role="", says={"status": "Healthy"}),
    Step(route="GET /health/live", role=""),
    Step(route="GET /health/ready", role=""),
    Step(route="GET /health/deploy-ready", role=""),
    Step(route="GET /health/dependencies", role="", says={"dependencies.database": "Healthy"}),
    Step(route="GET /api/Product", says={"count": 8}),
    Step(
        route="GET /api/Product/warehouse/{warehouseCode}",
        at=SHOP,
        says={"warehouseCode": "SHOP1"},
    ),
    Step(
        route="GET /api/Product/warehouse/{warehouseCode}/paged",
        at=SHOP,
        query={"page": 1, "pageSize": 2},
        says={"count": 2, "hasMore": True},
    ),
    Step(
        route="GET /api/Product/{itemCode}",
        at=MILK,
        says={"itemCode": "MILK", "quantityInStock": 107},
    ),
    Step(
        route="GET /api/Product/{itemCode}/batches",
        at={"itemCode": "YOGHURT"},
        query=SHOP,
        says={"batchCount": 2},
    ),
    Step(
        route="GET /api/Product/warehouse/{warehouseCode}/item/{itemCode}/batches",
        at=BOTH,
        says={"totalQuantity": 35},
    ),
    Step(route="GET /api/Stock/warehouses", says={"totalWarehouses": 2}),
    Step(route="GET /api/Stock/warehouse-codes", says={"0": "DEPOT", "1": "SHOP1"}),
    Step(
        route="GET /api/Stock/warehouse/{code}",
        at={"code": "DEPOT"},
        says={"items.0.itemCode": "MILK"},
    ),
    Step(route="GET /api/Stock/warehouse/{warehouseCode}/paged", at=SHOP, says={"page": 1}),
    Step(
        route="GET /api/Stock/warehouse/{warehouseCode}/items",
        at=SHOP,
        query={"itemCodes": "MILK"},
        says={"totalItems": 1},
    ),
    Step(route="GET /api/Stock/batch/{warehouseCode}/{itemCode}", at=BOTH, says={"batchCount": 2}),
    Step(route="POST /api/Price/sync", says={"syncedAt": "2026-11-02T06:00:00Z"}, then=(PRICES,)),
    Step(route="GET /api/Price", says={"totalCount": 14}),
    Step(route="GET /api/Price/cached", says={"totalCount": 14}),
    Step(route="GET /api/Price/grouped", says={"totalItems": 7}),
    Step(route="GET /api/Price/{itemCode}", at=MILK, says={"usdPrice": 1.99}),
    Step(
        route="GET /api/Price/currency/{currency}",
        at={"currency": "USD"},
        missing_status=400,
        says={"zigPriceCount": 0},
    ),
    Step(
        route="GET /api/Price/by-customer/{cardCode}",
        at={"cardCode": "C0001"},
        says={"priceListNum": 1},
    ),
    Step(
        route="GET /api/Price/businesspartner/{cardCode}",
        at={"cardCode": "C0001"},
        says={"priceListNum": 1},
    ),
    Step(route=f"GET {LISTS}", says={"totalCount": 2}),
    Step(route=f"POST {LISTS}/sync", says={"count": 2}, then=(PRICES,)),
    Step(
        route=f"GET {LISTS}/{{priceListNum}}/items",
        at={"priceListNum": 1},
        says={"currency": "USD"},
    ),
    Step(
        route=f"GET {LISTS}/{{priceListNum}}/items/{{itemCode}}",
        at={"priceListNum": 1} | MILK,
        says={"price": 1.99},
    ),
    Step(
        route=f"POST {LISTS}/{{priceListNum}}/sync",
        at={"priceListNum": 1},
        says={"priceListNum": 1},
        then=(PRICES,),
    ),
    Step(route=f"GET {PARTNERS}", says={"businessPartners.0.cardCode": "C0000"}),
    Step(
        route=f"GET {PARTNERS}/type/{{cardType}}",
        at={"cardType": "cSupplier"},
        missing_status=400,
        says={"businessPartners.0.cardCode": "S0001"},
    ),
    Step(
        route=f"GET {PARTNERS}/search",
        query={"query": "dairy"},
        says={"businessPartners.0.cardCode": "S0001"},
    ),
    Step(
        route=f"GET {PARTNERS}/{{cardCode}}",
        at={"cardCode": "C0001"},
        says={"cardName": "Corner Canteen"},
    ),
    Step(
        route=f"GET {PARTNERS}/paymentterms/{{groupNumber}}",
        at={"groupNumber": 2},
        says={"numberOfAdditionalDays": 30},
    ),
    Step(route=f"GET {RATES}", says={"0.fromCurrency": "USD"}),
    Step(
        route=f"GET {RATES}/{{fromCurrency}}/{{toCurrency}}",
        at={"fromCurrency": "USD", "toCurrency": "ZIG"},
        missing={"fromCurrency": "USD", "toCurrency": "EUR"},
        says={"rate": 26.5},
    ),
    Step(
        route=f"GET {RATES}/{{fromCurrency}}/{{toCurrency}}/history",
        at={"fromCurrency": "USD", "toCurrency": "ZIG"},
        missing={"fromCurrency": "USD", "toCurrency": "EUR"},
        says={"history.0.rate": 26.5},
    ),
    Step(
        route=f"GET {RATES}/convert",
        query={"amount": 10, "from": "USD", "to": "ZIG"},
        says={"convertedAmount": 265},
    ),
    Step(route="GET /api/GLAccount", says={"accounts.0.code": "4000"}),
    Step(
        route="GET /api/GLAccount/type/{accountType}",
        at={"accountType": "at_Revenues"},
        missing_status=400,
        says={"totalCount": 1},
    ),
    Step(
        route="GET /api/GLAccount/{accountCode}",
        at={"accountCode": "4000"},
        says={"name": "Sales"},
    ),
    Step(route="GET /api/CostCentre", says={"costCentres.0.centerCode": "SHOP1"}),
    Step(
        route="GET /api/CostCentre/dimension/{dimension}",
        at={"dimension": 1},
        missing_status=400,
        says={"totalCount": 1},
    ),
    Step(
        route="GET /api/CostCentre/{centerCode}",
        at={"centerCode": "SHOP1"},
        says={"centerName": "Shop one"},
    ),
)
