"""Branches of a company, and files that hang on documents."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sync.sap.documents import post_invoice, post_payment
from sync.sap.errors import SapRejected
from sync.sap.goods_documents import post_transfer
from sync.sap.simulator.in_process import InProcessHttp
from sync.sap.simulator.shop import ShopInvalid, books_of
from tests.sync.sap.test_goods_documents import transfer


def code_of(call: Any, *arguments: Any) -> str:
    with pytest.raises(SapRejected) as caught:
        call(*arguments)
    return caught.value.code


def with_branches(shop: dict[str, Any]) -> dict[str, Any]:
    shop["branches"] = [
        {"number": 1, "name": "Harare", "main": True},
        {"number": 2, "name": "Mutare"},
        {"number": 3, "name": "Gweru", "disabled": True},
    ]
    shop["warehouses"][0]["branch"] = 1
    return shop


def test_a_company_with_branches_wants_the_right_one_in_every_document(
    local: Any, make: Any, shop: dict[str, Any]
) -> None:
    local.core.load(with_branches(shop))
    sale = make.invoice("k-1")
    assert code_of(post_invoice, local.sl, sale) == "-5002"
    for branch, code in ((9, "-2028"), (3, "-5002"), (2, "-5002")):
        assert code_of(post_invoice, local.sl, replace(sale, branch=branch)) == code
    posted = post_invoice(local.sl, replace(sale, branch=1))
    told = local.sl.get("Invoices(1)?$select=BPLName,BPL_IDAssignedToInvoice")
    assert (told["BPLName"], told["BPL_IDAssignedToInvoice"]) == ("Harare", 1)
    payment = make.payment(posted, "1.00")
    assert code_of(post_payment, local.sl, payment) == "-5002"
    post_payment(local.sl, replace(payment, branch=1))
    assert code_of(post_transfer, local.sl, transfer()) == "-5002"
    post_transfer(local.sl, replace(transfer(), branch=2))
    count = {"InventoryCountingLines": [{"ItemCode": "BREAD", "WarehouseCode": "SHOP1"}]}
    assert code_of(local.sl.post, "InventoryCountings", count) == "-5002"
    assert local.sl.post("InventoryCountings", count | {"BranchID": 1})["BranchID"] == 1
    assert local.sl.count("BusinessPlaces", "Disabled eq 'tNO'") == 2


def test_a_company_without_branches_knows_none(local: Any, make: Any) -> None:
    assert code_of(post_invoice, local.sl, replace(make.invoice("k-1"), branch=1)) == "-2028"


def test_a_warehouse_of_no_branch_is_refused(shop: dict[str, Any]) -> None:
    shop["warehouses"][0]["branch"] = 7
    with pytest.raises(ShopInvalid, match="unknown branch 7"):
        books_of(shop)


def test_files_hang_on_a_document_by_their_entry(local: Any) -> None:
    file = {"SourcePath": "/scans", "FileName": "order", "FileExtension": "pdf"}
    entry = local.sl.post("Attachments2", {"Attachments2_Lines": [file]})["AbsoluteEntry"]
    line = {"ItemCode": "DELIVERY", "WarehouseCode": "SHOP1", "PriceAfterVAT": 1}
    body = {"CardCode": "C0001", "AttachmentEntry": entry, "DocumentLines": [line]}
    assert local.sl.post("Invoices", body)["AttachmentEntry"] == entry
    assert code_of(local.sl.post, "Invoices", body | {"AttachmentEntry": 9}) == "-2028"
    for wrong in ([], [{"FileName": "x"}], [{"SourcePath": "/scans"}], [file, file]):
        refused = code_of(local.sl.post, "Attachments2", {"Attachments2_Lines": wrong})
        assert refused == ("-2035" if len(wrong) > 1 else "-5002")
    local.sl.patch(f"Attachments2({entry})", {"Attachments2_Lines": [file | {"FileName": "two"}]})
    names = [row["FileName"] for row in local.sl.get("Attachments2(1)")["Attachments2_Lines"]]
    assert names == ["order", "two"]
    assert code_of(local.sl._write, "DELETE", "Attachments2(1)", None) == "-5006"


def test_files_may_be_uploaded_as_a_form(local: Any) -> None:
    part = b'Content-Disposition: form-data; name="files"; filename="photo.jpg"\r\n\r\nJPEG\r\n'
    kind = "multipart/form-data; boundary=f1"
    local.sl.count("Items")
    local.sl.post_raw("Attachments2", b"--f1\r\n" + part + b"--f1--", content_type=kind)
    [row] = local.sl.get("Attachments2(1)")["Attachments2_Lines"]
    assert (row["FileName"], row["FileExtension"]) == ("photo", "jpg")
    with pytest.raises(SapRejected, match="Incomplete"):
        local.sl.post_raw("Attachments2", b"nothing", content_type=kind)


def test_put_resets_what_it_leaves_out_and_patch_does_not(local: Any) -> None:
    assert isinstance(local.http, InProcessHttp)
    local.sl.patch("BusinessPartners('C0001')", {"Phone1": "0772"})
    local.sl._write("PUT", "BusinessPartners('C0001')", {"EmailAddress": "a@example.org"})
    row = local.sl.get("BusinessPartners('C0001')?$select=CardCode,CardName,Phone1,EmailAddress")
    told = {name: row[name] for name in ("CardCode", "CardName", "Phone1", "EmailAddress")}
    assert told == {
        "CardCode": "C0001", "CardName": None, "Phone1": None, "EmailAddress": "a@example.org",
    }  # fmt: skip
