"""What the simulated company has truly committed, told without regard to what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sync.sap.simulator.books import Books
from sync.sap.simulator.table import Row

DOCUMENT_SETS = ("Invoices", "CreditNotes", "InventoryGenEntries", "InventoryGenExits", "Drafts")


def ledger(books: Books) -> dict[str, Any]:
    """Documents with keys, totals, lines and payments, and stock; numbers as decimal strings.

    ``documents`` lists every document in the order of set and entry. ``stock`` holds item,
    warehouse and quantity, ``batches`` the same by batch; both leave zeros out.
    """
    documents = [
        {"set": name} | _plain(row)
        for name in (*DOCUMENT_SETS, "IncomingPayments", "StockTransfers")
        for row in books.tables[name].rows()
    ]
    return {
        "documents": documents,
        "invoices": [row for row in documents if row["set"] == "Invoices"],
        "payments": [row for row in documents if row["set"] == "IncomingPayments"],
        "stock": _stock(books),
        "batches": _batches(books),
        "balances": {card: _text(amount) for card, amount in sorted(books.balances.items())},
    }


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in row.items() if not name.startswith("_")}


def _value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return _text(value)
    if isinstance(value, list):
        return [_value(member) for member in value]
    return _plain(value) if isinstance(value, Mapping) else value


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
