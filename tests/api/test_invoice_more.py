"""Invoices over HTTP in other ways: judged, by customer, their batches, their paper."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from tests.api.house import OTHER, WAREHOUSE, House, invoice_body, on_hand

PATH = "/api/Invoice"


def make(house: House, **changes: Any) -> Any:
    answer = house.as_role().post(PATH, invoice_body(**changes))
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_an_invoice_is_judged_without_being_made(house: House) -> None:
    admin = house.as_role()
    lines = [{"itemCode": "YOGHURT", "quantity": 7, "warehouseCode": WAREHOUSE}]
    told = admin.post(f"{PATH}/validate", invoice_body(lines=lines)).json()
    assert (told["isValid"], told["linesValidated"], told["batchesAllocated"]) == (True, 1, 2)
    assert (told["docTotal"], told["docCurrency"], told["strategy"]) == (16.45, "USD", "FEFO")
    assert [row["batchNumber"] for row in told["allocatedLines"][0]["batches"]] == [
        "Y-SOON",
        "Y-LATE",
    ]
    lines[0]["quantity"] = 99
    short = admin.post(f"{PATH}/validate", invoice_body(lines=lines))
    assert (short.status_code, short.json()["isValid"]) == (200, False)
    assert short.json()["message"] == short.json()["errors"][0]["message"]
    wrong = admin.post(f"{PATH}/validate", invoice_body(cardCode="S0001"))
    assert (wrong.status_code, wrong.json()["code"]) == (400, "customer_unusable")
    assert admin.get(PATH).json()["totalCount"] == 0
    assert on_hand(house.shop, "YOGHURT") == 35


def test_the_batches_stand_in_the_order_they_would_be_taken(house: House) -> None:
    path = f"{PATH}/YOGHURT/batches/{WAREHOUSE}"
    told = house.as_role().get(path).json()
    assert [row["batchNumber"] for row in told["batches"]] == ["Y-SOON", "Y-LATE"]
    assert (told["batchCount"], told["totalAvailable"], told["strategy"]) == (2, 35, "FEFO")
    held = {
        "externalReferenceId": "R-1",
        "sourceSystem": "shop",
        "cardCode": "C0001",
        "lines": [{"lineNum": 0, "itemCode": "YOGHURT", "quantity": 5, "warehouseCode": WAREHOUSE}],
    }
    assert house.as_role().post("/api/DesktopIntegration/reservations", held).status_code == 201
    left = house.as_role().get(path, strategy="fifo").json()
    assert [row["batchNumber"] for row in left["batches"]] == ["Y-LATE"]
    assert house.as_role().get(f"{PATH}/YOGHURT/batches/{OTHER}").json()["batches"] == []
    for wrong in (f"{PATH}/NONE/batches/{WAREHOUSE}", f"{PATH}/YOGHURT/batches/NOWHERE"):
        assert house.as_role().get(wrong).status_code == 404
    assert house.as_role().get(path, strategy="dice").status_code == 400


def test_lists_by_customer_number_and_page(house: House) -> None:
    admin = house.as_role()
    one = make(house)
    make(house, cardCode="C0002")
    mine = admin.get(f"{PATH}/customer/C0001").json()
    assert (mine["customer"], [row["id"] for row in mine["invoices"]]) == ("C0001", [one["id"]])
    assert admin.get(f"{PATH}/customer/NOBODY").status_code == 404
    assert admin.get(f"{PATH}/customer/C0001", fromDate="2026-11-03").json()["totalCount"] == 0
    assert admin.get(f"{PATH}/by-docnum/{one['docNum']}").json()["id"] == one["id"]
    assert admin.get(f"{PATH}/paged", pageSize=1).json()["totalPages"] == 2
    found = admin.get(f"{PATH}/paged", docNum=one["docNum"]).json()
    assert [row["id"] for row in found["invoices"]] == [one["id"]]
    assert admin.get(f"{PATH}/paged", docNum=7).json()["totalCount"] == 0


def test_there_is_no_paper_before_the_device_has_answered(quick: House) -> None:
    made = make(quick)
    refused = quick.as_role().get(f"{PATH}/{made['id']}/pdf")
    assert (refused.status_code, refused.json()["code"]) == (400, "not_yet_fiscalised")
    draft = make(quick, status="Draft")
    assert quick.as_role().get(f"{PATH}/{draft['id']}/pdf").status_code == 400
    assert quick.as_role().get(f"{PATH}/99/pdf").status_code == 404


@pytest.fixture
def unfiled(quick: House) -> Any:
    """A house whose server files nothing."""
    from dataclasses import replace

    rules = quick.shop.rules
    plain = replace(rules, fiscal=replace(rules.fiscal, is_required=False))
    object.__setattr__(quick.shop, "rules", plain)
    yield quick
    object.__setattr__(quick.shop, "rules", rules)


def test_what_is_filed_nowhere_is_pro_forma(unfiled: House) -> None:
    made = make(unfiled)
    answer = unfiled.as_role().get(f"{PATH}/{made['id']}/pdf")
    assert answer.headers["content-type"] == "application/pdf"
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    for word in ("PRO FORMA INVOICE", "NOT A FISCAL RECEIPT", made["receiptNumber"], "19.90"):
        assert word in text
    assert "FISCAL TAX INVOICE" not in text
