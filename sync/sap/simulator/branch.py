"""Branches of a company that has any: every document belongs to one, and so do its warehouses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sync.sap.simulator.books import Books
from sync.sap.simulator.refusal import Refusal, no_match

FIELDS: Mapping[str, str] = {
    "IncomingPayments": "BPLID",
    "VendorPayments": "BPLID",
    "StockTransfers": "BPLID",
    "InventoryTransferRequests": "BPLID",
    "InventoryCountings": "BranchID",
    "InventoryPostings": "BranchID",
}
"""The property that names the branch, where it is not that of documents."""
OF_DOCUMENTS = "BPL_IDAssignedToInvoice"


def branch_of(
    books: Books, set_name: str, body: Mapping[str, Any], warehouses: Iterable[Any] = ()
) -> dict[str, Any]:
    """The branch of a document, in the document's own property.

    Args:
        books: the books.
        set_name: its entity set.
        body: what was sent.
        warehouses: codes its goods leave or reach.

    Raises:
        Refusal: none is named where there are branches, one that does not exist or is disabled,
            or another than a warehouse's.
    """
    field = FIELDS.get(set_name, OF_DOCUMENTS)
    given = body.get(field)
    if not len(books.tables["BusinessPlaces"]):
        if given is not None:
            raise no_match()
        return {}
    if given is None:
        raise Refusal(-5002, f"Specify an active branch  [{field}]")
    branch = books.row("BusinessPlaces", given)
    if branch is None:
        raise no_match()
    if branch.get("Disabled") == "tYES":
        raise Refusal(-5002, f"Specify an active branch  [{field}]")
    for code in warehouses:
        own = (books.row("Warehouses", code) or {}).get("BusinessPlaceID")
        if own not in (None, given):
            raise Refusal(-5002, f"Warehouse '{code}' belongs to another branch  [{field}]")
    return {field: given, "BPLName": branch.get("BPLName")} if "BPL" in field else {field: given}
