"""Sales of desktop programs and the end of their day."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import select

from pos_app.services.shop import MailRules
from pos_app.store.engine import Store
from pos_app.store.mail import mails
from tests.api import house as houses
from tests.api.house import House
from tests.api.test_desktop_sale import ask
from tests.conformance.neighbours import post_to_sap
from tests.conformance.step import Act, Look, Step

SALES = "/api/DesktopIntegration/sales"
DAY = "/api/DesktopIntegration/end-of-day"
TODAY = {"reportDate": "2026-11-02"}


@cache
def _made() -> Any:
    return houses.make(True)


def server(store: Store) -> House:
    """A shop that consolidates, without a fiscal device, whose owner gets the report by mail."""
    made = houses.fit(_made(), store)
    rules = made.shop.rules
    changed = replace(
        rules,
        sap=replace(rules.sap, consolidates=True, report_to=("owner@example.com",)),
        fiscal=replace(rules.fiscal, is_required=False),
        mail=MailRules(sender="shop@example.com", sender_name="Shop"),
    )
    object.__setattr__(made.shop, "rules", changed)
    return made


def _mailed(house: House, _known: dict[str, Any]) -> None:
    """No route shows what waits to be mailed."""
    with house.shop.store.read() as connection:
        [letter] = connection.execute(select(mails)).mappings().all()
    assert letter["subject"] == "End of day 2026-11-02"


def _listed(**says: Any) -> Look:
    return Look(route=f"GET {SALES}", says=says)


def _report(**says: Any) -> Look:
    return Look(route=f"GET {DAY}/report", query=TODAY, says=says)


STEPS = (
    Step(
        route=f"POST {SALES}",
        body=ask("R-1"),
        role="Cashier",
        keep={"sale": "saleId"},
        says={"externalReferenceId": "R-1", "totalAmount": 4.34},
        then=(
            _listed(**{"totalCount": 1, "sales.0.consolidationStatus": "Pending"}),
            Look(
                route="GET /api/Stock/warehouse/{warehouseCode}/items",
                at={"warehouseCode": "SHOP1"},
                query={"itemCodes": "MILK"},
                says={"items.0.inStock": 99},
            ),
        ),
    ),
    Step(route=f"POST {SALES}", body=ask("R-2")),
    Step(
        route=f"GET {SALES}",
        query={"warehouseCode": "SHOP1", "cardCode": "C0001", "pageSize": 1},
        says={"totalCount": 2, "hasMore": True, "sales.0.externalReferenceId": "R-2"},
    ),
    Step(
        route=f"POST {DAY}/consolidate",
        body={"consolidationDate": "2026-11-02"},
        says={"totalSalesProcessed": 2, "groups.0.saleCount": 2, "groups.0.totalAmount": 8.68},
        then=(_report(totalSalesCount=2, unpostedInvoiceCount=1),),
    ),
    Act(post_to_sap),
    Step(
        route=f"GET {DAY}/report",
        query=TODAY,
        says={"totalSalesCount": 2, "totalSalesAmount": 8.68, "postedInvoiceCount": 1},
        then=(_listed(**{"sales.0.consolidationStatus": "Consolidated"}),),
    ),
    Step(
        route=f"POST {DAY}/email-report",
        query=TODAY,
        says={"message": "The report goes to owner@example.com."},
        then=(_report(totalSalesCount=2, unpostedInvoiceCount=0),),
    ),
    Act(_mailed),
)
