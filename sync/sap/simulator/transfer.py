"""Stock transfers and the requests for them: goods from one warehouse to another.

A request moves nothing and names no batches; a transfer moves goods, and counts down the request
it follows (SAP Service Layer user guide).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sync.sap.simulator.approval import added, asked
from sync.sap.simulator.attachment import check_attachment
from sync.sap.simulator.base import draw, give_back, take_over
from sync.sap.simulator.books import Books, Change
from sync.sap.simulator.branch import branch_of
from sync.sap.simulator.goods import active_item, book, warehouse_of
from sync.sap.simulator.kind import Booked
from sync.sap.simulator.line import check_rule, factor_of
from sync.sap.simulator.money import check_day, number
from sync.sap.simulator.movement import Movement
from sync.sap.simulator.refusal import NO_MATCH, Refusal, no_match
from sync.sap.simulator.series import numbered
from sync.sap.simulator.table import Row

TRANSFERS, REQUESTS, DRAFTS = "StockTransfers", "InventoryTransferRequests", "StockTransferDrafts"
BIN_SIDES = {"FromWarehouseCode": "batFromWarehouse", "WarehouseCode": "batToWarehouse"}
READ_ONLY = ("DocEntry", "DocNum", "DocumentStatus")


def create_transfer(books: Books, set_name: str, body: Mapping[str, Any], *, today: date) -> Booked:
    """A new transfer or request; raises Refusal and then changes nothing."""
    booked = _compose(books, set_name, body, today)
    if set_name not in books.company.approval:
        return booked
    draft = {
        **(booked.row or {}),
        "DocEntry": books.next_entry(DRAFTS),
        **numbered(books, DRAFTS, {}, today),
        "AuthorizationStatus": "sasPending",
        "_moves": [],
        "_set": set_name,
        "_body": dict(body),
    }
    request = asked(books, DRAFTS, draft, today=today)
    return Booked(None, Change(put=[(DRAFTS, draft), request]), Refusal(-2028, NO_MATCH, 404))


def approve_transfer(books: Books, entry: Any, *, today: date) -> Booked:
    """The transfer or request a draft stands for; raises Refusal when it cannot be."""
    draft = books.row(DRAFTS, entry)
    if draft is None:
        raise no_match()
    if draft["DocumentStatus"] == "bost_Close":
        raise Refusal(-5002, "The draft has already been saved as a document")
    closed = added(books, DRAFTS, draft)
    booked = _compose(books, draft["_set"], draft["_body"], today)
    booked.change.put.extend(closed)
    return booked


def _compose(books: Books, set_name: str, body: Mapping[str, Any], today: date) -> Booked:
    day = check_day(books, body, today, set_name=set_name)
    given = [take_over(books, set_name, line, Change()) for line in _given(body)]
    lines = [_line(books, body, line, place) for place, line in enumerate(given)]
    places = [line["FromWarehouseCode"] for line in lines]
    branch = branch_of(books, set_name, body, places)
    check_attachment(books, body)
    change = Change()
    draw(books, set_name, lines, change, card=body.get("CardCode"))
    if set_name == TRANSFERS:
        _move(books, lines, change)
    elif any(line["BatchNumbers"] for line in lines):
        raise Refusal(-5002, "A request does not name batches  [StockTransferLines.BatchNumbers]")
    if set_name in books.company.refuse:
        raise Refusal(-1116, books.company.refuse[set_name])
    row = {
        **{name: value for name, value in body.items() if name not in READ_ONLY},
        **branch,
        "DocEntry": books.next_entry(set_name),
        **numbered(books, set_name, body, day),
        "DocDate": day.isoformat(),
        "TaxDate": body.get("TaxDate") or day.isoformat(),
        "DueDate": body.get("DueDate") or day.isoformat(),
        "DocumentStatus": "bost_Open",
        "StockTransferLines": lines,
        "_moves": list(change.stock),
    }
    change.put.append((set_name, row))
    return Booked(row, change)


def cancel_transfer(books: Books, set_name: str, entry: Any, *, today: date) -> Booked:
    """Send the goods back by a transfer of their own, or drop a request; raises Refusal."""
    original = books.row(set_name, entry)
    if original is None:
        raise no_match()
    if original.get("_cancelled") or (
        set_name == REQUESTS and original["DocumentStatus"] == "bost_Close"
    ):
        raise Refusal(-5002, "Document has already been cancelled or closed")
    day = check_day(books, {}, today, set_name=set_name)
    change = Change()
    give_back(books, set_name, original["StockTransferLines"], change)
    closed = {**original, "DocumentStatus": "bost_Close", "_cancelled": True}
    change.put.append((set_name, closed))
    if set_name == TRANSFERS:
        turned = [_turned(line) for line in original["StockTransferLines"]]
        _move(books, turned, change)
        reversal = {
            **closed,
            "DocEntry": books.next_entry(set_name),
            **numbered(books, set_name, {}, day),
            "DocDate": day.isoformat(),
            "StockTransferLines": turned,
            "_moves": list(change.stock),
        }
        # A reversal answers to no key of ours, or the key would lead to two documents.
        keys = [name for name in reversal if name.startswith("U_")]
        change.put.append((set_name, reversal | dict.fromkeys(keys)))
    return Booked(None, change)


def _move(books: Books, lines: list[Row], change: Change) -> None:
    # Out of every source before into any destination: goods cannot be sent on while they move.
    book(books, [_leg(books, line, "FromWarehouseCode", -1) for line in lines], change)
    book(books, [_leg(books, line, "WarehouseCode", 1) for line in lines], change)


def _turned(line: Row) -> Row:
    ends = {
        "FromWarehouseCode": line["WarehouseCode"],
        "WarehouseCode": line["FromWarehouseCode"],
    }
    return {**line, **ends, "BaseEntry": None}


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
    source = line.get("FromWarehouseCode") or body.get("FromWarehouse")
    target = line.get("WarehouseCode") or body.get("ToWarehouse")
    if not source or not target:
        raise no_match()
    if source == target:
        raise Refusal(-5002, f"Source and destination warehouse are the same  [line: {place}]")
    check_rule(books, line.get("DistributionRule"), "DistributionRule")
    return {
        **line,
        "LineNum": place,
        "ItemDescription": item.get("ItemName"),
        "Quantity": quantity,
        "InventoryQuantity": quantity * factor_of(books, item, line),
        "RemainingOpenQuantity": quantity,
        "LineStatus": "bost_Open",
        "FromWarehouseCode": warehouse_of(books, {"WarehouseCode": source}, item),
        "WarehouseCode": warehouse_of(books, {"WarehouseCode": target}, item),
        "BatchNumbers": list(line.get("BatchNumbers") or ()),
    }


def _leg(books: Books, line: Row, side: str, sign: int) -> Movement:
    return Movement(
        item=books.row("Items", line["ItemCode"]) or {},
        warehouse=line[side],
        quantity=sign * number(line, "InventoryQuantity"),
        batches=tuple(line["BatchNumbers"]),
        serials=tuple(line.get("SerialNumbers") or ()),
        bins=tuple(
            bin_
            for bin_ in line.get("StockTransferLinesBinAllocations") or ()
            if bin_.get("BinActionType") == BIN_SIDES[side]
        ),
        line=line["LineNum"],
    )
