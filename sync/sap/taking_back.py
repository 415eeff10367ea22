"""Cancelling and closing documents in SAP, believed only after they were read back.

An action that answers "done" and did nothing has happened in production (lesson L59), and one
whose answer got lost may have worked; reading the document settles both.
"""

from __future__ import annotations

from sync.errors import OutcomeUnknown, Unavailable
from sync.sap.client import ServiceLayer
from sync.sap.errors import Kind, SapRejected
from sync.sap.query import Query, entity

COUNTINGS = "InventoryCountings"
UNMARKED = frozenset({"StockTransfers", "InventoryTransferRequests", COUNTINGS})
"""Sets whose documents carry no mark of being cancelled; their status tells."""

CLOSED = frozenset({"bost_Close", "cdsClosed"})


def cancel(sl: ServiceLayer, set_name: str, doc_entry: int) -> None:
    """Cancel a document or payment, unless it is already.

    Raises:
        SapRejected: SAP refused, or there is no such document.
        Unavailable: proven not done.
        OutcomeUnknown: SAP said yes, or nothing, and does not show it.
    """
    _act(sl, set_name, doc_entry, "Cancel")


def close(sl: ServiceLayer, set_name: str, doc_entry: int) -> None:
    """Close an order, request or counting of which no more is to come; raises as `cancel`."""
    _act(sl, set_name, doc_entry, "Close")


def _act(sl: ServiceLayer, set_name: str, doc_entry: int, action: str) -> None:
    if _is_done(sl, set_name, doc_entry, action):
        return
    lost: OutcomeUnknown | None = None
    try:
        sl.post(f"{entity(set_name, doc_entry)}/{action}")
    except OutcomeUnknown as error:
        lost = error
    try:
        if _is_done(sl, set_name, doc_entry, action):
            return
    except Unavailable as error:
        raise OutcomeUnknown(f"{action} of {set_name}({doc_entry}): {error}") from error
    reason = f"SAP does not show {set_name}({doc_entry}) after {action}."
    raise OutcomeUnknown(reason) from lost


def _is_done(sl: ServiceLayer, set_name: str, doc_entry: int, action: str) -> bool:
    name = "Cancelled" if action == "Cancel" and set_name not in UNMARKED else "DocumentStatus"
    row = sl.find(set_name, doc_entry, Query(select=(name,)))
    if row is None:
        text = f"SAP has no {set_name}({doc_entry})."
        raise SapRejected("-2028", text, 404, kind=Kind.MISSING)
    return row.get(name) == "tYES" or row.get(name) in CLOSED
