"""Payments by mobile money: asked, called back by every provider, given up and given back."""

from __future__ import annotations

from typing import Any

from sandbox.fault import Fault
from tests.api.house import House
from tests.conformance.neighbours import server_apart
from tests.conformance.step import Act, Look, Step
from tests.gateways import PHONE, Till

PAYMENT = "/api/Payment"
BODY: dict[str, Any] = {
    "provider": "Ecocash",
    "amount": 10,
    "currency": "USD",
    "phoneNumber": PHONE,
    "email": "customer@example.com",
    "reference": "Payment for milk",
    "customerCode": "C0001",
}


server = server_apart


def _open_providers(house: House, known: dict[str, Any]) -> None:
    known["providers"] = till = Till.of(house.shop)
    object.__setattr__(house.app.state.context.settings, "gateways", till.gateways)


def _customer_pays(house: House, known: dict[str, Any]) -> None:
    """The customer confirms; what the provider calls back is kept for the next step."""
    house.clock.sleep(3)
    for post in known["providers"].sim.act():
        known["callback"] = post.body
        known["kind"] = post.headers["content-type"]
        known["signature"] = post.headers.get("x-signature", "")


def _lose_the_answer(_house: House, known: dict[str, Any]) -> None:
    known["providers"].arm(Fault(do="timeout_then_success"))


def _make_a_tills_key(house: House, known: dict[str, Any]) -> None:
    known["key"] = house.till_key()


QUESTION = {
    "id": "01a19ad7-db00-7531-9d9d-c9f81818e811",
    "provider": "ecocash",
    "amount": "5.00",
    "currency": "USD",
    "phone": PHONE,
    "reference": "Sunrise Grocers T01",
    "sale": "01a19ad7-db00-7531-9d9d-c9f81818e800",
}
OWN_KEY = {"X-API-Key": "$key"}


def _status(name: str, **says: Any) -> Look:
    return Look(route=f"GET {PAYMENT}/{{id}}/status", at={"id": f"${name}"}, says=says)


def _ask(name: str, **changes: Any) -> Step:
    return Step(
        route=f"POST {PAYMENT}/initiate",
        body=BODY | changes,
        keep={name: "transactionId"},
        then=(_status(name, status="Processing", amount=10),),
    )


def _called_back(provider: str, name: str, bad_status: int = 400) -> Step:
    return Step(
        route=f"POST {PAYMENT}/callback/{provider}",
        content="$callback",
        role="",
        headers={"X-Signature": "$signature", "Content-Type": "$kind"},
        bad_status=bad_status,
        then=(_status(name, status="Success"),),
    )


STEPS = (
    Act(_open_providers),
    Step(route=f"GET {PAYMENT}/providers", says={"providers.0.isEnabled": True}),
    _ask("of milk"),
    Step(
        route=f"GET {PAYMENT}/{{id}}/status",
        at={"id": "$of milk"},
        says={"status": "Processing", "provider": "Ecocash"},
    ),
    Act(_customer_pays),
    _called_back("ecocash", "of milk"),
    _ask("by code", provider="Innbucks"),
    Act(_customer_pays),
    _called_back("innbucks", "by code"),
    _ask("by page", provider="PayNow"),
    Act(_customer_pays),
    _called_back("paynow", "by page", 401),  # anything is a form, of which nothing is signed
    Step(
        route=f"GET {PAYMENT}/transactions",
        query={"status": "Success"},
        says={"totalCount": 3, "totalAmount": 30, "transactions.0.id": "$by page"},
    ),
    Step(
        route=f"POST {PAYMENT}/{{id}}/refund",
        at={"id": "$of milk"},
        query={"amount": "4.00"},
        says={"message": "4.00 USD were given back."},
        then=(_status("of milk", refundedAmount=4),),
    ),
    Act(_lose_the_answer),
    Step(
        route=f"POST {PAYMENT}/initiate",
        body=BODY,
        keep={"unsure": "transactionId"},
        says={"status": "Pending"},
        then=(_status("unsure", status="Pending"),),
    ),
    Step(
        route=f"POST {PAYMENT}/{{id}}/cancel",
        at={"id": "$unsure"},
        then=(_status("unsure", status="Cancelled"),),
    ),
    Act(_make_a_tills_key),
    Step(
        route="POST /sync/charges",
        role="",
        headers=OWN_KEY,
        body=QUESTION,
        says={"state": "Processing"},
        keep={"at a till": "id"},
        then=(_status("at a till", status="Processing", amount=5),),
    ),
    Step(
        route="GET /sync/charges/{id}",
        role="",
        headers=OWN_KEY,
        at={"id": "$at a till"},
        says={"state": "Processing", "is_held": False},
    ),
    Step(
        route="POST /sync/charges/leave",
        role="",
        headers=OWN_KEY,
        body=QUESTION,
        says={"state": "Processing"},
        then=(_status("at a till", status="Processing"),),
    ),
)
