"""Quantity per batch and warehouse, which no entity set shows: one stored query, bound parameters.

Its code is fixed and its text never depends on a call; a stored query per call piles up in the
company until every creation takes minutes (SAP Service Layer user guide). A read that fails
means unknown, never an empty warehouse (production lesson L45).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from sync.errors import Unavailable
from sync.sap.client import Row, ServiceLayer
from sync.sap.envelope import next_link
from sync.sap.errors import Kind, SapRejected
from sync.sap.master_rows import BatchRow
from sync.sap.query import Query, entity, literal

CODE = "POS_BATCH_STOCK"
TEXT = (
    'SELECT T1."AbsEntry", T0."ItemCode", T0."WhsCode", T1."DistNumber", T1."Status", '
    'T1."ExpDate", T1."InDate", T0."Quantity" '
    'FROM "OBTQ" T0 INNER JOIN "OBTN" T1 ON T0."MdAbsEntry" = T1."AbsEntry" '
    'WHERE T0."WhsCode" = :warehouse AND T0."Quantity" <> 0 AND T1."AbsEntry" > :after '
    'ORDER BY T1."AbsEntry"'
)
STATUS = {"0": "released", "1": "not_accessible", "2": "locked"}


def batch_quantities(sl: ServiceLayer, warehouse: str) -> Iterator[BatchRow]:
    """Every batch with a quantity in a warehouse, by key cursor.

    Raises:
        SyncError: also in the middle; what came before is then not complete.
    """
    _ensure_query(sl)
    last = 0
    while True:
        page = _page(sl, warehouse, last)
        for row in page["value"]:
            yield _batch(row)
        if next_link(page) is None:
            return
        if not page["value"]:
            raise Unavailable("SAP sent an empty page of batches and says that more follow.")
        last = int(page["value"][-1]["AbsEntry"])


def _page(sl: ServiceLayer, warehouse: str, last: int) -> Row:
    options = f"warehouse={quote(literal(warehouse))}&after={last}"
    try:
        return sl.page(
            f"{entity('SQLQueries', CODE)}/List?{options}", page_size=sl.settings.page_size
        )
    except SapRejected as refusal:
        # Some builds answer an empty result like this; the query itself was just seen to exist.
        if refusal.kind is Kind.MISSING and _stored_text(sl) is not None:
            return {"value": []}
        raise


def _ensure_query(sl: ServiceLayer) -> None:
    stored = _stored_text(sl)
    if stored == TEXT:
        return
    if stored is not None:
        sl.patch(entity("SQLQueries", CODE), {"SqlText": TEXT})
        return
    try:
        sl.post("SQLQueries", {"SqlCode": CODE, "SqlName": CODE, "SqlText": TEXT})
    except SapRejected as refusal:
        # Somebody else created it meanwhile.
        if refusal.kind is not Kind.SETTLED:
            raise


def _stored_text(sl: ServiceLayer) -> str | None:
    row = sl.find("SQLQueries", CODE, Query(select=("SqlCode", "SqlText")))
    return None if row is None else str(row["SqlText"])


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
    digits = str(value or "").replace("-", "")[:8]
    return date.fromisoformat(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}") if digits else None
