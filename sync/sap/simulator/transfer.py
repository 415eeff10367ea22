"""Stock transfers: goods from one warehouse to another, batches along with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sync.sap.simulator.books import Books, Change
from sync.sap.simulator.document import Booked
from sync.sap.simulator.goods import Movement, active_item, book, warehouse_of
from sync.sap.simulator.money import check_day, number
from sync.sap.simulator.refusal import Refusal, no_match
from sync.sap.simulator.table import Row

SET = "StockTransfers"


def create_transfer(books: Books, body: Mapping[str, Any], *, today: date) -> Booked:
    """A new transfer; raises Refusal and then changes nothing."""
    day = check_day(books, body, today)
    lines = [_line(books, body, line, place) for place, line in enumerate(_given(body))]
    change = Change()
    # Out of every source before into any destination: goods cannot be sent on while they move.
    book(books, [_leg(books, line, "FromWarehouseCode", -1) for line in lines], change)
    book(books, [_leg(books, line, "WarehouseCode", 1) for line in lines], change)
    row = {
        **{name: value for name, value in body.items() if name not in ("DocEntry", "DocNum")},
        "DocEntry": books.next_entry(SET),
        "DocNum": books.next_num(SET),
        "DocDate": day.isoformat(),
        "TaxDate": body.get("TaxDate") or day.isoformat(),
        "DueDate": body.get("DueDate") or day.isoformat(),
        "DocumentStatus": "bost_Open",
        "StockTransferLines": lines,
        "_moves": list(change.stock),
    }
    change.put.append((SET, row))
    return Booked(row, change)


def _given(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    lines = body.get("StockTransferLines") or []
    if not lines:
        raise Refusal(-5002, "Document has no lines  [StockTransferLines]")
    return list(lines)


def _line(books: Books, body: Mapping[str, Any], line: Mapping[str, Any], place: int) -> Row:
    item = active_item(books, line.get("ItemCode"))
    quantity = number(line, "Quantity") if "Quantity" in line else Decimal(1)
    if quantity <= 0:
        raise Refusal(-5002, f"Quantity must be above zero  [line: {place}]")
    if line.get("BaseEntry") is not None:
        raise Refusal(-5006, "This sandbox does not base transfers on requests")
    source = line.get("FromWarehouseCode") or body.get("FromWarehouse")
    target = line.get("WarehouseCode") or body.get("ToWarehouse")
    if not source or not target:
        raise no_match()
    if source == target:
        raise Refusal(-5002, f"Source and destination warehouse are the same  [line: {place}]")
    return {
        **line,
        "LineNum": place,
        "ItemDescription": item.get("ItemName"),
        "Quantity": quantity,
        "InventoryQuantity": quantity,
        "FromWarehouseCode": warehouse_of(books, {"WarehouseCode": source}, item),
        "WarehouseCode": warehouse_of(books, {"WarehouseCode": target}, item),
        "BatchNumbers": list(line.get("BatchNumbers") or ()),
    }


def _leg(books: Books, line: Row, side: str, sign: int) -> Movement:
    return Movement(
        item=books.row("Items", line["ItemCode"]) or {},
        warehouse=line[side],
        quantity=sign * number(line, "Quantity"),
        batches=tuple(line["BatchNumbers"]),
        line=line["LineNum"],
    )
