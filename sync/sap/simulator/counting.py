"""Inventory countings, which move nothing, and their postings, which move the difference.

A counting remembers what was in the warehouse when it was counted; its posting moves what was
counted too much or too little against that figure, so that sales in between do not count twice
(production lesson L62).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sync.sap.simulator.books import ZERO, Books, Change
from sync.sap.simulator.branch import branch_of
from sync.sap.simulator.goods import active_item, book, warehouse_of
from sync.sap.simulator.kind import Booked
from sync.sap.simulator.line import check_account, factor_of
from sync.sap.simulator.money import check_day, number
from sync.sap.simulator.movement import INCOMPLETE, Movement
from sync.sap.simulator.refusal import Refusal, no_match
from sync.sap.simulator.series import numbered
from sync.sap.simulator.table import Row

COUNTINGS, POSTINGS = "InventoryCountings", "InventoryPostings"
COUNTING_TYPE = 1470000065
ACCOUNTS = ("InventoryOffsetIncreaseAccount", "InventoryOffsetDecreaseAccount")
COUNTED_ALREADY = "Item is already part of an open counting  [InventoryCountingLines]"


def create_counting(books: Books, body: Mapping[str, Any], *, today: date) -> Booked:
    """A new counting; raises Refusal and then changes nothing."""
    day = check_day(books, body, today, set_name=COUNTINGS, field="CountDate")
    if body.get("CountingType", "ctSingleCounter") != "ctSingleCounter":
        raise Refusal(-5006, "This sandbox counts with a single counter only")
    _check_counter(books, body)
    lines = [
        _counted(books, line, place)
        for place, line in enumerate(_given(body, "InventoryCountingLines"), 1)
    ]
    branch = branch_of(books, COUNTINGS, body, [line["WarehouseCode"] for line in lines])
    places = [(line["ItemCode"], line["WarehouseCode"]) for line in lines]
    if len(set(places)) < len(places) or any(_is_counting(books, place) for place in places):
        raise Refusal(-10, COUNTED_ALREADY)
    _refuse_by_rule(books, COUNTINGS)
    row = {
        **_own(body),
        **branch,
        **_numbers(books, COUNTINGS, body, day),
        "CountDate": day.isoformat(),
        "DocumentStatus": "cdsOpen",
        "InventoryCountingLines": lines,
    }
    return Booked(row, Change(put=[(COUNTINGS, row)]))


def close_counting(books: Books, entry: Any) -> Booked:
    """End a counting without posting it; raises Refusal when it is closed."""
    row = books.row(COUNTINGS, entry)
    if row is None:
        raise no_match()
    if row["DocumentStatus"] == "cdsClosed":
        raise Refusal(-5006, "Counting is already closed")
    return Booked(None, Change(put=[(COUNTINGS, {**row, "DocumentStatus": "cdsClosed"})]))


def create_posting(books: Books, body: Mapping[str, Any], *, today: date) -> Booked:
    """A new posting of counted quantities; raises Refusal and then changes nothing."""
    day = check_day(books, body, today, set_name=POSTINGS, field="PostingDate")
    change = Change()
    lines = [
        _posted(books, line, place, change)
        for place, line in enumerate(_given(body, "InventoryPostingLines"), 1)
    ]
    branch = branch_of(books, POSTINGS, body, [line["WarehouseCode"] for line in lines])
    freed = [(line["ItemCode"], line["WarehouseCode"]) for line in lines]
    _refuse_by_rule(books, POSTINGS)
    moves = [move for line in lines for move in _movements(books, line)]
    book(books, moves, change, counted=frozenset(freed))
    row = {
        **_own(body),
        **branch,
        **_numbers(books, POSTINGS, body, day),
        "PostingDate": day.isoformat(),
        "CountDate": body.get("CountDate") or day.isoformat(),
        "InventoryPostingLines": lines,
        "_moves": list(change.stock),
    }
    change.put.append((POSTINGS, row))
    return Booked(row, change)


def _given(body: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    lines = body.get(name) or []
    if not lines:
        raise Refusal(-5002, f"Document has no lines  [{name}]")
    return list(lines)


def _own(body: Mapping[str, Any]) -> Row:
    return {
        name: value
        for name, value in body.items()
        if name not in ("DocumentEntry", "DocumentNumber", "DocumentStatus")
    }


def _numbers(books: Books, set_name: str, body: Mapping[str, Any], day: date) -> Row:
    given = numbered(books, set_name, body, day)
    return {
        "DocumentEntry": books.next_entry(set_name),
        "DocumentNumber": given["DocNum"],
        "Series": given["Series"],
    }


def _refuse_by_rule(books: Books, set_name: str) -> None:
    if set_name in books.company.refuse:
        raise Refusal(-1116, books.company.refuse[set_name])


def _check_counter(books: Books, body: Mapping[str, Any]) -> None:
    """Refuse a counter nobody knows; employees are not among the master data here."""
    counter = body.get("SingleCounterID")
    if counter is None or body.get("SingleCounterType", "ctUser") != "ctUser":
        return
    if books.row("Users", counter) is None:
        raise no_match()


def _is_counting(books: Books, place: tuple[str, str]) -> bool:
    return any(
        row["DocumentStatus"] == "cdsOpen"
        and any(
            (line["ItemCode"], line["WarehouseCode"]) == place and line["LineStatus"] == "clsOpen"
            for line in row["InventoryCountingLines"]
        )
        for row in books.tables[COUNTINGS].rows()
    )


def _counted(books: Books, line: Mapping[str, Any], place: int) -> Row:
    item = active_item(books, line.get("ItemCode"))
    warehouse = warehouse_of(books, line, item)
    held = books.on_hand(item["ItemCode"], warehouse)
    is_counted = line.get("Counted") == "tYES"
    counted = _quantity(books, item, line) if is_counted else ZERO
    batches = [
        {**row, "BaseLineNumber": place} for row in line.get("InventoryCountingBatchNumbers") or ()
    ]
    is_batched = item.get("ManageBatchNumbers") == "tYES"
    told = sum((number(row, "Quantity") for row in batches), ZERO)
    if is_counted and is_batched and told != counted:
        raise Refusal(-4014, "Counted quantity differs from the sum of its batches")
    serials = [
        {**row, "BaseLineNumber": place} for row in line.get("InventoryCountingSerialNumbers") or ()
    ]
    _check_pieces(item, counted, serials)
    return {
        **line,
        "LineNumber": place,
        "ItemDescription": item.get("ItemName"),
        "WarehouseCode": warehouse,
        "Freeze": line.get("Freeze", "tNO"),
        "Counted": "tYES" if is_counted else "tNO",
        "CountedQuantity": counted,
        "UoMCountedQuantity": line.get("UoMCountedQuantity", counted),
        "InWarehouseQuantity": held,
        "Variance": counted - held if is_counted else ZERO,
        "LineStatus": "clsOpen",
        "InventoryCountingBatchNumbers": batches,
        "InventoryCountingSerialNumbers": serials,
    }


def _check_pieces(item: Row, counted: Any, serials: list[Row]) -> None:
    """Every piece that was counted has its number, once; raises Refusal -4014."""
    names = {row.get("InternalSerialNumber") for row in serials}
    wanted = counted if item.get("ManageSerialNumbers") == "tYES" else ZERO
    if len(serials) != wanted or len(names) != len(serials) or None in names:
        raise Refusal(-4014, "Counted quantity differs from the number of its serial numbers")


def _quantity(books: Books, item: Row, line: Mapping[str, Any]) -> Any:
    """What was counted, in inventory units."""
    counted = line.get("UoMCountedQuantity")
    if counted is None:
        counted = line.get("CountedQuantity")
    if counted is None or counted < 0:
        raise Refusal(-5002, "Counted quantity is missing  [UoMCountedQuantity]")
    return number({"Counted": counted}, "Counted") * factor_of(books, item, line)


def _posted(books: Books, line: Mapping[str, Any], place: int, change: Change) -> Row:
    based: Row = {}
    if line.get("BaseEntry") is not None:
        based = _close_line(books, line, change)
    item = active_item(books, line.get("ItemCode") or based.get("ItemCode"))
    warehouse = warehouse_of(books, {**based, **line}, item)
    for name in ACCOUNTS:
        check_account(books, line.get(name), name)
    held = based.get("InWarehouseQuantity", books.on_hand(item["ItemCode"], warehouse))
    if line.get("CountedQuantity") is None and line.get("UoMCountedQuantity") is None:
        counted = number(based, "CountedQuantity")
    else:
        counted = _quantity(books, item, line)
    return {
        **line,
        "LineNumber": place,
        "ItemCode": item["ItemCode"],
        "ItemDescription": item.get("ItemName"),
        "WarehouseCode": warehouse,
        "CountedQuantity": counted,
        "UoMCountedQuantity": line.get("UoMCountedQuantity", counted),
        "InWarehouseQuantity": held,
        "Variance": counted - held,
        "InventoryPostingBatchNumbers": list(line.get("InventoryPostingBatchNumbers") or ()),
        "InventoryPostingSerialNumbers": list(line.get("InventoryPostingSerialNumbers") or ()),
    }


def _close_line(books: Books, line: Mapping[str, Any], change: Change) -> Row:
    """The counting's line, closed by this posting; raises Refusal when it is already."""
    if line.get("BaseType") != COUNTING_TYPE:
        raise Refusal(-5002, "234103405 - Base document type mismatch  [BaseType]")
    entry = line["BaseEntry"]
    started = [row for name, row in change.put if name == COUNTINGS]
    known = [row for row in reversed(started) if row["DocumentEntry"] == entry]
    row = known[0] if known else books.row(COUNTINGS, entry)
    if row is None:
        raise no_match()
    wanted = [old for old in row["InventoryCountingLines"] if old["LineNumber"] == line["BaseLine"]]
    if not wanted:
        raise no_match()
    if row["DocumentStatus"] == "cdsClosed" or wanted[0]["LineStatus"] == "clsClosed":
        raise Refusal(-10, "One of the base documents has already been closed")
    if wanted[0]["Counted"] == "tNO":
        raise Refusal(-5002, "Line has not been counted  [InventoryPostingLines.BaseLine]")
    lines = [
        {**old, "LineStatus": "clsClosed"} if old is wanted[0] else old
        for old in row["InventoryCountingLines"]
    ]
    is_done = all(old["LineStatus"] == "clsClosed" for old in lines)
    status = "cdsClosed" if is_done else "cdsOpen"
    ended = {**row, "InventoryCountingLines": lines, "DocumentStatus": status}
    change.put.append((COUNTINGS, ended))
    return dict(wanted[0])


def _movements(books: Books, line: Row) -> list[Movement]:
    """The difference; batches and pieces carry theirs with its sign: one rises, another falls."""
    item = books.row("Items", line["ItemCode"]) or {}
    by_piece = bool(line["InventoryPostingSerialNumbers"])
    named = line["InventoryPostingSerialNumbers"] or line["InventoryPostingBatchNumbers"]
    parts: list[tuple[Any, tuple[Row, ...]]] = [(line["Variance"], ())]
    if named:
        if sum((number(row, "Quantity") for row in named), ZERO) != line["Variance"]:
            raise Refusal(-4014, INCOMPLETE)
        parts = [_side(named, 1), _side(named, -1)]
    return [
        Movement(
            item=item,
            warehouse=line["WarehouseCode"],
            quantity=quantity,
            batches=() if by_piece else rows,
            serials=rows if by_piece else (),
            line=line["LineNumber"] - 1,
        )
        for quantity, rows in parts
        if quantity
    ]


def _side(batches: list[Row], sign: int) -> tuple[Any, tuple[Row, ...]]:
    rows = [row for row in batches if number(row, "Quantity") * sign > 0]
    total = sum((number(row, "Quantity") for row in rows), ZERO)
    return total, tuple({**row, "Quantity": abs(number(row, "Quantity"))} for row in rows)
