"""Pieces with numbers of their own, and places inside a warehouse."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from sync.sap.errors import SapRejected
from sync.sap.query import Query
from tests.sync.sap.conftest import DAY, SHOP

DRILL = {
    "code": "DRILL", "name": "Drill", "vat_group": "O01", "prices": {"1": "80"},
    "serials": {"SHOP1": ["SN1", "SN2"], "MAIN": ["SN3"]},
}  # fmt: skip
RICE = {"code": "RICE", "vat_group": "O01", "prices": {"1": "2"}, "stock": {"RACKS": "10"}}


@pytest.fixture
def shop(local: Any) -> Any:
    books = copy.deepcopy(SHOP)
    books["items"] += [DRILL, RICE]
    books["warehouses"] += [{"code": "RACKS", "bins": ["A1", "A2"]}]
    local.core.load(books)
    return local


def sell(shop: Any, line: dict[str, Any]) -> Any:
    body = {"CardCode": "C0001", "DocDate": DAY.isoformat(), "DocumentLines": [line]}
    return shop.sl.post("Invoices", body)


def drills(*serials: str, quantity: int | None = None, warehouse: str = "SHOP1") -> dict[str, Any]:
    rows = [{"InternalSerialNumber": name, "Quantity": 1} for name in serials]
    return {
        "ItemCode": "DRILL",
        "Quantity": len(serials) if quantity is None else quantity,
        "WarehouseCode": warehouse,
        "SerialNumbers": rows,
    }


def rice(quantity: int, *places: tuple[int, int]) -> dict[str, Any]:
    rows = [{"BinAbsEntry": entry, "Quantity": held} for entry, held in places]
    line = {"ItemCode": "RICE", "Quantity": quantity, "WarehouseCode": "RACKS"}
    return line | ({"DocumentLinesBinAllocations": rows} if rows else {})


def refusal(call: Any, *arguments: Any) -> tuple[str, str]:
    with pytest.raises(SapRejected) as caught:
        call(*arguments)
    return caught.value.code, caught.value.text


def serials(shop: Any) -> dict[str, str]:
    return {row["serial"]: row["warehouse"] for row in shop.core.ledger()["serials"]}


def test_each_piece_is_sold_once_and_comes_back(shop: Any) -> None:
    sold = sell(shop, drills("SN2"))
    assert serials(shop) == {"SN1": "SHOP1", "SN3": "MAIN"}
    assert "SN2" in refusal(sell, shop, drills("SN2"))[1]
    shop.sl.post(f"Invoices({sold['DocEntry']})/Cancel")
    assert serials(shop)["SN2"] == "SHOP1"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (drills(quantity=1), "-4014"),
        (drills("SN1", quantity=2), "-4014"),
        (drills("SN1", "SN1"), "-4014"),
        (drills("SN3"), "-10"),
        (drills("NEW"), "-10"),
        ({"ItemCode": "BREAD", "SerialNumbers": [{"InternalSerialNumber": "X"}]}, "-4014"),
    ],
    ids=["none", "too few", "twice", "elsewhere", "unknown", "of plain goods"],
)
def test_a_wrong_choice_of_pieces_is_refused(shop: Any, line: dict[str, Any], code: str) -> None:
    assert refusal(sell, shop, {"WarehouseCode": "SHOP1", **line})[0] == code
    assert len(serials(shop)) == 3


def test_new_pieces_come_in_once_and_move_between_warehouses(shop: Any) -> None:
    body = {"DocDate": DAY.isoformat(), "DocumentLines": [drills("SN4")]}
    shop.sl.post("InventoryGenEntries", body)
    assert "already" in refusal(shop.sl.post, "InventoryGenEntries", body)[1]
    assert shop.sl.count("SerialNumberDetails", "ItemCode eq 'DRILL'") == 4
    line = drills("SN4", warehouse="MAIN") | {"FromWarehouseCode": "SHOP1"}
    shop.sl.post("StockTransfers", {"DocDate": DAY.isoformat(), "StockTransferLines": [line]})
    assert serials(shop)["SN4"] == "MAIN"


def bins(shop: Any) -> dict[str, str]:
    return {row["bin"]: row["quantity"] for row in shop.core.ledger()["bins"]}


def test_goods_of_a_divided_warehouse_leave_the_places_they_name(shop: Any) -> None:
    query = Query(select=("AbsEntry", "BinCode"), where="Warehouse eq 'RACKS'")
    first, second = (row["AbsEntry"] for row in shop.sl.rows("BinLocations", query))
    assert refusal(sell, shop, rice(2))[0] == "-5002"
    assert refusal(sell, shop, rice(2, (first, 1)))[0] == "-5002"
    assert refusal(sell, shop, rice(2, (second, 2)))[0] == "-10"
    sell(shop, rice(2, (first, 2)))
    assert bins(shop) == {"RACKS-A1": "8"}
    allocation = {**rice(3), "UnitPrice": 1}
    shop.sl.post("InventoryGenEntries", {"DocDate": DAY.isoformat(), "DocumentLines": [allocation]})
    assert bins(shop) == {"RACKS-A1": "11"}


def test_a_warehouse_may_allot_its_places_itself(shop: Any) -> None:
    shop.sl.patch("Warehouses('RACKS')", {"AutoAllocOnIssue": "whsBinBinCodeOrder"})
    sell(shop, rice(4))
    assert bins(shop) == {"RACKS-A1": "6"}
    assert refusal(sell, shop, rice(7))[0] in {"-10", "-5002"}


def test_places_of_a_warehouse_without_any_are_refused(shop: Any) -> None:
    line = {"ItemCode": "BREAD", "Quantity": 1, "WarehouseCode": "SHOP1"}
    wrong = {**line, "DocumentLinesBinAllocations": [{"BinAbsEntry": 1, "Quantity": 1}]}
    assert refusal(sell, shop, wrong)[0] == "-5002"


def counted(*names: str, quantity: int | None = None) -> dict[str, Any]:
    line = {
        "ItemCode": "DRILL", "WarehouseCode": "SHOP1", "Counted": "tYES",
        "UoMCountedQuantity": len(names) if quantity is None else quantity,
        "InventoryCountingSerialNumbers": [{"InternalSerialNumber": name} for name in names],
    }  # fmt: skip
    return {"CountDate": DAY.isoformat(), "InventoryCountingLines": [line]}


def test_pieces_are_counted_by_number_and_the_posting_moves_the_difference(shop: Any) -> None:
    wrong = (counted("SN1", quantity=2), counted("SN1", "SN1"), counted(quantity=1))
    for body in wrong:
        assert refusal(shop.sl.post, "InventoryCountings", body)[0] == "-4014"
    count = shop.sl.post("InventoryCountings", counted("SN1", "SN9"))
    based = {"BaseType": 1470000065, "BaseEntry": count["DocumentEntry"], "BaseLine": 1}

    def post(*moves: tuple[str, int]) -> Any:
        rows = [{"InternalSerialNumber": name, "Quantity": sign} for name, sign in moves]
        line = based | {"InventoryPostingSerialNumbers": rows}
        return shop.sl.post("InventoryPostings", {"InventoryPostingLines": [line]})

    assert refusal(post, ("SN9", 1))[0] == "-4014"
    assert refusal(post, ("SN9", 1), ("SN3", -1))[0] == "-10"
    post(("SN9", 1), ("SN2", -1))
    assert serials(shop) == {"SN1": "SHOP1", "SN9": "SHOP1", "SN3": "MAIN"}
    assert shop.core.books.on_hand("DRILL", "SHOP1") == 2
