"""Stock per warehouse and batch: what a document may take, and what it moves.

SAP never picks batches for a document, and two lines of one item share one stock, so the
check runs over the whole document (production lesson L43).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sync.sap.simulator.bins import book_bins
from sync.sap.simulator.books import ZERO, Books, Change
from sync.sap.simulator.money import number
from sync.sap.simulator.movement import INCOMPLETE, TOLERANCE, Movement
from sync.sap.simulator.refusal import Refusal, no_match
from sync.sap.simulator.serials import book_serials
from sync.sap.simulator.table import Row


def active_item(books: Books, code: Any) -> Row:
    """The item of a line; raises Refusal when unknown or inactive."""
    row = books.row("Items", code) if isinstance(code, str) else None
    if row is None:
        raise no_match()
    if row.get("Frozen") == "tYES" or row.get("Valid") == "tNO":
        raise Refusal(-5002, f"Item '{code}' is inactive  [DocumentLines.ItemCode]")
    return row


def warehouse_of(books: Books, line: Mapping[str, Any], item: Row) -> str:
    """The warehouse of a line; raises Refusal when missing, unknown or inactive."""
    code = line.get("WarehouseCode") or item.get("DefaultWarehouse")
    if not code:
        raise Refusal(-5002, "Warehouse is missing  [DocumentLines.WarehouseCode]")
    row = books.row("Warehouses", code)
    if row is None:
        raise no_match()
    if row.get("Inactive") == "tYES":
        raise Refusal(-5002, f"Warehouse '{code}' is inactive  [DocumentLines.WarehouseCode]")
    return str(code)


def book(
    books: Books,
    movements: Iterable[Movement],
    change: Change,
    *,
    counted: frozenset[tuple[str, str]] = frozenset(),
) -> None:
    """Check the movements of one document together and add them to its change.

    Args:
        books: the books.
        movements: of one document.
        change: what the document does, added to.
        counted: items and warehouses this document may move though a counting keeps them still.

    Raises:
        Refusal: -4014 for an incomplete batch selection, -5002 for a batch that is short or not
            released, -10 for a warehouse that would fall below zero or is being counted.
    """
    taken: dict[tuple[str, str], Decimal] = {}
    batches: dict[tuple[int, str], Decimal] = {}
    for movement in movements:
        if movement.item.get("InventoryItem") == "tNO":
            continue
        code = movement.item["ItemCode"]
        if movement.item.get("ManageSerialNumbers") == "tYES":
            book_serials(books, movement, change)
        elif movement.serials:
            raise Refusal(-4014, INCOMPLETE)
        if movement.item.get("ManageBatchNumbers") == "tYES":
            _book_batches(books, movement, batches, change)
        elif movement.batches:
            raise Refusal(-4014, INCOMPLETE)
        place = (code, movement.warehouse)
        if books.frozen.get(place) and place not in counted:
            raise Refusal(-10, f"Item '{code}' is frozen for counting  [line: {movement.line + 1}]")
        taken[place] = taken.get(place, ZERO) + movement.quantity
        if books.company.block_negative_stock and movement.quantity < 0:
            _check_level(books, place, taken[place], movement.line)
        book_bins(books, movement, change)
        change.stock.append((code, movement.warehouse, movement.quantity))


def _check_level(books: Books, place: tuple[str, str], moved: Decimal, line: int) -> None:
    if books.on_hand(*place) + moved < 0:
        text = "Quantity falls into negative inventory  [DocumentLines.ItemCode]"
        raise Refusal(-10, f"{text}[line: {line + 1}]")


def _book_batches(
    books: Books, movement: Movement, moved: dict[tuple[int, str], Decimal], change: Change
) -> None:
    total = sum((number(row, "Quantity") for row in movement.batches), ZERO)
    if abs(total - abs(movement.quantity)) > TOLERANCE:
        raise Refusal(-4014, INCOMPLETE)
    names = [row.get("BatchNumber") for row in movement.batches]
    if len(set(names)) < len(names) or None in names:
        raise Refusal(-4014, INCOMPLETE)
    for row in movement.batches:
        quantity = number(row, "Quantity") * movement.sign
        if number(row, "Quantity") <= 0:
            raise Refusal(-4014, INCOMPLETE)
        entry = _batch_entry(books, movement, row, change)
        place = (entry, movement.warehouse)
        moved[place] = moved.get(place, ZERO) + quantity
        held = books.batch_stock.get(entry, {}).get(movement.warehouse, ZERO)
        if movement.quantity < 0 and held + moved[place] < 0:
            raise _batch_short(movement, row)
        change.batch.append((entry, movement.warehouse, quantity))


def _batch_entry(books: Books, movement: Movement, row: Mapping[str, Any], change: Change) -> int:
    """The entry of a batch; goods that come in may bring a new one."""
    code, name = movement.item["ItemCode"], row["BatchNumber"]
    entry = books.batch_entries.get((code, name))
    if entry is not None:
        _check_released(books, entry, movement)
        return entry
    for set_name, new in change.put:
        if set_name == "BatchNumberDetails" and (new["ItemCode"], new["Batch"]) == (code, name):
            return int(new["DocEntry"])
    if movement.quantity < 0:
        raise _batch_short(movement, row)
    return _new_batch(books, movement, row, change)


def _new_batch(books: Books, movement: Movement, row: Mapping[str, Any], change: Change) -> int:
    born = sum(1 for set_name, _ in change.put if set_name == "BatchNumberDetails")
    entry = books.next_entry("BatchNumberDetails") + born
    batch = {
        "DocEntry": entry,
        "ItemCode": movement.item["ItemCode"],
        "ItemDescription": movement.item.get("ItemName"),
        "Batch": row["BatchNumber"],
        "Status": "bdsStatus_Released",
        "ExpirationDate": row.get("ExpiryDate"),
        "ManufacturingDate": row.get("ManufacturingDate"),
        "AdmissionDate": row.get("AddmisionDate"),
        "SystemNumber": entry,
    }
    change.put.append(("BatchNumberDetails", batch))
    return entry


def _check_released(books: Books, entry: int, movement: Movement) -> None:
    batch = books.row("BatchNumberDetails", entry)
    if movement.quantity < 0 and batch is not None and batch["Status"] != "bdsStatus_Released":
        text = f"Batch '{batch['Batch']}' of item '{batch['ItemCode']}' is not released"
        raise Refusal(-5002, text)


def _batch_short(movement: Movement, row: Mapping[str, Any]) -> Refusal:
    item, batch = movement.item["ItemCode"], row["BatchNumber"]
    text = f"10001153 - Insufficient quantity for item {item} with batch {batch} in warehouse"
    return Refusal(-5002, text)
