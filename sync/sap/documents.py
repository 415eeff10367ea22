"""Documents in SAP: look up by key, then post, never twice.

The order is always the same: `find_*` first, and only its proven None allows `post_*`. After
OutcomeUnknown it is `find_*` again, over a window longer than the slowest commit (production
lessons L01 to L03). No function here repeats a POST.
"""

from __future__ import annotations

from collections.abc import Sequence

from sync.errors import OutcomeUnknown, Unavailable
from sync.sap import held
from sync.sap.approval import look_for_draft
from sync.sap.client import Row, ServiceLayer
from sync.sap.errors import Kind, MoreThanOne, SapRejected
from sync.sap.paging import by_key
from sync.sap.payloads import credit_note_body, invoice_body, payment_body, refund_body
from sync.sap.query import Query, both, equals, one_of
from sync.sap.requests import (
    BatchPick,
    CardSlip,
    Cash,
    CreditNoteRequest,
    InvoiceLine,
    InvoiceRequest,
    PaymentRequest,
    Posted,
    RefundRequest,
    Transfer,
)

__all__ = [
    "BatchPick",
    "CardSlip",
    "Cash",
    "CreditNoteRequest",
    "InvoiceLine",
    "InvoiceRequest",
    "PaymentRequest",
    "Posted",
    "RefundRequest",
    "Transfer",
    "find_by_key",
    "find_credit_note",
    "find_invoice",
    "find_payment",
    "find_refund",
    "get_credit_note",
    "get_document",
    "get_invoice",
    "post_credit_note",
    "post_document",
    "post_invoice",
    "post_payment",
    "post_refund",
]

DOCUMENT_SELECT = (
    "DocEntry",
    "DocNum",
    "DocDate",
    "CardCode",
    "NumAtCard",
    "DocTotal",
    "DocTotalFc",
    "VatSum",
    "DocCurrency",
    "DocumentStatus",
    "Cancelled",
    "PaidToDate",
    "PaidToDateFC",
)
LINES = "DocumentLines"
PAYMENT_SELECT = (
    "DocEntry",
    "DocNum",
    "DocDate",
    "CardCode",
    "DocCurrency",
    "CashSum",
    "TransferSum",
    "TransferReference",
    "CounterReference",
    "Remarks",
    "Cancelled",
    "PaymentCreditCards",
    "PaymentChecks",
)
PAYMENT_LENGTHS = {"TransferReference": 27, "CounterReference": 8}
NOT_CANCELLED = "Cancelled eq 'tNO'"


def find_invoice(sl: ServiceLayer, key: str) -> Posted | None:
    """The A/R invoice that carries our key, or None when SAP proves there is none.

    Raises:
        MoreThanOne: several do.
        SyncError: SAP could not be asked, which is not a "no".
    """
    return find_by_key(sl, "Invoices", key)


def find_by_key(
    sl: ServiceLayer, set_name: str, key: str, *, with_lines: bool = False
) -> Posted | None:
    """The document of a set that carries our key; a plain entity query (lesson L02).

    Args:
        sl: the Service Layer.
        set_name: of documents.
        key: ours.
        with_lines: read its lines, too.

    Raises:
        MoreThanOne: several do.
        SyncError: SAP could not be asked.
    """
    where = both(equals(sl.settings.key_field, key), NOT_CANCELLED)
    select = (*DOCUMENT_SELECT, LINES) if with_lines else DOCUMENT_SELECT
    query = Query(select=select, where=where, order_by="DocEntry desc")
    found = [held.posted(row, with_lines=with_lines) for row in sl.rows(set_name, query)]
    return _single(found, set_name, key)


def get_document(sl: ServiceLayer, set_name: str, doc_entry: int) -> Posted | None:
    """A document of a set by DocEntry, as it is now; None when there is none."""
    row = sl.find(set_name, doc_entry, Query(select=DOCUMENT_SELECT))
    return None if row is None else held.posted(row)


def get_invoice(sl: ServiceLayer, doc_entry: int) -> Posted | None:
    """An A/R invoice by DocEntry, with what is paid of it by now; None when there is none."""
    return get_document(sl, "Invoices", doc_entry)


def post_invoice(sl: ServiceLayer, request: InvoiceRequest) -> Posted:
    """Post an A/R invoice, once; only after `find_invoice` said None.

    Raises:
        RequestInvalid: cannot be posted as it stands; nothing was sent.
        AwaitingApproval: SAP made a draft of it.
        SapRejected: SAP refused; see its kind.
        Unavailable: proven not processed.
        OutcomeUnknown: look it up.
    """
    return post_document(sl, "Invoices", invoice_body(request, sl.settings))


def find_credit_note(sl: ServiceLayer, key: str) -> Posted | None:
    """The A/R credit note that carries our key; as `find_invoice`."""
    return find_by_key(sl, "CreditNotes", key)


def get_credit_note(sl: ServiceLayer, doc_entry: int) -> Posted | None:
    """An A/R credit note by DocEntry, with what is paid out of it by now; None when none is."""
    return get_document(sl, "CreditNotes", doc_entry)


def post_credit_note(sl: ServiceLayer, request: CreditNoteRequest) -> Posted:
    """Post an A/R credit note, once; only after `find_credit_note` said None.

    A refusal of kind BASE_CLOSED means that the invoice was closed meanwhile: nothing was
    booked, and the same request with `is_based` False may be posted.

    Raises:
        RequestInvalid, AwaitingApproval, SapRejected, Unavailable, OutcomeUnknown: as
            `post_invoice`.
    """
    return post_document(sl, "CreditNotes", credit_note_body(request, sl.settings))


def post_document(
    sl: ServiceLayer, set_name: str, body: Row, *, with_lines: bool = False
) -> Posted:
    """Post a body that carries our key into a set of documents; raises as `post_invoice`."""
    key = str(body[sl.settings.key_field])
    try:
        row = sl.post(set_name, body)
    except SapRejected as refusal:
        # The same code means an unknown partner and a draft made by an approval procedure.
        if refusal.kind is Kind.MISSING:
            look_for_draft(sl, set_name, key, refusal)
        raise
    try:
        return held.posted(row, with_lines=with_lines)
    except Unavailable as error:
        raise OutcomeUnknown(f"SAP's answer to {set_name} {key} cannot be read.") from error


def find_payment(sl: ServiceLayer, request: PaymentRequest) -> Posted | None:
    """The incoming payment that carries our reference, or None when SAP proves there is none.

    Customer and day come first, since SAP has an index for the customer; a walk-in customer has
    thousands of payments a day, so SAP compares the reference, too, and it is compared again here.

    Raises:
        MoreThanOne: several carry it.
        SyncError: SAP could not be asked.
    """
    return _find_payment(sl, "IncomingPayments", request)


def post_payment(sl: ServiceLayer, request: PaymentRequest) -> Posted:
    """Post an incoming payment, once; only after `find_payment` said None.

    A refusal of kind SETTLED means that the invoice is paid already: look the payment up.

    Raises:
        RequestInvalid, SapRejected, Unavailable, OutcomeUnknown: as `post_invoice`.
    """
    body = payment_body(request, sl.settings)
    return _post_payment(sl, "IncomingPayments", body, request.reference)


def find_refund(sl: ServiceLayer, request: RefundRequest) -> Posted | None:
    """The outgoing payment that carries our reference; as `find_payment`."""
    return _find_payment(sl, "VendorPayments", request)


def post_refund(sl: ServiceLayer, request: RefundRequest) -> Posted:
    """Post an outgoing payment, once; only after `find_refund` said None.

    A refusal of kind SETTLED means that the credit note is paid out already: look it up.

    Raises:
        RequestInvalid, SapRejected, Unavailable, OutcomeUnknown: as `post_invoice`.
    """
    return _post_payment(sl, "VendorPayments", refund_body(request, sl.settings), request.reference)


def payment_where(sl: ServiceLayer, request: PaymentRequest | RefundRequest) -> str:
    """The filter that a payment with our reference passes."""
    names = _payment_names(sl)
    return both(
        equals("CardCode", request.card_code),
        equals("DocDate", request.doc_date),
        one_of(equals(name, request.reference) for name in names if _fits(name, request.reference)),
    )


def _payment_names(sl: ServiceLayer) -> tuple[str, ...]:
    """Where a payment may carry our reference."""
    own_field = sl.settings.payment_key_field
    own = (own_field,) if own_field else ()
    return ("Remarks", "TransferReference", "CounterReference", *own)


def _find_payment(
    sl: ServiceLayer, set_name: str, request: PaymentRequest | RefundRequest
) -> Posted | None:
    own_field = sl.settings.payment_key_field
    select = (*PAYMENT_SELECT, own_field) if own_field else PAYMENT_SELECT
    where, names = payment_where(sl, request), _payment_names(sl)
    found = [
        held.payment(row, request.reference)
        for row in by_key(sl, set_name, "DocEntry", Query(select=select, where=where))
        if row.get("Cancelled") != "tYES" and _carries(row, names, request.reference)
    ]
    return _single(found, set_name, request.reference)


def _post_payment(sl: ServiceLayer, set_name: str, body: Row, reference: str) -> Posted:
    row = sl.post(set_name, body)
    try:
        return held.payment(row, reference)
    except (KeyError, ValueError, TypeError) as error:
        reason = f"SAP's answer to the payment {reference} cannot be read."
        raise OutcomeUnknown(reason) from error


def _single(found: Sequence[Posted], what: str, key: str) -> Posted | None:
    if len(found) > 1:
        raise MoreThanOne(what, key, [posted.doc_entry for posted in found])
    return found[0] if found else None


def _fits(name: str, reference: str) -> bool:
    """Whether a payment can carry the reference in this field at all."""
    return len(reference) <= PAYMENT_LENGTHS.get(name, len(reference))


def _carries(row: Row, names: Sequence[str], reference: str) -> bool:
    return any(row.get(name) == reference for name in names)
