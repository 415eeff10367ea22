"""Invoices and payments of the API all the way into SAP, and what callers see on the way."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import pytest

from pos_app.services.posting import work as posting_work
from pos_app.store.engine import Store
from sandbox.fault import Fault, Faults
from sandbox.log import RequestLog
from sync.sap.client import ServiceLayer
from sync.sap.settings import SapSettings
from sync.sap.simulator.core import Core
from sync.sap.simulator.gate import Gate
from sync.sap.simulator.in_process import InProcessHttp
from sync.sap.simulator.shop import books_of
from tests.api.house import WAREHOUSE, House, build, invoice_body

COMPANY: dict[str, Any] = {
    "company": {"user_fields": {"OINV": ["U_Van_saleorder"]}},
    "currencies": [{"code": "USD", "name": "US dollar"}, {"code": "ZiG", "name": "Zimbabwe Gold"}],
    "rates": [{"currency": "ZiG", "rate": "26.5"}],
    "vat_groups": [{"code": "O1", "rates": [{"from": "2026-01-01", "rate": "15.5"}]}],
    "warehouses": [{"code": WAREHOUSE, "name": "Shop"}],
    "accounts": [
        {"code": "1110", "name": "Till USD", "currency": "USD", "cash": True},
        {"code": "1210", "name": "Bank USD", "currency": "USD"},
    ],
    "items": [
        {"code": "MILK", "name": "Milk", "vat_group": "O1", "stock": {WAREHOUSE: "100"}},
    ],
    "partners": [{"code": "C0001", "name": "Corner Canteen"}],
}
SETTINGS = SapSettings(url="https://sap.invalid/b1s/v1", company_db="T", user="u", password="p")
INVOICE, PAYMENT = "/api/Invoice", "/api/IncomingPayment"


@dataclass
class Office:
    """A server whose worker posts as soon as it is woken, and its SAP."""

    house: House
    gate: Gate
    sap: ServiceLayer

    def work(self) -> None:
        posting_work.work(self.house.shop, self.sap, owner="w")

    def later(self, seconds: float) -> None:
        self.house.clock.sleep(seconds)
        self.work()

    def arm(self, *faults: Fault) -> None:
        self.gate.faults.replace(faults)

    def ledger(self, kind: str) -> list[dict[str, Any]]:
        return list(self.gate.core.ledger()[kind])

    def post(self, path: str, **body: Any) -> Any:
        return self.house.as_role("Admin").post(path, body)

    def get(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = self.house.as_role("Admin").get(path).json()
        return found


@pytest.fixture
def office(sqlite_store: Store) -> Office:
    house = build(sqlite_store, post_soon=lambda: made.work())  # noqa: PLW0108 - it comes later
    core = Core(
        lambda: books_of(COMPANY),
        now=house.clock.now,
        rng=random.Random(1),
        company_db="T",
        user="u",
        password="p",
    )
    gate = Gate(core, Faults(random.Random(1)), RequestLog(house.clock.now))
    sap = ServiceLayer(SETTINGS, InProcessHttp(gate, house.clock.sleep), house.clock)
    made = Office(house, gate, sap)
    return made


def test_an_invoice_is_in_sap_when_it_is_answered(office: Office) -> None:
    told = office.post(INVOICE, **invoice_body(docDueDate="2026-11-30", comments="Thanks")).json()
    (booked,) = office.ledger("invoices")
    assert (told["docEntry"], told["docNum"]) == (booked["DocEntry"], booked["DocNum"])
    assert told["sapStatus"] == "Posted"
    assert booked["NumAtCard"] == "PO-1"
    assert booked["DocDueDate"] == "2026-11-30"
    assert booked["Comments"] == "Thanks (POS SRV receipt SRV-000001)"
    assert str(booked["DocTotal"]) == "19.90"
    for path in (f"{INVOICE}/{booked['DocEntry']}", f"{INVOICE}/docnum/{booked['DocNum']}"):
        assert office.get(path)["id"] == told["id"]


def test_sap_being_away_never_loses_an_invoice(office: Office) -> None:
    office.arm(Fault(on="", do="refuse", times=1000))
    answer = office.post(INVOICE, **invoice_body())
    assert (answer.status_code, answer.json()["sapStatus"]) == (201, "Pending")
    office.arm()
    office.later(60)
    seen = office.get(f"{INVOICE}/{answer.json()['id']}")
    assert seen["sapStatus"] == "Posted"
    assert seen["docEntry"] == office.ledger("invoices")[0]["DocEntry"]


def test_a_lost_answer_of_sap_makes_one_invoice(office: Office) -> None:
    office.arm(Fault(on="POST Invoices", do="commit_then_drop"))
    told = office.post(INVOICE, **invoice_body()).json()
    assert told["sapStatus"] == "Unknown"
    office.later(60)
    assert office.get(f"{INVOICE}/{told['id']}")["sapStatus"] == "Posted"
    assert len(office.ledger("invoices")) == 1


def test_a_refusal_of_sap_is_shown_with_its_words(office: Office) -> None:
    office.arm(Fault(on="POST Invoices", do="error", code=-5002, message="No credit", times=9))
    told = office.post(
        "/api/DesktopIntegration/invoices/queue",
        externalReferenceId="Q",
        cardCode="C0001",
        lines=invoice_body()["lines"],
    ).json()
    office.later(60)
    office.later(600)
    status = office.get(told["statusUrl"])
    assert (status["status"], status["isFailed"]) == ("RequiresReview", True)
    assert "No credit" in status["lastError"]


def test_a_payment_settles_its_invoice_in_sap(office: Office) -> None:
    invoice = office.post(INVOICE, **invoice_body()).json()
    answer = office.post(
        PAYMENT,
        cardCode="C0001",
        cashSum=9.90,
        transferSum=10,
        transferAccount="1210",
        transferReference="TRF-1",
        paymentInvoices=[{"docEntry": invoice["docEntry"], "sumApplied": 19.90}],
    )
    told = answer.json()
    (booked,) = office.ledger("payments")
    assert (answer.status_code, told["wasQueued"]) == (201, False)
    assert (told["docEntry"], told["docNum"]) == (booked["DocEntry"], booked["DocNum"])
    assert office.ledger("invoices")[0]["DocumentStatus"] == "bost_Close"
    for path in (f"{PAYMENT}/{booked['DocEntry']}", f"{PAYMENT}/docnum/{booked['DocNum']}"):
        assert office.get(path)["id"] == told["id"]
    of_invoice = office.get(f"{PAYMENT}/by-invoice/{invoice['docEntry']}")
    assert of_invoice["payments"][0]["paymentInvoices"][0]["docEntry"] == invoice["docEntry"]


def test_one_payment_may_settle_two_invoices_or_none(office: Office) -> None:
    entries = [office.post(INVOICE, **invoice_body()).json()["docEntry"] for _ in range(2)]
    rows = [{"docEntry": entry, "sumApplied": 19.90} for entry in entries]
    both = office.post(PAYMENT, cardCode="C0001", cashSum=39.80, paymentInvoices=rows)
    assert both.status_code == 201
    assert {row["DocumentStatus"] for row in office.ledger("invoices")} == {"bost_Close"}
    alone = office.post(PAYMENT, cardCode="C0001", cashSum=7)
    assert alone.status_code == 201
    assert len(office.ledger("payments")) == 2


def test_a_payment_waits_for_its_invoice(office: Office) -> None:
    office.arm(Fault(on="POST Invoices", do="drop_before", times=2))
    invoice = office.post(INVOICE, **invoice_body()).json()
    rows = [{"docEntry": invoice["id"], "sumApplied": 19.90}]
    answer = office.post(PAYMENT, cardCode="C0001", cashSum=19.90, paymentInvoices=rows)
    assert (answer.status_code, answer.json()["wasQueued"]) == (202, True)
    assert answer.json()["paymentInvoices"][0]["docEntry"] == invoice["id"]
    for _ in range(12):
        office.later(100)
    told = office.get(f"{PAYMENT}/{answer.json()['id']}")
    assert told["sapStatus"] == "Posted"
    assert told["paymentInvoices"][0]["docEntry"] == office.ledger("invoices")[0]["DocEntry"]
    assert len(office.ledger("payments")) == 1


@pytest.mark.parametrize("do", ["commit_then_drop", "commit_then_502", "drop_before"])
def test_a_lost_answer_makes_one_payment(office: Office, do: str) -> None:
    invoice = office.post(INVOICE, **invoice_body()).json()
    office.arm(Fault(on="POST IncomingPayments", do=do))
    rows = [{"docEntry": invoice["docEntry"], "sumApplied": 19.90}]
    told = office.post(PAYMENT, cardCode="C0001", cashSum=19.90, paymentInvoices=rows).json()
    for _ in range(8):
        office.later(100)
    assert office.get(f"{PAYMENT}/{told['id']}")["sapStatus"] == "Posted"
    assert len(office.ledger("payments")) == 1


def test_a_cheque_is_left_to_people_with_a_reason(office: Office) -> None:
    told = office.post(PAYMENT, cardCode="C0001", checkSum=5).json()
    assert told["sapStatus"] == "RequiresReview"
    assert office.ledger("payments") == []
