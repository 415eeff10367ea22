"""Serial numbers: one piece each, in one warehouse or in none."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sync.sap.simulator.books import Books, Change
from sync.sap.simulator.money import number
from sync.sap.simulator.movement import INCOMPLETE, Movement
from sync.sap.simulator.refusal import Refusal

ONE = Decimal(1)


def book_serials(books: Books, movement: Movement, change: Change) -> None:
    """Move the pieces of one line.

    Raises:
        Refusal: -4014 for too few, too many or twice the same; -10 for a piece that is not there,
            or is there already.
    """
    names = [row.get("InternalSerialNumber") for row in movement.serials]
    one_each = all(number(row, "Quantity") in (0, 1) for row in movement.serials)
    is_complete = len(names) == abs(movement.quantity) and one_each
    if not is_complete or None in names or len(set(names)) < len(names):
        raise Refusal(-4014, INCOMPLETE)
    for row in movement.serials:
        entry = _entry(books, movement, row, change)
        change.serial.append((entry, movement.warehouse, ONE * movement.sign))


def _entry(books: Books, movement: Movement, row: Mapping[str, Any], change: Change) -> int:
    code, name = movement.item["ItemCode"], str(row["InternalSerialNumber"])
    entry = books.serial_entries.get((code, name))
    where = _places(books, entry, change)
    is_there = where.get(movement.warehouse, 0) > 0
    if movement.quantity < 0 and not is_there:
        text = f"Serial number '{name}' of item '{code}' is not in warehouse {movement.warehouse}"
        raise Refusal(-10, f"{text}  [line: {movement.line + 1}]")
    if movement.quantity > 0 and any(held > 0 for held in where.values()):
        text = f"Serial number '{name}' of item '{code}' is in stock already"
        raise Refusal(-10, f"{text}  [line: {movement.line + 1}]")
    return _new(books, movement, row, change) if entry is None else entry


def _places(books: Books, entry: int | None, change: Change) -> dict[str, Decimal]:
    """Where a piece is, with what this document has moved so far."""
    if entry is None:
        return {}
    held = dict(books.serial_stock.get(entry, {}))
    for moved, warehouse, by in change.serial:
        if moved == entry:
            held[warehouse] = held.get(warehouse, Decimal(0)) + by
    return held


def _new(books: Books, movement: Movement, row: Mapping[str, Any], change: Change) -> int:
    born = sum(1 for set_name, _ in change.put if set_name == "SerialNumberDetails")
    entry = books.next_entry("SerialNumberDetails") + born
    piece = serial_row(
        entry,
        movement.item["ItemCode"],
        str(row["InternalSerialNumber"]),
        name=movement.item.get("ItemName"),
    )
    told = {
        "MfrSerialNo": row.get("ManufacturerSerialNumber"),
        "ExpirationDate": row.get("ExpiryDate"),
        "ManufacturingDate": row.get("ManufactureDate"),
    }
    change.put.append(("SerialNumberDetails", piece | told))
    return entry


def serial_row(entry: int, item: str, serial: str, *, name: str | None) -> dict[str, Any]:
    """A row of SerialNumberDetails."""
    return {
        "DocEntry": entry,
        "ItemCode": item,
        "ItemDescription": name,
        "SerialNumber": serial,
        "SystemNumber": entry,
    }
