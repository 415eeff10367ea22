"""Sales that tills made, as programs find them among the invoices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import update

from pos_app.domain.note import WantedLine
from pos_app.services import feed, refund
from pos_app.services.intake_facts import ELSEWHERE
from pos_app.services.refund import AskedNote
from pos_app.services.shop import Shop
from pos_app.store import fiscal as journal
from pos_app.store import sale as sales
from pos_app.store.engine import open_store
from pos_app.store.migrate import upgrade
from tests import pair, shops
from tests.api.house import House


@pytest.fixture
def till(house: House, tmp_path: Path) -> Iterator[Shop]:
    """A till that has its goods from the server and one sale to tell of."""
    with house.shop.store.write() as connection:
        feed.announce(connection)
    with open_store(tmp_path / "till.db") as store:
        upgrade(store)
        made = pair.open_bare_till(store, clock=house.clock)
        pair.work(made, pair.remote(house.shop))
        shops.open_till(made)
        yield made


def test_a_tills_sale_is_an_invoice_paid_at_once(house: House, till: Shop) -> None:
    posted = pair.sell(till, "MILK")
    pair.work(till, pair.remote(house.shop))
    (told,) = house.as_role("Manager").get("/api/Invoice").json()["items"]
    assert told["receiptNumber"] == posted.receipt
    assert (told["docStatus"], told["paidToDate"]) == ("Closed", told["docTotal"])
    assert told["lines"][0]["itemCode"] == "MILK"
    assert told["sapStatus"] == "Pending"
    again = house.as_role("Manager").get(f"/api/Invoice/{told['id']}")
    assert again.json() == told
    payment = {
        "cardCode": told["cardCode"],
        "cashSum": 1,
        "paymentInvoices": [{"docEntry": told["id"], "sumApplied": 1}],
    }
    answer = house.as_role("Admin").post("/api/IncomingPayment", payment)
    assert answer.json()["code"] == "payment_over_applied"


def filed_by_its_till(house: House, receipt: str) -> None:
    """What a server keeps of a till's fiscal receipt: all but the request itself."""
    now = house.clock.now()
    with house.shop.store.write() as connection:
        header = sales.by_receipt(connection, receipt)
        assert header is not None
        row = {
            "sale_id": header["id"],
            "seq": ELSEWHERE + 1,
            "number": receipt,
            "device": "D1",
            "state": "fiscalised",
            "request": {},
            "digest": "",
            "resends": 0,
            "looks": 0,
            "intended_at": now,
            "settled_at": now,
            "device_id": "D1",
            "device_serial": "RVX-0001",
            "qr": "https://authority.invalid/0001",
            "verification_code": "510A-53E3-CCF8-B9CF",
            "receipt_global_no": 1,
            "receipt_counter": 1,
            "fiscal_day": 1,
            "filed_at": "2026-11-02T09:00:00",
        }
        journal.add(connection, row)


def test_a_record_without_its_time_makes_no_paper_and_says_so(house: House, till: Shop) -> None:
    posted = pair.sell(till, "MILK")
    pair.work(till, pair.remote(house.shop))
    filed_by_its_till(house, posted.receipt)
    number = house.as_role().get("/api/Invoice").json()["items"][0]["id"]
    for filed_at in (None, "", "yesterday"):
        with house.shop.store.write() as connection:
            connection.execute(update(journal.fiscal_journal).values(filed_at=filed_at))
        answer = house.as_role().get(f"/api/Invoice/{number}/pdf")
        assert (answer.status_code, answer.json()["code"]) == (400, "fiscal_record_incomplete")
        assert "lacks its date" in answer.json()["error"]


def test_a_tills_note_is_a_credit_note_and_the_rest_can_be_credited(
    house: House, till: Shop
) -> None:
    till = replace(
        till, rules=replace(till.rules, fiscal=replace(till.rules.fiscal, is_required=False))
    )
    posted = pair.sell(till, "MILK", quantity="4")
    pair.work(till, pair.remote(house.shop))
    filed_by_its_till(house, posted.receipt)
    boss = replace(shops.actor("manager"), role="Admin")
    line = WantedLine(line=1, quantity=Decimal(1))
    asked = AskedNote(id=till.ids.new(), receipt=posted.receipt, reason="sour", lines=(line,))
    noted = refund.post(till, boss, asked)
    pair.work(till, pair.remote(house.shop))
    admin = house.as_role()
    (told,) = admin.get("/api/CreditNote").json()["creditNotes"]
    assert told["creditNoteNumber"] == told["receiptNumber"] == noted.receipt
    assert (told["docTotal"], told["status"], told["source"]) == (1.99, "Applied", "T01")
    (sold,) = admin.get("/api/Invoice").json()["items"]
    assert told["originalInvoiceId"] == sold["id"]
    page = admin.get(f"/api/Invoice/{sold['id']}/pdf")
    text = "\n".join(part.extract_text() for part in PdfReader(BytesIO(page.content)).pages)
    assert posted.receipt in text
    assert "COPY" in text
    rest = admin.post(f"/api/CreditNote/from-invoice/{sold['id']}")
    assert rest.status_code == 201, rest.text
    assert rest.json()["docTotal"] == sold["docTotal"] - told["docTotal"]
