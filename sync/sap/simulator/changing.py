"""PATCH: only what is sent changes, rows of a collection by their key.

Rows that are left out stay, unless the whole collection is to be replaced; read-only properties
are ignored, as the original does (SAP Service Layer user guide).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sync.sap.simulator.approval import REQUESTS, decide
from sync.sap.simulator.attachment import ATTACHMENTS, add_files, check_attachment
from sync.sap.simulator.books import Books, Change
from sync.sap.simulator.document import recompose
from sync.sap.simulator.kind import KINDS, WITHOUT_REVERSAL, Booked
from sync.sap.simulator.master import change_master
from sync.sap.simulator.refusal import Refusal, no_match
from sync.sap.simulator.reline import asked, without_totals
from sync.sap.simulator.table import Row

ROW_KEYS = (
    "LineNum", "RowNumber", "RowNum", "InternalCode", "AddressName", "AlternateUoM",
    "Effectivefrom", "PriceList",
)  # fmt: skip
HEADER = frozenset(
    {"Comments", "JournalMemo", "NumAtCard", "DocDueDate", "DueDate", "Remarks", "AttachmentEntry"}
)
WORDS = frozenset({"Remarks", "Reference2"})
"""What may change of an open counting without another look at the stock."""

COUNTINGS = "InventoryCountings"
MOVED = frozenset(
    {"StockTransfers", "InventoryTransferRequests", "IncomingPayments", "VendorPayments"}
)


def change_entity(
    books: Books,
    set_name: str,
    key: Any,
    body: Mapping[str, Any],
    *,
    today: date,
    replace: bool,
) -> Booked:
    """An entity with the sent properties changed; raises Refusal for what may not change."""
    old = books.row(set_name, key)
    if set_name in KINDS or set_name in MOVED:
        if old is None:
            raise no_match()
        return _document(books, set_name, old, body, today=today, replace=replace)
    if set_name == COUNTINGS:
        if old is None:
            raise no_match()
        return _counting(old, body)
    if set_name == REQUESTS:
        return Booked(None, decide(books, key, body, today=today))
    if set_name == ATTACHMENTS:
        return Booked(None, add_files(books, key, body, today=today))
    merged = dict(body)
    if old is not None and not replace:
        for name, rows in body.items():
            if isinstance(rows, list) and isinstance(old.get(name), list):
                merged[name] = merge_rows(old[name], rows)
    return Booked(None, change_master(books, set_name, key, merged, today=today))


def _counting(old: Row, body: Mapping[str, Any]) -> Booked:
    if old["DocumentStatus"] == "cdsClosed":
        raise Refusal(-5006, "Counting is already closed")
    if "InventoryCountingLines" in body:
        raise Refusal(-1029, "This sandbox does not change the lines of a counting")
    header = {name: told for name, told in body.items() if name in WORDS or name.startswith("U_")}
    return Booked(None, Change(put=[(COUNTINGS, old | header)]))


def merge_rows(old: Sequence[Row], sent: Sequence[Row]) -> list[Row]:
    """A collection with the sent rows put over those of the same key, new ones at the end."""
    merged = [dict(row) for row in old]
    for row in sent:
        name = next((key for key in ROW_KEYS if row.get(key) is not None), None)
        same = [one for one in merged if name is not None and one.get(name) == row[name]]
        if same:
            same[0].update(row)
        else:
            merged.append(dict(row))
    return merged


def _document(
    books: Books,
    set_name: str,
    old: Row,
    body: Mapping[str, Any],
    *,
    today: date,
    replace: bool,
) -> Booked:
    header = {
        name: value for name, value in body.items() if name in HEADER or name.startswith("U_")
    }
    check_attachment(books, header)
    lines = body.get("DocumentLines")
    if not lines:
        # Its lines may be asked for differently later; the header stays as it is now.
        asked_for = {"_body": {**old["_body"], **header}} if "_body" in old else {}
        return Booked(None, Change(put=[(set_name, old | header | asked_for)]))
    if set_name not in WITHOUT_REVERSAL:
        raise Refusal(-1029, "Field cannot be updated  [DocumentLines]")
    if old["DocumentStatus"] == "bost_Close":
        raise Refusal(-5006, "Document is already closed")
    told = old["_body"]
    rows = without_totals(asked(told["DocumentLines"]), lines)
    merged = merge_rows(rows, lines)
    if replace:
        named = {row.get("LineNum") for row in lines}
        merged = [row for row in merged if row.get("LineNum") in {None, *named}]
    changed = {**told, **header, "DocumentLines": merged}
    return recompose(books, set_name, old, changed, today=today)
