"""Taking documents back: cancelled with a reversal, closed as they stand, or opened again."""

from __future__ import annotations

from datetime import date
from typing import Any

from sync.sap.simulator.base import give_back
from sync.sap.simulator.books import Books, Change
from sync.sap.simulator.goods import book
from sync.sap.simulator.kind import (
    CREDIT_NOTES,
    INVOICES,
    KINDS,
    WITHOUT_REVERSAL,
    Booked,
    lines_of,
)
from sync.sap.simulator.line import movements
from sync.sap.simulator.money import check_day, number
from sync.sap.simulator.refusal import Refusal, no_match
from sync.sap.simulator.series import numbered
from sync.sap.simulator.table import Row

CLOSABLE = WITHOUT_REVERSAL | {"InventoryTransferRequests", "StockTransfers"}
CLOSED = {"DocumentStatus": "bost_Close", "Cancelled": "tYES"}


def cancel_document(books: Books, set_name: str, entry: Any, *, today: date) -> Booked:
    """Reverse goods and balance by a cancellation document, the row; raises Refusal."""
    original = _known(books, set_name, entry)
    if original["CancelStatus"] != "csNo":
        raise Refusal(-5002, "Document has already been cancelled")
    is_settled_by_base = set_name == CREDIT_NOTES and _is_based(original)
    if number(original, "PaidToDate") and not is_settled_by_base:
        raise Refusal(-5006, "Cannot cancel a document that has payments")
    if set_name in WITHOUT_REVERSAL and original["DocumentStatus"] == "bost_Close":
        raise Refusal(-5006, "Document is already closed")
    check_day(books, {}, today, set_name=set_name)
    change = Change()
    give_back(books, set_name, original["DocumentLines"], change)
    if is_settled_by_base:
        _owed_again(change, original)
    change.put.append((set_name, {**original, **CLOSED, "CancelStatus": "csYes"}))
    if set_name in WITHOUT_REVERSAL:
        return Booked(None, change)
    return Booked(_reverse(books, set_name, original, change, today), change)


def close_document(books: Books, set_name: str, entry: Any) -> Booked:
    """Expect no more of one of `CLOSABLE`; raises Refusal when it is closed."""
    original = _known(books, set_name, entry)
    if original["DocumentStatus"] == "bost_Close":
        raise Refusal(-5006, "Document is already closed")
    change = Change(put=[(set_name, _with_status(set_name, original, "bost_Close"))])
    return Booked(None, change)


def reopen_document(books: Books, set_name: str, entry: Any) -> Booked:
    """Open a closed order again; raises Refusal when it is open or cancelled."""
    original = _known(books, set_name, entry)
    if original["DocumentStatus"] == "bost_Open" or original["CancelStatus"] != "csNo":
        raise Refusal(-5006, "Document cannot be reopened")
    change = Change(put=[(set_name, _with_status(set_name, original, "bost_Open"))])
    return Booked(None, change)


def _known(books: Books, set_name: str, entry: Any) -> Row:
    original = books.row(set_name, entry)
    if original is None:
        raise no_match()
    return original


def _is_based(row: Row) -> bool:
    return any(line.get("BaseEntry") is not None for line in row["DocumentLines"])


def _with_status(set_name: str, row: Row, status: str) -> Row:
    name = lines_of(set_name)
    lines = [
        {**line, "LineStatus": status}
        if number(line, "RemainingOpenQuantity") or not number(line, "Quantity")
        else line
        for line in row[name]
    ]
    return {**row, "DocumentStatus": status, name: lines}


def _reverse(books: Books, set_name: str, original: Row, change: Change, today: date) -> Row:
    kind = KINDS[set_name]
    book(books, movements(books, set_name, original["DocumentLines"], -kind.goods), change)
    reversal = {
        **original,
        **CLOSED,
        **numbered(books, set_name, {}, today),
        "DocEntry": books.next_entry(set_name),
        "DocDate": today.isoformat(),
        "CancelStatus": "csCancellation",
        "_moves": list(change.stock),
    }
    change.put.append((set_name, reversal))
    if kind.balance:
        owed = -kind.balance * number(original, "DocTotal")
        change.balance.append((original["CardCode"], owed))
    return reversal


def _owed_again(change: Change, credit_note: Row) -> None:
    """The invoice a cancelled credit note had settled expects its money again."""
    base = next(row for name, row in reversed(change.put) if name == INVOICES)
    owed = {
        "PaidToDate": number(base, "PaidToDate") - number(credit_note, "DocTotal"),
        "PaidToDateFC": number(base, "PaidToDateFC") - number(credit_note, "DocTotalFc"),
        "DocumentStatus": "bost_Open",
    }
    change.put.append((INVOICES, base | owed))
