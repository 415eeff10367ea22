"""Places inside a warehouse, where a warehouse is divided into them.

A line into or out of such a warehouse says which places it means; goods that come in without a
word go to the default place, and goods that leave without one are refused, unless the warehouse
allots them itself.
"""

from __future__ import annotations

from decimal import Decimal

from sync.sap.simulator.books import ZERO, Books, Change
from sync.sap.simulator.money import number
from sync.sap.simulator.movement import TOLERANCE, Movement
from sync.sap.simulator.refusal import Refusal, no_match

ALLOTS = "whsBinBinCodeOrder"
"""A warehouse that allots places itself, by their code."""


def book_bins(books: Books, movement: Movement, change: Change) -> None:
    """Move the goods of one line from or to places.

    Raises:
        Refusal: places are missing, do not add up, belong elsewhere, or hold too little.
    """
    warehouse = books.row("Warehouses", movement.warehouse) or {}
    if warehouse.get("EnableBinLocations") != "tYES":
        if movement.bins:
            raise Refusal(-5002, f"Warehouse {movement.warehouse} has no bin locations")
        return
    item = movement.item["ItemCode"]
    for entry, quantity in _wanted(books, movement, change).items():
        held = books.bin_stock.get((entry, item), ZERO) + _moved(change, entry, item)
        if movement.quantity < 0 and held < quantity:
            raise Refusal(-10, f"Bin location {_name(books, entry)} holds {held} of item {item}")
        change.bin.append((entry, item, quantity * movement.sign))


def _wanted(books: Books, movement: Movement, change: Change) -> dict[int, Decimal]:
    if not movement.bins:
        return _chosen(books, movement, change)
    wanted: dict[int, Decimal] = {}
    for row in movement.bins:
        entry = row.get("BinAbsEntry")
        place = books.row("BinLocations", entry)
        if place is None:
            raise no_match()
        if place["Warehouse"] != movement.warehouse:
            raise Refusal(-5002, f"Bin location {place['BinCode']} is in another warehouse")
        wanted[place["AbsEntry"]] = wanted.get(place["AbsEntry"], ZERO) + number(row, "Quantity")
    if abs(sum(wanted.values(), ZERO) - abs(movement.quantity)) > TOLERANCE:
        raise _incomplete(movement)
    return wanted


def _chosen(books: Books, movement: Movement, change: Change) -> dict[int, Decimal]:
    """What the warehouse chooses for a line that names no place."""
    warehouse = books.row("Warehouses", movement.warehouse) or {}
    default, left = warehouse.get("DefaultBin"), abs(movement.quantity)
    if movement.quantity > 0 and default is not None:
        return {int(default): left}
    if movement.quantity > 0 or warehouse.get("AutoAllocOnIssue") != ALLOTS:
        raise _incomplete(movement)
    item, found = movement.item["ItemCode"], {}
    for place in books.tables["BinLocations"].having("Warehouse", movement.warehouse) or ():
        entry = place["AbsEntry"]
        held = books.bin_stock.get((entry, item), ZERO) + _moved(change, entry, item)
        if held > 0 and left > 0:
            found[entry] = min(held, left)
            left -= found[entry]
    if left > 0:
        raise _incomplete(movement)
    return found


def _moved(change: Change, entry: int, item: str) -> Decimal:
    return sum((by for place, code, by in change.bin if (place, code) == (entry, item)), ZERO)


def _name(books: Books, entry: int) -> str:
    return str((books.row("BinLocations", entry) or {}).get("BinCode", entry))


def _incomplete(movement: Movement) -> Refusal:
    item = movement.item["ItemCode"]
    text = f"Fully allocate item {item} to bin locations in warehouse {movement.warehouse}"
    return Refusal(-5002, f"{text}  [line: {movement.line + 1}]")
