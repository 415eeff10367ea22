"""The tables a stored query may read, with their database column names.

Each says how to read it whole, in the order of its key, and by the columns others join on, so
that a page of a hundred thousand rows costs a page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sync.sap.simulator.books import ZERO, Books
from sync.sap.simulator.table import Row

# Statuses of a batch as OBTN stores them.
BATCH_STATUS = {"bdsStatus_Released": "0", "bdsStatus_NotAccessible": "1", "bdsStatus_Locked": "2"}
Lookup = Callable[[Books, Any], Iterable[Row]]


@dataclass(frozen=True, slots=True)
class SqlTable:
    """One table.

    Attributes:
        columns: their names.
        rows: every row.
        key: the unique column `ordered` goes by, None when there is no such order.
        ordered: rows in key order, behind a bound when one is given.
        lookups: rows having a value in a column.
    """

    columns: frozenset[str]
    rows: Callable[[Books], Iterable[Row]]
    key: str | None = None
    ordered: Callable[[Books, Any], Iterable[Row]] | None = None
    lookups: Mapping[str, Lookup] = field(default_factory=dict)


def _day(value: Any) -> str | None:
    """Stored queries show days as yyyymmdd."""
    return None if not value else str(value).replace("-", "")[:8]


def _batch(row: Row) -> Row:
    return {
        "AbsEntry": row["DocEntry"],
        "ItemCode": row["ItemCode"],
        "SysNumber": row["SystemNumber"],
        "DistNumber": row["Batch"],
        "Status": BATCH_STATUS[row["Status"]],
        "ExpDate": _day(row.get("ExpirationDate")),
        "MnfDate": _day(row.get("ManufacturingDate")),
        "InDate": _day(row.get("AdmissionDate")),
    }


def _batches(books: Books, above: Any = None) -> Iterator[Row]:
    table = books.tables["BatchNumberDetails"]
    return map(_batch, table.between(above, inclusive=False, descending=False))


def _batch_by_entry(books: Books, entry: Any) -> Iterator[Row]:
    row = books.row("BatchNumberDetails", entry)
    return iter([] if row is None else [_batch(row)])


def _quantities_of(books: Books, entry: Any) -> Iterator[Row]:
    batch = books.row("BatchNumberDetails", entry)
    if batch is None:
        return
    for warehouse, quantity in books.batch_stock.get(entry, {}).items():
        yield {
            "ItemCode": batch["ItemCode"],
            "SysNumber": batch["SystemNumber"],
            "WhsCode": warehouse,
            "Quantity": quantity,
            "CommitQty": 0,
            "MdAbsEntry": entry,
        }


def _quantities(books: Books) -> Iterator[Row]:
    for entry in books.batch_stock:
        yield from _quantities_of(books, entry)


def _item(row: Row) -> Row:
    return {
        "ItemCode": row["ItemCode"],
        "ItemName": row.get("ItemName"),
        "CodeBars": row.get("BarCode"),
        "ManBtchNum": "Y" if row.get("ManageBatchNumbers") == "tYES" else "N",
        "validFor": "N" if row.get("Valid") == "tNO" else "Y",
    }


def _items(books: Books, above: Any = None) -> Iterator[Row]:
    return map(_item, books.tables["Items"].between(above, inclusive=False, descending=False))


def _item_by_code(books: Books, code: Any) -> Iterator[Row]:
    row = books.row("Items", code)
    return iter([] if row is None else [_item(row)])


def _levels_of(books: Books, code: Any) -> Iterator[Row]:
    for warehouse, quantity in books.stock.get(code, {}).items():
        yield {
            "ItemCode": code,
            "WhsCode": warehouse,
            "OnHand": quantity,
            "IsCommited": books.committed.get((code, warehouse), ZERO),
            "OnOrder": books.ordered.get((code, warehouse), ZERO),
        }


def _levels(books: Books) -> Iterator[Row]:
    for code in books.stock:
        yield from _levels_of(books, code)


def _prices_of(books: Books, code: Any) -> Iterator[Row]:
    for number, (price, currency) in books.prices.get(code, {}).items():
        yield {"ItemCode": code, "PriceList": number, "Price": price, "Currency": currency}


def _prices(books: Books) -> Iterator[Row]:
    for code in books.prices:
        yield from _prices_of(books, code)


TABLES: Mapping[str, SqlTable] = {
    "OBTN": SqlTable(
        frozenset(
            {"AbsEntry", "ItemCode", "SysNumber", "DistNumber", "Status", "ExpDate", "MnfDate",
             "InDate"}
        ),
        _batches,
        "AbsEntry",
        lambda books, above: _batches(books, int(above) if isinstance(above, Decimal) else above),
        {"AbsEntry": _batch_by_entry},
    ),
    "OBTQ": SqlTable(
        frozenset({"ItemCode", "SysNumber", "WhsCode", "Quantity", "CommitQty", "MdAbsEntry"}),
        _quantities,
        lookups={"MdAbsEntry": _quantities_of},
    ),
    "OITM": SqlTable(
        frozenset({"ItemCode", "ItemName", "CodeBars", "ManBtchNum", "validFor"}),
        _items,
        "ItemCode",
        _items,
        {"ItemCode": _item_by_code},
    ),
    "OITW": SqlTable(
        frozenset({"ItemCode", "WhsCode", "OnHand", "IsCommited", "OnOrder"}),
        _levels,
        lookups={"ItemCode": _levels_of},
    ),
    "ITM1": SqlTable(
        frozenset({"ItemCode", "PriceList", "Price", "Currency"}),
        _prices,
        lookups={"ItemCode": _prices_of},
    ),
}  # fmt: skip
