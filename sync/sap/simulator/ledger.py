"""What the simulated company has truly committed, told without regard to what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sync.sap.simulator.books import Books
from sync.sap.simulator.object_number import NUMBERS
from sync.sap.simulator.table import Row


def ledger(books: Books) -> dict[str, Any]:
    """Every document with keys, totals, lines and payments, and the stock they left.

    Amounts and quantities are decimal strings. ``documents`` lists all in the order of SAP's
    object numbers and entries, each with its ``set`` and its stock effects as ``moves``;
    ``invoices`` and ``payments`` are two of those sets again. ``stock``, ``batches``, ``serials``
    and ``bins`` leave zeros out.
    """
    documents = [
        {"set": name, **_shown(books, name, row), "moves": _moves(row)}
        for name in sorted(NUMBERS, key=NUMBERS.__getitem__)
        for row in books.tables[name].rows()
    ]
    return {
        "documents": documents,
        "invoices": [row for row in documents if row["set"] == "Invoices"],
        "payments": [row for row in documents if row["set"] == "IncomingPayments"],
        "stock": _stock(books),
        "batches": _batches(books),
        "serials": _serials(books),
        "bins": _bins(books),
        "balances": {card: _text(amount) for card, amount in sorted(books.balances.items())},
    }


def _shown(books: Books, set_name: str, row: Row) -> Row:
    owner = books.schema.entity_set(set_name)
    return {
        name: _value(books, books.schema.property_type(owner, name) or "String", value)
        for name, value in row.items()
        if not name.startswith("_")
    }


def _value(books: Books, kind: str, value: Any) -> Any:
    """Numbers by their type, since a whole one comes back from the journal as an integer."""
    if value is None:
        return None
    if kind == "Double":
        return _text(value)
    if kind.endswith("[]"):
        return [_nested(books, kind[:-2], member) for member in value]
    return _nested(books, kind, value) if isinstance(value, Mapping) else value


def _nested(books: Books, kind: str, row: Mapping[str, Any]) -> Row:
    types = books.schema.types.get(kind, {})
    return {name: _value(books, types.get(name, "String"), value) for name, value in row.items()}


def _moves(row: Row) -> list[Row]:
    return [
        {"item": item, "warehouse": warehouse, "quantity": _text(quantity)}
        for item, warehouse, quantity in row.get("_moves", ())
    ]


def _text(value: Decimal | int) -> str:
    return format(Decimal(value), "f")


def _stock(books: Books) -> list[Row]:
    return [
        {"item": code, "warehouse": place, "quantity": _text(quantity)}
        for code, levels in sorted(books.stock.items())
        for place, quantity in sorted(levels.items())
        if quantity
    ]


def _batches(books: Books) -> list[Row]:
    rows = []
    for entry, levels in sorted(books.batch_stock.items()):
        batch = books.row("BatchNumberDetails", entry) or {}
        for place, quantity in sorted(levels.items()):
            if quantity:
                named = {"item": batch.get("ItemCode"), "batch": batch.get("Batch")}
                rows.append(named | {"warehouse": place, "quantity": _text(quantity)})
    return rows


def _serials(books: Books) -> list[Row]:
    rows = []
    for entry, levels in sorted(books.serial_stock.items()):
        piece = books.row("SerialNumberDetails", entry) or {}
        named = {"item": piece.get("ItemCode"), "serial": piece.get("SerialNumber")}
        rows += [named | {"warehouse": place} for place, held in sorted(levels.items()) if held]
    return rows


def _bins(books: Books) -> list[Row]:
    rows = []
    for (entry, item), quantity in sorted(books.bin_stock.items()):
        if quantity:
            place = books.row("BinLocations", entry) or {}
            named = {"warehouse": place.get("Warehouse"), "bin": place.get("BinCode")}
            rows.append(named | {"item": item, "quantity": _text(quantity)})
    return rows
