"""Documents that an approval procedure made drafts of: waiting, approved or rejected.

A draft that was rejected stays in SAP, and nothing was booked of it. Whoever posts the document
again would ask for another approval behind the back of the one who said no (production lesson L57).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sync.errors import OutcomeUnknown, SyncError, Unavailable
from sync.sap.client import ServiceLayer
from sync.sap.errors import AwaitingApproval, MoreThanOne, SapRejected
from sync.sap.query import Query, both, equals

DRAFTS, TRANSFER_DRAFTS, REQUESTS = "Drafts", "StockTransferDrafts", "ApprovalRequests"
TRANSFERS = frozenset({"StockTransfers", "InventoryTransferRequests"})
OBJECTS: Mapping[str, str] = {
    "Invoices": "13",
    "CreditNotes": "14",
    "Orders": "17",
    "PurchaseDeliveryNotes": "20",
    "PurchaseOrders": "22",
    "Quotations": "23",
    "InventoryGenEntries": "59",
    "InventoryGenExits": "60",
    "StockTransfers": "67",
    "InventoryTransferRequests": "1250000001",
}
"""Sets an approval procedure makes drafts of, by SAP's number of the object."""

REJECTED = frozenset({"dasRejected", "sasRejected", "dasCancelled", "sasCancelled"})
APPROVED = frozenset({"dasApproved", "sasApproved"})
NO = "ardNotApproved"


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft that carries our key.

    Attributes:
        is_rejected: somebody said no, or took the request back; nothing becomes of it by itself.
        is_approved: somebody said yes, and nobody has added it as a document yet.
    """

    doc_entry: int
    is_rejected: bool = False
    is_approved: bool = False


def find_draft(sl: ServiceLayer, set_name: str, key: str) -> Draft | None:
    """The draft of a document of a set that carries our key; None when SAP proves none.

    Raises:
        MoreThanOne: several do.
        SyncError: SAP could not be asked, which is not a "no".
    """
    if set_name not in OBJECTS:
        return None
    is_transfer = set_name in TRANSFERS
    drafts = TRANSFER_DRAFTS if is_transfer else DRAFTS
    where = equals(sl.settings.key_field, key)
    if not is_transfer:
        where = both(where, "Cancelled eq 'tNO'")
    query = Query(select=("DocEntry", "AuthorizationStatus"), where=where)
    try:
        found = [
            Draft(
                int(row["DocEntry"]),
                is_rejected=row.get("AuthorizationStatus") in REJECTED,
                is_approved=row.get("AuthorizationStatus") in APPROVED,
            )
            for row in sl.rows(drafts, query)
        ]
    except (KeyError, ValueError, TypeError) as error:
        raise Unavailable(f"SAP sent a draft that cannot be read: {error!r}") from error
    living = [draft for draft in found if not draft.is_rejected] or found[-1:]
    if len(living) > 1:
        raise MoreThanOne(drafts, key, [draft.doc_entry for draft in living])
    return living[0] if living else None


def why_rejected(sl: ServiceLayer, set_name: str, draft: Draft) -> str:
    """What whoever rejected a draft wrote; empty where nothing was, or SAP does not show it.

    Raises:
        Unavailable: SAP was not reached.
    """
    where = both(equals("DraftEntry", draft.doc_entry), equals("ObjectType", OBJECTS[set_name]))
    query = Query(select=("Code", "Remarks", "ApprovalRequestLines"), where=where)
    try:
        rows = list(sl.rows(REQUESTS, query))
    except SapRejected:
        # Reading requests takes a permission of its own; without it their words are missing.
        return ""
    told = [
        str(line["Remarks"])
        for row in rows
        for line in row.get("ApprovalRequestLines") or ()
        if line.get("Status") == NO and line.get("Remarks")
    ]
    return "; ".join(told)


def look_for_draft(sl: ServiceLayer, set_name: str, key: str, refusal: SapRejected) -> None:
    """Say where a document is that SAP refused to know: nothing where no draft carries its key.

    Raises:
        AwaitingApproval: it is a draft.
        MoreThanOne: it is several.
        OutcomeUnknown: SAP's drafts cannot be read.
    """
    try:
        draft = find_draft(sl, set_name, key)
    except MoreThanOne as several:
        raise several from refusal
    except SyncError as error:
        reason = f"SAP found no record for {key}, and its drafts cannot be read: {error}"
        raise OutcomeUnknown(reason) from error
    if draft is not None:
        raise AwaitingApproval(draft.doc_entry) from refusal
