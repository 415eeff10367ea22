"""The daily proof: each kind of difference is seeded alone, and it alone is named."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import update

from pos_app.domain.money import Money
from pos_app.domain.proof import Proof, Side
from pos_app.services import invoice, invoice_view
from pos_app.services.invoice_order import Line, Order
from pos_app.services.posting.queueing import Queueing, enqueue
from pos_app.services.posting.work import work as post
from pos_app.services.proof import day as proofs
from pos_app.services.proof import form, paper
from pos_app.services.sale import Posted
from pos_app.services.saved_paper import Form
from pos_app.store import fiscal as journal
from pos_app.store import fiscal_device as devices
from pos_app.store import sale as sales
from pos_app.store.engine import Store, open_store
from sandbox.fault import Fault
from sync.errors import Unavailable
from sync.sap import taking_back
from tests.proved import MANAGER, Four, four


@pytest.fixture
def till_store(tmp_path: Path, sqlite_template: Path) -> Iterator[Store]:
    path = tmp_path / "till.db"
    path.write_bytes(sqlite_template.read_bytes())
    with open_store(path) as opened:
        yield opened


@dataclass
class Day:
    """Three receipts and a note, everywhere."""

    house: Four
    first: Posted
    second: Posted
    third: Posted
    note: Posted


@pytest.fixture
def day(till_store: Store, sqlite_store: Store) -> Day:
    return _sold(four(till_store, sqlite_store))


def _sold(house: Four) -> Day:
    first = house.sell("MILK", "BREAD", "BOOK")
    second = house.sell("YOGHURT", amount="10.00")
    third = house.sell("MILK", currency="ZIG")
    house.arrive()
    note = house.give_back(first, 1, "1")
    house.arrive()
    return Day(house, first, second, third, note)


def codes(proof: Proof) -> list[tuple[str, str]]:
    return [(row.code, row.reference) for row in proof.differences]


def figures(proof: Proof) -> dict[str, tuple[str, str]]:
    [difference] = proof.differences
    return {row.name: (row.expected, row.found) for row in difference.figures}


def test_a_day_that_is_everywhere_is_proven(till_store: Store, store: Store) -> None:
    house = _sold(four(till_store, store)).house
    for proof in house.both():
        assert codes(proof) == []
        assert proof.is_equal
        assert [read.side for read in proof.sides] == list(Side)
        assert not [row.name for row in proof.sums if row.differs]
    told = {(row.currency, row.name): row.values for row in house.prove().sums}
    assert told["USD", "invoices"] == dict.fromkeys(Side, 2)
    assert told["USD", "credit notes"] == dict.fromkeys(Side, 1)
    assert told["ZIG", "invoices total"] == dict.fromkeys(Side, 5174)
    assert told["USD", "invoices total"] == dict.fromkeys(Side, 1549 + 235)
    assert told["USD", "tax O3"] == dict.fromkeys(Side, 1250)
    assert told["USD", "tender cash USD"] == dict.fromkeys(Side, 1585) | {Side.FISCAL: None}


# Each deed changes one thing on one side; both proofs must name that and nothing else.
SAP_DEEDS: dict[str, tuple[Callable[[Day], None], str, str, set[str]]] = {
    "another total": (
        lambda day: in_sap(day, "Invoices", day.first, DocTotal=Decimal("15.50")),
        "sap_differs",
        "T01-000001",
        {"total"},
    ),
    "another VAT": (
        lambda day: in_sap(day, "Invoices", day.first, VatSum=Decimal("0.26")),
        "sap_differs",
        "T01-000001",
        {"VAT"},
    ),
    "another total of a foreign document": (
        lambda day: in_sap(day, "Invoices", day.third, DocTotalFc=Decimal("51.73")),
        "sap_differs",
        "T01-000003",
        {"total"},
    ),
    "another tax group": (
        lambda day: in_sap(day, "Invoices", day.second, DocumentLines=regrouped(day)),
        "sap_differs",
        "T01-000002",
        {"tax O1", "tax O2"},
    ),
    "another batch": (
        lambda day: in_sap(
            day, "Invoices", day.second, DocumentLines=relotted(day, BatchNumber="Y-LATE")
        ),
        "sap_differs",
        "T01-000002",
        {"batch Y-SOON of YOGHURT", "batch Y-LATE of YOGHURT"},
    ),
    "more of a batch": (
        lambda day: in_sap(
            day, "Invoices", day.second, DocumentLines=relotted(day, Quantity=Decimal(2))
        ),
        "sap_differs",
        "T01-000002",
        {"batch Y-SOON of YOGHURT"},
    ),
    "another customer": (
        lambda day: in_sap(day, "Invoices", day.first, CardCode="C0001"),
        "sap_differs",
        "T01-000001",
        {"customer"},
    ),
    "another currency": (
        lambda day: in_sap(day, "Invoices", day.third, DocCurrency="USD"),
        "sap_differs",
        "T01-000003",
        {"currency"},
    ),
    "another day": (
        lambda day: in_sap(day, "Invoices", day.first, DocDate="2026-11-01"),
        "sap_differs",
        "T01-000001",
        {"day"},
    ),
    "another account": (
        lambda day: paid_in_sap(day, day.first, CashAccount="1120"),
        "sap_differs",
        "T01-000001",
        {"cash USD", "ecocash USD"},
    ),
    "another amount paid": (
        lambda day: paid_in_sap(day, day.second, CashSum=Decimal("2.30")),
        "sap_differs",
        "T01-000002",
        {"cash USD"},
    ),
    "a payment cancelled": (
        lambda day: taking_back.cancel(
            day.house.sap, "IncomingPayments", day.house.payment(day.first)["DocEntry"]
        ),
        "sap_differs",
        "T01-000001",
        {"cash USD"},
    ),
    "a payment twice": (
        lambda day: twice(day, "IncomingPayments", day.house.payment(day.second)),
        "sap_differs",
        "T01-000002",
        {"cash USD"},
    ),
    "money of a note not given back": (
        lambda day: day.house.remove(
            "VendorPayments", day.house.payment(day.note, "VendorPayments")
        ),
        "sap_differs",
        "T01-000004",
        {"cash USD"},
    ),
    "an invoice twice": (
        lambda day: twice(day, "Invoices", day.house.document("Invoices", day.second)),
        "sap_twice",
        "T01-000002",
        set(),
    ),
    "an invoice gone": (
        lambda day: day.house.remove("Invoices", day.house.document("Invoices", day.second)),
        "sap_missing",
        "T01-000002",
        set(),
    ),
    "a credit note cancelled": (
        lambda day: in_sap(day, "CreditNotes", day.note, Cancelled="tYES", CancelStatus="csYes"),
        "sap_cancelled",
        "T01-000004",
        set(),
    ),
}


def in_sap(day: Day, set_name: str, posted: Posted, **values: object) -> None:
    day.house.change(set_name, day.house.document(set_name, posted), **values)


def paid_in_sap(day: Day, posted: Posted, **values: object) -> None:
    day.house.change("IncomingPayments", day.house.payment(posted), **values)


def regrouped(day: Day) -> list[dict[str, object]]:
    lines = day.house.document("Invoices", day.second)["DocumentLines"]
    return [{**line, "VatGroup": "O2"} for line in lines]


def relotted(day: Day, **values: object) -> list[dict[str, object]]:
    [line] = day.house.document("Invoices", day.second)["DocumentLines"]
    [lot] = line["BatchNumbers"]
    return [{**line, "BatchNumbers": [{**lot, **values}]}]


def twice(day: Day, set_name: str, row: dict[str, object]) -> None:
    day.house.change(set_name, row, DocEntry=999, DocNum=999)


@pytest.mark.parametrize("deed", SAP_DEEDS)
def test_one_deed_in_sap_is_the_one_difference(day: Day, deed: str) -> None:
    do, code, receipt, names = SAP_DEEDS[deed]
    do(day)
    for proof in day.house.both():
        assert codes(proof) == [(code, receipt)]
        [difference] = proof.differences
        assert {figure.name for figure in difference.figures} == names
        assert receipt in difference.sentence
        assert code == "sap_missing" or "SAP" in difference.name
        assert not proof.is_equal


def test_a_difference_says_how_much(day: Day) -> None:
    in_sap(day, "Invoices", day.first, DocTotal=Decimal("15.50"))
    [difference] = day.house.prove().differences
    [figure] = difference.figures
    assert (figure.expected, figure.found, str(figure.by)) == ("15.49 USD", "15.50 USD", "0.01")
    assert "total 15.50 USD instead of 15.49 USD (+0.01)" in difference.sentence
    assert "SAP invoice 100001" in difference.sentence


def test_what_somebody_else_booked_with_a_key_is_named(day: Day) -> None:
    row = day.house.document("Invoices", day.first)
    day.house.change("Invoices", row, DocEntry=999, DocNum=999, U_Van_saleorder="somebody")
    proof = day.house.prove()
    assert [row.code for row in proof.differences] == ["sap_extra"]
    assert "SAP invoice 999 over 15.49 USD" in proof.differences[0].sentence


def test_what_has_no_key_is_none_of_ours(day: Day) -> None:
    row = day.house.document("Invoices", day.first)
    day.house.change("Invoices", row, DocEntry=999, DocNum=999, U_Van_saleorder=None)
    assert day.house.prove().is_equal


def test_what_waits_says_its_state_its_reason_and_its_age(day: Day) -> None:
    house = day.house
    posted = house.sell("BOOK")
    house.counter.file_all()
    house.deliver()
    house.gate.faults.replace([Fault(on="POST Invoices", do="error", code="-5002", message="no")])
    post(house.server, house.sap, owner="w")
    house.till.clock.sleep(7200)
    for proof in house.both():
        [difference] = proof.differences
        assert (difference.code, difference.reference) == ("sap_waiting", posted.receipt)
        assert difference.state == "Failed"
        assert "no" in difference.reason
        assert form.age_of(difference, proof.at) == 7200


def test_a_receipt_the_server_has_not_got_is_named_once(day: Day) -> None:
    posted = day.house.sell("BOOK")
    day.house.counter.file_all()
    proof = day.house.prove_till()
    assert codes(proof) == [("server_waiting", posted.receipt)]
    assert proof.differences[0].state == "pending"
    # The server cannot know of it, until a later one arrives.
    assert day.house.prove().is_equal


def test_what_the_server_sold_itself_is_no_difference_of_a_till(day: Day) -> None:
    server = day.house.server
    line = Line(item="BREAD", quantity=Decimal(1), warehouse="SHOP1")
    invoice.create(server, MANAGER, Order(partner="C0001", lines=(line,)))
    day.house.arrive()
    assert any(entry.till == "S01" for entry in day.house.prove().sides[-1].entries)
    assert day.house.prove_till().is_equal


def test_a_gap_in_a_tills_numbers_is_named(day: Day) -> None:
    with day.house.server.store.write() as connection:
        connection.execute(
            update(sales.sales).where(sales.sales.c.id == day.note.sale_id).values(number=6)
        )
    missing = [row for row in day.house.prove().differences if row.code == "receipts_missing"]
    assert [row.reference for row in missing] == ["T01-000004", "T01-000005"]


def test_a_receipt_that_waits_for_the_device_is_named(day: Day) -> None:
    posted = day.house.sell("BOOK")
    proof = day.house.prove_till()
    assert ("fiscal_waiting", posted.receipt) in codes(proof)
    waiting = next(row for row in proof.differences if row.code == "fiscal_waiting")
    assert waiting.state == "intent"


def test_the_first_receipt_of_a_till_waits_for_the_device_on_the_server_too(
    till_store: Store, store: Store
) -> None:
    house = four(till_store, store)
    posted = house.sell("BOOK")
    house.deliver()
    post(house.server, house.sap, owner="w")
    [difference] = house.prove().differences
    assert (difference.code, difference.reference) == ("fiscal_waiting", posted.receipt)
    assert (difference.state, "till has not told" in difference.sentence) == ("untold", True)
    assert invoice_view.get(house.server, posted.sale_id).fiscal.state == "intent"
    house.arrive()
    assert house.prove().is_equal


def on_device(day: Day, posted: Posted, change: Callable[[dict[str, Any]], None]) -> None:
    """The device's answer says something else of a receipt than its till."""
    table = journal.fiscal_journal
    with day.house.till.store.write() as connection:
        found = journal.by_sale(connection, posted.sale_id)
        assert found is not None
        reply = json.loads(json.dumps(found["reply"]))
        change(reply)
        where = table.c.sale_id == posted.sale_id
        connection.execute(update(table).where(where).values(reply=reply))


def receipt_in(reply: dict[str, Any]) -> dict[str, Any]:
    data = reply.get("Data") or reply.get("data")
    inner = data.get("receipt") or data.get("Receipt")
    assert isinstance(inner, dict)
    return inner


def test_a_total_the_device_filed_otherwise_is_named(day: Day) -> None:
    on_device(day, day.first, lambda reply: receipt_in(reply).update(receiptTotal="15.48"))
    proof = day.house.prove_till()
    assert codes(proof) == [("fiscal_differs", "T01-000001")]
    assert figures(proof) == {"total": ("15.49 USD", "15.48 USD")}


def test_tax_the_device_filed_otherwise_is_named(day: Day) -> None:
    def change(reply: dict[str, Any]) -> None:
        receipt_in(reply)["receiptTaxes"][0]["taxAmount"] = "0.99"

    on_device(day, day.second, change)
    proof = day.house.prove_till()
    assert codes(proof) == [("fiscal_differs", "T01-000002")]
    assert figures(proof)["VAT"][1] == "0.99 USD"


def test_a_receipt_of_the_device_nobody_here_made_is_named(day: Day) -> None:
    found = {
        "device_id": "1",
        "receipt_global_no": 77,
        "number": "X-1",
        "why": "ahead",
        "kind": "invoice",
        "currency": "ZWG",
        "total": "5.00",
        "record": {},
        "found_at": day.house.till.clock.now(),
    }
    with day.house.till.store.write() as connection:
        devices.add_found(connection, found)
    proof = day.house.prove_till()
    assert codes(proof) == [("fiscal_extra", "X-1")]
    assert "5.00 ZIG" in proof.differences[0].sentence
    with day.house.till.store.write() as connection:
        devices.settle_found(connection, "X-1", by="manager", at=day.house.till.clock.now())
    assert day.house.prove_till().is_equal


def test_what_the_server_changed_is_named(day: Day) -> None:
    table = sales.sale_tenders
    with day.house.server.store.write() as connection:
        where = table.c.sale_id == day.first.sale_id
        connection.execute(update(table).where(where).values(type="ecocash"))
    proof = day.house.prove_till()
    assert ("server_differs", "T01-000001") in codes(proof)


def test_a_side_that_cannot_be_read_is_not_an_empty_one(day: Day) -> None:
    day.house.gate.faults.replace([Fault(on="GET Invoices", do="error", code="-1", times=9)])
    for proof in day.house.both():
        assert proof.differences == ()
        assert [read.side for read in proof.unread] == [Side.SAP]
        assert not proof.is_equal
        assert "SAP" in form.verdict(proof)
        assert form.as_data(proof)["sides"]["sap"]["documents"] is None
        assert form.as_data(proof)["figures"][0]["sap"] is None


def test_a_read_that_breaks_off_in_the_middle_is_no_read(day: Day) -> None:
    fault = Fault(on="GET IncomingPayments", do="truncate_json", times=9)
    day.house.gate.faults.replace([fault])
    proof = day.house.prove()
    assert [read.side for read in proof.unread] == [Side.SAP]
    assert proof.differences == ()


def test_short_pages_hide_nothing(day: Day) -> None:
    day.house.gate.faults.replace([Fault(on="GET", do="short_pages", times=99)])
    assert day.house.prove().is_equal


def test_a_server_that_does_not_answer_leaves_two_sides_unread(day: Day) -> None:
    class Away:
        def proof(self, day: date) -> Mapping[str, Any]:
            raise Unavailable("The line is cut.")

    proof = proofs.of_till(day.house.till, day.house.till.today, server=Away())
    assert [read.side for read in proof.unread] == [Side.SERVER, Side.SAP]
    assert proof.differences == ()


def test_a_till_without_a_server_proves_what_it_has(day: Day) -> None:
    proof = proofs.of_till(day.house.till, day.house.till.today, server=None)
    assert [read.side for read in proof.sides] == [Side.RECEIPTS, Side.FISCAL]
    assert proof.is_equal


def test_another_day_is_empty_and_equal(day: Day) -> None:
    proof = proofs.of_server(day.house.server, date(2026, 11, 1), books=day.house.sap)
    assert proof.is_equal
    assert proof.sums == ()


def test_the_text_names_the_document_and_marks_the_row(day: Day) -> None:
    in_sap(day, "Invoices", day.first, DocTotal=Decimal("15.50"))
    text = form.as_text(day.house.prove())
    assert text.splitlines()[0] == "Daily proof of 2026-11-02: 1 difference."
    assert "sap_differs" in text
    [row] = [line for line in text.splitlines() if line.strip().startswith("invoices total")][:1]
    assert row.endswith("*")


def test_the_paper_tells_the_differences_first(day: Day) -> None:
    in_sap(day, "Invoices", day.first, DocTotal=Decimal("15.50"))
    made = paper.save(day.house.server, day.house.prove(), Form.TEXT).data.decode()
    assert "DAILY PROOF" in made
    assert made.index("total 15.50 USD") < made.index("Till T01, USD")
    again = paper.save(day.house.server, day.house.prove(), Form.PDF).data
    assert again.startswith(b"%PDF")
    words = " ".join(PdfReader(BytesIO(again)).pages[0].extract_text().split())
    assert "1 difference." in words
    assert "SAP invoice 100001" in words


def test_what_else_waits_is_named(day: Day) -> None:
    server = day.house.server
    asked = Queueing(
        kind="goods_issue",
        document_id="issue-1",
        reference="GI-1",
        source="S01",
        total=Money(0, "USD"),
        created_by="stock",
    )
    with server.store.write() as connection:
        enqueue(server, connection, asked)
    [difference] = day.house.prove().differences
    assert (difference.code, difference.reference, difference.state) == (
        "sap_waiting",
        "GI-1",
        "Pending",
    )
    assert "Goods issue GI-1" in difference.sentence
