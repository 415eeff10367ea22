"""Customers who get an account in the portal, and what one of them sees."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from pos_app.store.engine import Store
from tests.api import house as houses
from tests.api.house import House
from tests.conformance.step import Look, Step

PORTAL, USERS = "/api/CustomerPortal", "GET /api/User"
OWN = {"cardCode": "C0001"}
OTHERS: dict[str, Any] = {"missing": {"cardCode": "C0002"}, "missing_status": 403}
"""Another customer's documents are none of its business, whether there are any or not."""


class _Clock:
    """What makes a server a demo; nobody sets it here."""

    def set(self, now: datetime) -> None:
        raise AssertionError(now)


@cache
def _made() -> Any:
    return houses.make(True, demo_clock=_Clock())


def server(store: Store) -> House:
    """A demo, as only a demo hashes passwords."""
    return houses.fit(_made(), store)


def _account(email: str, code: str) -> Look:
    says = {"items.0.role": "Customer", "items.0.assignedCustomerCodes.0": code}
    return Look(route=USERS, query={"search": email}, says=says)


STEPS = (
    Step(
        route=f"POST {PORTAL}/register",
        body={
            "cardCode": "C0001",
            "cardName": "ABC Trading",
            "email": "accounts@abc.co.zw",
            "password": "Str0ng!Pass",
        },
        says={"success": True, "cardCode": "C0001", "email": "accounts@abc.co.zw"},
        then=(_account("accounts@abc.co.zw", "C0001"),),
    ),
    Step(
        route=f"POST {PORTAL}/bulk-register",
        body={
            "defaultPassword": "Str0ng!Pass",
            "customers": [
                {"cardCode": "C0002", "cardName": "Canteen", "email": "pay@canteen.co.zw"},
                {"cardCode": "C0002", "cardName": "Canteen", "email": "accounts@abc.co.zw"},
            ],
        },
        says={"success": False, "count": 1, "customers.0.success": True, "customers.#": 2},
        then=(_account("pay@canteen.co.zw", "C0002"),),
    ),
    Step(
        route=f"POST {PORTAL}/generate-hash",
        body={"password": "Str0ng!Pass"},
        says={"message": "The password was hashed."},
    ),
    Step(
        route="POST /api/Quotation",
        body={"cardCode": "C0001", "lines": [{"itemCode": "MILK", "quantity": 2}]},
        keep={"quotation": "id"},
        then=(Look(route="GET /api/Quotation/{id}", at={"id": "$quotation"}, says=OWN),),
    ),
    Step(
        route="POST /api/Quotation/{id}/approve",
        at={"id": "$quotation"},
        says={"id": "$quotation"},
    ),
    Step(
        route="GET /api/Quotation",
        role="Customer",
        says={"items.0.id": "$quotation", "items.0.cardCode": "C0001"},
    ),
    Step(
        route="GET /api/Statement/generate/{cardCode}",
        at=OWN,
        query={"format": "json"},
        role="Customer",
        says=OWN,
        **OTHERS,
    ),
)
