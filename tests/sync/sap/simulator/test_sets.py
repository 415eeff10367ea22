"""Every set the simulator serves obeys the same protocol, whatever it holds."""

from __future__ import annotations

from typing import Any

import pytest

from sync.sap.errors import SapRejected
from sync.sap.query import Query, entity
from sync.sap.simulator.approval import DRAFTS
from sync.sap.simulator.gate import KNOWN
from sync.sap.simulator.kind import KINDS
from sync.sap.simulator.message import Request
from sync.sap.simulator.object_number import NUMBERS
from sync.sap.simulator.schema import load_schema

SCHEMA = load_schema({"OINV": ("U_Van_saleorder",)})
SETS = sorted(SCHEMA.sets)
HEADERS = {
    "StockTransfer": {"DocEntry": "Int32", "DueDate": "DateTime", "FromWarehouse": "String"},
    "Document": {"DocEntry": "Int32", "DocDueDate": "DateTime", "NumAtCard": "String"},
    "Payment": {"DocEntry": "Int32", "TransferSum": "Double", "CounterReference": "String"},
    "InventoryCounting": {"DocumentEntry": "Int32", "CountTime": "Time", "Remarks": "String"},
    "InventoryPosting": {"DocumentEntry": "Int32", "PostingDate": "DateTime"},
}


def refusal(call: Any, *arguments: Any) -> SapRejected:
    with pytest.raises(SapRejected) as caught:
        call(*arguments)
    return caught.value


def a_key(set_name: str) -> Any:
    """A key nobody has."""
    owner = SCHEMA.sets[set_name]
    kinds = [SCHEMA.types[owner.type][name] for name in owner.key]
    parts = {
        name: 4711 if kind == "Int32" else "4711"
        for name, kind in zip(owner.key, kinds, strict=True)
    }
    return parts if len(parts) > 1 else next(iter(parts.values()))


@pytest.mark.parametrize("set_name", SETS)
def test_a_set_is_read_counted_and_refuses_what_it_does_not_have(local: Any, set_name: str) -> None:
    key = SCHEMA.sets[set_name].key
    rows = list(local.sl.rows(set_name, Query(select=key, order_by=",".join(key))))
    assert local.sl.count(set_name) == len(rows)
    assert all(set(row) == set(key) for row in rows)
    assert local.sl.find(set_name, a_key(set_name), Query(select=key)) is None
    unknown = refusal(local.sl.get, f"{set_name}?$select=Colour")
    assert (unknown.code, "'Colour'" in unknown.text) == ("-1000", True)
    assert refusal(local.sl.get, f"{set_name}?$filter=Colour%20eq%20'x'").code == "201"
    assert refusal(local.sl.get, f"{set_name}?$orderby=Colour").code == "201"
    assert refusal(local.sl.post, set_name, {"Colour": "red"}).code == "-1000"
    assert local.sl.count(set_name) == len(rows)


@pytest.mark.parametrize("set_name", [name for name in SETS if SCHEMA.sets[name].type in HEADERS])
def test_a_document_set_checks_types_dates_and_members(local: Any, set_name: str) -> None:
    for name, kind in HEADERS[SCHEMA.sets[set_name].type].items():
        wrong = 5 if kind in ("String", "DateTime", "Time") else "five"
        error = refusal(local.sl.post, set_name, {name: wrong})
        assert (error.code, name in error.text) == ("-1000", True)
        if kind == "DateTime":
            for day in ("20/08/2026", "20260820", "2026-02-30"):
                assert refusal(local.sl.post, set_name, {name: day}).code == "-1000"
    for name, kind in SCHEMA.types[SCHEMA.sets[set_name].type].items():
        if kind in SCHEMA.enums:
            error = refusal(local.sl.post, set_name, {name: "purple"})
            assert "purple" in error.text
            break


@pytest.mark.parametrize("set_name", sorted(NUMBERS.keys() - set(DRAFTS)))
def test_documents_are_never_deleted(local: Any, set_name: str) -> None:
    path = entity(set_name, a_key(set_name))
    assert refusal(local.sl._write, "DELETE", path, None).code == "-5006"


@pytest.mark.parametrize("set_name", sorted(KINDS))
def test_a_document_without_lines_or_partner_is_refused(local: Any, set_name: str) -> None:
    partner = KINDS[set_name].partner
    card = {"cCustomer": "C0001", "cSupplier": "V0001"}.get(partner or "")
    body: dict[str, Any] = {"DocDueDate": "2026-08-21"}
    if partner:
        assert refusal(local.sl.post, set_name, body).code == "-2028"
        body["CardCode"] = card
    assert refusal(local.sl.post, set_name, body | {"DocumentLines": []}).code == "-5002"
    assert local.sl.count(set_name) == 0


def test_a_set_nobody_serves_and_one_in_the_wrong_case_are_unknown(local: Any) -> None:
    for path in ("PurchaseRequests", "items", "Items('MILK1')/Nothing/More"):
        assert refusal(local.sl.get, path).code in {"200", "-1000"}


def test_the_faults_of_the_contract_are_the_faults_of_the_gate() -> None:
    told = (
        "refuse drop_before commit_then_drop commit_then_502 stall hide expire_session login_299 "
        "lookup_fails short_pages truncate_json error"
    )
    further = "node_down code_as_text"
    assert set(told.split()) | set(further.split()) == KNOWN


def test_what_a_type_has_one_of_its_sets_may_lack(local: Any) -> None:
    for path in ("StockTransfers?$select=Cancelled", "CreditNotes?$select=BaseEntry"):
        assert refusal(local.sl.get, path).code == "-1000"
    assert refusal(local.sl.post, "CreditNotes", {"BaseEntry": 1}).code == "-1000"
    assert local.sl.get("Invoices?$select=BaseEntry,Cancelled")["value"] == []


def test_user_fields_of_lines_exist_by_company(local: Any) -> None:
    line = {"ItemCode": "DELIVERY", "WarehouseCode": "SHOP1", "PriceAfterVAT": 1}
    body = {"CardCode": "C0001", "DocumentLines": [line | {"U_Reason": "gift"}]}
    assert "'U_Reason' of 'DocumentLine'" in refusal(local.sl.post, "Invoices", body).text
    local.core.change_company({"user_fields": {"INV1": ["U_Reason"]}})
    [shown] = local.sl.post("Invoices", body)["DocumentLines"]
    assert shown["U_Reason"] == "gift"
    request = Request(
        method="GET", path="/b1s/v2/$metadata", headers={"b1s-metadatawithoutsession": "true"}
    )
    assert b'"U_Reason"' in local.core.respond(request).body
    body["DocumentLines"] = [line | {"U_Reason": "x" * 101}]
    assert "too long" in refusal(local.sl.post, "Invoices", body).text
