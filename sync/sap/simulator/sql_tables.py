"""The tables a stored query may read, with their database column names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sync.sap.simulator.books import Books
from sync.sap.simulator.table import Row

# Statuses of a batch as OBTN stores them.
BATCH_STATUS = {"bdsStatus_Released": "0", "bdsStatus_NotAccessible": "1", "bdsStatus_Locked": "2"}


def _day(value: Any) -> str | None:
    """Stored queries show days as yyyymmdd."""
    return None if not value else str(value).replace("-", "")[:8]


def _batches(books: Books) -> Iterator[Row]:
    for row in books.tables["BatchNumberDetails"].rows():
        yield {
            "AbsEntry": row["DocEntry"],
            "ItemCode": row["ItemCode"],
            "SysNumber": row["SystemNumber"],
            "DistNumber": row["Batch"],
            "Status": BATCH_STATUS[row["Status"]],
            "ExpDate": _day(row.get("ExpirationDate")),
            "MnfDate": _day(row.get("ManufacturingDate")),
            "InDate": _day(row.get("AdmissionDate")),
        }


def _batch_quantities(books: Books) -> Iterator[Row]:
    for entry, levels in books.batch_stock.items():
        batch = books.row("BatchNumberDetails", entry)
        if batch is None:
            continue
        for warehouse, quantity in levels.items():
            yield {
                "ItemCode": batch["ItemCode"],
                "SysNumber": batch["SystemNumber"],
                "WhsCode": warehouse,
                "Quantity": quantity,
                "CommitQty": 0,
                "MdAbsEntry": entry,
            }


def _items(books: Books) -> Iterator[Row]:
    for row in books.tables["Items"].rows():
        yield {
            "ItemCode": row["ItemCode"],
            "ItemName": row.get("ItemName"),
            "CodeBars": row.get("BarCode"),
            "ManBtchNum": "Y" if row.get("ManageBatchNumbers") == "tYES" else "N",
            "validFor": "N" if row.get("Valid") == "tNO" else "Y",
        }


def _stock(books: Books) -> Iterator[Row]:
    for code, levels in books.stock.items():
        for warehouse, quantity in levels.items():
            yield {
                "ItemCode": code,
                "WhsCode": warehouse,
                "OnHand": quantity,
                "IsCommited": 0,
                "OnOrder": 0,
            }


def _prices(books: Books) -> Iterator[Row]:
    for code, lists in books.prices.items():
        for number, (price, currency) in lists.items():
            yield {"ItemCode": code, "PriceList": number, "Price": price, "Currency": currency}


TABLES: Mapping[str, tuple[frozenset[str], Callable[[Books], Iterator[Row]]]] = {
    "OBTN": (
        frozenset(
            {"AbsEntry", "ItemCode", "SysNumber", "DistNumber", "Status", "ExpDate", "MnfDate",
             "InDate"}
        ),
        _batches,
    ),
    "OBTQ": (
        frozenset({"ItemCode", "SysNumber", "WhsCode", "Quantity", "CommitQty", "MdAbsEntry"}),
        _batch_quantities,
    ),
    "OITM": (frozenset({"ItemCode", "ItemName", "CodeBars", "ManBtchNum", "validFor"}), _items),
    "OITW": (frozenset({"ItemCode", "WhsCode", "OnHand", "IsCommited", "OnOrder"}), _stock),
    "ITM1": (frozenset({"ItemCode", "PriceList", "Price", "Currency"}), _prices),
}  # fmt: skip
COLUMNS: Mapping[str, frozenset[str]] = {name: entry[0] for name, entry in TABLES.items()}


def rows_of(books: Books, table: str) -> Iterator[Row]:
    """Every row of a table."""
    return TABLES[table][1](books)
