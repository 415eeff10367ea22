"""Quantity per batch and warehouse, which no entity set shows: one stored query.

A read that fails means unknown, never an empty warehouse (production lesson L45).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from sync.sap.bound_query import BoundQuery, run_query
from sync.sap.client import Row, ServiceLayer
from sync.sap.held import read_day
from sync.sap.master_rows import BatchRow

_COLUMNS = (
    'SELECT T1."AbsEntry", T0."ItemCode", T0."WhsCode", T1."DistNumber", T1."Status", '
    'T1."ExpDate", T1."InDate", T0."Quantity" '
    'FROM "OBTQ" T0 INNER JOIN "OBTN" T1 ON T0."MdAbsEntry" = T1."AbsEntry" '
)
_ORDER = 'AND T0."Quantity" <> 0 AND T1."AbsEntry" > :after ORDER BY T1."AbsEntry"'
CODE = "POS_BATCH_STOCK"
QUERY = BoundQuery(CODE, f'{_COLUMNS}WHERE T0."WhsCode" = :warehouse {_ORDER}', "AbsEntry")
QUERY_OF_ITEM = BoundQuery(
    "POS_BATCH_STOCK_ITEM",
    f'{_COLUMNS}WHERE T0."WhsCode" = :warehouse AND T1."ItemCode" = :item {_ORDER}',
    "AbsEntry",
)
STATUS = {"0": "released", "1": "not_accessible", "2": "locked"}


def batch_quantities(sl: ServiceLayer, warehouse: str) -> Iterator[BatchRow]:
    """Every batch with a quantity in a warehouse, by key cursor.

    Raises:
        SyncError: also in the middle; what came before is then not complete.
    """
    for row in run_query(sl, QUERY, {"warehouse": warehouse}):
        yield _batch(row)


def batch_quantities_of(sl: ServiceLayer, warehouse: str, item: str) -> Iterator[BatchRow]:
    """As `batch_quantities` for one item.

    Raises:
        SyncError: as `batch_quantities`.
    """
    for row in run_query(sl, QUERY_OF_ITEM, {"warehouse": warehouse, "item": item}):
        yield _batch(row)


def _batch(row: Row) -> BatchRow:
    return BatchRow(
        item_code=row["ItemCode"],
        warehouse=row["WhsCode"],
        batch=row["DistNumber"],
        quantity=Decimal(row["Quantity"]),
        status=STATUS[str(row["Status"])],
        expiry=_compact_day(row.get("ExpDate")),
        admitted=_compact_day(row.get("InDate")),
    )


def _compact_day(value: Any) -> date | None:
    """Stored queries send days as yyyymmdd."""
    return read_day(str(value or "").replace("-", "")[:8])
