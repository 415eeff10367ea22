"""Joins: documents and their lines side by side, in one question."""

from __future__ import annotations

from typing import Any

import pytest

from sync.sap.errors import SapRejected
from sync.sap.query import encode
from tests.sync.sap.conftest import DAY

ORDERS = "$crossjoin(Orders,Orders/DocumentLines)"
SHOWN = "$expand=Orders($select=DocEntry,CardCode),Orders/DocumentLines($select=ItemCode,Quantity)"
JOINED = "Orders/DocEntry eq Orders/DocumentLines/DocEntry"


@pytest.fixture
def traded(local: Any) -> Any:
    for card, items in (("C0001", ("BREAD", "SUGAR")), ("C0003", ("SUGAR",))):
        lines = [
            {"ItemCode": item, "Quantity": place, "PriceAfterVAT": 1, "WarehouseCode": "SHOP1"}
            for place, item in enumerate(items, 1)
        ]
        body = {"CardCode": card, "DocDate": DAY.isoformat(), "DocDueDate": "2026-08-31"}
        local.sl.post("Orders", body | {"DocumentLines": lines})
    return local


def asked(local: Any, where: str, *, path: str = ORDERS, more: str = "") -> list[tuple[Any, ...]]:
    option = f"{SHOWN}&$filter={where}{more}"
    body = {"QueryPath": path, "QueryOption": option}
    rows = local.sl.ask("QueryService_PostQuery", body)["value"]
    return [(one["Orders"]["CardCode"], *one["Orders/DocumentLines"].values()) for one in rows]


def test_lines_are_found_with_their_documents(traded: Any) -> None:
    assert asked(traded, JOINED) == [
        ("C0001", "BREAD", 1), ("C0001", "SUGAR", 2), ("C0003", "SUGAR", 1),
    ]  # fmt: skip
    sugar = f"{JOINED} and Orders/DocumentLines/ItemCode eq 'SUGAR'"
    assert asked(traded, sugar) == [("C0001", "SUGAR", 2), ("C0003", "SUGAR", 1)]
    some = f"{sugar} and (Orders/CardCode eq 'C0003' or startswith(Orders/CardCode,'X&Y'))"
    assert asked(traded, some) == [("C0003", "SUGAR", 1)]
    order = "&$orderby=Orders/DocumentLines/Quantity desc,Orders/DocEntry desc&$top=2"
    assert asked(traded, JOINED, more=order) == [("C0001", "SUGAR", 2), ("C0003", "SUGAR", 1)]
    more = "Orders/DocumentLines/Quantity gt Orders/DocumentLines/LineNum"
    assert len(asked(traded, f"{JOINED} and not ({more})")) == 0
    assert len(asked(traded, "Orders/DocEntry ne Orders/DocumentLines/DocEntry")) == 3


def test_sets_are_joined_by_path_and_paged(traded: Any) -> None:
    path = "$crossjoin(Orders,BusinessPartners)"
    where = "Orders/CardCode eq BusinessPartners/CardCode"
    shown = "Orders($select=DocEntry),BusinessPartners($select=CardName)"
    options = encode({"$expand": shown, "$filter": where})
    page = traded.sl.get(f"{path}?{options}", page_size=1)
    assert page["value"] == [
        {"Orders": {"DocEntry": 1}, "BusinessPartners": {"CardName": "Walk-in customer"}}
    ]
    assert page["odata.nextLink"].endswith("&$skip=1")
    rest = traded.sl.get(page["odata.nextLink"].replace(" ", "%20"), page_size=1)
    assert rest["value"][0]["BusinessPartners"] == {"CardName": "Trade"}
    assert "odata.nextLink" not in rest


@pytest.mark.parametrize(
    ("path", "option", "code"),
    [
        (ORDERS, "", "-1000"),
        ("$crossjoin(Orders)x", SHOWN, "-1000"),
        ("$crossjoin(Orders/DocumentLines)", SHOWN, "-1000"),
        ("$crossjoin(Orders,Orders/DocTotal)", SHOWN, "-1000"),
        ("$crossjoin(Coffees)", SHOWN, "200"),
        ("Orders", SHOWN, "-1000"),
        (ORDERS, "$expand=Orders($select=Colour)", "-1000"),
        (ORDERS, "$expand=Invoices($select=DocEntry)", "-1000"),
        (ORDERS, f"{SHOWN}&$filter=Orders/Colour eq 1", "201"),
        (ORDERS, f"{SHOWN}&$filter=DocEntry eq 1", "201"),
        (ORDERS, f"{SHOWN}&$filter=Orders/DocEntry eq 'x'", "205"),
        (ORDERS, f"{SHOWN}&$orderby=Orders/DocEntry up", "202"),
        (ORDERS, f"{SHOWN}&$apply=x", "202"),
        (ORDERS, f"{SHOWN}&$top=x", "202"),
    ],
)
def test_a_join_that_is_none_is_refused(traded: Any, path: str, option: str, code: str) -> None:
    with pytest.raises(SapRejected) as caught:
        traded.sl.ask("QueryService_PostQuery", {"QueryPath": path, "QueryOption": option})
    assert caught.value.code == code


def test_a_filter_of_one_set_compares_with_values_only(traded: Any) -> None:
    with pytest.raises(SapRejected) as caught:
        traded.sl.get("Orders?$filter=DocEntry%20eq%20DocNum")
    assert caught.value.code == "202"
