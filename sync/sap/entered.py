"""Documents that somebody entered in SAP by hand: read by their number, then given our key.

With our key on it such a document is found like one of ours ever after (production lesson L02).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sync.errors import Unavailable
from sync.sap import goods_documents, held
from sync.sap.client import Row, ServiceLayer
from sync.sap.documents import DOCUMENT_SELECT, LINES, PAYMENT_SELECT
from sync.sap.errors import SapRejected
from sync.sap.goods_requests import PostedGoods
from sync.sap.query import Query, entity, equals
from sync.sap.requests import Posted

COUNTS = frozenset({goods_documents.COUNTINGS, goods_documents.POSTINGS})
TRANSFERS = frozenset({"StockTransfers", "InventoryTransferRequests"})
PAYMENTS = frozenset({"IncomingPayments", "VendorPayments"})


@dataclass(frozen=True, slots=True)
class Entered:
    """A document as SAP holds it under a number.

    Attributes:
        held: the document.
        field: the field our key belongs in.
        text: what stands there now.
    """

    held: Posted | PostedGoods
    field: str
    text: str

    @property
    def is_anothers(self) -> bool:
        """Whether a field of our own names another document of ours."""
        return bool(self.text) and self.field.startswith("U_")


def numbered(sl: ServiceLayer, set_name: str, number: int, *, key: str) -> list[Entered]:
    """The documents of a set with a number; it is unique per series only.

    Args:
        sl: the Service Layer.
        set_name: of documents, payments, transfers or counts.
        number: what people call it.
        key: ours, by which a payment is named.

    Raises:
        SyncError: SAP could not be asked, which is not "none".
    """
    field = _field(sl, set_name)
    select, read = _how(set_name, key)
    name = "DocumentNumber" if set_name in COUNTS else "DocNum"
    query = Query(select=tuple(dict.fromkeys((*select, field))), where=equals(name, number))
    rows = [row for row in sl.rows(set_name, query) if row.get("Cancelled") != "tYES"]
    try:
        return [Entered(read(row), field, str(row.get(field) or "")) for row in rows]
    except (KeyError, ValueError, TypeError) as error:
        raise Unavailable(f"SAP sent a document that cannot be read: {error!r}") from error


def give_key(sl: ServiceLayer, set_name: str, one: Entered, key: str) -> bool:
    """Write our key on a document; False where SAP does not let us, or a person's words are there.

    Raises:
        Unavailable: proven not done.
        OutcomeUnknown: it may have been; doing it again is harmless.
    """
    if one.text:
        return one.text == key
    try:
        sl.patch(entity(set_name, one.held.doc_entry), {one.field: key})
    except SapRejected:
        return False
    return True


def _field(sl: ServiceLayer, set_name: str) -> str:
    settings = sl.settings
    if set_name in COUNTS:
        return settings.count_key_field or "Remarks"
    if set_name in PAYMENTS:
        return settings.payment_key_field or "Remarks"
    return settings.key_field


def _how(set_name: str, key: str) -> tuple[tuple[str, ...], Callable[[Row], Posted | PostedGoods]]:
    """What is read of a document of a set, and how."""
    if set_name in PAYMENTS:
        return PAYMENT_SELECT, lambda row: held.payment(row, key)
    if set_name in COUNTS or set_name in TRANSFERS:
        select = goods_documents.select_of(set_name)
        return select, lambda row: goods_documents.read(row, set_name)
    return (*DOCUMENT_SELECT, LINES), lambda row: held.posted(row, with_lines=True)
