"""Which items and partners documents have touched since the last look: their numbers only grow.

Neither stock nor a balance moves the day of change of its item or partner, so that the documents
themselves are asked: those with a number behind the last one seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sync.sap.client import Row, ServiceLayer
from sync.sap.paging import by_key
from sync.sap.query import Query, after

LINES = "DocumentLines"
TRANSFERRED = "StockTransferLines"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSet:
    """A set of documents that move stock, commit it, or change what a partner owes."""

    name: str
    key: str = "DocEntry"
    lines: str = LINES
    has_partner: bool = True


SETS = (
    DocumentSet(name="Invoices"),
    DocumentSet(name="CreditNotes"),
    DocumentSet(name="DeliveryNotes"),
    DocumentSet(name="Returns"),
    DocumentSet(name="Orders"),
    DocumentSet(name="PurchaseOrders"),
    DocumentSet(name="PurchaseDeliveryNotes"),
    DocumentSet(name="PurchaseInvoices"),
    DocumentSet(name="InventoryGenEntries", has_partner=False),
    DocumentSet(name="InventoryGenExits", has_partner=False),
    DocumentSet(name="InventoryTransferRequests", lines=TRANSFERRED, has_partner=False),
    DocumentSet(name="StockTransfers", lines=TRANSFERRED, has_partner=False),
    DocumentSet(
        name="InventoryPostings",
        key="DocumentEntry",
        lines="InventoryPostingLines",
        has_partner=False,
    ),
    DocumentSet(name="IncomingPayments", lines=""),
    DocumentSet(name="VendorPayments", lines=""),
)


@dataclass(frozen=True, slots=True)
class Moved:
    """What documents touched since the marks, and the marks of the next look."""

    items: frozenset[str]
    partners: frozenset[str]
    marks: Mapping[str, int]


def newest(sl: ServiceLayer) -> dict[str, int]:
    """The highest number of each set, 0 for one without documents; take it before a whole read.

    Raises:
        SyncError: SAP could not be asked.
    """
    marks = {}
    for one in SETS:
        query = Query(select=(one.key,), order_by=f"{one.key} desc", top=1)
        row = next(sl.rows(one.name, query), None)
        marks[one.name] = 0 if row is None else int(row[one.key])
    return marks


def since(sl: ServiceLayer, marks: Mapping[str, int]) -> Moved:
    """What documents behind these marks touched.

    Raises:
        SyncError: SAP could not be asked; the marks stay as they are.
    """
    items: set[str] = set()
    partners: set[str] = set()
    ahead = dict(marks)
    for one in SETS:
        for row in _new(sl, one, marks.get(one.name, 0)):
            items.update(_items(row, one))
            partners.update(_partner(row, one))
            ahead[one.name] = int(row[one.key])
    return Moved(frozenset(items), frozenset(partners), ahead)


def _new(sl: ServiceLayer, one: DocumentSet, mark: int) -> Iterator[Row]:
    wanted = (one.key, one.lines, "CardCode" if one.has_partner else "")
    select = tuple(name for name in wanted if name)
    return by_key(sl, one.name, one.key, Query(select=select, where=after(one.key, mark)))


def _items(row: Mapping[str, Any], one: DocumentSet) -> Iterator[str]:
    for line in row[one.lines] if one.lines else ():
        if line.get("ItemCode"):
            yield line["ItemCode"]


def _partner(row: Mapping[str, Any], one: DocumentSet) -> Iterator[str]:
    if one.has_partner and row.get("CardCode"):
        yield row["CardCode"]
