"""Whether anything booked names a row of master data: such a row stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sync.sap.simulator.books import Books
from sync.sap.simulator.object_number import NUMBERS
from sync.sap.simulator.table import Row

NAMED_AS: Mapping[str, tuple[str, ...]] = {
    "Items": ("ItemCode",),
    "BusinessPartners": ("CardCode",),
    "Warehouses": ("WarehouseCode", "FromWarehouseCode"),
    "VatGroups": ("VatGroup",),
    "ChartOfAccounts": ("AccountCode", "CashAccount", "TransferAccount"),
    "DistributionRules": ("CostingCode", "DistributionRule"),
    "Currencies": ("DocCurrency",),
    "CreditCards": ("CreditCard",),
    "BatchNumberDetails": (),
}


def is_used(books: Books, set_name: str, row: Row) -> bool:
    """Whether stock, a balance or a document names this row."""
    key = books.tables[set_name].key_of(row)
    if set_name == "Items" and any(books.stock.get(key, {}).values()):
        return True
    if set_name == "Warehouses" and any(levels.get(key) for levels in books.stock.values()):
        return True
    if set_name == "BatchNumberDetails" and any(books.batch_stock.get(key, {}).values()):
        return True
    if set_name == "BusinessPartners" and books.balances.get(key):
        return True
    names = NAMED_AS.get(set_name, ())
    return any(part.get(name) == key for part in _parts(books) for name in names)


def _parts(books: Books) -> Iterator[Mapping[str, Any]]:
    """Every document and every row inside one."""
    for set_name in NUMBERS:
        for document in books.tables[set_name].rows():
            yield document
            for value in document.values():
                if isinstance(value, list):
                    yield from (row for row in value if isinstance(row, Mapping))
